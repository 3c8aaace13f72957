import { checkKeys, checkNumber, checkWhole, rangeError, typeError } from "../../check.js";
import type { Tensor } from "../../engine/tensor.js";
import { random } from "../../math/random.js";
import { checkBatch } from "../../nn/curvature/hessianVectorProduct.js";
import { type CurvatureBatch, checkModel, Passes } from "../../nn/curvature/passes.js";
import type { Loss } from "../../nn/loss.js";
import type { Model } from "../../nn/sequential.js";
import { checkDirection, type Direction, type DirectionLike, drawDirection } from "./directions.js";

/** From where to where. */
type Range = readonly [from: number, to: number];

/** Options of {@link lossSlice}. */
export interface SliceOptions {
  /** Default: a random, filter-normalised one. */
  direction?: DirectionLike;
  /** Default [−1, 1]. */
  alphaRange?: Range;
  /** How many points, at equal distances, the ends among them. Default 51. */
  points?: number;
  /** Seed of a random direction. Default 0. */
  seed?: number;
}

/** Options of {@link lossSurface}. */
export interface SurfaceOptions {
  /** Default: two random, filter-normalised ones. */
  directions?: readonly [DirectionLike, DirectionLike];
  /** Default [−1, 1]. */
  alphaRange?: Range;
  /** Default: as `alphaRange`. */
  betaRange?: Range;
  /** How many points along each axis, at equal distances, the ends among them. Default 51: 2,601 forward passes. */
  points?: number;
  /** Seed of random directions. Default 0. */
  seed?: number;
}

/** The loss along a line. */
export interface LossSlice {
  readonly alphas: readonly number[];
  /** The loss at θ + αd for each α. NaN or infinite where the loss is that. */
  readonly losses: readonly number[];
  /** The loss at θ itself. */
  readonly center: number;
  /** What the direction is, for a caption. */
  readonly direction: string;
}

/** The loss on a plane. */
export interface LossSurface {
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** The loss at θ + αd + βe: `losses[j][i]` is at `alphas[i]` and `betas[j]`. NaN or infinite where the loss is that. */
  readonly losses: readonly (readonly number[])[];
  /** The loss at θ itself. */
  readonly center: number;
  /** What the directions are, for a caption. */
  readonly directions: string;
}

/**
 * The loss of a model over a batch along a line through its parameters θ.
 *
 * ```
 * L(θ + α d)        for α from one end of `alphaRange` to the other
 * ```
 * d is random and filter-normalised ({@link filterNormalizedDirection}), or given: to another model ({@link directionTo}),
 * an eigenvector of {@link hessianEigenvalues}. The parameters, rounded to f32 at each point, are restored bit for bit, even
 * if the loss throws. Gradients and what the model keeps of its own pass stay as they are. In training mode all points have
 * the dropout masks that the next pass would have, and the call counts as one pass; pictures are mostly drawn in evaluation
 * mode (`model.eval()`).
 *
 * Li et al., Visualizing the loss landscape of neural nets, NeurIPS 2018 (arXiv:1712.09913).
 *
 * @param loss a loss of the library, or any function like one
 * @throws TypeError or RangeError for a direction or a batch of other shapes; nothing has changed then
 * @example
 * const slice = lossSlice(model, mse, { x, y: target }, { alphaRange: [-2, 2] });
 * writeFileSync("slice.svg", lossSliceSvg(slice));
 */
export function lossSlice(model: Model, loss: Loss, batch: CurvatureBatch, options: SliceOptions = {}): LossSlice {
  const parameters = checkArguments(model, loss, batch);
  checkKeys("lossSlice", options, ["direction", "alphaRange", "points", "seed"]);
  const { direction, alphaRange = [-1, 1], points = 51, seed = 0 } = options;
  checkSeed(seed);
  const alphas = nodes("alphaRange", alphaRange, points);
  const along =
    direction === undefined ? drawDirection(model, random(seed)) : checkDirection("direction", model, direction);
  const rows = alphas.map((alpha) => [alpha] as const);
  const [losses, [center]] = evaluate(model, parameters, loss, batch, [along], [rows, [[0]]]);
  return { alphas, losses, center, direction: captionOf(direction === undefined, seed, "direction") };
}

