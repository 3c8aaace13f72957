import { addRow, addRows } from "./rows.js";

const { sqrt } = Math;

// Parts of the twin in eigen.ts; the kernels are in assembly/linalg/tridiagonal.ts.

/** Squares below this add nothing to a matrix whose largest number is 2^-100 or more. */
const TINY = 2 ** -500;

/**
 * The tridiagonal form T = Qᵀ A Q of a symmetric matrix: n - 2 Householder reflections H = I - v vᵀ / h with h = v·v / 2,
 * each of which clears a row and a column up to the number beside the diagonal, from the last row on. Martin, Reinsch &
 * Wilkinson 1968 (EISPACK's tred2), with the whole of A kept instead of a triangle, so that all inner loops run along rows.
 *
 * Writes the diagonal of T to `diagonal`. In a, row i keeps the reflection that ends column i: v before the diagonal, h on
 * it (0: no reflection), and T's number beside the diagonal above that. work: n numbers.
 */
export function tridiagonal(n: number, a: Float64Array, diagonal: Float64Array, work: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    diagonal[i] = a[row + i];
    if (i === 0) break;
    const half = reflection(i, a, row, row - n + i);
    a[row + i] = half;
    if (half !== 0) reflect(i, n, a, row, half, work);
  }
}

/** Makes a row x the vector of the reflection that leaves its last number alone, which goes to `beside`. Returns h. */
function reflection(i: number, a: Float64Array, x: number, beside: number): number {
  const last = x + i - 1;
  let rest = 0;
  for (let k = x; k < last; k++) rest += a[k] * a[k];
  const f = a[last];
  if (rest <= TINY) {
    a[beside] = f;
    return 0;
  }
  const total = rest + f * f;
  const g = f >= 0 ? -sqrt(total) : sqrt(total);
  a[beside] = g;
  a[last] = f - g;
  return total - f * g;
}

/** A = H A H over the first i rows and columns: with p = A v / h and q = p - v (p·v / 2h), A - v qᵀ - q vᵀ. */
function reflect(i: number, n: number, a: Float64Array, v: number, half: number, q: Float64Array): void {
  q.fill(0, 0, i);
  addRows(i, i, a, v, 1, a, 0, n, q, 0);
  let along = 0;
  for (let k = 0; k < i; k++) {
    q[k] /= half;
    along += q[k] * a[v + k];
  }
  addRow(i, -(along / (2 * half)), a, v, q, 0);
  for (let j = 0; j < i; j++) {
    const vj = a[v + j];
    const qj = q[j];
    for (let k = 0, at = j * n; k < i; k++, at++) a[at] -= vj * q[k] + qj * a[v + k];
  }
}

/** Q, the product of the reflections that `tridiagonal` left in a. */
export function accumulate(n: number, a: Float64Array, q: Float64Array): void {
  for (let i = 1; i <= n; i++) {
    // The first i rows and columns: what there is, and one more of the identity.
    const last = (i - 1) * n;
    for (let k = 0; k < i - 1; k++) {
      q[last + k] = 0;
      q[k * n + i - 1] = 0;
    }
    q[last + i - 1] = 1;
    if (i === n) break;
    const v = i * n;
    const half = a[v + i];
    if (half === 0) continue;
    // Q -= v (vᵀ Q / h); the sums are kept in the row that comes next.
    const sums = last + n;
    q.fill(0, sums, sums + i);
    addRows(i, i, a, v, 1, q, 0, n, q, sums);
    for (let k = sums; k < sums + i; k++) q[k] /= half;
    for (let k = 0; k < i; k++) addRow(i, -a[v + k], q, sums, q, k * n);
  }
}
