import { checkKeys, checkNumber, checkOneOf, rangeError, typeError } from "../../check.js";
import { Tensor } from "../../engine/tensor.js";
import { eigen } from "../../linalg/eigen.js";
import { type Random, random } from "../../math/random.js";
import { Model } from "../../nn/sequential.js";
import { dot } from "./krylov.js";

/** A direction in the space of a model's parameters: an array for each of `model.parameters()`, of its size. */
export type Direction = readonly Float64Array[];

/** A direction or a set of parameters as the functions here take them: tensors or arrays, one for each parameter. */
export type DirectionLike = readonly (Tensor | ArrayLike<number>)[];

/** Options of {@link filterNormalizedDirection}. */
export interface FilterNormalizedOptions {
  /** Default 0. */
  seed?: number;
  /**
   * What biases and the vectors of normalisations are in the direction. Default "zero", as for the pictures of the paper;
   * "copy": what they are in the model.
   */
  biases?: "zero" | "copy";
}

/**
 * A random direction whose filters are as long as those of the model: a step of 1 changes each by as much as there is of it,
 * however the layers are scaled against each other.
 *
 * ```
 * d = g ‖w‖/‖g‖ for each filter, with g standard normal
 * ```
 * A filter is what leads into one unit: a column of a dense layer's weight [in, out]. Vectors are no filters: biases, and
 * the weights of layerNorm, stay where they are (`biases`), as in the authors' code by its default for random directions.
 *
 * Li, Xu, Taylor, Studer & Goldstein, Visualizing the loss landscape of neural nets, NeurIPS 2018 (arXiv:1712.09913),
 * section 4; github.com/tomgoldstein/loss-landscape.
 *
 * @example
 * const direction = filterNormalizedDirection(model, { seed: 1 });
 * const { alphas, losses } = lossSlice(model, mse, { x, y: target }, { direction });
 */
export function filterNormalizedDirection(model: Model, options: FilterNormalizedOptions = {}): Direction {
  checkParameters(model);
  checkKeys("filterNormalizedDirection", options, ["seed", "biases"]);
  const { seed = 0, biases = "zero" } = options;
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  checkOneOf("biases", biases, ["zero", "copy"]);
  return drawDirection(model, random(seed), biases);
}

/** Draws a direction. Every number takes a draw, so that biases do not change what follows. */
export function drawDirection(model: Model, generator: Random, biases: "zero" | "copy" = "zero"): Direction {
  return model.parameters().map(({ shape, data }) => {
    const direction = Float64Array.from(data, () => generator.normal());
    if (shape.length < 2) return biases === "copy" ? Float64Array.from(data) : direction.fill(0);
    const filters = shape[shape.length - 1];
    for (let filter = 0; filter < filters; filter++) {
      let own = 0;
      let drawn = 0;
      for (let i = filter; i < data.length; i += filters) {
        own += data[i] * data[i];
        drawn += direction[i] * direction[i];
      }
      const by = drawn > 0 ? Math.sqrt(own) / Math.sqrt(drawn) : 0;
      for (let i = filter; i < data.length; i += filters) direction[i] *= by;
    }
    return direction;
  });
}

/**
 * The direction from a model's parameters to others, such as those of another model of the same layers: the loss along it is
 * that of the one at 0, and of the other at 1.
 *
 * Goodfellow, Vinyals & Saxe, Qualitatively characterizing neural network optimization problems, 2015 (arXiv:1412.6544).
 *
 * @param target a model with parameters of the same shapes, or an array or tensor for each parameter
 * @example
 * const direction = directionTo(model, other);
 * const { losses } = lossSlice(model, mse, { x, y: target }, { direction, alphaRange: [-0.5, 1.5] });
 */
export function directionTo(model: Model, target: Model | DirectionLike): Direction {
  const parameters = checkParameters(model);
  const to = checkDirection("target", model, target instanceof Model ? target.parameters() : target);
  return to.map((values, i) => {
    const { data } = parameters[i];
    return values.map((value, k) => value - data[k]);
  });
}

/** What {@link trajectoryDirections} returns. */
export interface TrajectoryDirections {
  /** The two principal directions, unit vectors over all parameters. */
  readonly directions: readonly [Direction, Direction];
  /** The share of the trajectory's variance that is along each. */
  readonly explained: readonly [number, number];
  /** The snapshots in the plane through the last one, as [alpha, beta]. */
  readonly path: readonly (readonly [alpha: number, beta: number])[];
}

/** Below this share of the variance a direction is rounding. */
const FLAT = 1e-10;

