// Kernels over the rows of a matrix [rows, columns]. Rows are contiguous, without padding, so a row may end inside a
// vector; its last columns are computed one by one.
import { add, BYTES, load as load4, store as store4 } from "./lane";

/** y[row] = y[row] + x for every row: adds the bias of a layer. */
export function addRow(rows: i32, columns: i32, x: usize, y: usize): void {
  const whole = columns & ~3;
  for (let r = 0; r < rows; r++) {
    let j = 0;
    for (; j < whole; j += 4, y += BYTES) store4(y, add(load4(y), load4(x + ((<usize>j) << 2))));
    for (; j < columns; j++, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x + ((<usize>j) << 2)));
  }
}

/** sums[j] = sums[j] + (the sum of x[row][j] over the rows, in their order, from +0): the gradient of a bias. */
export function addRowSums(rows: i32, columns: i32, x: usize, sums: usize): void {
  const line = (<usize>columns) << 2;
  const whole = columns & ~3;
  let j = 0;
  for (; j < whole; j += 4, x += BYTES, sums += BYTES) {
    let s = f32x4.splat(0);
    for (let r = 0, p = x; r < rows; r++, p += line) s = add(s, load4(p));
    store4(sums, add(load4(sums), s));
  }
  for (; j < columns; j++, x += 4, sums += 4) {
    let s: f32 = 0;
    for (let r = 0, p = x; r < rows; r++, p += line) s += load<f32>(p);
    store<f32>(sums, load<f32>(sums) + s);
  }
}
