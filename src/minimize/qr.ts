/**
 * Least squares by Householder reflections: matrices are row-major, with at least as many rows as columns. Normal equations
 * would square the condition, which NIST's rational functions do not survive.
 */

/**
 * Reflects A [m, n] to an upper triangle R in its first n rows, and b along with it: ‖A x - b‖ is ‖R x - b‖ then. What
 * stands below R is 0.
 */
export function triangle(a: Float64Array, b: Float64Array, m: number, n: number): void {
  for (let k = 0; k < n; k++) {
    let most = 0;
    for (let i = k; i < m; i++) most = Math.max(most, Math.abs(a[i * n + k]));
    if (most === 0) continue;
    let square = 0;
    for (let i = k; i < m; i++) {
      const x = a[i * n + k] / most; // so that squares neither overflow nor vanish
      square += x * x;
    }
    const head = a[k * n + k];
    const norm = head > 0 ? -most * Math.sqrt(square) : most * Math.sqrt(square);
    // v = column - norm e_k; H = I - v vᵀ / (norm (norm - head)), of which the column of v becomes norm e_k.
    a[k * n + k] = head - norm;
    const factor = 1 / (norm * (norm - head));
    for (let j = k + 1; j <= n; j++) {
      let along = 0;
      for (let i = k; i < m; i++) along += a[i * n + k] * (j < n ? a[i * n + j] : b[i]);
      along *= factor;
      for (let i = k; i < m; i++) {
        if (j < n) a[i * n + j] -= along * a[i * n + k];
        else b[i] -= along * a[i * n + k];
      }
    }
    a[k * n + k] = norm;
    for (let i = k + 1; i < m; i++) a[i * n + k] = 0;
  }
}

/** Whether R is far enough from singular to be solved with. */
export function isRegular(r: Float64Array, n: number): boolean {
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) {
    const size = Math.abs(r[k * n + k]);
    most = Math.max(most, size);
    least = Math.min(least, size);
  }
  return least > n * Number.EPSILON * most;
}

/** x with R x = b. */
export function solve(r: Float64Array, b: Float64Array, x: Float64Array): void {
  const n = x.length;
  for (let i = n - 1; i >= 0; i--) {
    let total = b[i];
    for (let j = i + 1; j < n; j++) total -= r[i * n + j] * x[j];
    x[i] = total / r[i * n + i];
  }
}

/** x with Rᵀ x = b; b may be x itself. */
export function solveTransposed(r: Float64Array, b: Float64Array, x: Float64Array): void {
  const n = x.length;
  for (let i = 0; i < n; i++) {
    let total = b[i];
    for (let j = 0; j < i; j++) total -= r[j * n + i] * x[j];
    x[i] = total / r[i * n + i];
  }
}
