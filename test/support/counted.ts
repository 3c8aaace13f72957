/** Data whose losses can be worked out by hand. */
import type { Data } from "../../src/index.js";

/** Targets 0, 1 … n − 1, each with itself as input. */
export const counted = (n: number): Data => {
  const rows = Array.from({ length: n }, (_, i) => [i]);
  return { x: rows, y: rows };
};
/** Of targets 0, 1 … n − 1, the sum of their squares. */
export const squares = (n: number): number => (n * (n - 1) * (2 * n - 1)) / 6;
