/**
 * Kernels that several parts of the library share, and that an engine with an optimizer does without: data sets, losses,
 * clipping, copies of parameters. Bound to an engine by its first call, which with threads takes memory: before anything
 * changes.
 */
import { add, div, lt, max, mul, pmax, pmin, select, sub } from "../math/f32.js";
import type { Partitions } from "./backend.js";
import { perEngine } from "./perEngine.js";
import binary from "./wasm/binaries/extra.js";

const { fround, sqrt } = Math;

// The twins of assembly/extra.ts.

/** z = x - y */
function subtract(n: number, x: Float32Array, y: Float32Array, z: Float32Array): void {
  for (let i = 0; i < n; i++) z[i] = sub(x[i], y[i]);
}

/** Clamps x to [-limit, limit]; NaN stays NaN. */
function clamp(n: number, x: Float32Array, limit: number): void {
  const L = fround(limit);
  for (let i = 0; i < n; i++) x[i] = pmax(pmin(x[i], L), -L);
}

/** z = x * y */
function multiply(n: number, x: Float32Array, y: Float32Array, z: Float32Array): void {
  for (let i = 0; i < n; i++) z[i] = mul(x[i], y[i]);
}

/** y = y + w * (x - y): a weighted mean, exactly y where x is y. */
function lerp(n: number, x: Float32Array, y: Float32Array, w: number): void {
  const W = fround(w);
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
  const S = fround(s);
  for (let i = 0; i < n; i++) y[i] = add(y[i], mul(S, mul(mul(y[i], y[i]), x[i])));
}

const FLOOR = fround(1e-6);

/** Replaces gradient norms g by factors that clip them to clipping * max(p, eps), p the parameter norms; 1 where g is below. */
function clipRatios(n: number, p: Float32Array, g: Float32Array, clipping: number, eps: number): void {
  const C = fround(clipping);
  const E = fround(eps);
  for (let i = 0; i < n; i++) {
    const most = mul(C, max(p[i], E));
    g[i] = select(lt(g[i], most), 1, div(most, max(g[i], FLOOR)));
  }
}

/** Multiplies every row of y by x, element by element. */
function mulRow(rows: number, columns: number, x: Float32Array, y: Float32Array): void {
  for (let r = 0, i = 0; r < rows; r++) for (let j = 0; j < columns; j++, i++) y[i] = mul(y[i], x[j]);
}

/** norms[j] = the Euclidean norm of x[row][j] over the rows, summed in f64 in their order. */
function columnNorms(rows: number, columns: number, x: Float32Array, norms: Float32Array): void {
  for (let j = 0; j < columns; j++) {
    let s = 0;
    for (let r = 0, i = j; r < rows; r++, i += columns) s += x[i] * x[i];
    norms[j] = sqrt(s);
  }
}

/** y[r] = x[order[r]], row by row: a shuffled mini-batch. */
function gatherRows(rows: number, columns: number, x: Float32Array, order: Int32Array, y: Float32Array): void {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let j = 0, p = order[r] * columns; j < columns; j++) y[i++] = x[p++];
  }
}

/** Copies `count` columns of x [rows, xWidth], from column xAt, to y [rows, yWidth], from column yAt. */
function copyColumns(
  rows: number,
  count: number,
  x: Float32Array,
  xAt: number,
  xWidth: number,
  y: Float32Array,
  yAt: number,
  yWidth: number,
): void {
  for (let r = 0, p = xAt, q = yAt; r < rows; r++, p += xWidth, q += yWidth) {
    for (let j = 0; j < count; j++) y[q + j] = x[p + j];
  }
}

export const extraTwins = {
  subtract,
  clamp,
  multiply,
  lerp,
  swap,
  axpySquare,
  clipRatios,
  mulRow,
  columnNorms,
  gatherRows,
  copyColumns,
};

export const extraPartitions: Partitions<typeof extraTwins> = {
  subtract: ["elements", "array", "array", "array"],
  clamp: ["elements", "array"],
  multiply: ["elements", "array", "array", "array"],
  lerp: ["elements", "array", "array"],
  swap: ["elements", "array", "array"],
  axpySquare: ["elements", "array", "array"],
  clipRatios: ["elements", "array", "array"],
  mulRow: ["rows", "same", "matrix"],
  gatherRows: ["rows", "same", "column", "matrix"],
};

export const extraKernels = /* @__PURE__ */ perEngine(extraTwins, [binary], extraPartitions);
