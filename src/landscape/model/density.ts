import { checkKeys, checkNumber, checkPositive, checkWhole } from "../../check.js";
import { exp } from "../../math/f64.js";
import { random } from "../../math/random.js";
import type { CurvatureBatch } from "../../nn/curvature/passes.js";
import type { Loss } from "../../nn/loss.js";
import type { Model } from "../../nn/sequential.js";
import { Krylov, type Multiply } from "./krylov.js";
import { checkMatrix, checkProducts, type Matrix, ROUNDING, sizeOf, withProducts } from "./products.js";

/** Options of {@link hessianSpectralDensity}. */
export interface DensityOptions {
  /** Default "hessian". */
  matrix?: Matrix;
  /** How many random vectors to average over. Default 5. */
  draws?: number;
  /** Lanczos steps for each of them, a product each; at most as many as there are parameters. Default 90. */
  steps?: number;
  /** How many values the curve has. Default 400. */
  points?: number;
  /** Width σ of the Gaussian in place of each node. Default: a hundredth of the range of the nodes. */
  sigma?: number;
  /** Seed of the vectors. Default 0. */
  seed?: number;
}

/** What {@link hessianSpectralDensity} finds. */
export interface SpectralDensity {
  /** The nodes of all draws, the least first: estimates of eigenvalues, the outermost good ones. */
  readonly nodes: readonly number[];
  /** The share of all eigenvalues that each node stands for; together 1. */
  readonly weights: readonly number[];
  /** The curve: eigenvalues at equal distances, and the density of eigenvalues at each. Its area is 1. */
  readonly values: readonly number[];
  readonly densities: readonly number[];
  /** The width of its Gaussians. */
  readonly sigma: number;
  /** An estimate of the trace, the sum of all eigenvalues: n Σ wᵢ λᵢ. */
  readonly trace: number;
}

/** Widths of a Gaussian on either side of the outermost nodes. */
const MARGIN = 4;
const AREA = 2.5066282746310002; // √(2π)

/**
 * The density of the eigenvalues of the Hessian of a model's loss over a batch, by stochastic Lanczos quadrature: where most
 * of them lie, which the ends of the spectrum ({@link hessianEigenvalues}) do not say.
 *
 * ```
 * ρ(λ) ≈ mean over draws of Σᵢ wᵢ N(λ; θᵢ, σ²)        θᵢ: the nodes of a random unit vector; wᵢ: their weights
 * ```
 * Products, and what stays as it was, are as with {@link hessianEigenvalues}. Every draw errs by chance, as a share of
 * eigenvalues by about 1/√(n draws).
 *
 * Golub & Meurant, Matrices, moments and quadrature, 1994; Ghorbani, Krishnan & Xiao, 2019 (arXiv:1901.10159), whose
 * settings are 10 draws of 90 steps.
 *
 * @throws TypeError or RangeError as `hessianVectorProduct` does; RangeError for derivatives that are not finite; nothing
 *   has changed then
 * @example
 * const { values, densities, trace } = hessianSpectralDensity(model, mse, { x, y: target }, { draws: 10 });
 */
export function hessianSpectralDensity(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  options: DensityOptions = {},
): SpectralDensity {
  const n = sizeOf(checkProducts(model, loss, batch));
  checkKeys("hessianSpectralDensity", options, ["matrix", "draws", "steps", "points", "sigma", "seed"]);
  const { matrix = "hessian", draws = 5, steps = 90, points = 400, sigma, seed = 0 } = options;
  checkMatrix(matrix);
  checkWhole("draws", draws);
  checkWhole("steps", steps);
  checkWhole("points", points, 2);
  if (sigma !== undefined) checkPositive("sigma", sigma);
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  const found = withProducts(model, loss, batch, matrix, (products) =>
    quadrature(n, products, draws, Math.min(steps, n), seed, ROUNDING),
  );
  const nodes = found.map(([node]) => node);
  const weights = found.map(([, weight]) => weight);
  const range = nodes[nodes.length - 1] - nodes[0];
  const width = sigma ?? (range / 100 || Math.abs(nodes[0]) / 100 || 1);
  const from = nodes[0] - MARGIN * width;
  const to = nodes[nodes.length - 1] + MARGIN * width;
  const values = Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
  const bell = (distance: number) => exp((-distance * distance) / (2 * width * width)) / (width * AREA);
  return {
    nodes,
    weights,
    values,
    densities: values.map((value) => found.reduce((sum, [node, weight]) => sum + weight * bell(value - node), 0)),
    sigma: width,
    trace: n * found.reduce((sum, [node, weight]) => sum + weight * node, 0),
  };
}

/** Gauss quadratures of a symmetric matrix [n, n] for random unit vectors, as [node, weight], the least node first. */
export function quadrature(
  n: number,
  multiply: Multiply,
  draws: number,
  steps: number,
  seed: number,
  rounding: number,
): (readonly [node: number, weight: number])[] {
  const { normal } = random(seed);
  const found: (readonly [number, number])[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const space = new Krylov(multiply, Float64Array.from({ length: n }, normal), [], 0);
    while (space.size < steps && !space.closed) space.step(rounding);
    const { values, weights } = space.ritz();
    for (const [i, [first]] of weights.entries()) found.push([values[i], (first * first) / draws]);
  }
  return found.sort(([a], [b]) => a - b);
}
