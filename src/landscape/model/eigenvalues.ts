import { checkBoolean, checkKeys, checkNumber, checkPositive, checkWhole, rangeError } from "../../check.js";
import type { CurvatureBatch } from "../../nn/curvature/passes.js";
import type { Loss } from "../../nn/loss.js";
import type { Model } from "../../nn/sequential.js";
import type { Direction } from "./directions.js";
import { type Eigenpair, extremeEigenpairs } from "./extremes.js";
import { checkMatrix, checkProducts, type Matrix, ROUNDING, sizeOf, split, withProducts } from "./products.js";

/** Options of {@link hessianEigenvalues}. */
export interface EigenvalueOptions {
  /** How many of the greatest eigenvalues to find. Default 1. */
  top?: number;
  /** How many of the least. Default 1. With both 0 there is nothing to do, which is refused. */
  bottom?: number;
  /** Default "hessian". The Gauss–Newton matrix, "gaussNewton", is the part of it that the loss alone curves. */
  matrix?: Matrix;
  /** Whether to return eigenvectors too. Default false. */
  vectors?: boolean;
  /**
   * The greatest residual ‖Hx − λx‖, relative to the largest |λ|. Default 1e-5. Products are computed in f32, which ends at
   * about 1e-6.
   */
  tolerance?: number;
  /** The most Lanczos steps, each a product and a vector that is kept, of 8 bytes for each parameter. Default 300. */
  maxSteps?: number;
  /**
   * Whether to look for further copies of repeated eigenvalues. Default true. The search goes on until it finds nothing that
   * belongs among the eigenvalues asked for: some 10 to 40 % more steps. Without it one that is there several times may be
   * listed once.
   */
  repeated?: boolean;
  /** Seed of the vectors it starts with. Default 0. */
  seed?: number;
}

/** What {@link hessianEigenvalues} finds. */
export interface HessianEigenvalues {
  /** The greatest eigenvalues, the greatest first. */
  readonly top: readonly number[];
  /** The least eigenvalues, the least first. */
  readonly bottom: readonly number[];
  /** ‖Hx − λx‖ of each, measured: there is an eigenvalue of H within that distance of λ. */
  readonly residuals: { readonly top: readonly number[]; readonly bottom: readonly number[] };
  /** Unit eigenvectors, if asked for: of each an array for each of `model.parameters()`, of its size. */
  readonly vectors?: { readonly top: readonly Direction[]; readonly bottom: readonly Direction[] };
  /** Lanczos steps taken. Each takes a product, and each residual one more. */
  readonly steps: number;
  /** Whether all were found, each within the tolerance. If not, they are the best that `maxSteps` gave. */
  readonly converged: boolean;
  /**
   * 2/λmax: the rate above which gradient descent on this batch diverges along the steepest eigenvector, as far as H stays
   * what it is here. Undefined if λmax is not positive, or not asked for.
   */
  readonly maxRate: number | undefined;
  /** λmax/λmin, where both were asked for and are positive by more than their residuals. */
  readonly conditionNumber: number | undefined;
  /** How many of the eigenvalues found are negative by more than their residuals. */
  readonly negative: number;
}

const KEYS = ["top", "bottom", "matrix", "vectors", "tolerance", "maxSteps", "repeated", "seed"];

/**
 * The greatest and the least eigenvalues of the Hessian of a model's loss over a batch, with respect to all parameters,
 * frozen ones among them, by the method of Lanczos on Hessian-vector products: H itself is never there.
 *
 * ```
 * H x = λ x        stable rate of gradient descent: 2/λmax; negative λ: directions in which the loss is concave
 * ```
 * The vectors of the method are f64 and stay orthogonal to each other; products are those of `hessianVectorProduct`, with
 * its errors, and so is what stays as it was. The call counts as one pass in training mode. In strict mode the bits are the
 * same on every backend and number of threads. In terms of SciPy's eigsh, { top: k, bottom: 0 } is which="LA", { top: 0,
 * bottom: k } "SA".
 *
 * Lanczos, Journal of research of the National Bureau of Standards 45, 1950; Pearlmutter, Neural Computation 6, 1994;
 * Ghorbani, Krishnan & Xiao, An investigation into neural net optimization via Hessian eigenvalue density, 2019
 * (arXiv:1901.10159).
 *
 * @param loss a loss of the library, or one made by its `with`
 * @param batch { x, y }: inputs, and targets as the loss takes them
 * @throws TypeError or RangeError as `hessianVectorProduct` does; RangeError for derivatives that are not finite; nothing
 *   has changed then
 * @example
 * const { top, bottom, maxRate } = hessianEigenvalues(model, mse, { x, y: target }, { top: 3 });
 */
export function hessianEigenvalues(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  options: EigenvalueOptions = {},
): HessianEigenvalues {
  const parameters = checkProducts(model, loss, batch);
  checkKeys("hessianEigenvalues", options, KEYS);
  const { top = 1, bottom = 1, matrix = "hessian", vectors = false } = options;
  const { tolerance = 1e-5, maxSteps = 300, repeated = true, seed = 0 } = options;
  const n = sizeOf(parameters);
  const counts = `a whole number from 0 to ${n}, the number of parameters`;
  for (const [name, count] of [["top", top], ["bottom", bottom]] as const) // biome-ignore format: one line
    checkNumber(name, count, counts, (x) => Number.isInteger(x) && x >= 0 && x <= n);
  if (top + bottom === 0) throw rangeError("top", "at least 1 where bottom is 0", top);
  checkMatrix(matrix);
  checkBoolean("vectors", vectors);
  checkPositive("tolerance", tolerance);
  checkWhole("maxSteps", maxSteps);
  checkBoolean("repeated", repeated);
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  const search = { top, bottom, tolerance, maxSteps, repeated, seed, rounding: ROUNDING };
  const {
    top: greatest,
    bottom: least,
    ...rest
  } = withProducts(model, loss, batch, matrix, (products) => extremeEigenpairs(n, products, search));
  const each = <T>(of: (pair: Eigenpair) => T) => ({ top: greatest.map(of), bottom: least.map(of) });
  return {
    ...each(({ value }) => value),
    residuals: each(({ residual }) => residual),
    ...(vectors && { vectors: each(({ vector }) => split(vector, parameters).map((part) => part.slice())) }),
    ...rest,
    ...told(greatest, least),
  };
}

/** What the eigenvalues say. */
function told(
  greatest: readonly Eigenpair[],
  least: readonly Eigenpair[],
): Pick<HessianEigenvalues, "maxRate" | "conditionNumber" | "negative"> {
  const [first] = greatest;
  const [last] = least;
  const positive = (pair: Eigenpair | undefined) => pair !== undefined && pair.value > pair.residual;
  const negative = [...new Set([...greatest, ...least])].filter(({ value, residual }) => value < -residual).length;
  return {
    maxRate: positive(first) ? 2 / first.value : undefined,
    conditionNumber: positive(first) && positive(last) ? first.value / last.value : undefined,
    negative,
  };
}
