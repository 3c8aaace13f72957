import { checkKeys, checkNonNegative, checkRate, rangeError, show, typeError } from "../check.js";
import type { EngineCore } from "../engine/core.js";
import { checkTensor, Tensor } from "../engine/tensor.js";
import elementwiseBinary from "../engine/wasm/binaries/nn/elementwiseLoss.js";
import lossBinary from "../engine/wasm/binaries/nn/loss.js";
import { lossKernels, lossPartitions } from "./lossKernels.js";

/** A loss and its gradient with respect to the prediction, which lives in the prediction's `grad` and is overwritten by the next call. */
export interface LossResult {
  value: number;
  grad: Tensor;
}

/** A loss as `train` takes it. Targets are values of the prediction's shape, or class numbers, one a row. */
export type Loss = (prediction: Tensor, target: Tensor | Int32Array) => LossResult;

/** A loss that can be used as it is, and `with` options. */
export type ConfigurableLoss<Options> = Loss & {
  /** The same loss with these options: a loss of its own. */
  with(options: Options): Loss;
};

/**
 * Mean squared error: the mean over all N elements of (y − t)², with gradient 2 (y − t) / N.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = mse(model.forward(x), target);
 */
export const mse: Loss = (prediction, target) => squaredError("mse", prediction, target, 1 / prediction?.size);

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
  checkValuesTarget(name, engine, prediction, target);
  const { kernels } = engine;
  const grad = prediction.gradient;
  kernels.subtract(grad.place.length, prediction.ref, target.ref, grad.ref);
  const value = kernels.dot(grad.size, grad.ref, grad.ref) * weight;
  if (weight !== 0.5) kernels.scale(grad.place.length, grad.ref, 2 * weight);
  return { value, grad };
}

/** What {@link softmaxCrossEntropy} can be given. */
export interface CrossEntropyOptions {
  /** ε in [0, 1): targets become (1 − ε) t + ε / classes (Szegedy et al., CVPR 2016, §7). Default 0. */
  labelSmoothing?: number;
  /** A weight ≥ 0 for each class. Default: 1 for each. */
  classWeights?: ArrayLike<number>;
}

/**
 * Softmax and cross-entropy of logits [rows, classes], the mean over the rows: −ln softmax(x)[label], with gradient
 * (softmax(x) − onehot) / rows. Targets are class numbers, one a row, or rows of probabilities.
 *
 * `softmaxCrossEntropy.with({ labelSmoothing, classWeights })` is a loss with these, as PyTorch has them: every term
 * −ln softmax(x)[c] counts by its class's weight, and the mean over labels divides by the sum of the weights of the labels
 * (over rows of probabilities by the rows). A batch all of whose labels weigh 0 has loss 0.
 * @throws RangeError for a class that is not among the columns (the row is named), for another shape, or for another
 * number of weights than columns
 * @example
 * const { value, grad } = softmaxCrossEntropy(model.forward(x), Int32Array.of(3, 1, 4));
 * const smoothed = softmaxCrossEntropy.with({ labelSmoothing: 0.1 });
 */
export const softmaxCrossEntropy: ConfigurableLoss<CrossEntropyOptions> = /* @__PURE__ */ Object.assign(
  ((prediction, target) => {
    const engine = engineOf(prediction);
    const [rows, columns] = matrix(prediction);
    const bound = kernelsOf(engine);
    checkTarget(engine, prediction, target, rows, columns);
    const grad = prediction.gradient;
    const scale = 1 / rows;
    const losses = engine.scratch(rows);
    if (target instanceof Tensor) {
      bound.softmaxCrossEntropyRows(rows, columns, prediction.ref, target.ref, grad.ref, losses, scale);
    } else {
      bound.softmaxCrossEntropy(rows, columns, prediction.ref, engine.ints(target), grad.ref, losses, scale);
    }
    return { value: engine.kernels.sum(rows, losses) / rows, grad };
  }) satisfies Loss,
  { with: crossEntropyWith },
);

