/** The quadratic of test/golden/quadratic.json, and the paths of the reference on it. */
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { flat, readGolden } from "./golden.js";

interface Quadratic {
  A: number[][];
  b: number[];
  x0: number[];
  cases: {
    name: string;
    hyper: { rho: number; adaptive: boolean; k: number; alpha: number; inner: { lr: number; momentum: number } };
    x: number[][];
  }[];
}
const { A, b, x0, cases } = readGolden("quadratic") as Quadratic;
export const named = (name: string) => cases.filter((one) => one.name === name);

export const parameters = (engine: Engine): Tensor[] => [
  engine.tensor(2, x0.slice(0, 2)),
  engine.attach(Float32Array.from(x0.slice(2))),
];
/** ½ xᵀAx − bᵀx in f64 at the f32 point, and its gradient rounded to f32. */
export function quadratic(tensors: readonly Tensor[], sign = 1): number {
  const x = flat(tensors);
  const ax = A.map((line) => line.reduce((total, a, j) => total + a * x[j], 0));
  let at = 0;
  for (const { grad, size } of tensors) grad.set(ax.slice(at, at + size).map((value) => sign * (value - b[at++])));
  return sign * ax.reduce((total, value, i) => total + (value / 2 - b[i]) * x[i], 0);
}
/** Roundings of f32 at every step, which momentum 0.9 adds up ten of: as for the look-ahead gradient on the same surface. */
export const off = (want: readonly number[]): number => 2 ** -20 * Math.max(...want.map(Math.abs));
