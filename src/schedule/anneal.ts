import { sinPi } from "../f64.js";

/** How much of the way is behind at x of the time, 0 ≤ x ≤ 1. `share(1 - x)` is `1 - share(x)`. */
export type Share = (x: number) => number;

export const straight: Share = (x) => x;

/** (1 - cos πx) / 2, as sin² πx/2: no digits cancel where it starts, nor where it ends. */
export const halfCosine: Share = (x) => {
  const s = sinPi(x / 2);
  return s * s;
};

/**
 * The value at t of n steps on the way from `from` to `to`. What is left of the way is taken from what is left of the
 * time: `to + (from - to) (1 - t/n)` would lose all digits in the last steps of a long way to 0.
 */
export const between = (from: number, to: number, t: number, n: number, share: Share): number =>
  from * share((n - t) / n) + to * share(t / n);
