/** The twins of `assembly/vector.ts`. */
import { abs, add, lt, mul, select } from "../../math/f32.js";

/** x = value */
function fill(n: number, x: Float32Array, value: number): void {
  x.fill(value, 0, n);
}

/** y = x */
function copy(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = x[i];
}

/** x = s * x */
function scale(n: number, x: Float32Array, s: number): void {
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) x[i] = mul(S, x[i]);
}

/** y = y + s * x */
function axpy(n: number, x: Float32Array, y: Float32Array, s: number): void {
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) y[i] = add(y[i], mul(S, x[i]));
}

const LIMIT = 2 ** -100;

/** x = 0 where |x| < 2^-100 */
function flush(n: number, x: Float32Array): void {
  for (let i = 0; i < n; i++) x[i] = select(lt(abs(x[i]), LIMIT), 0, x[i]);
}

export const vectorKernels = { fill, copy, scale, axpy, flush };