/**
 * The plane in which a run of training moves most: the first two principal components of its snapshots about their mean,
 * seen from the last snapshot, which is the origin. A random plane shows nothing of a run, as two random directions are
 * almost orthogonal to its path.
 *
 * Li et al. 2018 (arXiv:1712.09913), section 7.2.
 *
 * @param snapshots three or more copies of all parameters, in order: `model.parameters().map((p) => p.toArray())`
 * @throws RangeError for snapshots of different sizes, and for those that all lie on a line
 * @example
 * const { directions, path } = trajectoryDirections(snapshots);
 * const surface = lossSurface(model, mse, { x, y: target }, { directions });
 */
export function trajectoryDirections(snapshots: readonly DirectionLike[]): TrajectoryDirections {
  if (!Array.isArray(snapshots)) throw typeError("snapshots", "an array of copies of all parameters", snapshots);
  if (snapshots.length < 3) throw rangeError("snapshots", "at least 3 copies of all parameters", snapshots.length);
  const sizes = Array.isArray(snapshots[0]) ? (snapshots[0] as DirectionLike).map((values) => sizeOf(values) ?? 0) : [];
  const rows = (snapshots as readonly DirectionLike[]).map((snapshot, i) =>
    joined(checkArrays(`snapshots[${i}]`, sizes, snapshot)),
  );
  const last = rows[rows.length - 1];
  const moved = rows.map((row) => row.map((value, k) => value - last[k]));
  const mean = moved[0].map((_, k) => moved.reduce((sum, row) => sum + row[k], 0) / moved.length);
  const centred = moved.map((row) => row.map((value, k) => value - mean[k]));
  // The components are in the span of the rows: the eigenvectors of the matrix of their products, which is small.
  const count = rows.length;
  const products = new Float64Array(count * count);
  for (const [i, a] of centred.entries()) for (let j = 0; j <= i; j++) products[i * count + j] = dot(a, centred[j]);
  const values = new Float64Array(count);
  const vectors = new Float64Array(count * count);
  eigen(count, products, values, vectors);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const pick = (rank: number) => {
    const at = count - 1 - rank;
    if (!(values[at] > FLAT * total))
      throw rangeError("snapshots", "copies of parameters that do not lie on a line", snapshots);
    const weights = vectors.subarray(at * count, at * count + count);
    const length = Math.sqrt(values[at]);
    const vector = mean.map((_, k) => centred.reduce((sum, row, j) => sum + weights[j] * row[k], 0) / length);
    return { vector, share: values[at] / total };
  };
  const [first, second] = [pick(0), pick(1)];
  return {
    directions: [parted(first.vector, sizes), parted(second.vector, sizes)],
    explained: [first.share, second.share],
    path: moved.map((row) => [dot(row, first.vector), dot(row, second.vector)] as const),
  };
}

/** Checks a model, and returns its parameters. */
export function checkParameters(model: unknown): readonly Tensor[] {
  if (!(model instanceof Model)) throw typeError("model", "a model made by sequential()", model);
  const parameters = model.parameters();
  if (parameters.length === 0) throw rangeError("model", "a model with parameters", model);
  for (const p of parameters) p.alive("model");
  return parameters;
}

/** Checks a direction, and copies it. */
export const checkDirection = (name: string, model: Model, direction: unknown): Direction =>
  checkArrays(
    name,
    model.parameters().map(({ size }) => size),
    direction,
  );

function checkArrays(name: string, sizes: readonly number[], arrays: unknown): Direction {
  if (!Array.isArray(arrays)) throw typeError(name, "an array of tensors or arrays, one for each parameter", arrays);
  if (arrays.length !== sizes.length)
    throw rangeError(name, `${sizes.length} tensors or arrays, one for each parameter`, arrays.length);
  return sizes.map((size, i) => {
    const given: unknown = arrays[i];
    const at = `${name}[${i}]`;
    if (sizeOf(given) === undefined) throw typeError(at, "a tensor or an array of numbers", given);
    if (sizeOf(given) !== size) throw rangeError(at, `${size} numbers, as the parameter has`, sizeOf(given));
    const values = Float64Array.from(given instanceof Tensor ? given.data : (given as ArrayLike<number>));
    const wrong = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
    if (wrong >= 0) throw rangeError(`${at}[${wrong}]`, "a finite number of f32", values[wrong]);
    return values;
  });
}

function sizeOf(given: unknown): number | undefined {
  if (given instanceof Tensor) return given.size;
  return Array.isArray(given) || (ArrayBuffer.isView(given) && "length" in given)
    ? (given as ArrayLike<number>).length
    : undefined;
}

function joined(parts: Direction): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function parted(whole: Float64Array, sizes: readonly number[]): Direction {
  let at = 0;
  return sizes.map((size) => whole.slice(at, (at += size)));
}
