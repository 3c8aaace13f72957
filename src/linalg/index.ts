import type { EngineCore } from "../engine/core.js";
import type { Doubles } from "../engine/doubles.js";
import choleskyBinary from "../engine/wasm/binaries/linalg/cholesky.js";
import eigenBinary from "../engine/wasm/binaries/linalg/eigen.js";
import { choleskyTwins } from "./cholesky.js";
import { eigenTwin } from "./eigen.js";

/** The kernels of an engine, loaded by the first call: with threads that takes memory, so a rule binds them in `reserve`. */
const bind = (engine: EngineCore) => ({
  ...engine.bind({ eigen: eigenTwin }, {}, [eigenBinary]),
  ...engine.bind(choleskyTwins, {}, [choleskyBinary]),
});
const bound = new WeakMap<EngineCore, ReturnType<typeof bind>>();

/**
 * Dense linear algebra in f64 on an engine, with the same bits on every backend. Matrices are row-major, and all memory is the
 * caller's. Nothing is checked: sizes are those of the arrays.
 */
export function linalg(engine: EngineCore): ReturnType<typeof bind> {
  let kernels = bound.get(engine);
  if (kernels === undefined) {
    kernels = bind(engine);
    bound.set(engine, kernels);
  }
  return kernels;
}

/**
 * Eigenvalues of a symmetric matrix a [n, n], the least first, and orthonormal eigenvectors, one a row:
 * A = vectorsᵀ diag(values) vectors. Destroys `a`.
 * @returns false if a number is not finite or the iteration does not end; values and vectors are then undefined
 */
export const eigen = (engine: EngineCore, n: number, a: Doubles, values: Doubles, vectors: Doubles): boolean =>
  linalg(engine).eigen(n, a.ref, values.ref, vectors.ref) !== 0;

/**
 * The inverse of a symmetric positive definite matrix a [n, n], by its Cholesky factor. Destroys `a`.
 * @returns false if A is not positive definite to working precision, or not finite; `inverse` is then undefined
 */
export const invert = (engine: EngineCore, n: number, a: Doubles, inverse: Doubles): boolean =>
  linalg(engine).invert(n, a.ref, inverse.ref) !== 0;
