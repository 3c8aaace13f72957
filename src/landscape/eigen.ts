/** Eigenvalues of a symmetric matrix, from the least to the greatest, with unit eigenvectors as rows. */
export interface Eigen {
  readonly values: number[];
  readonly vectors: number[][];
}

/** Beyond it rotations change nothing more: they converge quadratically, 10 sweeps are many. */
const SWEEPS = 60;

/**
 * Eigenvalues and eigenvectors by Jacobi's rotations (Golub & Van Loan, Matrix computations, 8.5), which use + - * / and
 * roots alone: the same bits on every host. Each vector points where its first component that is not small is positive.
 */
export function eigenOf(rows: readonly ArrayLike<number>[]): Eigen {
  const n = rows.length;
  const a = rows.map((row) => Array.from(row));
  const v = rows.map((_, i) => rows.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p][q];
        // So small beside the diagonal that it is lost in the rounding of both.
        if (off === 0 || (a[p][p] + Math.abs(off) / 1024 === a[p][p] && a[q][q] + Math.abs(off) / 1024 === a[q][q]))
          continue;
        rotated = true;
        rotate(a, v, p, q);
      }
    }
    if (!rotated) break;
  }
  const order = a.map((_, i) => i).sort((i, j) => a[i][i] - a[j][j]);
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => directed(v[i])) };
}

function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < a.length; k++) {
    const left = a[k][p];
    const right = a[k][q];
    a[k][p] = c * left - s * right;
    a[k][q] = s * left + c * right;
  }
  for (const m of [a, v]) {
    for (let k = 0; k < a.length; k++) {
      const left = m[p][k];
      const right = m[q][k];
      m[p][k] = c * left - s * right;
      m[q][k] = s * left + c * right;
    }
  }
  a[p][q] = 0;
  a[q][p] = 0;
}

function directed(vector: number[]): number[] {
  const lead = vector.find((x) => Math.abs(x) > 1e-8) ?? 1;
  return lead < 0 ? vector.map((x) => -x) : vector;
}
