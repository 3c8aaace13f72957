/** The twin of `assembly/gemm/gemm.ts`. */
import { add, mul } from "../../math/f32.js";
import type { Product } from "../backend.js";

// The limit is conversions: every multiplication and addition is rounded to f32 and widened to f64 again, four for each pair.
// At 64 to 512 the tile of 4 x 2 below runs at 2.2 GFLOP/s, 2.6 to 3.0 times the plain loop (which waits for one sum at a
// time) on Node 20 and 2.3 to 3.0 times on Node 24; a single row 2.7 times. Tried, with the same bits: tiles of 2x2, 2x4, 4x4,
// 8x1, 1x8 and 8x2, within 5 %; A and B packed into panels, 3 %; k unrolled by 2 and 4, no gain; a row of C in memory with k
// outermost, 1.6 times the plain loop.

/**
 * C = op(A) op(B) (+ C), each element one running sum from +0 in the order of k: the plain triple loop, but several sums at
 * a time, which does not change the order within a sum.
 */
export function gemm(product: Product, a: Float32Array, b: Float32Array, c: Float32Array): void {
  const { transA, transB, m, n, k, accumulate } = product;
  const row = transA ? 1 : k;
  const step = transA ? m : 1;
  const line = transB ? 1 : n;
  const next = transB ? k : 1;
  const rows = m - (m % 4);
  if (rows > 0) tiles(rows, n, k, a, row, step, b, line, next, c, accumulate);
  // The rest: the last column where n is odd, and the rows below the tiles.
  if (n % 2 === 1) sums(rows, k, b, (n - 1) * next, line, a, 0, row, step, c, n - 1, n, accumulate);
  for (let i = rows; i < m; i++) sums(n, k, a, i * row, step, b, 0, next, line, c, i * n, 1, accumulate);
}

/** Tiles of 4 rows x 2 columns, over rows in fours and columns in twos. */
function tiles(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  row: number,
  step: number,
  b: Float32Array,
  line: number,
  next: number,
  c: Float32Array,
  accumulate: boolean,
): void {
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j + 1 < n; j += 2) {
      let c00 = 0, c01 = 0, c10 = 0, c11 = 0, c20 = 0, c21 = 0, c30 = 0, c31 = 0;
      let p = i * row;
      let q = j * next;
      for (let t = 0; t < k; t++, p += step, q += line) {
        const x = b[q], y = b[q + next];
        const a0 = a[p], a1 = a[p + row], a2 = a[p + 2 * row], a3 = a[p + 3 * row];
        c00 = add(c00, mul(a0, x)); c01 = add(c01, mul(a0, y));
        c10 = add(c10, mul(a1, x)); c11 = add(c11, mul(a1, y));
        c20 = add(c20, mul(a2, x)); c21 = add(c21, mul(a2, y));
        c30 = add(c30, mul(a3, x)); c31 = add(c31, mul(a3, y));
      }
      const o = i * n + j;
      put(c, o, c00, accumulate); put(c, o + 1, c01, accumulate);
      put(c, o + n, c10, accumulate); put(c, o + n + 1, c11, accumulate);
      put(c, o + 2 * n, c20, accumulate); put(c, o + 2 * n + 1, c21, accumulate);
      put(c, o + 3 * n, c30, accumulate); put(c, o + 3 * n + 1, c31, accumulate);
    }
  }
}

/** Vector v times matrix w: c[o + j * along] = Σ over t < k of v[p + t * step] w[q + j * across + t * down], for j < count. */
function sums(
  count: number,
  k: number,
  v: Float32Array,
  p: number,
  step: number,
  w: Float32Array,
  q: number,
  across: number,
  down: number,
  c: Float32Array,
  o: number,
  along: number,
  accumulate: boolean,
): void {
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (let t = 0, x = p, y = q + j * across; t < k; t++, x += step, y += down) {
      const e = v[x];
      s0 = add(s0, mul(e, w[y])); s1 = add(s1, mul(e, w[y + across]));
      s2 = add(s2, mul(e, w[y + 2 * across])); s3 = add(s3, mul(e, w[y + 3 * across]));
    }
    const at = o + j * along;
    put(c, at, s0, accumulate); put(c, at + along, s1, accumulate);
    put(c, at + 2 * along, s2, accumulate); put(c, at + 3 * along, s3, accumulate);
  }
  for (; j < count; j++) {
    let s = 0;
    for (let t = 0, x = p, y = q + j * across; t < k; t++, x += step, y += down) s = add(s, mul(v[x], w[y]));
    put(c, o + j * along, s, accumulate);
  }
}

function put(c: Float32Array, at: number, sum: number, accumulate: boolean): void {
  c[at] = accumulate ? add(c[at], sum) : sum;
}
