// The micro-kernels: register tiles of 4x8 and 6x8, and the loop down a column of them (loop 1 of gemm.ts). Where A is in
// place, columns left over by eights have tiles of their own in narrow.ts.
//
// A tile computes, for ROWS x 8 elements,
//   C[i][j] = +0 + sum over k of A[i][k] * B[k][j],   one running sum in the order of k. It starts from the old C instead
// of +0 where it resumes the sum of an earlier block of k, or is added to the old C at the end.
// B[k][j] is at b + k * line + 4j and C[i][j] at c + i * ldc + 4j (strides in bytes). B is a packed panel or a matrix in
// place: only `line` differs. A has two layouts, each with as few moving pointers as possible:
//   Columns: A[i][k] at a + k * step + 4i, a packed panel or a transposed matrix in place;
//   Rows:    A[i][k] at a + i * row + 4k, a matrix in place.
//
// Why two heights: register allocators differ. 4x8 keeps 8 sums and fits everywhere; 6x8 keeps 12 and is faster with
// fused multiply-add where the engine does not spill it. Why one k a turn: with two, Binaryen moves the multiplications of
// the second k to the sums of the first, more values are live than there are registers, and the spilled sum waits for memory
// at every turn: 32 GFLOP/s compared with 50 on V8 11 (4x8), 33 compared with 54 on V8 13 (6x8).
import { add, load, madd, store } from "../lane";

/** Columns of the tiles here, and of a panel of B. */
export const COLUMNS: i32 = 8;

// What a tile does with the old C: ignores it, resumes the sum from it, or adds it to the whole sum.
export const FRESH: i32 = 0;
export const RESUME: i32 = 1;
export const ADD: i32 = 2;

/**
 * Loop 1: a column of `count` tiles of 4 or 6 rows, each `next` bytes of A after the one before it. `direct`: A is in place,
 * in rows `stride` apart (Rows above), and not in columns. The loop is inside the tile, because a call costs as much as a k
 * of 4.
 *
 * Inlined, so that the tiles have several callers. With one caller Binaryen would inline both 4-row tiles there, and V8 11
 * would spill the loop's own counter: 45 GFLOP/s compared with 49 in a product of 512.
 */
@inline
export function multiply(
  tile: i32, direct: bool, count: i32, k: i32, a: usize, next: usize, stride: usize, b: usize, line: usize, c: usize,
  ldc: usize, old: i32,
): void {
  if (tile === 6) {
    if (direct) tile6Rows(count, k, a, next, stride, b, line, c, ldc, old);
    else tile6Columns(count, k, a, next, stride, b, line, c, ldc, old);
  } else if (direct) tile4Rows(count, k, a, next, stride, b, line, c, ldc, old);
  else tile4Columns(count, k, a, next, stride, b, line, c, ldc, old);
}

function tile4Columns(
  count: i32, depth: i32, panel: usize, next: usize, step: usize, top: usize, line: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 4) {
    let k = depth, a = panel, b = top;
    const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    if (old === RESUME) {
      c00 = load(c); c01 = load(c + 16);
      c10 = load(q1); c11 = load(q1 + 16);
      c20 = load(q2); c21 = load(q2 + 16);
      c30 = load(q3); c31 = load(q3 + 16);
    }
    do {
      const x = load(b), y = load(b + 16);
      let s = v128.load32_splat(a);
      c00 = madd(s, x, c00); c01 = madd(s, y, c01);
      s = v128.load32_splat(a, 4);
      c10 = madd(s, x, c10); c11 = madd(s, y, c11);
      s = v128.load32_splat(a, 8);
      c20 = madd(s, x, c20); c21 = madd(s, y, c21);
      s = v128.load32_splat(a, 12);
      c30 = madd(s, x, c30); c31 = madd(s, y, c31);
      a += step; b += line;
    } while (--k);
    if (old === ADD) {
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
}

function tile4Rows(
  count: i32, depth: i32, panel: usize, next: usize, row: usize, top: usize, line: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 4) {
    let k = depth, a = panel, b = top;
    let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
    const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    if (old === RESUME) {
      c00 = load(c); c01 = load(c + 16);
      c10 = load(q1); c11 = load(q1 + 16);
      c20 = load(q2); c21 = load(q2 + 16);
      c30 = load(q3); c31 = load(q3 + 16);
    }
    do {
      const x = load(b), y = load(b + 16);
      let s = v128.load32_splat(a);
      c00 = madd(s, x, c00); c01 = madd(s, y, c01);
      s = v128.load32_splat(a1);
      c10 = madd(s, x, c10); c11 = madd(s, y, c11);
      s = v128.load32_splat(a2);
      c20 = madd(s, x, c20); c21 = madd(s, y, c21);
      s = v128.load32_splat(a3);
      c30 = madd(s, x, c30); c31 = madd(s, y, c31);
      a += 4; a1 += 4; a2 += 4; a3 += 4; b += line;
    } while (--k);
    if (old === ADD) {
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
}

function tile6Columns(
  count: i32, depth: i32, panel: usize, next: usize, step: usize, top: usize, line: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 6) {
    let k = depth, a = panel, b = top;
    const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc, q4 = q3 + ldc, q5 = q4 + ldc;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
    if (old === RESUME) {
      c00 = load(c); c01 = load(c + 16);
      c10 = load(q1); c11 = load(q1 + 16);
      c20 = load(q2); c21 = load(q2 + 16);
      c30 = load(q3); c31 = load(q3 + 16);
      c40 = load(q4); c41 = load(q4 + 16);
      c50 = load(q5); c51 = load(q5 + 16);
    }
    do {
      const x = load(b), y = load(b + 16);
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
      a += step; b += line;
    } while (--k);
    if (old === ADD) {
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
}

function tile6Rows(
  count: i32, depth: i32, panel: usize, next: usize, row: usize, top: usize, line: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 6) {
    let k = depth, a = panel, b = top;
    let a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row;
    const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc, q4 = q3 + ldc, q5 = q4 + ldc;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
    if (old === RESUME) {
      c00 = load(c); c01 = load(c + 16);
      c10 = load(q1); c11 = load(q1 + 16);
      c20 = load(q2); c21 = load(q2 + 16);
      c30 = load(q3); c31 = load(q3 + 16);
      c40 = load(q4); c41 = load(q4 + 16);
      c50 = load(q5); c51 = load(q5 + 16);
    }
    do {
      const x = load(b), y = load(b + 16);
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
      a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; b += line;
    } while (--k);
    if (old === ADD) {
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
}
