import type { EngineCore } from "../engine/core.js";
import type { Doubles } from "../engine/doubles.js";
import { choleskyKernels } from "./cholesky.js";
import { eigenKernels } from "./eigen.js";

/**
 * Eigenvalues of a symmetric matrix a [n, n], the least first, and orthonormal eigenvectors, one a row:
 * A = vectorsᵀ diag(values) vectors. Destroys `a`.
 * @returns false if a number is not finite or the iteration does not end; values and vectors are then undefined
 */
export const eigen = (engine: EngineCore, n: number, a: Doubles, values: Doubles, vectors: Doubles): boolean =>
  eigenKernels(engine).eigen(n, a.ref, values.ref, vectors.ref) !== 0;

/**
 * The inverse of a symmetric positive definite matrix a [n, n], by its Cholesky factor. Destroys `a`.
 * @returns false if A is not positive definite to working precision, or not finite; `inverse` is then undefined
 */
export const invert = (engine: EngineCore, n: number, a: Doubles, inverse: Doubles): boolean =>
  choleskyKernels(engine).invert(n, a.ref, inverse.ref) !== 0;

/** The kernels of {@link eigen} and {@link invert}. The first call loads them, which takes memory with threads: for `Rule.reserve`. */
export const linalg = (engine: EngineCore) => ({ ...eigenKernels(engine), ...choleskyKernels(engine) });
