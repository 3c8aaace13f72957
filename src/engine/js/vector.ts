/** The twins of `assembly/vector.ts`. */
import { abs, add, div, lt, max, mul, pmax, pmin, select, sub } from "../../f32.js";

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

/** z = x - y */
function subtract(n: number, x: Float32Array, y: Float32Array, z: Float32Array): void {
  for (let i = 0; i < n; i++) z[i] = sub(x[i], y[i]);
}

/** Clamps x to [-limit, limit]; NaN stays NaN. */
function clamp(n: number, x: Float32Array, limit: number): void {
  const L = Math.fround(limit);
  for (let i = 0; i < n; i++) x[i] = pmax(pmin(x[i], L), -L);
}

/** z = x * y */
function multiply(n: number, x: Float32Array, y: Float32Array, z: Float32Array): void {
  for (let i = 0; i < n; i++) z[i] = mul(x[i], y[i]);
}

/** y = y + w * (x - y): a weighted mean, exactly y where x is y. */
function lerp(n: number, x: Float32Array, y: Float32Array, w: number): void {
  const W = Math.fround(w);
  for (let i = 0; i < n; i++) y[i] = add(y[i], mul(W, sub(x[i], y[i])));
}

/** Swaps x and y. */
function swap(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const held = x[i];
    x[i] = y[i];
    y[i] = held;
  }
}

/** y = y + s * y² * x: the ascent step of adaptive sharpness-aware minimisation (ASAM), which scales weights by themselves. */
function axpySquare(n: number, x: Float32Array, y: Float32Array, s: number): void {
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) y[i] = add(y[i], mul(S, mul(mul(y[i], y[i]), x[i])));
}

const FLOOR = Math.fround(1e-6);

/** Replaces gradient norms g by factors that clip them to clipping * max(p, eps), p the parameter norms; 1 where g is below. */
function clipRatios(n: number, p: Float32Array, g: Float32Array, clipping: number, eps: number): void {
  const C = Math.fround(clipping);
  const E = Math.fround(eps);
  for (let i = 0; i < n; i++) {
    const most = mul(C, max(p[i], E));
    g[i] = select(lt(g[i], most), 1, div(most, max(g[i], FLOOR)));
  }
}

const LIMIT = 2 ** -100;

/** x = 0 where |x| < 2^-100 */
function flush(n: number, x: Float32Array): void {
  for (let i = 0; i < n; i++) x[i] = select(lt(abs(x[i]), LIMIT), 0, x[i]);
}

export const vectorKernels = {
  fill,
  copy,
  scale,
  axpy,
  subtract,
  clamp,
  multiply,
  lerp,
  swap,
  axpySquare,
  clipRatios,
  flush,
};