function crossEntropyWith(options: CrossEntropyOptions): Loss {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("softmaxCrossEntropy.with", options, ["labelSmoothing", "classWeights"]);
  const { labelSmoothing = 0, classWeights } = options;
  checkRate("labelSmoothing", labelSmoothing);
  const given = classWeights === undefined ? undefined : checkWeights(classWeights);
  let ones = new Float32Array(0);
  return (prediction, target) => {
    const engine = engineOf(prediction);
    const [rows, columns] = matrix(prediction);
    const bound = kernelsOf(engine);
    checkTarget(engine, prediction, target, rows, columns);
    if (given && given.length !== columns) {
      throw rangeError("classWeights", `${columns} weights, one for each column of the prediction`, given);
    }
    if (!given && ones.length !== columns) ones = new Float32Array(columns).fill(1);
    const weights = given ?? ones;
    const keep = 1 - labelSmoothing;
    const low = labelSmoothing / columns;
    const grad = prediction.gradient;
    const losses = engine.scratch(rows);
    const targets = engine.scratch(rows * columns, 1);
    let total = rows;
    if (target instanceof Tensor) {
      bound.rowTargets(rows, columns, target.ref, engine.floats(weights), targets, keep, low);
    } else {
      total = 0;
      for (let r = 0; r < rows; r++) total += weights[target[r]];
      bound.classTargets(rows, columns, engine.ints(target), engine.floats(weights), targets, keep + low, low);
    }
    const scale = total > 0 ? 1 / total : 0;
    bound.softmaxCrossEntropyRows(rows, columns, prediction.ref, targets, grad.ref, losses, scale);
    return { value: engine.kernels.sum(rows, losses) * scale, grad };
  };
}

function checkWeights(weights: ArrayLike<number>): Float32Array {
  if (typeof weights?.length !== "number") throw typeError("classWeights", "an array of numbers", weights);
  if (weights.length === 0) throw rangeError("classWeights", "a weight for each class", weights);
  for (let j = 0; j < weights.length; j++) checkNonNegative(`classWeights[${j}]`, weights[j]);
  return Float32Array.from(weights);
}

const bindings = new WeakMap<EngineCore, ReturnType<typeof bind>>();
const bind = (engine: EngineCore) => engine.bind(lossKernels, lossPartitions, [lossBinary, elementwiseBinary]);

export function kernelsOf(engine: EngineCore): ReturnType<typeof bind> {
  let bound = bindings.get(engine);
  if (bound === undefined) {
    bound = bind(engine);
    bindings.set(engine, bound);
  }
  return bound;
}

export function engineOf(prediction: Tensor): EngineCore {
  if (!(prediction instanceof Tensor)) throw typeError("prediction", "a tensor", prediction);
  checkTensor("prediction", prediction, prediction.engine);
  return prediction.engine;
}

function matrix({ shape }: Tensor): [number, number] {
  if (shape.length !== 2) throw rangeError("prediction", "shape [rows, classes]", shape);
  return shape as unknown as [number, number];
}

function checkSameShape(engine: EngineCore, prediction: Tensor, target: Tensor): void {
  checkTensor("target", target, engine);
  const same =
    target.shape.length === prediction.shape.length && target.shape.every((d, i) => d === prediction.shape[i]);
  if (!same) throw rangeError("target", `shape ${show(prediction.shape)}, as the prediction`, target.shape);
}

/** Refuses class numbers, for a loss over values. */
export function checkValuesTarget(
  name: string,
  engine: EngineCore,
  prediction: Tensor,
  target: Tensor | Int32Array,
): asserts target is Tensor {
  if (!(target instanceof Tensor))
    throw typeError("target", `a tensor of shape ${show(prediction.shape)} for ${name}`, target);
  checkSameShape(engine, prediction, target);
}

function checkTarget(
  engine: EngineCore,
  prediction: Tensor,
  target: Tensor | Int32Array,
  rows: number,
  columns: number,
): void {
  if (target instanceof Tensor) checkSameShape(engine, prediction, target);
  else checkLabels(target, rows, columns);
}

function checkLabels(labels: Int32Array, rows: number, columns: number): void {
  if (!(labels instanceof Int32Array)) throw typeError("target", "an Int32Array of class numbers or a tensor", labels);
  if (labels.length !== rows) throw rangeError("target", `${rows} class numbers, one a row`, labels);
  for (let r = 0; r < rows; r++) {
    const label = labels[r];
    if (label < 0 || label >= columns) throw rangeError(`target, row ${r}`, `a class from 0 to ${columns - 1}`, label);
  }
}
