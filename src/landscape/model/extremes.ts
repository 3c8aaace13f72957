import { random } from "../../math/random.js";
import { dot, Krylov, type Multiply, norm, type Ritz } from "./krylov.js";

/** What to find, and when to stop. */
export interface Search {
  /** How many eigenvalues from either end. */
  readonly top: number;
  readonly bottom: number;
  /** The greatest residual, relative to the eigenvalue of largest absolute value. */
  readonly tolerance: number;
  /** The most steps, over all spaces. */
  readonly maxSteps: number;
  /** Whether to look for further copies of an eigenvalue, of which one space has one. */
  readonly repeated: boolean;
  readonly seed: number;
  /** The error of a product, relative to the norm of the matrix. */
  readonly rounding: number;
}

export interface Eigenpair {
  readonly value: number;
  readonly vector: Float64Array;
  /** ‖A x − λ x‖, measured by a product of its own. */
  readonly residual: number;
}

export interface Extremes {
  /** The greatest first. */
  readonly top: readonly Eigenpair[];
  /** The least first. */
  readonly bottom: readonly Eigenpair[];
  readonly steps: number;
  readonly converged: boolean;
}

interface Found {
  readonly value: number;
  readonly vector: Float64Array;
}

/** Beyond it the eigenvalues of the projection are looked at every eighth of its size: they take its cube of operations. */
const EVERY_STEP = 16;

/**
 * The greatest and the least eigenvalues of a symmetric matrix [n, n] by its products with vectors. A Krylov space has each
 * eigenvalue once, so when the wanted ones have converged another begins, orthogonal to the vectors found. Where it
 * converges to nothing that belongs among them, they are all.
 */
export function extremeEigenpairs(n: number, multiply: Multiply, search: Search): Extremes {
  const { top, bottom, tolerance, maxSteps, repeated, rounding } = search;
  const { normal } = random(search.seed);
  const found: Found[] = [];
  let steps = 0;
  let scale = 0;
  let settled = false;
  while (!settled && steps < maxSteps && found.length < n) {
    const start = Float64Array.from({ length: n }, normal);
    const apart = found.map(({ vector }) => vector);
    const space = new Krylov(multiply, start, apart, scale);
    let ritz: Ritz;
    let above: number;
    let below: number;
    for (;;) {
      space.step(rounding);
      steps++;
      const { size } = space;
      const last = space.closed || steps >= maxSteps;
      if (!last && (size <= top + bottom || (size > EVERY_STEP && size % (size >> 3) !== 0))) continue;
      ritz = space.ritz();
      const { values, residuals } = ritz;
      scale = Math.max(scale, Math.abs(values[0]), Math.abs(values[size - 1]));
      const enough = tolerance * scale;
      const least = bar(found, top, 1) + enough;
      const most = -bar(found, bottom, -1) - enough;
      above = values.slice(0, top).filter((value) => value > least).length;
      below = values.slice(-bottom || size).filter((value) => value < most).length;
      const exact = (count: number, from: number) => residuals.slice(from, from + count).every((r) => r <= enough);
      // Where nothing belongs to them, the outermost must be known so well that it will not either.
      const upper = above > 0 ? exact(above, 0) : residuals[0] <= Math.max(enough, least - values[0]);
      const lower =
        below > 0 ? exact(below, size - below) : residuals[size - 1] <= Math.max(enough, values[size - 1] - most);
      settled = space.closed || (upper && lower);
      if (last || settled) break;
    }
    for (const [i, value] of ritz.values.entries())
      if (i < above || i >= space.size - below) found.push({ value, vector: space.vector(ritz.weights[i]) });
    const full = found.length >= Math.min(n, Math.max(top, bottom));
    const whole = space.size + apart.length >= n; // there is nothing beyond
    settled = settled && full && (whole || !repeated || above + below === 0);
  }
  return measured(n, multiply, found, search, steps, scale, settled);
}

/** The value that one must exceed to be among the greatest `count` of those found; by sign −1, among the least. */
function bar(found: readonly Found[], count: number, sign: 1 | -1): number {
  const values = found.map(({ value }) => sign * value).sort((a, b) => b - a);
  return count === 0 ? Number.POSITIVE_INFINITY : (values[count - 1] ?? Number.NEGATIVE_INFINITY);
}

function measured(
  n: number,
  multiply: Multiply,
  found: readonly Found[],
  { top, bottom, tolerance }: Search,
  steps: number,
  scale: number,
  settled: boolean,
): Extremes {
  const descending = [...found].sort((a, b) => b.value - a.value);
  const known = new Map<Found, Eigenpair>();
  const product = new Float64Array(n);
  const pairOf = (one: Found): Eigenpair => {
    let pair = known.get(one);
    if (pair === undefined) {
      const { vector } = one;
      multiply(vector, product);
      const value = dot(vector, product);
      const residual = norm(product.map((x, i) => x - value * vector[i]));
      pair = { value, vector, residual };
      known.set(one, pair);
    }
    return pair;
  };
  const greatest = descending.slice(0, top).map(pairOf);
  const least = descending.reverse().slice(0, bottom).map(pairOf);
  return {
    top: greatest.sort((a, b) => b.value - a.value),
    bottom: least.sort((a, b) => a.value - b.value),
    steps,
    converged: settled && [...greatest, ...least].every(({ residual }) => residual <= tolerance * scale),
  };
}
