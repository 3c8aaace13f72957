/** Which values of a long curve are drawn, where several fall on one pixel. */

/**
 * The places of the finite values among the first `count`: all of them, or of each `by` the lowest and the highest, so that
 * one that stands out is seen; and the last.
 */
export function telling(values: ArrayLike<number>, count: number, by: number): number[] {
  const places: number[] = [];
  for (let from = 0; from < count; from += by) {
    let [low, high] = [-1, -1];
    const to = Math.min(count, from + by);
    for (let i = from; i < to; i++) {
      if (!Number.isFinite(values[i])) continue;
      if (low < 0 || values[i] < values[low]) low = i;
      if (high < 0 || values[i] > values[high]) high = i;
    }
    if (low < 0) continue;
    places.push(Math.min(low, high));
    if (low !== high) places.push(Math.max(low, high));
  }
  const last = count - 1;
  if (places.length > 0 && places[places.length - 1] !== last && Number.isFinite(values[last])) places.push(last);
  return places;
}
