import { checkBoolean, checkKeys, checkWhole, rangeError, typeError } from "../check.js";
import { everyRow } from "../data/rowNumbers.js";
import { isInt32 } from "../host/realm.js";
import type { Loss } from "../nn/loss.js";
import type { Model } from "../nn/sequential.js";
import { Gatherer } from "./batches.js";
import type { Subset } from "./dataSplit.js";
import { checkFinite, type Data, loadFor, loadRows, notFinite, type Rows } from "./loadData.js";
import { checkModel } from "./weights.js";

/** The result of {@link evaluate}. */
export interface Evaluation {
  /** The mean loss over the rows. */
  loss: number;
  /** Fraction of rows whose largest output is their class; for class targets only. */
  accuracy?: number;
  /** confusion[c][p]: the number of rows of class c whose largest output is p; for class targets only. */
  confusion?: number[][];
}

/** How {@link evaluate} measures. */
export interface EvaluateOptions {
  loss: Loss;
  /** Rows at a time. Default 256. */
  batchSize?: number;
  /** Count the confusion matrix. Default true. */
  confusion?: boolean;
}

/** How {@link predict} processes its rows. */
export interface PredictOptions {
  /** Rows at a time. Default 256. */
  batchSize?: number;
}

/** Default number of rows at a time. */
const ROWS = 256;

/**
 * Computes the loss of a model over data and, for class targets, its accuracy and confusion matrix. The model does not
 * change, except for its buffers.
 *
 * @throws RangeError or TypeError for data or options that do not fit, and for numbers that are not finite
 * @example
 * const { accuracy, confusion } = evaluate(model, { x: [[0, 1]], y: Int32Array.of(1) }, { loss: softmaxCrossEntropy });
 */
export function evaluate(model: Model, data: Data, options: EvaluateOptions): Evaluation {
  checkModel(model);
  if (typeof options !== "object" || options === null) throw typeError("options", "an object { loss }", options);
  checkKeys("evaluate", options, ["loss", "batchSize", "confusion"]);
  const { loss, batchSize = ROWS, confusion = true } = options;
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  checkWhole("batchSize", batchSize);
  checkBoolean("confusion", confusion);
  const loaded = loadFor(model, data);
  try {
    const all = { data: loaded, rows: everyRow(loaded.rows) };
    const gatherer = new Gatherer(model.engine, loaded);
    try {
      return measure(model, all, gatherer, { loss, batchSize, confusion });
    } finally {
      gatherer.dispose();
    }
  } finally {
    loaded.dispose();
  }
}

/** Evaluates a model on some rows; `gatherer` copies them from their data. */
export function measure(
  model: Model,
  { data, rows }: Subset,
  gatherer: Gatherer,
  { loss, batchSize = ROWS, confusion }: EvaluateOptions,
): Evaluation {
  const { training } = model;
  model.eval();
  try {
    let total = 0;
    let right = 0;
    let matrix: number[][] | undefined;
    for (let start = 0; start < rows.length; start += batchSize) {
      const { x, y } = gatherer.take(rows, start, Math.min(batchSize, rows.length - start));
      const output = model.forward(x);
      total += loss(output, y).value * x.shape[0]; // first, as it refuses class numbers out of range
      if (isInt32(y)) {
        const columns = output.shape[1];
        matrix ??= Array.from({ length: confusion ? columns : 0 }, () => new Array<number>(columns).fill(0));
        const { data: outputs } = output;
        for (let r = 0; r < y.length; r++) {
          const predicted = largest(outputs, r * columns, columns);
          if (predicted === y[r]) right++;
          if (confusion) matrix[y[r]][predicted]++;
        }
      }
    }
    const result: Evaluation = { loss: total / rows.length };
    if (isInt32(data.y)) result.accuracy = right / rows.length;
    if (confusion && matrix) result.confusion = matrix;
    return result;
  } finally {
    if (training) model.train();
  }
}

/** The column of a row's largest output; of equal ones, the first. */
function largest(outputs: Float32Array, from: number, columns: number): number {
  let best = 0;
  for (let j = 1; j < columns; j++) if (outputs[from + j] > outputs[from + best]) best = j;
  return best;
}

/**
 * Computes the outputs of a model for any number of rows, `batchSize` rows at a time. The model does not change, except
 * for its buffers.
 *
 * @param x rows as arrays, or a tensor [rows, inputs]
 * @returns the outputs [rows, outputs], row-major, in a new array
 * @throws RangeError or TypeError for rows or options that do not fit, and for a row that is not finite or has outputs
 *   that are not, with its number
 * @example
 * const probabilities = predict(model, [[0, 1], [1, 1]]);
 */
export function predict(model: Model, x: Rows, options: PredictOptions = {}): Float32Array {
  const { outputs, rows } = outputsOf(model, x, options);
  checkOutputs(outputs, outputs.length / rows);
  return outputs;
}

/** As {@link predict}, but outputs may be NaN or infinite: for callers who know the rows by other names. */
export function outputsOf(
  model: Model,
  x: Rows,
  options: PredictOptions = {},
): { outputs: Float32Array; rows: number } {
  checkModel(model);
  checkKeys("predict", options, ["batchSize"]);
  const { batchSize = ROWS } = options;
  checkWhole("batchSize", batchSize);
  const { engine, training } = model;
  const loaded = loadRows(engine, "x", x);
  const [rows, columns] = loaded.shape as [number, number];
  const gatherer = new Gatherer(engine, { x: loaded, y: NO_LABELS, rows, dispose() {} });
  try {
    if (model.inputs !== undefined && columns !== model.inputs)
      throw rangeError("x", `${model.inputs} columns`, `${columns} columns`);
    checkFinite("x", x, loaded);
    model.eval();
    const order = everyRow(rows);
    let outputs: Float32Array | undefined;
    for (let start = 0; start < rows; start += batchSize) {
      const batch = gatherer.take(order, start, Math.min(batchSize, rows - start));
      const output = model.forward(batch.x);
      outputs ??= new Float32Array(rows * output.shape[1]);
      outputs.set(output.data, start * output.shape[1]);
    }
    return { outputs: outputs!, rows };
  } finally {
    if (training) model.train();
    gatherer.dispose();
    if (loaded !== x) loaded.dispose();
  }
}

/** Refuses predictions that are NaN or infinite: the parameters are, or numbers of a row are too large for them. */
function checkOutputs(outputs: Float32Array, columns: number): void {
  const at = notFinite(outputs);
  if (at < 0) return;
  const row = Math.floor(at / columns);
  throw rangeError(`x[${row}]`, "a row for which the outputs of the model are finite", outputs[at]);
}

/** Stands in for targets: the gatherer reads past the end of an Int32Array, and those values are not used. */
const NO_LABELS = new Int32Array(0);
