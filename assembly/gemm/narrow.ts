// Register tiles for what a tile of eight columns would leave half empty: an output of ten classes, of three, of two. Every
// sum is one running sum in the order of k, as in micro.ts. Element (i, k) of A is at a + i * row + k * step: one function for
// both layouts, because at this width further pointers cost nothing.
//
//   4 x 10  the last ten columns; the relaxed build: no lane is wasted, 1.0 of the peak at 32x64x10
//   2 x 12  the last nine to twelve; the strict build, whose products take a register more: 4 x 10 takes 1.6 times as long
//           where V8 11 spills it, 0.9 of the time on V8 13
//   8 x 4   the last one to four; in the strict build only where there are no others
import { add, load, madd, store } from "../lane";
import { ADD, RESUME } from "./micro";

/** Loop 1 with tiles of 2 x 12. The last four columns of B are in a panel of their own, at `side`. */
export function multiplyTwelve(
  count: i32, depth: i32, panel: usize, next: usize, row: usize, step: usize, top: usize, line: usize, side: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 2) {
    let k = depth, a = panel, b = top, d = side;
    let a1 = a + row;
    const q1 = c + ldc;
    let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c10 = c00, c11 = c00, c12 = c00;
    if (old === RESUME) {
      c00 = load(c); c01 = load(c + 16); c02 = load(c + 32);
      c10 = load(q1); c11 = load(q1 + 16); c12 = load(q1 + 32);
    }
    do {
      const x = load(b), y = load(b + 16), z = load(d);
      let s = v128.load32_splat(a);
      c00 = madd(s, x, c00); c01 = madd(s, y, c01); c02 = madd(s, z, c02);
      s = v128.load32_splat(a1);
      c10 = madd(s, x, c10); c11 = madd(s, y, c11); c12 = madd(s, z, c12);
      a += step; a1 += step; b += line; d += 16;
    } while (--k);
    store(c, c00); store(c + 16, c01); store(c + 32, c02);
    store(q1, c10); store(q1 + 16, c11); store(q1 + 32, c12);
  }
}

/** Loop 1 with tiles of 4 x 10. At `side`, the last two columns of B stand twice in a row: one vector has them for two rows of A. */
export function multiplyTen(
  count: i32, depth: i32, panel: usize, next: usize, row: usize, step: usize, top: usize, line: usize, side: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 4) {
    let k = depth, a = panel, b = top, d = side;
    let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
    const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c02 = c00, c22 = c00;
    if (old === RESUME) {
      c00 = load(c); c01 = load(c + 16); c02 = pair(c, q1);
      c10 = load(q1); c11 = load(q1 + 16);
      c20 = load(q2); c21 = load(q2 + 16); c22 = pair(q2, q3);
      c30 = load(q3); c31 = load(q3 + 16);
    }
    do {
      const x = load(b), y = load(b + 16);
      let s = v128.load32_splat(a), t = v128.load32_splat(a1);
      c00 = madd(s, x, c00); c01 = madd(s, y, c01);
      c10 = madd(t, x, c10); c11 = madd(t, y, c11);
      c02 = madd(i64x2.shuffle(s, t, 0, 2), load(d), c02);
      s = v128.load32_splat(a2); t = v128.load32_splat(a3);
      c20 = madd(s, x, c20); c21 = madd(s, y, c21);
      c30 = madd(t, x, c30); c31 = madd(t, y, c31);
      c22 = madd(i64x2.shuffle(s, t, 0, 2), load(d), c22);
      a += step; a1 += step; a2 += step; a3 += step; b += line; d += 16;
    } while (--k);
    if (old === ADD) {
      c00 = add(load(c), c00); c01 = add(load(c + 16), c01); c02 = add(pair(c, q1), c02);
      c10 = add(load(q1), c10); c11 = add(load(q1 + 16), c11);
      c20 = add(load(q2), c20); c21 = add(load(q2 + 16), c21); c22 = add(pair(q2, q3), c22);
      c30 = add(load(q3), c30); c31 = add(load(q3 + 16), c31);
    }
    store(c, c00); store(c + 16, c01); v128.store64_lane(c, c02, 0, 32);
    store(q1, c10); store(q1 + 16, c11); v128.store64_lane(q1, c02, 1, 32);
    store(q2, c20); store(q2 + 16, c21); v128.store64_lane(q2, c22, 0, 32);
    store(q3, c30); store(q3 + 16, c31); v128.store64_lane(q3, c22, 1, 32);
  }
}

/** The last two of ten columns in two rows of C. */
@inline
function pair(c: usize, next: usize): v128 {
  return v128.load64_lane(next, v128.load64_zero(c, 32), 1, 32);
}

/** Loop 1 with tiles of 8 x 4. */
export function multiplyFour(
  count: i32, depth: i32, panel: usize, next: usize, row: usize, step: usize, top: usize, line: usize, c: usize, ldc: usize, old: i32,
): void {
  for (; count > 0; count--, panel += next, c += ldc * 8) {
    let k = depth, a = panel, b = top;
    let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
    const four = row << 2;
    const q1 = c + ldc, q2 = q1 + ldc, q3 = q2 + ldc, q4 = q3 + ldc, q5 = q4 + ldc, q6 = q5 + ldc, q7 = q6 + ldc;
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    if (old === RESUME) {
      c0 = load(c); c1 = load(q1); c2 = load(q2); c3 = load(q3);
      c4 = load(q4); c5 = load(q5); c6 = load(q6); c7 = load(q7);
    }
    do {
      const x = load(b);
      c0 = madd(v128.load32_splat(a), x, c0);
      c1 = madd(v128.load32_splat(a1), x, c1);
      c2 = madd(v128.load32_splat(a2), x, c2);
      c3 = madd(v128.load32_splat(a3), x, c3);
      c4 = madd(v128.load32_splat(a + four), x, c4);
      c5 = madd(v128.load32_splat(a1 + four), x, c5);
      c6 = madd(v128.load32_splat(a2 + four), x, c6);
      c7 = madd(v128.load32_splat(a3 + four), x, c7);
      a += step; a1 += step; a2 += step; a3 += step; b += line;
    } while (--k);
    store(c, c0); store(q1, c1); store(q2, c2); store(q3, c3);
    store(q4, c4); store(q5, c5); store(q6, c6); store(q7, c7);
  }
}