/**
 * The loss of a model over a batch on a plane through its parameters θ.
 *
 * ```
 * L(θ + α d + β e)        on a grid of α and β
 * ```
 * d and e are random and filter-normalised, or given: to two other models, eigenvectors, the plane of a trajectory ({@link
 * trajectoryDirections}). The line of {@link lossSlice} with the same seed is β = 0. What stays as it was, and what throws,
 * is as there.
 *
 * Li et al., Visualizing the loss landscape of neural nets, NeurIPS 2018 (arXiv:1712.09913).
 *
 * @example
 * const surface = lossSurface(model, softmaxCrossEntropy, { x, y: classes }, { seed: 1 });
 * writeFileSync("surface.svg", lossSurfaceSvg(surface));
 */
export function lossSurface(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  options: SurfaceOptions = {},
): LossSurface {
  const parameters = checkArguments(model, loss, batch);
  checkKeys("lossSurface", options, ["directions", "alphaRange", "betaRange", "points", "seed"]);
  const { directions, alphaRange = [-1, 1], betaRange = alphaRange, points = 51, seed = 0 } = options;
  checkSeed(seed);
  const alphas = nodes("alphaRange", alphaRange, points);
  const betas = nodes("betaRange", betaRange, points);
  const along = directions === undefined ? drawnTwo(model, seed) : given(model, directions);
  const rows = betas.map((beta) => alphas.map((alpha) => [alpha, beta] as const));
  const all = evaluate(model, parameters, loss, batch, along, [...rows, [[0, 0]]]);
  const [[center]] = all.splice(-1);
  return { alphas, betas, losses: all, center, directions: captionOf(directions === undefined, seed, "directions") };
}

function checkArguments(model: Model, loss: Loss, batch: CurvatureBatch): readonly Tensor[] {
  checkBatch(batch);
  const parameters = checkModel(model, batch.x);
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  return parameters;
}

const checkSeed = (seed: unknown): void => checkNumber("seed", seed, "a whole number", Number.isSafeInteger);

const captionOf = (drawn: boolean, seed: number, what: string): string =>
  drawn ? `random, filter-normalised ${what}, seed ${seed}` : `given ${what}`;

/** The points of an axis, symmetric about 0 to the bit where the range is. */
function nodes(name: string, range: unknown, points: number): number[] {
  checkWhole("points", points, 2);
  const expected = "[from, to], two numbers, the first the smaller";
  if (!Array.isArray(range)) throw typeError(name, expected, range);
  if (range.length !== 2) throw rangeError(name, expected, range);
  const [from, to] = range as [number, number];
  for (const [i, end] of [from, to].entries()) checkNumber(`${name}[${i}]`, end, "a finite number", () => true);
  if (from >= to) throw rangeError(name, expected, range);
  const last = points - 1;
  return Array.from({ length: points }, (_, i) => (from * (last - i) + to * i) / last);
}

function drawnTwo(model: Model, seed: number): Direction[] {
  const generator = random(seed);
  return [drawDirection(model, generator), drawDirection(model, generator)];
}

function given(model: Model, directions: unknown): Direction[] {
  if (!Array.isArray(directions)) throw typeError("directions", "two directions", directions);
  if (directions.length !== 2) throw rangeError("directions", "two directions", directions.length);
  return directions.map((direction, i) => checkDirection(`directions[${i}]`, model, direction));
}

/** The loss at θ + Σ cᵢ dᵢ for coordinates c in rows. */
function evaluate(
  model: Model,
  parameters: readonly Tensor[],
  loss: Loss,
  batch: CurvatureBatch,
  directions: readonly Direction[],
  rows: readonly (readonly (readonly number[])[])[],
): number[][] {
  const kept = parameters.map((parameter) => parameter.toArray());
  const passes = new Passes(model, batch.x);
  try {
    const losses = rows.map((row) =>
      row.map((coordinates) => {
        for (const [k, { data }] of parameters.entries()) move(data, kept[k], directions, k, coordinates);
        passes.repeat();
        return checkedValue(loss(passes.prediction, batch.y));
      }),
    );
    passes.count();
    return losses;
  } finally {
    for (const [k, { data }] of parameters.entries()) data.set(kept[k]);
    passes.dispose();
  }
}

function move(
  into: Float32Array,
  from: Float32Array,
  directions: readonly Direction[],
  k: number,
  coordinates: readonly number[],
): void {
  for (let i = 0; i < into.length; i++) {
    let value = from[i];
    for (let d = 0; d < directions.length; d++) value += coordinates[d] * directions[d][k][i];
    into[i] = value;
  }
}

function checkedValue(result: unknown): number {
  const value = typeof result === "object" && result !== null ? (result as { value?: unknown }).value : undefined;
  if (typeof value !== "number") throw typeError("loss", "a function that returns { value, grad }", result);
  return value;
}
