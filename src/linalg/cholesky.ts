import { perEngine } from "../engine/perEngine.js";
import binary from "../engine/wasm/binaries/linalg/cholesky.js";
import { addRows, mirror, scaleRow } from "./rows.js";

const { min, sqrt } = Math;

// The twins of assembly/linalg/cholesky.ts.

/** A pivot that has lost all digits of its diagonal element is rounding error, and no sign of a positive definite matrix. */
const EPS = 2 ** -52;

/**
 * Cholesky's factor of a symmetric positive definite matrix: A = Uᵀ U, row by row. Only the triangle of A from the diagonal on
 * is read; it becomes U, and the other one stays.
 * @returns 1, or 0 for a pivot that is not above ε times its diagonal element, or not finite: A is then not positive definite
 * to working precision, and `a` is undefined
 */
function cholesky(n: number, a: Float64Array): number {
  for (let i = 0; i < n; i++) {
    const row = i * n + i;
    const before = a[row];
    subtractRows(i, n - i, a, i, n, a, i, n, a, row);
    const pivot = a[row];
    if (!(pivot > EPS * before && pivot < Number.POSITIVE_INFINITY)) return 0;
    const root = sqrt(pivot);
    a[row] = root;
    scaleRow(n - i - 1, 1 / root, a, row + 1);
  }
  return 1;
}

/** y -= sum of x[k] * row k, as addRows. */
function subtractRows(
  count: number,
  width: number,
  x: Float64Array,
  atX: number,
  step: number,
  rows: Float64Array,
  atRows: number,
  line: number,
  y: Float64Array,
  atY: number,
): void {
  negate(width, y, atY);
  addRows(count, width, x, atX, step, rows, atRows, line, y, atY);
  negate(width, y, atY);
}

function negate(width: number, y: Float64Array, atY: number): void {
  for (let j = atY; j < atY + width; j++) y[j] = -y[j];
}

/** X with A X = B, from A's factor U, by substitution forwards and backwards: b [n, m] becomes X. */
function choleskySolve(n: number, m: number, u: Float64Array, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    subtractRows(i, m, u, i, n, b, 0, m, b, i * m);
    scaleRow(m, 1 / u[i * n + i], b, i * m);
  }
  for (let i = n - 1; i >= 0; i--) {
    const diagonal = i * n + i;
    subtractRows(n - 1 - i, m, u, diagonal + 1, 1, b, (i + 1) * m, m, b, i * m);
    scaleRow(m, 1 / u[diagonal], b, i * m);
  }
}

/**
 * The inverse of a symmetric positive definite matrix, from its Cholesky factor. `a` is destroyed.
 * @returns as `cholesky`
 */
function invert(n: number, a: Float64Array, inverse: Float64Array): number {
  if (!cholesky(n, a)) return 0;
  inverse.fill(0, 0, n * n);
  // The inverse M of Uᵀ, row by row: row i is that of the identity less U[k][i] times row k, over U[i][i].
  for (let i = 0; i < n; i++) {
    const scale = 1 / a[i * n + i];
    // Row k ends at its diagonal: four rows at a time, each as long as the longest.
    for (let k = 0; k < i; k += 4) {
      addRows(min(4, i - k), min(k + 4, i), a, k * n + i, n, inverse, k * n, n, inverse, i * n);
    }
    scaleRow(i, -scale, inverse, i * n);
    inverse[i * n + i] = scale;
  }
  // A⁻¹ = Mᵀ M: row i is the sum of M[k][i] times row k from k = i on, and overwrites a row that no later one needs.
  for (let i = 0; i < n; i++) {
    const row = i * n;
    scaleRow(i + 1, inverse[row + i], inverse, row);
    addRows(n - 1 - i, i + 1, inverse, row + n + i, n, inverse, row + n, n, inverse, row);
  }
  mirror(n, inverse);
  return 1;
}

export const choleskyKernels = /* @__PURE__ */ perEngine({ cholesky, choleskySolve, invert }, [binary]);
