import { rangeError, show, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import type { Forms, Ref } from "../engine/kernel.js";
import { Tensor } from "../engine/tensor.js";
import { add, div, max, mul, sub } from "../f32.js";
import * as math from "../math.js";

/** A loss and its gradient with respect to the prediction, which lives in the prediction's `grad` and is overwritten by the next call. */
export interface LossResult {
  value: number;
  grad: Tensor;
}

/** A loss as `train` takes it. Targets are values of the prediction's shape, or class numbers, one a row. */
export type Loss = (prediction: Tensor, target: Tensor | Int32Array) => LossResult;

/**
 * Mean squared error: the mean over all N elements of (y − t)², with gradient 2 (y − t) / N.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = mse(model.forward(x), target);
 */
export const mse: Loss = (prediction, target) => squaredError("mse", prediction, target, 1 / prediction.size);

/**
 * Half the squared error, ½ ΣΣ (y − t)² over cases and outputs, with gradient y − t: the error measure of 1986
 * (Rumelhart, Hinton & Williams, eq. 3), without 1/N.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = halfMse(model.forward(patterns), targets);
 */
export const halfMse: Loss = (prediction, target) => squaredError("halfMse", prediction, target, 0.5);

function squaredError(name: string, prediction: Tensor, target: Tensor | Int32Array, weight: number): LossResult {
  const engine = engineOf(prediction);
  if (!(target instanceof Tensor))
    throw typeError("target", `a tensor of shape ${show(prediction.shape)} for ${name}`, target);
  checkSameShape(engine, prediction, target);
  const { kernels } = engine;
  const grad = prediction.gradient;
  kernels.subtract(grad.place.length, prediction.ref, target.ref, grad.ref);
  const value = kernels.dot(grad.size, grad.ref, grad.ref) * weight;
  if (weight !== 0.5) kernels.scale(grad.place.length, grad.ref, 2 * weight);
  return { value, grad };
}

/**
 * Softmax and cross-entropy of logits [rows, classes], the mean over the rows: −ln softmax(x)[label], with gradient
 * (softmax(x) − onehot) / rows. Targets are class numbers, one a row, or rows of probabilities.
 * @throws RangeError for a class that is not among the columns (the row is named) or for another shape
 * @example
 * const { value, grad } = softmaxCrossEntropy(model.forward(x), Int32Array.of(3, 1, 4));
 */
export const softmaxCrossEntropy: Loss = (prediction, target) => {
  const engine = engineOf(prediction);
  const [rows, columns] = matrix(prediction);
  const bound = kernelsOf(engine);
  const grad = prediction.gradient;
  const scale = 1 / rows;
  let losses: Ref;
  if (target instanceof Tensor) {
    checkSameShape(engine, prediction, target);
    losses = engine.scratch(rows);
    bound.softmaxCrossEntropyRows(rows, columns, prediction.ref, target.ref, grad.ref, losses, scale);
  } else {
    checkLabels(target, rows, columns);
    const labels = engine.ints(target);
    losses = engine.scratch(rows);
    bound.softmaxCrossEntropy(rows, columns, prediction.ref, labels, grad.ref, losses, scale);
  }
  return { value: engine.kernels.sum(rows, losses) / rows, grad };
};

// The twins of assembly/loss.ts.

function softmaxNumerators(rows: number, columns: number, x: Float32Array, d: Float32Array): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const largest = rowMax(columns, x, r * columns);
    for (let j = 0; j < columns; j++, i++) d[i] = math.exp(sub(x[i]!, largest));
  }
}

function rowMax(columns: number, x: Float32Array, from: number): number {
  let largest = x[from]!;
  for (let j = 1; j < columns; j++) largest = max(largest, x[from + j]!);
  return largest;
}

function softmaxCrossEntropyTwin(
  rows: number,
  columns: number,
  x: Float32Array,
  labels: Int32Array,
  d: Float32Array,
  losses: Float32Array,
  scale: number,
): void {
  const s = Math.fround(scale);
  softmaxNumerators(rows, columns, x, d);
  for (let r = 0, i = 0; r < rows; r++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum = add(sum, d[i + j]!);
    const label = labels[r]!;
    for (let j = 0; j < columns; j++, i++) {
      const p = div(d[i]!, sum);
      d[i] = mul(j === label ? sub(p, 1) : p, s);
    }
    const from = r * columns;
    losses[r] = sub(math.log(sum), sub(x[from + label]!, rowMax(columns, x, from)));
  }
}

function softmaxCrossEntropyRows(
  rows: number,
  columns: number,
  x: Float32Array,
  t: Float32Array,
  d: Float32Array,
  losses: Float32Array,
  scale: number,
): void {
  const s = Math.fround(scale);
  softmaxNumerators(rows, columns, x, d);
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    let sum = 0;
    let weight = 0;
    for (let i = from; i < from + columns; i++) {
      sum = add(sum, d[i]!);
      weight = add(weight, t[i]!);
    }
    const logSum = math.log(sum);
    const largest = rowMax(columns, x, from);
    let loss = 0;
    for (let i = from; i < from + columns; i++) {
      d[i] = mul(sub(mul(div(d[i]!, sum), weight), t[i]!), s);
      loss = add(loss, mul(t[i]!, sub(logSum, sub(x[i]!, largest))));
    }
    losses[r] = loss;
  }
}

/** The loss kernels by the names of the binary. */
export const lossKernels = { softmaxCrossEntropy: softmaxCrossEntropyTwin, softmaxCrossEntropyRows };
const lossForms: Forms<typeof lossKernels> = { softmaxCrossEntropy: "rcmvmv-", softmaxCrossEntropyRows: "rcmmmv-" };

const bindings = new WeakMap<Engine, ReturnType<typeof bind>>();
const bind = (engine: Engine) => engine.bind(lossKernels, lossForms);

function kernelsOf(engine: Engine): ReturnType<typeof bind> {
  let bound = bindings.get(engine);
  if (bound === undefined) {
    bound = bind(engine);
    bindings.set(engine, bound);
  }
  return bound;
}

function engineOf(prediction: Tensor): Engine {
  if (!(prediction instanceof Tensor)) throw typeError("prediction", "a tensor", prediction);
  prediction.engine.checkTensor("prediction", prediction);
  return prediction.engine;
}

function matrix({ shape }: Tensor): [number, number] {
  if (shape.length !== 2) throw rangeError("prediction", "shape [rows, classes]", shape);
  return shape as unknown as [number, number];
}

function checkSameShape(engine: Engine, prediction: Tensor, target: Tensor): void {
  engine.checkTensor("target", target);
  const same =
    target.shape.length === prediction.shape.length && target.shape.every((d, i) => d === prediction.shape[i]);
  if (!same) throw rangeError("target", `shape ${show(prediction.shape)}, as the prediction`, target.shape);
}

function checkLabels(labels: Int32Array, rows: number, columns: number): void {
  if (!(labels instanceof Int32Array)) throw typeError("target", "an Int32Array of class numbers or a tensor", labels);
  if (labels.length !== rows) throw rangeError("target", `${rows} class numbers, one a row`, labels);
  for (let r = 0; r < rows; r++) {
    const label = labels[r]!;
    if (label < 0 || label >= columns) throw rangeError(`target, row ${r}`, `a class from 0 to ${columns - 1}`, label);
  }
}
