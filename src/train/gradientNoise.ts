import { checkKeys, checkNumber, checkWhole, typeError } from "../check.js";
import { random } from "../math/random.js";
import type { Loss } from "../nn/loss.js";
import type { Model } from "../nn/sequential.js";
import { type Batch, Batches } from "./batches.js";
import { type Data, loadFor } from "./loadData.js";
import { checkModel } from "./weights.js";

/** How {@link gradientNoise} measures. */
export interface GradientNoiseOptions {
  /** A loss that is a mean over the rows, such as mse; of a sum, as halfMse is, larger batches have larger gradients. */
  loss: Loss;
  /** Rows of a batch. */
  batchSize: number;
  /** Passes over the data, each in a new order. Default 1. */
  passes?: number;
  /** Seed of the orders. Default 0. */
  seed?: number;
}

/** The result of {@link gradientNoise}. */
export interface GradientNoise {
  /** ‖g - ĝ‖²: the squared distance of a batch's gradient ĝ from that of all rows, g, the mean over the batches. */
  variance: number;
  /** ‖g‖² of the gradient of all rows. */
  squaredNorm: number;
  /** Batches that were measured. */
  batches: number;
}

/**
 * Measures the noise in the gradients of mini-batches, over all parameters, at the model's present parameters. The rows
 * are taken as `batches` shuffles them, and a smaller last batch is left out; dropout is off. Nothing of the model
 * changes, except for its buffers.
 *
 * With S² the variance of the rows' own gradients, Σ ‖g - gᵢ‖² / N over all N rows, batches of B rows have
 * E ‖g - ĝ‖² = S²/B · (N - B)/(N - 1): it falls as 1/B while B is small against N, and is 0 for all rows.
 * @throws RangeError or TypeError for data or options that do not fit
 * @example
 * const { variance, squaredNorm } = gradientNoise(model, { x, y }, { loss: mse, batchSize: 32 });
 */
export function gradientNoise(model: Model, data: Data, options: GradientNoiseOptions): GradientNoise {
  checkModel(model);
  if (typeof options !== "object" || options === null)
    throw typeError("options", "an object { loss, batchSize }", options);
  checkKeys("gradientNoise", options, ["loss", "batchSize", "passes", "seed"]);
  const { loss, batchSize, passes = 1, seed = 0 } = options;
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  checkWhole("batchSize", batchSize);
  checkWhole("passes", passes);
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  const parameters = model.parameters();
  const { training } = model;
  const loaded = loadFor(model, data);
  try {
    const kept = parameters.map(({ grad }) => grad.slice());
    const gradients = ({ x, y }: Batch): void => {
      for (const { grad } of parameters) grad.fill(0);
      model.backward(loss(model.forward(x), y).grad, { inputGrad: false });
    };
    // Not `using`: what TypeScript makes of it begins with `this`, of which bundlers warn in a module.
    const loader = new Batches(model.engine, loaded, { batchSize, dropLast: true }, random(seed));
    model.eval();
    try {
      gradients(loaded);
      const whole = parameters.map(({ grad }) => Float64Array.from(grad));
      let squares = 0;
      for (let pass = 0; pass < passes; pass++) {
        for (const batch of loader) {
          gradients(batch);
          for (const [i, { grad }] of parameters.entries()) squares += squaredDistance(whole[i], grad);
        }
      }
      const count = passes * loader.count;
      return {
        variance: squares / count,
        squaredNorm: whole.reduce((sum, g) => sum + squaredDistance(g), 0),
        batches: count,
      };
    } finally {
      for (const [i, { grad }] of parameters.entries()) grad.set(kept[i]);
      if (training) model.train();
      loader.dispose();
    }
  } finally {
    loaded.dispose();
  }
}

function squaredDistance(a: Float64Array, b?: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - (b ? b[i] : 0)) ** 2;
  return sum;
}
