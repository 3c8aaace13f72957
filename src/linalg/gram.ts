import { perEngine } from "../engine/perEngine.js";
import binary from "../engine/wasm/binaries/linalg/gram.js";

// The twins of assembly/linalg/gram.ts.

/**
 * c = decay c + alpha X Xᵀ in f64, where X is a tensor g [before, n, after] of f32 as a matrix with a row for each of the n:
 * the statistic of one of its dimensions. Symmetric to the bit. With a decay of 0, c is not read.
 * @param _work working memory of before · after times n rounded up to fours
 */
function gramMode(
  before: number,
  n: number,
  after: number,
  g: Float32Array,
  _work: Float64Array,
  c: Float64Array,
  decay: number,
  alpha: number,
): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let a = 0; a < before; a++) {
        const x = (a * n + i) * after;
        const y = (a * n + j) * after;
        for (let b = 0; b < after; b++) sum += g[x + b] * g[y + b];
      }
      const at = i * n + j;
      c[at] = c[j * n + i] = decay === 0 ? alpha * sum : decay * c[at] + alpha * sum;
    }
  }
}

/**
 * c = Xᵀ X in f64, where row k of X is factors[k] times row k of x [rows, n]: from eigenvectors, the matrix whose eigenvalues
 * are the squares of the factors.
 */
function gramRows(
  rows: number,
  n: number,
  factors: Float64Array,
  x: Float64Array,
  _work: Float64Array,
  c: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += factors[k] * x[k * n + i] * (factors[k] * x[k * n + j]);
      c[i * n + j] = c[j * n + i] = sum;
    }
  }
}

export const gramKernels = /* @__PURE__ */ perEngine({ gramMode, gramRows }, [binary]);

/** Numbers of f64 that the working memory of these takes, for X of this shape. */
export const panels = (rows: number, n: number): number => rows * 4 * Math.ceil(n / 4);
