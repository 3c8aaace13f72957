/** The twins of `assembly/rows.ts`: kernels over the rows of a matrix [rows, columns]. */
import { add } from "../../math/f32.js";

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

export const rowKernels = { addRow, addRowSums };
