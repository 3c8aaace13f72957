// The tridiagonal form T = Qᵀ A Q of a symmetric matrix by Householder reflections, and Q. The rule: src/linalg/tridiagonal.ts.
import { addRow, addRows, DOUBLE } from "./rows";

/** Squares below this add nothing to a matrix whose largest number is 2^-100 or more. */
const TINY: f64 = 3.054936363499605e-151; // 2^-500

/**
 * Writes the diagonal of T to `diagonal`. In a, row i keeps the reflection that ends column i: its vector before the diagonal,
 * half of its square on the diagonal, and T's number beside the diagonal above that. work: n numbers.
 */
export function tridiagonal(n: i32, a: usize, diagonal: usize, work: usize): void {
  const line = <usize>n << 3;
  for (let i = n - 1; i >= 0; i--) {
    const row = a + <usize>i * line;
    f64.store(diagonal + (<usize>i << 3), f64.load(row + (<usize>i << 3)));
    if (i == 0) break;
    const half = reflection(i, row, row - line + (<usize>i << 3));
    f64.store(row + (<usize>i << 3), half);
    if (half != 0) reflect(i, a, line, row, half, work);
  }
}

/** Makes a row x the vector of the reflection that leaves its last number alone, which goes to `beside`. Returns v·v / 2. */
function reflection(i: i32, x: usize, beside: usize): f64 {
  const last = x + (<usize>(i - 1) << 3);
  let rest: f64 = 0;
  for (let at = x; at < last; at += DOUBLE) rest += f64.load(at) * f64.load(at);
  const f = f64.load(last);
  if (rest <= TINY) {
    f64.store(beside, f);
    return 0;
  }
  const total = rest + f * f;
  const g = f >= 0 ? -sqrt(total) : sqrt(total);
  f64.store(beside, g);
  f64.store(last, f - g);
  return total - f * g;
}

/** A = H A H over the first i rows and columns, H = I - v vᵀ / half. */
function reflect(i: i32, a: usize, line: usize, v: usize, half: f64, q: usize): void {
  memory.fill(q, 0, <usize>i << 3);
  addRows(i, i, v, DOUBLE, a, line, q);
  const end = <usize>i << 3;
  let along: f64 = 0;
  for (let k: usize = 0; k < end; k += DOUBLE) {
    const p = f64.load(q + k) / half;
    f64.store(q + k, p);
    along += p * f64.load(v + k);
  }
  addRow(i, -(along / (2 * half)), v, q);
  const pairs = <usize>(i & ~1) << 3;
  for (let j: usize = 0; j < end; j += DOUBLE, a += line) {
    const vj = f64.load(v + j), qj = f64.load(q + j);
    const V = f64x2.splat(vj), Q = f64x2.splat(qj);
    for (let k: usize = 0; k < pairs; k += 16) {
      const change = f64x2.add(f64x2.mul(V, v128.load(q + k)), f64x2.mul(Q, v128.load(v + k)));
      v128.store(a + k, f64x2.sub(v128.load(a + k), change));
    }
    if (pairs < end) {
      f64.store(a + pairs, f64.load(a + pairs) - (vj * f64.load(q + pairs) + qj * f64.load(v + pairs)));
    }
  }
}

/** Q, the product of the reflections that `tridiagonal` left in a. */
export function accumulate(n: i32, a: usize, q: usize): void {
  const line = <usize>n << 3;
  for (let i = 1; i <= n; i++) {
    // The first i rows and columns: what there is, and one more of the identity.
    const last = q + <usize>(i - 1) * line, end = <usize>(i - 1) << 3;
    for (let k: usize = 0, row = q; k < end; k += DOUBLE, row += line) {
      f64.store(last + k, 0);
      f64.store(row + end, 0);
    }
    f64.store(last + end, 1);
    if (i == n) break;
    const v = a + <usize>i * line;
    const half = f64.load(v + (<usize>i << 3));
    if (half == 0) continue;
    // Q -= v (vᵀ Q / half); the sums are kept in the row that comes next.
    const sums = last + line;
    memory.fill(sums, 0, <usize>i << 3);
    addRows(i, i, v, DOUBLE, q, line, sums);
    for (let at = sums, to = sums + (<usize>i << 3); at < to; at += DOUBLE) f64.store(at, f64.load(at) / half);
    for (let k = 0, row = q; k < i; k++, row += line) addRow(i, -f64.load(v + (<usize>k << 3)), sums, row);
  }
}
