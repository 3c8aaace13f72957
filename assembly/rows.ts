// Kernels over the rows of a matrix [rows, columns]. Rows are contiguous, without padding, so a row may end inside a
// vector; its last columns are computed one by one.
import { add, BYTES, load as load4, mul, store as store4 } from "./lane";

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

/** y[row] = y[row] * x for every row, element by element. */
export function mulRow(rows: i32, columns: i32, x: usize, y: usize): void {
  const whole = columns & ~3;
  for (let r = 0; r < rows; r++) {
    let j = 0;
    for (; j < whole; j += 4, y += BYTES) store4(y, mul(load4(y), load4(x + ((<usize>j) << 2))));
    for (; j < columns; j++, y += 4) store<f32>(y, load<f32>(y) * load<f32>(x + ((<usize>j) << 2)));
  }
}

/** norms[j] = the Euclidean norm of column j of x. Squares are summed in f64, in the order of the rows. */
export function columnNorms(rows: i32, columns: i32, x: usize, norms: usize): void {
  const line = (<usize>columns) << 2;
  const whole = columns & ~1;
  let j = 0;
  for (; j < whole; j += 2, x += 8, norms += 8) {
    let s = f64x2.splat(0);
    for (let r = 0, p = x; r < rows; r++, p += line) {
      const v = f64x2.promote_low_f32x4(v128.load64_zero(p));
      s = f64x2.add(s, f64x2.mul(v, v));
    }
    v128.store64_lane(norms, f32x4.demote_f64x2_zero(f64x2.sqrt(s)), 0);
  }
  if (j < columns) {
    let s: f64 = 0;
    for (let r = 0, p = x; r < rows; r++, p += line) {
      const v = <f64>load<f32>(p);
      s += v * v;
    }
    store<f32>(norms, <f32>sqrt(s));
  }
}

/** y[r] = x[order[r]] for every row: collects a shuffled mini-batch. `order` holds i32. */
export function gatherRows(rows: i32, columns: i32, x: usize, order: usize, y: usize): void {
  const line = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++, y += line)
    memory.copy(y, x + <usize>load<i32>(order + ((<usize>r) << 2)) * line, line);
}

/** Copies `count` columns of x [rows, xWidth], starting at column xAt, to y [rows, yWidth], starting at column yAt. */
export function copyColumns(
  rows: i32,
  count: i32,
  x: usize,
  xAt: i32,
  xWidth: i32,
  y: usize,
  yAt: i32,
  yWidth: i32,
): void {
  let p = x + ((<usize>xAt) << 2),
    q = y + ((<usize>yAt) << 2);
  for (let r = 0; r < rows; r++, p += (<usize>xWidth) << 2, q += (<usize>yWidth) << 2)
    memory.copy(q, p, (<usize>count) << 2);
}
