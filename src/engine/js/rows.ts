/** The twins of `assembly/rows.ts`: kernels over the rows of a matrix [rows, columns]. */
import { add, mul } from "../../f32.js";

const { sqrt } = Math;

/** Adds x to every row of y: the bias of a layer. */
function addRow(rows: number, columns: number, x: Float32Array, y: Float32Array): void {
  for (let r = 0, i = 0; r < rows; r++) for (let j = 0; j < columns; j++, i++) y[i] = add(y[i], x[j]);
}

/** sums[j] = sums[j] + (the sum over rows of x[row][j], from +0 in the order of rows): the gradient of a bias. */
function addRowSums(rows: number, columns: number, x: Float32Array, sums: Float32Array): void {
  for (let j = 0; j < columns; j++) {
    let s = 0;
    for (let r = 0, i = j; r < rows; r++, i += columns) s = add(s, x[i]);
    sums[j] = add(sums[j], s);
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

export const rowKernels = { addRow, addRowSums, mulRow, columnNorms, gatherRows, copyColumns };
