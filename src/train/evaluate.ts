import { checkKeys, checkWhole, typeError } from "../check.js";
import type { Loss } from "../nn/loss.js";
import { Model } from "../nn/sequential.js";
import { Batches } from "./batches.js";
import { type Data, load } from "./dataset.js";

/** What {@link evaluate} found. */
export interface Evaluation {
  /** Mean over the rows. */
  loss: number;
  /** Share of rows whose largest output is their class; for class targets alone. */
  accuracy?: number;
}

export interface EvaluateOptions {
  loss: Loss;
  /** Rows at a time. Default 256. */
  batchSize?: number;
}

/**
 * The loss of a model over data, and its accuracy where the targets are classes. Nothing of the model changes, but for
 * its buffers.
 *
 * @example
 * const { accuracy } = evaluate(model, { x: [[0, 1]], y: Int32Array.of(1) }, { loss: softmaxCrossEntropy });
 */
export function evaluate(model: Model, data: Data, options: EvaluateOptions): Evaluation {
  if (!(model instanceof Model)) throw typeError("model", "a model made by sequential()", model);
  checkKeys("evaluate", options, ["loss", "batchSize"]);
  const { loss, batchSize = 256 } = options;
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  checkWhole("batchSize", batchSize);
  const loaded = load(model.engine, data);
  const batches = new Batches(model.engine, loaded, batchSize);
  const { training } = model;
  try {
    model.eval();
    let total = 0;
    let right = 0;
    for (let i = 0; i < batches.count; i++) {
      const { x, y } = batches.take(i);
      const output = model.forward(x);
      const rows = x.shape[0]!;
      total += loss(output, y).value * rows;
      if (y instanceof Int32Array) right += hits(output.data, output.shape[1]!, y);
    }
    const result = { loss: total / loaded.rows };
    return loaded.y instanceof Int32Array ? { ...result, accuracy: right / loaded.rows } : result;
  } finally {
    if (training) model.train();
    batches.dispose();
    loaded.dispose();
  }
}

/** Rows whose largest output, the first of equals, is their class. */
function hits(outputs: Float32Array, columns: number, labels: Int32Array): number {
  let count = 0;
  for (let r = 0; r < labels.length; r++) {
    let best = 0;
    for (let j = 1; j < columns; j++) if (outputs[r * columns + j]! > outputs[r * columns + best]!) best = j;
    if (best === labels[r]) count++;
  }
  return count;
}
