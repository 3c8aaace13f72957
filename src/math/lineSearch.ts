/**
 * A step length along a line for which the strong Wolfe conditions hold:
 *
 * ```
 * φ(t) ≤ φ(0) + c₁ t φ'(0)     the value falls enough
 * |φ'(t)| ≤ c₂ |φ'(0)|         the slope has flattened enough
 * ```
 * First a bracket that must hold such a point, then points inside it, by cubic interpolation. Nocedal & Wright, Numerical
 * optimization, 2nd ed. 2006, algorithms 3.5 and 3.6; safeguards as in PyTorch's line search (its bounds, its margins and
 * what counts as a stall), so that steps are PyTorch's. Of + - × ÷ √ alone.
 */

/** A function of the distance t along a line. The search reads `value` and `slope` after `evaluate`. */
export interface Line {
  value: number;
  slope: number;
  /** Evaluates the function and its derivative at t. */
  evaluate(t: number): void;
  /** The point just evaluated is the best one so far, and others will be evaluated: keep what belongs to it. */
  keep(): void;
}

/** What a search looks for. */
export interface SearchOptions {
  /** The most evaluations. */
  most: number;
  /** A bracket shorter than this ends the search. */
  shortest: number;
  /** By how much values may be off. One that differs from the first by no more does not tell: the slope alone decides. */
  noise: number;
}

/** The end of a search. */
export interface Found {
  /** 0 where no lower point was found. */
  t: number;
  value: number;
  slope: number;
  evaluations: number;
  /** Whether the conditions hold there. If not, it is the lowest point found. */
  satisfied: boolean;
  /** Whether it is the point evaluated last. If not, it is the one kept, or the start. */
  last: boolean;
  /** Whether a value or slope on the way was not finite. */
  notFinite: boolean;
}

const C1 = 1e-4;
const C2 = 0.9;
/** How far a step grows at the most, and at the least, as shares of it and of the last one. */
const MOST_GROWTH = 10;
const LEAST_GROWTH = 0.01;
/** What is left of a step behind which the function is not finite. */
const SHRINK = 0.1;
/** How close to the end of a bracket a point may be, as a share of the bracket. */
const MARGIN = 0.1;

interface Point {
  t: number;
  value: number;
  slope: number;
}

/** Searches from t = 0, where value and slope (below 0) are known, with t as the first step to try. */
export function strongWolfe(
  line: Line,
  value: number,
  slope: number,
  t: number,
  { most, shortest, noise }: SearchOptions,
): Found {
  const start: Point = { t: 0, value, slope };
  let evaluations = 0;
  let notFinite = false;
  const at = (where: number): Point => {
    line.evaluate(where);
    evaluations++;
    if (Number.isFinite(line.value) && Number.isFinite(line.slope))
      return { t: where, value: line.value, slope: line.slope };
    notFinite = true;
    return { t: where, value: Number.POSITIVE_INFINITY, slope: Number.NaN };
  };
  const end = (point: Point, satisfied: boolean, last: boolean): Found => ({
    ...point,
    evaluations,
    satisfied,
    last,
    notFinite,
  });
  const climbs = (point: Point): boolean => point.value > value + C1 * point.t * slope;
  const isFlat = (point: Point): boolean => Math.abs(point.slope) <= -C2 * slope;
  const holds = (point: Point): boolean => isFlat(point) && (!climbs(point) || Math.abs(point.value - value) <= noise);

  let low = start;
  let high: Point | undefined;
  /** Steps from here on leave the range in which the function is finite. */
  let limit = Number.POSITIVE_INFINITY;
  let now = at(t);
  for (;;) {
    if (now.value === Number.POSITIVE_INFINITY) {
      limit = now.t;
      if (evaluations >= most || (limit - low.t) * SHRINK <= 0) return end(low, false, false);
      now = at(low.t + SHRINK * (limit - low.t));
      continue;
    }
    if (holds(now)) return end(now, true, true);
    // Nocedal & Wright ask for a lower value from the second step on, PyTorch from the third.
    if (climbs(now) || (evaluations > 2 && now.value >= low.value) || now.slope >= 0) {
      high = now;
      break;
    }
    if (evaluations >= most) return now.value < value ? end(now, false, true) : end(start, false, false);
    const least = now.t + LEAST_GROWTH * (now.t - low.t);
    const next = cubic(low, now, least, Math.min(MOST_GROWTH * now.t, (now.t + limit) / 2));
    low = now;
    line.keep();
    now = at(next);
  }
  if (high.value < low.value) {
    [low, high] = [high, low];
    line.keep();
  }

  let stalled = false;
  while (evaluations < most && Math.abs(high.t - low.t) >= shortest) {
    const from = Math.min(low.t, high.t);
    const to = Math.max(low.t, high.t);
    const margin = MARGIN * (to - from);
    let next = cubic(low, high, from, to);
    const close = Math.min(to - next, next - from) < margin;
    if (close && (stalled || next >= to || next <= from)) {
      next = to - next < next - from ? to - margin : from + margin;
      stalled = false;
    } else stalled = close;
    if (next === low.t || next === high.t) break; // no number lies between
    const point = at(next);
    if (holds(point)) return end(point, true, true);
    if (climbs(point) || point.value >= low.value) {
      high = point;
      if (high.value < low.value) {
        [low, high] = [high, low];
        line.keep();
      }
    } else {
      if (point.slope * (high.t - low.t) >= 0) high = low;
      low = point;
      line.keep();
    }
  }
  return end(low.value < value ? low : start, false, false);
}

/** The minimum of the cubic through two points with their slopes, kept within bounds; the middle where it has none. */
function cubic(a: Point, b: Point, from: number, to: number): number {
  const mean = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t);
  const square = mean * mean - a.slope * b.slope;
  if (square >= 0) {
    const [left, right] = a.t <= b.t ? [a, b] : [b, a];
    const root = Math.sqrt(square);
    const share = (right.slope + root - mean) / (right.slope - left.slope + 2 * root);
    const least = right.t - (right.t - left.t) * share;
    if (!Number.isNaN(least)) return Math.min(Math.max(least, from), to);
  }
  return (from + to) / 2;
}
