/**
 * The twins of `assembly/reduce.ts`: sums in f64 in one fixed order. Blocks of 4096; in a block element i adds to
 * lane i mod 8; lanes combine as ((0+4)+(2+6)) + ((1+5)+(3+7)); blocks add up in order.
 */
import { BLOCK, type Forms } from "./kernel.js";

const combine = (s: Float64Array): number => s[0]! + s[4]! + (s[2]! + s[6]!) + (s[1]! + s[5]! + (s[3]! + s[7]!));

/** Sum of x[i] * y[i]. */
function dot(n: number, x: Float32Array, y: Float32Array): number {
  const lanes = new Float64Array(8);
  let total = 0;
  for (let start = 0; start < n; start += BLOCK) {
    lanes.fill(0);
    const end = Math.min(n, start + BLOCK);
    for (let i = start; i < end; i++) lanes[i & 7]! += x[i]! * y[i]!;
    total += combine(lanes);
  }
  return total;
}

/** Sum of x[i]. */
function sum(n: number, x: Float32Array): number {
  const lanes = new Float64Array(8);
  let total = 0;
  for (let start = 0; start < n; start += BLOCK) {
    lanes.fill(0);
    const end = Math.min(n, start + BLOCK);
    for (let i = start; i < end; i++) lanes[i & 7]! += x[i]!;
    total += combine(lanes);
  }
  return total;
}

/** Sum of |x[i]|. */
function sumAbs(n: number, x: Float32Array): number {
  const lanes = new Float64Array(8);
  let total = 0;
  for (let start = 0; start < n; start += BLOCK) {
    lanes.fill(0);
    const end = Math.min(n, start + BLOCK);
    for (let i = start; i < end; i++) lanes[i & 7]! += Math.abs(x[i]!);
    total += combine(lanes);
  }
  return total;
}

export const reduceKernels = { dot, sum, sumAbs };
export const reduceForms: Forms<typeof reduceKernels> = { dot: "+", sum: "+", sumAbs: "+" };
