// The register tiles: the only file that knows a tile's shape.
//
// A tile computes, for ROWS x 8 elements,
//   C[i][j] = sum over k of A[i][k] * B[k][j],   one running sum in the order of k, from +0 (START) or from
//   C[i][j] itself (RESUME), or with the old C[i][j] added to the whole sum (ADD),
// where B[k][j] stands at b + k * line + 4j and C[i][j] at c + i * ldc + 4j (strides in bytes). B is a packed panel or
// a matrix in place: they differ in `line` alone. A comes in two ways, each with as few moving pointers as it can:
//   Columns: A[i][k] at a + k * step + 4i, a packed panel or a transposed matrix in place;
//   Rows:    A[i][k] at a + i * row + 4k, a matrix in place.
//
// Why two heights: register allocators differ. 4x8 keeps 8 sums and fits everywhere; 6x8 keeps 12 and is faster with
// fused multiply-add where the engine does not spill it. Why two k a turn: the loop's own instructions cost 5 % of
// the 4x8 tile on V8 11 (0.95 of the in-register peak before, 0.98 after).
import { add, load, madd, store } from "../lane";

/** Columns of every tile. */
export const COLUMNS: i32 = 8;

export const START: i32 = 0;
export const RESUME: i32 = 1;
export const ADD: i32 = 2;

/** One tile of 4 or 6 rows; `direct`: A is in place, in rows `stride` apart, and not in columns. */
export function multiply(
  tile: i32, direct: bool, k: i32, a: usize, stride: usize, b: usize, line: usize, c: usize, ldc: usize, mode: i32,
): void {
  if (tile === 6) {
    if (direct) tile6Rows(k, a, stride, b, line, c, ldc, mode);
    else tile6Columns(k, a, stride, b, line, c, ldc, mode);
  } else if (direct) tile4Rows(k, a, stride, b, line, c, ldc, mode);
  else tile4Columns(k, a, stride, b, line, c, ldc, mode);
}

function tile4Columns(k: i32, a: usize, step: usize, b: usize, line: usize, c: usize, ldc: usize, mode: i32): void {
  const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (mode === RESUME) {
    c00 = load(c); c01 = load(c + 16);
    c10 = load(q1); c11 = load(q1 + 16);
    c20 = load(q2); c21 = load(q2 + 16);
    c30 = load(q3); c31 = load(q3 + 16);
  }
  for (; k > 1; k -= 2) {
    const a2 = a + step, b2 = b + line;
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    x = load(b2); y = load(b2 + 16);
    s = v128.load32_splat(a2);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a2, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2, 8);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a2, 12);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    a = a2 + step; b = b2 + line;
  }
  if (k > 0) {
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
  }
  if (mode === ADD) {
    c00 = add(load(c), c00); c01 = add(load(c + 16), c01);
    c10 = add(load(q1), c10); c11 = add(load(q1 + 16), c11);
    c20 = add(load(q2), c20); c21 = add(load(q2 + 16), c21);
    c30 = add(load(q3), c30); c31 = add(load(q3 + 16), c31);
  }
  store(c, c00); store(c + 16, c01);
  store(q1, c10); store(q1 + 16, c11);
  store(q2, c20); store(q2 + 16, c21);
  store(q3, c30); store(q3 + 16, c31);
}

function tile4Rows(k: i32, a: usize, row: usize, b: usize, line: usize, c: usize, ldc: usize, mode: i32): void {
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (mode === RESUME) {
    c00 = load(c); c01 = load(c + 16);
    c10 = load(q1); c11 = load(q1 + 16);
    c20 = load(q2); c21 = load(q2 + 16);
    c30 = load(q3); c31 = load(q3 + 16);
  }
  for (; k > 1; k -= 2) {
    const b2 = b + line;
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    x = load(b2); y = load(b2 + 16);
    s = v128.load32_splat(a, 4);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2, 4);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3, 4);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    a += 8; a1 += 8; a2 += 8; a3 += 8; b = b2 + line;
  }
  if (k > 0) {
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
  }
  if (mode === ADD) {
    c00 = add(load(c), c00); c01 = add(load(c + 16), c01);
    c10 = add(load(q1), c10); c11 = add(load(q1 + 16), c11);
    c20 = add(load(q2), c20); c21 = add(load(q2 + 16), c21);
    c30 = add(load(q3), c30); c31 = add(load(q3 + 16), c31);
  }
  store(c, c00); store(c + 16, c01);
  store(q1, c10); store(q1 + 16, c11);
  store(q2, c20); store(q2 + 16, c21);
  store(q3, c30); store(q3 + 16, c31);
}

