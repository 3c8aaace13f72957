import type { EngineCore } from "../../engine/core.js";
import type { Doubles } from "../../engine/doubles.js";
import type { Tensor } from "../../engine/tensor.js";
import { eigenKernels } from "../../linalg/eigen.js";
import { qrKernels } from "../../linalg/qr.js";
import type { Side } from "../shared/sides.js";

/**
 * basis = the eigenvectors of a symmetric matrix in its columns, the largest eigenvalue first; the identity if they are not
 * found.
 * @param values working memory of n or more
 * @param matrix working memory of [n, n], as `vectors`
 */
export function eigenbasis(
  engine: EngineCore,
  n: number,
  { data: statistic }: Doubles,
  { data: basis }: Doubles,
  values: Doubles,
  matrix: Doubles,
  vectors: Doubles,
): boolean {
  matrix.data.set(statistic);
  const found = eigenKernels(engine).eigen(n, matrix.ref, values.ref, vectors.ref) !== 0;
  const rows = vectors.data;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) basis[i * n + j] = found ? rows[(n - 1 - j) * n + i] : i === j ? 1 : 0;
  }
  return found;
}

/**
 * One step of power iteration for all eigenvectors at once: basis = Q of statistic · basis = QR, whose columns are first put
 * in the order of their eigenvalues. The second moment of the gradient in this basis, `square`, goes along.
 * @param values working memory of 2 n
 * @param matrix working memory of [n, n], as `vectors`
 * @param spare working memory of the shape of `square`
 * @returns false for a statistic that is not finite; nothing is changed then
 */
export function refreshed(
  engine: EngineCore,
  { before, n, after }: Side,
  statistic: Doubles,
  basis: Doubles,
  values: Doubles,
  matrix: Doubles,
  vectors: Doubles,
  square: Tensor,
  spare: Tensor,
): boolean {
  const { multiplySquare, orthonormal } = qrKernels(engine);
  multiplySquare(n, statistic.ref, basis.ref, vectors.ref);
  const product = vectors.data;
  const old = basis.data;
  const estimates = values.data;
  estimates.fill(0);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) estimates[j] += old[i * n + j] * product[i * n + j];
  const order = Array.from({ length: n }, (_, j) => j).sort((i, j) => estimates[j] - estimates[i] || i - j);
  const sorted = matrix.data;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sorted[i * n + j] = product[i * n + order[j]];
  if (!orthonormal(n, matrix.ref, vectors.ref, values.ref)) return false;
  old.set(vectors.data);
  const from = square.data;
  const to = spare.data;
  for (let a = 0; a < before; a++) {
    for (let j = 0; j < n; j++) {
      const at = (a * n + j) * after;
      const source = (a * n + order[j]) * after;
      for (let b = 0; b < after; b++) to[at + b] = from[source + b];
    }
  }
  from.set(to);
  return true;
}
