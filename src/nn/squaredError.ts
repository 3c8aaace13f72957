import { extraKernels } from "../engine/extraKernels.js";
import type { Tensor } from "../engine/tensor.js";
import { lossOfKind } from "./derivatives.js";
import { checkValuesTarget, engineOf, type Loss, type LossResult } from "./loss.js";

/**
 * Mean squared error: the mean over all N elements of (y − t)², with gradient 2 (y − t) / N.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = mse(model.forward(x), target);
 */
export const mse: Loss = /* @__PURE__ */ lossOfKind(
  (prediction, target) => squaredError("mse", prediction, target, 1 / prediction?.size),
  { kind: "squaredError", weight: 2, mean: true },
);

/**
 * Half the squared error, ½ ΣΣ (y − t)² over rows and outputs without 1/N, with gradient y − t: the error measure of
 * Rumelhart, Hinton & Williams 1986, eq. 3.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = halfMse(model.forward(patterns), targets);
 */
export const halfMse: Loss = /* @__PURE__ */ lossOfKind(
  (prediction, target) => squaredError("halfMse", prediction, target, 0.5),
  { kind: "squaredError", weight: 1, mean: false },
);

/** The sum of squared errors times `weight`, and its gradient. */
function squaredError(name: string, prediction: Tensor, target: Tensor | Int32Array, weight: number): LossResult {
  const engine = engineOf(prediction);
  checkValuesTarget(name, engine, prediction, target);
  const { kernels } = engine;
  const { subtract } = extraKernels(engine);
  const grad = prediction.gradient;
  subtract(grad.place.length, prediction.ref, target.ref, grad.ref);
  const value = kernels.dot(grad.size, grad.ref, grad.ref) * weight;
  if (weight !== 0.5) kernels.scale(grad.place.length, grad.ref, 2 * weight);
  return { value, grad };
}
