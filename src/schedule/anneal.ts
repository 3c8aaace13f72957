import { sinPi } from "../math/f64.js";

/** The share of the way covered after a share x of the time, 0 ≤ x ≤ 1. `share(1 - x)` is `1 - share(x)`. */
export type Share = (x: number) => number;

export const straight: Share = (x) => x;

/** (1 - cos πx) / 2, computed as sin² πx/2, in which no digits cancel at either end. */
export const halfCosine: Share = (x) => {
  const s = sinPi(x / 2);
  return s * s;
};

/**
 * The value at step t of n on the way from `from` to `to`. The remaining way is computed from the remaining time:
 * `to + (from - to) (1 - t/n)` would lose all digits in the last steps of a long way to 0.
 */
export const between = (from: number, to: number, t: number, n: number, share: Share): number =>
  from * share((n - t) / n) + to * share(t / n);
