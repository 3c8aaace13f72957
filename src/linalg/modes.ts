import { perEngine } from "../engine/perEngine.js";
import binary from "../engine/wasm/binaries/linalg/modes.js";
import { addRow } from "./rows.js";

// The twins of assembly/linalg/modes.ts: passes over a tensor of f32 [before, n, after] that have f64 beside it.

/** c[i] = decay c[i] + alpha times the sum of squares of slice i: the diagonal of what gramMode computes. */
function squaresMode(
  before: number,
  n: number,
  after: number,
  g: Float32Array,
  c: Float64Array,
  decay: number,
  alpha: number,
): void {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let a = 0; a < before; a++) {
      const from = (a * n + i) * after;
      for (let at = from; at < from + after; at++) sum += g[at] * g[at];
    }
    c[i] = decay * c[i] + alpha * sum;
  }
}

/** Slice i of x times factors[i]. */
function scaleMode(before: number, n: number, after: number, factors: Float32Array, x: Float32Array): void {
  for (let a = 0, at = 0; a < before; a++) {
    for (let i = 0; i < n; i++) for (const end = at + after; at < end; at++) x[at] = factors[i] * x[at];
  }
}

/** s += g², and returns the sum of g² / s, that is the square of the norm of AdaGrad's direction. */
function adagradSquare(n: number, g: Float32Array, s: Float64Array): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    const square = g[i] * g[i];
    s[i] += square;
    if (s[i] !== 0) total += square / s[i];
  }
  return total;
}

/** y = x, rounded to f32. */
function roundDoubles(n: number, x: Float64Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = x[i];
}

/** y = a x, rounded to f32 at the end, for a symmetric a [n, n] of f64. work: n numbers. */
function symmetricTimes(n: number, a: Float64Array, x: Float32Array, work: Float64Array, y: Float32Array): void {
  work.fill(0, 0, n);
  for (let k = 0; k < n; k++) addRow(n, x[k], a, k * n, work, 0);
  roundDoubles(n, work, y);
}

export const modeKernels = /* @__PURE__ */ perEngine(
  { squaresMode, scaleMode, adagradSquare, roundDoubles, symmetricTimes },
  [binary],
);
