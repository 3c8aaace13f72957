import { perEngine } from "../engine/perEngine.js";
import binary from "../engine/wasm/binaries/linalg/qr.js";
import { addRow, addRows } from "./rows.js";

const { sqrt } = Math;

// The twins of assembly/linalg/qr.ts.

/** Columns below this, squared, count as 0: they are far below what comes from f32. */
const TINY = 2 ** -500;

/**
 * An orthonormal basis of the columns of a matrix a [n, n] in f64: q = Q of a = QR by Householder's reflections, which end
 * with an orthonormal Q whatever the rank of a. Signs are as they come. Destroys `a`.
 *
 * Householder, Unitary triangularization of a nonsymmetric matrix, Journal of the ACM 5, 1958.
 * @param work working memory of 2 n
 * @returns 1, or 0 if a number is not finite; q is then undefined
 */
function orthonormal(n: number, a: Float64Array, q: Float64Array, work: Float64Array): number {
  for (let j = 0; j < n; j++) {
    const diagonal = j * (n + 1);
    let rest = 0;
    for (let i = j + 1, at = diagonal + n; i < n; i++, at += n) rest += a[at] * a[at];
    const f = a[diagonal];
    const total = rest + f * f;
    if (!(total < Number.POSITIVE_INFINITY)) return 0;
    let half = 0;
    if (rest > TINY) {
      const g = f >= 0 ? -sqrt(total) : sqrt(total);
      half = total - f * g;
      a[diagonal] = f - g;
      reflect(n, n - j, n - j - 1, a, diagonal, a, diagonal + 1, half, work);
    }
    work[j] = half;
  }
  q.fill(0, 0, n * n);
  for (let j = n - 1; j >= 0; j--) {
    const at = j * (n + 1);
    q[at] = 1;
    if (work[j] !== 0) reflect(n, n - j, n - j, a, at, q, at, work[j], work);
  }
  return 1;
}

/** x = (I - v vᵀ / half) x for `rows` rows of x, `width` wide; v is a column. */
function reflect(
  n: number,
  rows: number,
  width: number,
  v: Float64Array,
  atV: number,
  x: Float64Array,
  atX: number,
  half: number,
  work: Float64Array,
): void {
  work.fill(0, n, n + width);
  addRows(rows, width, v, atV, n, x, atX, n, work, n);
  for (let k = n; k < n + width; k++) work[k] /= half;
  for (let i = 0; i < rows; i++) addRow(width, -v[atV + i * n], work, n, x, atX + i * n);
}

/** c = a b, all [n, n], each sum in order from +0. */
function multiplySquare(n: number, a: Float64Array, b: Float64Array, c: Float64Array): void {
  c.fill(0, 0, n * n);
  for (let i = 0; i < n; i++) addRows(n, n, a, i * n, 1, b, 0, n, c, i * n);
}

export const qrKernels = /* @__PURE__ */ perEngine({ orthonormal, multiplySquare }, [binary]);
