import { perEngine } from "../engine/perEngine.js";
import binary from "../engine/wasm/binaries/linalg/eigen.js";
import { mirror } from "./rows.js";
import { accumulate, tridiagonal } from "./tridiagonal.js";

const { abs, max, sqrt } = Math;

/** Sweeps for one eigenvalue before it counts as lost; two or three are usual. */
const SWEEPS = 60;
const EPS = 2 ** -52;
const FLOOR = 2 ** -75;
const LARGE = 2 ** 100;
const SMALL = 2 ** -100;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix A [n, n] in f64: A is brought to tridiagonal form, and that is
 * diagonalised by the implicit QL method. Only the triangle of A up to the diagonal is read; `a` is destroyed. `values` become
 * the eigenvalues, the least first, and row k of `vectors` the eigenvector of values[k]. Vectors are orthonormal, their signs
 * are as they come, and A = vectorsᵀ diag(values) vectors, all to a small multiple of n ε ‖A‖.
 *
 * Bowdler, Martin, Reinsch & Wilkinson, The QR and QL algorithms for symmetric matrices, Numerische Mathematik 11, 1968
 * (EISPACK's tql2), with the implicit shift of Martin & Wilkinson, same journal 12, 1968 (imtql2).
 *
 * @returns 1, or 0 if a number is not finite or an eigenvalue takes more than 60 sweeps; all three arrays are then undefined
 */
export function eigen(n: number, a: Float64Array, values: Float64Array, vectors: Float64Array): number {
  let most = 0;
  let finite = 0;
  for (let i = 0; i < n; i++) {
    for (let k = i * n; k <= i * n + i; k++) {
      finite += a[k] - a[k];
      most = max(most, abs(a[k]));
    }
  }
  if (finite !== 0) return 0;
  mirror(n, a);
  // Powers of two, so that nothing is rounded and no square overflows or vanishes.
  let unscale = 1;
  let times = 0;
  for (; most > LARGE || (most < SMALL && most > 0); times++) {
    const by = most > LARGE ? SMALL : LARGE;
    for (let k = 0; k < n * n; k++) a[k] *= by;
    most *= by;
    unscale = 1 / by;
  }
  tridiagonal(n, a, values, vectors);
  accumulate(n, a, vectors);
  const e = a; // the numbers beside the diagonal, to the front of a
  for (let k = 0; k < n - 1; k++) e[k] = a[k * n + k + 1];
  transpose(n, vectors);
  if (!implicitQL(n, values, e, vectors)) return 0;
  sort(n, values, vectors);
  for (; times > 0; times--) for (let k = 0; k < n; k++) values[k] *= unscale;
  return 1;
}

export const eigenKernels = /* @__PURE__ */ perEngine({ eigen }, [binary]);

/**
 * Diagonal d and numbers beside it e become eigenvalues and zeros; the rows of `vectors` turn with them: those of the
 * identity become the eigenvectors. Returns whether each eigenvalue was found within the sweeps.
 */
export function implicitQL(n: number, d: Float64Array, e: Float64Array, vectors: Float64Array): boolean {
  let norm = 0;
  for (let k = 0; k < n; k++) norm = max(norm, abs(d[k]) + (k < n - 1 ? abs(e[k]) : 0));
  const floor = FLOOR * norm;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m < n - 1; m++) {
        const x = abs(e[m]);
        if (x <= EPS * (abs(d[m]) + abs(d[m + 1])) || x <= floor) break;
      }
      if (m === l) break;
      if (sweep === SWEEPS) return false;
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = sqrt(g * g + 1);
      g = d[m] - d[l] + e[l] / (g >= 0 ? g + r : g - r);
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        r = sqrt(f * f + g * g);
        if (i + 1 < m) e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          if (m < n - 1) e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotate(n, vectors, i * n, s, c);
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      if (m < n - 1) e[m] = 0;
    }
  }
  return true;
}

/** Turns the row at `row` and the one behind it. */
function rotate(n: number, vectors: Float64Array, row: number, s: number, c: number): void {
  for (let k = row; k < row + n; k++) {
    const y = vectors[k];
    const x = vectors[k + n];
    vectors[k + n] = s * y + c * x;
    vectors[k] = c * y - s * x;
  }
}

function transpose(n: number, x: Float64Array): void {
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) swap(x, i * n + j, j * n + i);
}

/** Sorts the eigenvalues, the least first, and the rows with them. */
function sort(n: number, d: Float64Array, vectors: Float64Array): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (d[j] < d[least]) least = j;
    if (least === i) continue;
    swap(d, i, least);
    for (let k = 0; k < n; k++) swap(vectors, i * n + k, least * n + k);
  }
}

function swap(x: Float64Array, i: number, j: number): void {
  const one = x[i];
  x[i] = x[j];
  x[j] = one;
}
