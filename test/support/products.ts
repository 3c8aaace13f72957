/** Matrices for the tests of products, and the plain loops that they are compared with. */

/** C = A B (+ C): one running sum from +0 in the order of k, every operation rounded to f32. Row-major, not transposed. */
export function tripleLoop(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  c?: Float32Array,
): Float32Array {
  const out = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) sum = Math.fround(sum + Math.fround(a[i * k + t] * b[t * n + j]));
      out[i * n + j] = c ? c[i * n + j] + sum : sum;
    }
  }
  return out;
}

/** The transpose of x [rows, columns]. */
export function transposed(rows: number, columns: number, x: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j];
  return out;
}

/** The four ways of storing the operands. */
export const LAYOUTS = [
  { name: "NN", transposeA: false, transposeB: false },
  { name: "NT", transposeA: false, transposeB: true },
  { name: "TN", transposeA: true, transposeB: false },
  { name: "TT", transposeA: true, transposeB: true },
];

/** The rows of the register tile that an engine may use; js has none, and one row stands for it. */
export const tilesOf = (backend: { name: string }): (4 | 6)[] => (backend.name === "js" ? [4] : [4, 6]);
