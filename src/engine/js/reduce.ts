/**
 * The twins of `assembly/reduce.ts`: sums in f64 in one fixed order. Blocks of 4096; in a block element i adds to
 * lane i mod 8; lanes combine as ((0+4)+(2+6)) + ((1+5)+(3+7)); blocks add up in order.
 */
import { BLOCK } from "../backend.js";

const { abs, max, min } = Math;

const lanes = new Float64Array(8); // allocated once, because sums run in every training step

const combine = (s: Float64Array): number => s[0] + s[4] + (s[2] + s[6]) + (s[1] + s[5] + (s[3] + s[7]));

/** Sum of x[i] * y[i]; the twin takes offsets into x and y, where the kernel takes addresses. */
function dot(n: number, x: Float32Array, y: Float32Array, fromX = 0, fromY = 0): number {
  let total = 0;
  for (let start = 0; start < n; start += BLOCK) {
    lanes.fill(0);
    const end = min(n, start + BLOCK);
    for (let i = start; i < end; i++) lanes[i & 7] += x[fromX + i] * y[fromY + i];
    total += combine(lanes);
  }
  return total;
}

/** Sum of x[i]. */
function sum(n: number, x: Float32Array, from = 0): number {
  let total = 0;
  for (let start = 0; start < n; start += BLOCK) {
    lanes.fill(0);
    const end = min(n, start + BLOCK);
    for (let i = start; i < end; i++) lanes[i & 7] += x[from + i];
    total += combine(lanes);
  }
  return total;
}

/** Sum of |x[i]|. */
function sumAbs(n: number, x: Float32Array): number {
  let total = 0;
  for (let start = 0; start < n; start += BLOCK) {
    lanes.fill(0);
    const end = min(n, start + BLOCK);
    for (let i = start; i < end; i++) lanes[i & 7] += abs(x[i]);
    total += combine(lanes);
  }
  return total;
}

/** The largest |x[i]|; NaN where one is NaN. */
function maxAbs(n: number, x: Float32Array): number {
  let most = 0;
  for (let i = 0; i < n; i++) most = max(most, abs(x[i]));
  return most;
}

export const reduceKernels = { dot, sum, sumAbs, maxAbs };
