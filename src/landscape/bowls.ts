/** Bowls that are made of something: of noise, or of data. */
import { checkKeys, checkNonNegative, checkNumber, checkWhole, rangeError, typeError } from "../check.js";
import { mixed, uniform } from "../math/f32.js";
import { cosPi, log } from "../math/f64.js";
import { checkedPoint, checkOut, type Landscape, landscapeOf } from "./landscape.js";
import { SURFACES } from "./surfaces.js";

/** Options of {@link noisyBowl}. */
export interface NoisyBowlOptions {
  /** The standard deviation of the noise of one example. Default 1. */
  sigma?: number;
  /** The examples of a batch, over whose gradients is averaged. Default 1. */
  batch?: number;
  /** The seed of the noise. Default 0. */
  seed?: number;
}

/**
 * x² + y², whose gradient at a step has noise, σ ξ / √B for normal ξ: a model of mini-batches. The noise is a function of the
 * seed, the step and the axis, so that every runner of a race meets the same. Gradient descent at rate η comes to rest with
 * the variance η σ² / (4 B (1 - η)) along each axis.
 *
 * `f`, `grad` and `hessian` are without noise, and `noisyGrad(x, step)` has it. Throws a RangeError for a negative
 * sigma, for a batch below 1 and for a seed that is not a whole number.
 *
 * @example
 * noisyBowl({ sigma: 2, batch: 16, seed: 1 }).noisyGrad([1, 1], 0);
 */
export function noisyBowl(options: NoisyBowlOptions = {}): Landscape & Required<Pick<Landscape, "noisyGrad">> {
  checkKeys("options", options, ["sigma", "batch", "seed"]);
  const { sigma = 1, batch = 1, seed = 0 } = options;
  checkNonNegative("sigma", sigma);
  checkWhole("batch", batch);
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  const note = `Its gradient has noise, of deviation ${sigma} over a batch of ${batch}: a model of mini-batches.`;
  const surface = {
    ...SURFACES.bowl,
    name: "noisyBowl",
    formula: "Σ xᵢ², its gradient + σξ/√B",
    note,
    source: "Thalweg",
  };
  const noisy = (dims: number): ReturnType<typeof noisyBowl> => {
    const landscape = landscapeOf(surface, dims);
    const scale = sigma / Math.sqrt(batch);
    return {
      ...landscape,
      noisyGrad(x, step, out = new Float64Array(dims)) {
        checkedPoint("x", x, dims);
        checkWhole("step", step, 0);
        checkOut(out, dims);
        landscape.evaluator.gradient(x, out);
        for (let i = 0; i < dims; i++) out[i] += scale * normalAt(seed, step, i);
        return out;
      },
      withSeed: (other) => noisyBowl({ sigma, batch, seed: other }).inDims(dims),
      inDims: noisy,
    };
  };
  return noisy(2);
}

/** A normal deviate for a seed, a step and an index (Box & Muller, Annals of Mathematical Statistics 29, 1958). */
function normalAt(seed: number, step: number, index: number): number {
  let key = mixed(seed | 0);
  key = mixed(key ^ Math.floor(seed / 2 ** 32));
  key = mixed(key ^ (step | 0));
  key = mixed(key ^ Math.floor(step / 2 ** 32));
  const draw = (k: number): number => uniform(3 * index + k, key, mixed(key));
  // 48 bits, and never 0: the largest deviate is 8.2.
  const radius = Math.sqrt(-2 * log(draw(0) + (draw(1) + 2 ** -24) * 2 ** -24));
  return radius * cosPi(2 * draw(2));
}

/** Points of a data set: [x, y]. */
export type DataPoints = readonly (readonly [x: number, y: number])[];

/**
 * The mean squared error of a line θ₀ + θ₁x over data, as a surface of (θ₀, θ₁). Its minimum is the least-squares line, its
 * domain the square around it that reaches to (0, 0), or one unit of its size where that is nearer. The gradient is
 * (2/m) Xᵀ(Xθ - y).
 *
 * Throws a TypeError or RangeError for fewer than two points, for numbers that are not finite, and for points of one x: many
 * lines fit them alike.
 *
 * @example
 * regressionBowl([[1, 2], [2, 4], [3, 5], [4, 8]]).minima; // the line -0.5 + 1.9x
 */
export function regressionBowl(data: DataPoints): Landscape {
  if (!Array.isArray(data)) throw typeError("data", "an array of points [x, y]", data);
  if (data.length < 2) throw rangeError("data", "at least two points", data);
  for (const [i, point] of data.entries()) checkedPoint(`data[${i}]`, point, 2);
  const mean = (of: (point: readonly [number, number]) => number): number =>
    data.reduce((total, point) => total + of(point), 0) / data.length;
  const meanX = mean(([x]) => x);
  const meanY = mean(([, y]) => y);
  const variance = mean(([x]) => (x - meanX) * (x - meanX));
  if (!(variance > 0)) throw rangeError("data", "points of more than one x", data);
  const slope = mean(([x, y]) => (x - meanX) * (y - meanY)) / variance;
  const intercept = meanY - slope * meanX;
  const left = mean(([x, y]) => {
    const error = y - meanY - slope * (x - meanX);
    return error * error;
  });
  const reach = Math.max(Math.abs(slope), Math.abs(intercept), 1);
  const least = [intercept, slope];
  return landscapeOf({
    name: "regressionBowl",
    formula: "mean (θ₀ + θ₁x − y)²",
    source: "textbooks",
    note: `The squared error of a line over ${data.length} points; its axes are at an angle unless the x have the mean 0.`,
    domain: (i) => [least[i] - reach, least[i] + reach],
    least: () => left,
    minima: () => [least],
    // About the means, where nothing cancels: (θ₀ + θ₁x̄ − ȳ)² + var(x) (θ₁ − slope)² + what no line explains.
    f: ([a, b]) =>
      a.plus(b.times(meanX)).minus(meanY).square().plus(b.minus(slope).square().times(variance)).plus(left),
  });
}
