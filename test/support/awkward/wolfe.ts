/**
 * A step length along a line for which the strong Wolfe conditions hold, as PyTorch's `_strong_wolfe` finds it: first a
 * bracket, then points inside it by cubic interpolation. Nocedal & Wright, Numerical optimization, algorithms 3.5 and 3.6.
 */
export interface Point {
  t: number;
  f: number;
  /** The derivative along the line. */
  slope: number;
  /** Where the gradient at this point is kept. */
  buffer: string;
}

const BUFFERS = ["grad0", "grad1", "grad2", "grad3"];
const C1 = 1e-4;
const C2 = 0.9;
const MOST = 25;

export function strongWolfe(
  evaluate: (t: number, buffer: string) => Point,
  start: Point,
  firstT: number,
  reach: number,
  toleranceChange: number,
): Point {
  const at = (t: number, ...kept: Point[]): Point =>
    evaluate(t, BUFFERS.find((buffer) => kept.every((point) => point.buffer !== buffer))!);
  const tooHigh = ({ t, f }: Point): boolean => f > start.f + C1 * t * start.slope;
  const flat = ({ slope }: Point): boolean => Math.abs(slope) <= -C2 * start.slope;

  let previous = start;
  let now = at(firstT, start);
  let low = start;
  let high = now;
  let tries = 0;
  for (; tries < MOST; tries++) {
    if (tooHigh(now) || (tries > 1 && now.f >= previous.f) || flat(now) || now.slope >= 0) break;
    const next = cubic(previous, now, now.t + 0.01 * (now.t - previous.t), now.t * 10);
    previous = now;
    now = at(next, start, previous);
  }
  if (tries < MOST) {
    const climbs = tooHigh(now) || (tries > 1 && now.f >= previous.f);
    if (!climbs && flat(now)) return now;
    [low, high] = previous.f <= now.f ? [previous, now] : [now, previous];
  } else {
    [low, high] = start.f <= now.f ? [start, now] : [now, start];
  }

  let stalled = false;
  for (; tries < MOST; tries++) {
    const from = Math.min(low.t, high.t);
    const to = Math.max(low.t, high.t);
    if ((to - from) * reach < toleranceChange) break;
    let t = cubic(low, high, from, to);
    const margin = 0.1 * (to - from);
    if (Math.min(to - t, t - from) < margin) {
      if (stalled || t >= to || t <= from) {
        t = Math.abs(t - to) < Math.abs(t - from) ? to - margin : from + margin;
        stalled = false;
      } else stalled = true;
    } else stalled = false;
    const point = at(t, low, high);
    if (tooHigh(point) || point.f >= low.f) {
      high = point;
      if (high.f < low.f) [low, high] = [high, low];
    } else {
      if (flat(point)) return point;
      if (point.slope * (high.t - low.t) >= 0) high = low;
      low = point;
    }
  }
  return low;
}

/** The minimum of the cubic through two points with their slopes, kept within bounds; the middle where it has none. */
function cubic(a: Point, b: Point, from: number, to: number): number {
  const d1 = a.slope + b.slope - (3 * (a.f - b.f)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (from + to) / 2;
  const d2 = Math.sqrt(square);
  const [x, y] = a.t <= b.t ? [a, b] : [b, a];
  const least = y.t - (y.t - x.t) * ((y.slope + d2 - d1) / (y.slope - x.slope + 2 * d2));
  return Math.min(Math.max(least, from), to);
}
