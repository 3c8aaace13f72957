// The register tiles: the only file that knows a tile's shape.
//
// tile(k, a, row, step, b, line, c, ldc, resume) computes
//   C[i][j] = (resume ? C[i][j] : +0) + sum over k of A[i][k] * B[k][j],   one running sum in the order of k,
// for a tile of ROWS x 8 elements, where A[i][k] stands at a + i * row + k * step, B[k][j] at b + k * line + 4j
// and C[i][j] at c + i * ldc + 4j (all strides in bytes). Packed panels and matrices in place differ in strides
// alone, so one function serves both.
//
// Why two: register allocators differ. 4x8 keeps 8 sums and fits everywhere; 6x8 keeps 12 and is faster with
// fused multiply-add where the engine does not spill it.
import { load, madd, store } from "../lane";

/** Columns of every tile. */
export const COLUMNS: i32 = 8;

export function tile4(k: i32, a: usize, row: usize, step: usize, b: usize, line: usize, c: usize, ldc: usize, resume: i32): void {
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (resume) {
    c00 = load(c); c01 = load(c + 16);
    c10 = load(q1); c11 = load(q1 + 16);
    c20 = load(q2); c21 = load(q2 + 16);
    c30 = load(q3); c31 = load(q3 + 16);
  }
  for (; k > 0; k--) {
    const x = load(b), y = load(b + 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, x, c00); c01 = madd(s, y, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, x, c10); c11 = madd(s, y, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, x, c20); c21 = madd(s, y, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, x, c30); c31 = madd(s, y, c31);
    a += step; a1 += step; a2 += step; a3 += step; b += line;
  }
  store(c, c00); store(c + 16, c01);
  store(q1, c10); store(q1 + 16, c11);
  store(q2, c20); store(q2 + 16, c21);
  store(q3, c30); store(q3 + 16, c31);
}

export function tile6(k: i32, a: usize, row: usize, step: usize, b: usize, line: usize, c: usize, ldc: usize, resume: i32): void {
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row;
  const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc, q4 = q3 + ldc, q5 = q4 + ldc;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (resume) {
    c00 = load(c); c01 = load(c + 16);
    c10 = load(q1); c11 = load(q1 + 16);
    c20 = load(q2); c21 = load(q2 + 16);
    c30 = load(q3); c31 = load(q3 + 16);
    c40 = load(q4); c41 = load(q4 + 16);
    c50 = load(q5); c51 = load(q5 + 16);
  }
  for (; k > 0; k--) {
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
    a += step; a1 += step; a2 += step; a3 += step; a4 += step; a5 += step; b += line;
  }
  store(c, c00); store(c + 16, c01);
  store(q1, c10); store(q1 + 16, c11);
  store(q2, c20); store(q2 + 16, c21);
  store(q3, c30); store(q3 + 16, c31);
  store(q4, c40); store(q4 + 16, c41);
  store(q5, c50); store(q5 + 16, c51);
}
