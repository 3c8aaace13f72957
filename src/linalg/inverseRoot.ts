import type { EngineCore } from "../engine/core.js";
import type { Doubles } from "../engine/doubles.js";
import { exp, log } from "../math/f64.js";
import { eigenKernels } from "./eigen.js";
import { gramKernels } from "./gram.js";

/**
 * "exact": of A + ridge I. "damped": A was not positive definite to working precision, and the ridge was raised to where it
 * is. "failed": A is not finite, or its eigenvalues were not found.
 */
export type Rooted = "exact" | "damped" | "failed";

/**
 * (A + ridge I)^(-1/p) of a symmetric positive definite matrix, through its eigenvectors. Eigenvalues below n ε times the
 * largest are rounding errors: where there are any, the ridge grows until the least is at that bound. The root of 0 is 0.
 *
 * @param a A [n, n], which becomes the root; undefined if it fails
 * @param values working memory of n
 * @param vectors working memory of [n, n]
 * @param work working memory of `panels(n, n)`
 */
export function inverseRoot(
  engine: EngineCore,
  n: number,
  p: number,
  ridge: number,
  a: Doubles,
  values: Doubles,
  vectors: Doubles,
  work: Doubles,
): Rooted {
  if (!eigenKernels(engine).eigen(n, a.ref, values.ref, vectors.ref)) return "failed";
  const { data } = values;
  const most = data[n - 1] + ridge;
  if (!(most < Number.POSITIVE_INFINITY)) return "failed";
  const floor = n * 2 ** -52 * Math.max(most, 0);
  const least = data[0] + ridge;
  const raised = least < floor ? ridge + (floor - least) : ridge;
  // The square root of the root's eigenvalues, below 2^126 but for p = 2, as the others are rounded to f32.
  const largest = p > 2 ? 2 ** 63 : Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) data[k] = most > 0 ? Math.min(inversePower(data[k] + raised, 2 * p), largest) : 0;
  gramKernels(engine).gramRows(n, n, values.ref, vectors.ref, work.ref, a.ref);
  return raised === ridge || most === 0 ? "exact" : "damped";
}

/** x^(-1/p), x > 0. Powers of two need square roots alone, which are right to the last bit. */
export function inversePower(x: number, p: number): number {
  let root = x;
  let left = p;
  for (; left % 2 === 0; left /= 2) root = Math.sqrt(root);
  return left === 1 ? 1 / root : exp(-log(root) / left);
}
