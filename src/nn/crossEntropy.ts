import { checkKeys, checkNonNegative, checkRate, rangeError, typeError } from "../check.js";
import type { EngineCore } from "../engine/core.js";
import { Tensor } from "../engine/tensor.js";
import { isInt32 } from "../host/realm.js";
import { lossOfKind } from "./derivatives.js";
import { type ConfigurableLoss, checkSameShape, engineOf, kernelsOf, type Loss } from "./loss.js";

/** Options of {@link softmaxCrossEntropy}. */
export interface CrossEntropyOptions {
  /** ε in [0, 1): targets become (1 − ε) t + ε / classes (Szegedy et al., CVPR 2016, §7). Default 0. */
  labelSmoothing?: number;
  /** A weight ≥ 0 for each class. Default: 1 for each. */
  classWeights?: ArrayLike<number>;
}

/**
 * Softmax and cross-entropy of logits [rows, classes]: the mean of −ln softmax(x)[label] over the rows, with gradient
 * (softmax(x) − onehot) / rows. Targets are class numbers, one per row, or rows of probabilities.
 *
 * `softmaxCrossEntropy.with({ labelSmoothing, classWeights })` makes a loss with these options, as in PyTorch: every
 * term −ln softmax(x)[c] is weighted by its class, and the mean over labels divides by the sum of their weights (over
 * rows of probabilities, by the number of rows). A batch whose labels all have weight 0 has loss 0.
 * @throws RangeError for a class number out of range (naming the row), for another shape, and for a number of weights
 *   other than that of the columns
 * @example
 * const { value, grad } = softmaxCrossEntropy(model.forward(x), Int32Array.of(3, 1, 4));
 * const smoothed = softmaxCrossEntropy.with({ labelSmoothing: 0.1 });
 */
export const softmaxCrossEntropy: ConfigurableLoss<CrossEntropyOptions> = /* @__PURE__ */ Object.assign(
  /* @__PURE__ */ lossOfKind<Loss>(
    (prediction, target) => {
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
    },
    { kind: "softmaxCrossEntropy" },
  ),
  { with: crossEntropyWith },
);

function crossEntropyWith(options: CrossEntropyOptions): Loss {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("softmaxCrossEntropy.with", options, ["labelSmoothing", "classWeights"]);
  const { labelSmoothing = 0, classWeights } = options;
  checkRate("labelSmoothing", labelSmoothing);
  const given = classWeights === undefined ? undefined : checkWeights(classWeights);
  let ones = new Float32Array(0);
  return lossOfKind<Loss>(
    (prediction, target) => {
      const engine = engineOf(prediction);
      const [rows, columns] = matrix(prediction);
      const bound = kernelsOf(engine);
      checkTarget(engine, prediction, target, rows, columns);
      if (given && given.length !== columns) {
        throw rangeError("classWeights", `${columns} weights, one per column of the prediction`, given);
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
    },
    { kind: "softmaxCrossEntropy", labelSmoothing, classWeights: given },
  );
}

function checkWeights(weights: ArrayLike<number>): Float32Array {
  if (typeof weights?.length !== "number") throw typeError("classWeights", "an array of numbers", weights);
  if (weights.length === 0) throw rangeError("classWeights", "a weight for each class", weights);
  for (let j = 0; j < weights.length; j++) checkNonNegative(`classWeights[${j}]`, weights[j]);
  return Float32Array.from(weights);
}

function matrix({ shape }: Tensor): [number, number] {
  if (shape.length !== 2) throw rangeError("prediction", "shape [rows, classes]", shape);
  return shape as unknown as [number, number];
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
  if (!isInt32(labels)) throw typeError("target", "an Int32Array of class numbers or a tensor", labels);
  if (labels.length !== rows) throw rangeError("target", `${rows} class numbers, one per row`, labels);
  for (let r = 0; r < rows; r++) {
    const label = labels[r];
    if (label < 0 || label >= columns) throw rangeError(`target, row ${r}`, `a class from 0 to ${columns - 1}`, label);
  }
}
