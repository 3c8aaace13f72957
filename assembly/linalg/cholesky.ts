// Cholesky factors in f64, and inverses from them. The algorithms and what they return: src/linalg/cholesky.ts.
import { addRows, DOUBLE, mirror, scaleRow } from "./rows";

const EPS: f64 = 2.220446049250313e-16; // 2^-52

/** A = Uᵀ U, the upper triangle of a becomes U. Returns 1, or 0 unless A is positive definite. */
export function cholesky(n: i32, a: usize): i32 {
  const line = <usize>n << 3;
  for (let i = 0, row = a; i < n; i++, row += line + DOUBLE) {
    const before = f64.load(row);
    // Column i above the diagonal, times rows above this one.
    subtractRows(i, n - i, a + (<usize>i << 3), line, a + (<usize>i << 3), line, row);
    const pivot = f64.load(row);
    if (!(pivot > EPS * before && pivot < Infinity)) return 0;
    const root = sqrt(pivot);
    f64.store(row, root);
    scaleRow(n - i - 1, 1 / root, row + DOUBLE);
  }
  return 1;
}

/** y -= sum of x[k] * row k, as addRows. */
function subtractRows(count: i32, width: i32, x: usize, step: usize, rows: usize, line: usize, y: usize): void {
  negate(width, y);
  addRows(count, width, x, step, rows, line, y);
  negate(width, y);
}

function negate(width: i32, y: usize): void {
  for (const end = y + (<usize>width << 3); y < end; y += DOUBLE) f64.store(y, -f64.load(y));
}

/** X with A X = B, from A's factor: b [n, m] becomes X. */
export function choleskySolve(n: i32, m: i32, u: usize, b: usize): void {
  const line = <usize>n << 3, across = <usize>m << 3;
  for (let i = 0, row = b; i < n; i++, row += across) {
    subtractRows(i, m, u + (<usize>i << 3), line, b, across, row);
    scaleRow(m, 1 / f64.load(u + <usize>i * (line + DOUBLE)), row);
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = b + <usize>i * across, diagonal = u + <usize>i * (line + DOUBLE);
    subtractRows(n - 1 - i, m, diagonal + DOUBLE, DOUBLE, row + across, across, row);
    scaleRow(m, 1 / f64.load(diagonal), row);
  }
}

/** inverse = A⁻¹. Returns 1, or 0 unless A is positive definite. */
export function invert(n: i32, a: usize, inverse: usize): i32 {
  if (!cholesky(n, a)) return 0;
  const line = <usize>n << 3;
  memory.fill(inverse, 0, <usize>n * line);
  // The inverse M of Uᵀ, row by row: row i is that of the identity less U[k][i] times row k, over U[i][i].
  for (let i = 0, row = inverse; i < n; i++, row += line) {
    const column = a + (<usize>i << 3), scale = 1 / f64.load(column + <usize>i * line);
    // Row k ends at its diagonal: four rows at a time, each as long as the longest.
    for (let k = 0; k < i; k += 4) {
      addRows(min(4, i - k), min(k + 4, i), column + <usize>k * line, line, inverse + <usize>k * line, line, row);
    }
    scaleRow(i, -scale, row);
    f64.store(row + (<usize>i << 3), scale);
  }
  // A⁻¹ = Mᵀ M: row i is the sum of M[k][i] times row k from k = i on, and overwrites a row that no later one needs.
  for (let i = 0, row = inverse; i < n; i++, row += line) {
    const column = row + (<usize>i << 3);
    scaleRow(i + 1, f64.load(column), row);
    addRows(n - 1 - i, i + 1, column + line, line, row + line, line, row);
  }
  mirror(n, inverse);
  return 1;
}
