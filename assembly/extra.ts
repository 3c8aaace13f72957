// Kernels that several parts of the library share, and that an engine with an optimizer does without: data sets, losses,
// clipping, copies of parameters. Element-wise kernels need no code for a tail, as in vector.ts; rows are as in rows.ts.
import {
  add,
  BYTES,
  div,
  load as load4,
  lt,
  max,
  mul,
  neg,
  pmax,
  pmin,
  select,
  splat,
  store as store4,
  sub,
} from "./lane";

/** z = x - y */
export function subtract(n: i32, x: usize, y: usize, z: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store4(z + i, sub(load4(x + i), load4(y + i)));
    i += BYTES;
  } while (i < end);
}

/** x = x clamped to [-limit, limit]; NaN stays NaN. */
export function clamp(n: i32, x: usize, limit: f32): void {
  const L = splat(limit);
  const M = neg(L);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store4(x + i, pmax(pmin(load4(x + i), L), M));
    i += BYTES;
  } while (i < end);
}

/** z = x * y */
export function multiply(n: i32, x: usize, y: usize, z: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store4(z + i, mul(load4(x + i), load4(y + i)));
    i += BYTES;
  } while (i < end);
}

/** y = y + w * (x - y): a weighted mean, which is exactly y where x equals y. */
export function lerp(n: i32, x: usize, y: usize, w: f32): void {
  const W = splat(w);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load4(y + i);
    store4(y + i, add(v, mul(W, sub(load4(x + i), v))));
    i += BYTES;
  } while (i < end);
}

/** Exchanges x and y. */
export function swap(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const held = load4(x + i);
    store4(x + i, load4(y + i));
    store4(y + i, held);
    i += BYTES;
  } while (i < end);
}

/** y = y + s * y² * x: the ascent step of adaptive sharpness-aware minimisation, which scales by the weights. */
export function axpySquare(n: i32, x: usize, y: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load4(y + i);
    store4(y + i, add(v, mul(S, mul(mul(v, v), load4(x + i)))));
    i += BYTES;
  } while (i < end);
}

/**
 * Replaces the norms g of gradients by the factors that clip these gradients to norms of clipping * max(p, eps), with p
 * the norms of the parameters. The factor is 1 for a norm below that limit.
 */
export function clipRatios(n: i32, p: usize, g: usize, clipping: f32, eps: f32): void {
  const C = splat(clipping);
  const E = splat(eps);
  const one = splat(1);
  const floor = splat(1e-6);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const norm = load4(g + i);
    const most = mul(C, max(load4(p + i), E));
    store4(g + i, select(lt(norm, most), one, div(most, max(norm, floor))));
    i += BYTES;
  } while (i < end);
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