function tile6Columns(k: i32, a: usize, step: usize, b: usize, line: usize, c: usize, ldc: usize, mode: i32): void {
  const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc, q4 = q3 + ldc, q5 = q4 + ldc;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (mode === RESUME) {
    c00 = load(c); c01 = load(c + 16);
    c10 = load(q1); c11 = load(q1 + 16);
    c20 = load(q2); c21 = load(q2 + 16);
    c30 = load(q3); c31 = load(q3 + 16);
    c40 = load(q4); c41 = load(q4 + 16);
    c50 = load(q5); c51 = load(q5 + 16);
  }
  for (; k > 1; k -= 2) {
    const a2 = a + step, b2 = b + line;
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    s = v128.load32_splat(a, 16);
    c40 = madd(s, x, c40); c41 = madd(s, y, c41);
    s = v128.load32_splat(a, 20);
    c50 = madd(s, x, c50); c51 = madd(s, y, c51);
    x = load(b2); y = load(b2 + 16);
    s = v128.load32_splat(a2);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a2, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2, 8);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a2, 12);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    s = v128.load32_splat(a2, 16);
    c40 = madd(s, x, c40); c41 = madd(s, y, c41);
    s = v128.load32_splat(a2, 20);
    c50 = madd(s, x, c50); c51 = madd(s, y, c51);
    a = a2 + step; b = b2 + line;
  }
  if (k > 0) {
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    s = v128.load32_splat(a, 16);
    c40 = madd(s, x, c40); c41 = madd(s, y, c41);
    s = v128.load32_splat(a, 20);
    c50 = madd(s, x, c50); c51 = madd(s, y, c51);
  }
  if (mode === ADD) {
    c00 = add(load(c), c00); c01 = add(load(c + 16), c01);
    c10 = add(load(q1), c10); c11 = add(load(q1 + 16), c11);
    c20 = add(load(q2), c20); c21 = add(load(q2 + 16), c21);
    c30 = add(load(q3), c30); c31 = add(load(q3 + 16), c31);
    c40 = add(load(q4), c40); c41 = add(load(q4 + 16), c41);
    c50 = add(load(q5), c50); c51 = add(load(q5 + 16), c51);
  }
  store(c, c00); store(c + 16, c01);
  store(q1, c10); store(q1 + 16, c11);
  store(q2, c20); store(q2 + 16, c21);
  store(q3, c30); store(q3 + 16, c31);
  store(q4, c40); store(q4 + 16, c41);
  store(q5, c50); store(q5 + 16, c51);
}

function tile6Rows(k: i32, a: usize, row: usize, b: usize, line: usize, c: usize, ldc: usize, mode: i32): void {
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row;
  const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc, q4 = q3 + ldc, q5 = q4 + ldc;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (mode === RESUME) {
    c00 = load(c); c01 = load(c + 16);
    c10 = load(q1); c11 = load(q1 + 16);
    c20 = load(q2); c21 = load(q2 + 16);
    c30 = load(q3); c31 = load(q3 + 16);
    c40 = load(q4); c41 = load(q4 + 16);
    c50 = load(q5); c51 = load(q5 + 16);
  }
  for (; k > 1; k -= 2) {
    const b2 = b + line;
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    s = v128.load32_splat(a4);
    c40 = madd(s, x, c40); c41 = madd(s, y, c41);
    s = v128.load32_splat(a5);
    c50 = madd(s, x, c50); c51 = madd(s, y, c51);
    x = load(b2); y = load(b2 + 16);
    s = v128.load32_splat(a, 4);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1, 4);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2, 4);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3, 4);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    s = v128.load32_splat(a4, 4);
    c40 = madd(s, x, c40); c41 = madd(s, y, c41);
    s = v128.load32_splat(a5, 4);
    c50 = madd(s, x, c50); c51 = madd(s, y, c51);
    a += 8; a1 += 8; a2 += 8; a3 += 8; a4 += 8; a5 += 8; b = b2 + line;
  }
  if (k > 0) {
    let x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    s = v128.load32_splat(a4);
    c40 = madd(s, x, c40); c41 = madd(s, y, c41);
    s = v128.load32_splat(a5);
    c50 = madd(s, x, c50); c51 = madd(s, y, c51);
  }
  if (mode === ADD) {
    c00 = add(load(c), c00); c01 = add(load(c + 16), c01);
    c10 = add(load(q1), c10); c11 = add(load(q1 + 16), c11);
    c20 = add(load(q2), c20); c21 = add(load(q2 + 16), c21);
    c30 = add(load(q3), c30); c31 = add(load(q3 + 16), c31);
    c40 = add(load(q4), c40); c41 = add(load(q4 + 16), c41);
    c50 = add(load(q5), c50); c51 = add(load(q5 + 16), c51);
  }
  store(c, c00); store(c + 16, c01);
  store(q1, c10); store(q1 + 16, c11);
  store(q2, c20); store(q2 + 16, c21);
  store(q3, c30); store(q3 + 16, c31);
  store(q4, c40); store(q4 + 16, c41);
  store(q5, c50); store(q5 + 16, c51);
}
