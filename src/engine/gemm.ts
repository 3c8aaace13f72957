/** The twin of `assembly/gemm/gemm.ts`. */
import { add, mul } from "../f32.js";
import type { Product } from "./kernel.js";

/**
 * C = op(A) op(B) (+ C), each element one running sum from +0 in the order of k: the plain triple loop, in register
 * tiles of 4 rows x 2 columns that leave the order of every sum alone.
 */
export function gemm(product: Product, a: Float32Array, b: Float32Array, c: Float32Array): void {
  const { transA, transB, m, n, k, accumulate } = product;
  const row = transA ? 1 : k;
  const step = transA ? m : 1;
  const line = transB ? 1 : n;
  const next = transB ? k : 1;
  const put = (at: number, sum: number) => {
    c[at] = accumulate ? add(c[at]!, sum) : sum;
  };
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 2) {
      if (i + 4 > m || j + 2 > n) {
        for (let r = i; r < Math.min(i + 4, m); r++) {
          for (let s = j; s < Math.min(j + 2, n); s++) put(r * n + s, element(a, r * row, step, b, s * next, line, k));
        }
        continue;
      }
      let c00 = 0, c01 = 0, c10 = 0, c11 = 0, c20 = 0, c21 = 0, c30 = 0, c31 = 0;
      let p = i * row;
      let q = j * next;
      for (let t = 0; t < k; t++, p += step, q += line) {
        const x = b[q]!, y = b[q + next]!;
        const a0 = a[p]!, a1 = a[p + row]!, a2 = a[p + 2 * row]!, a3 = a[p + 3 * row]!;
        c00 = add(c00, mul(a0, x)); c01 = add(c01, mul(a0, y));
        c10 = add(c10, mul(a1, x)); c11 = add(c11, mul(a1, y));
        c20 = add(c20, mul(a2, x)); c21 = add(c21, mul(a2, y));
        c30 = add(c30, mul(a3, x)); c31 = add(c31, mul(a3, y));
      }
      const o = i * n + j;
      put(o, c00); put(o + 1, c01);
      put(o + n, c10); put(o + n + 1, c11);
      put(o + 2 * n, c20); put(o + 2 * n + 1, c21);
      put(o + 3 * n, c30); put(o + 3 * n + 1, c31);
    }
  }
}

function element(a: Float32Array, p: number, step: number, b: Float32Array, q: number, line: number, k: number): number {
  let sum = 0;
  for (let t = 0; t < k; t++, p += step, q += line) sum = add(sum, mul(a[p]!, b[q]!));
  return sum;
}
