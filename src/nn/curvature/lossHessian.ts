import { typeError } from "../../check.js";
import { Tensor } from "../../engine/tensor.js";
import { exp } from "../../math/f64.js";
import { kindOfLoss, type LossKind } from "../derivatives.js";
import type { Loss } from "../loss.js";
import { bell } from "./elementwise.js";

/** The kind of a loss, or a TypeError: of a function of the caller's, only its gradient is known. */
export function checkedKind(loss: unknown): LossKind {
  const kind = typeof loss === "function" ? kindOfLoss(loss as Loss) : undefined;
  if (kind === undefined) throw typeError("loss", "a loss of the library, whose second derivative it knows", loss);
  return kind;
}

/**
 * Multiplies the Hessian of a loss with respect to the prediction by u [rows, columns], into `into`. Every element is
 * computed in f64, in the order of the columns, and rounded once. The loss has been evaluated before, and has checked
 * prediction and target.
 */
export function lossHessian(
  kind: LossKind,
  prediction: Tensor,
  target: Tensor | Int32Array,
  u: Tensor,
  into: Tensor,
): void {
  if (kind.kind === "softmaxCrossEntropy") softmaxHessian(kind, prediction, target, u, into);
  else {
    const second = elementwise(kind, prediction.size);
    const [ys, ts, us, out] = [prediction.data, (target as Tensor).data, u.data, into.data];
    for (let i = 0; i < out.length; i++) out[i] = second(ys[i], ts[i]) * us[i];
  }
}

/** What binaryCrossEntropy keeps p (1 - p) above. */
const LEAST = Math.fround(1e-12);

/** The second derivative at one prediction and target, for losses that are sums over the elements. */
function elementwise(
  kind: Exclude<LossKind, { kind: "softmaxCrossEntropy" }>,
  size: number,
): (y: number, t: number) => number {
  if (kind.kind === "squaredError") {
    const second = kind.mean ? kind.weight / size : kind.weight;
    return () => second;
  }
  if (kind.kind === "l1") return () => 0;
  if (kind.kind === "huber") {
    const { bend, share } = kind;
    // The kernel subtracts and compares in f32.
    return (y, t) => (Math.abs(Math.fround(y - t)) <= Math.fround(bend) ? share / size : 0);
  }
  if (kind.kind === "binaryCrossEntropyWithLogits") return (x) => bell(x) / size;
  return (p, t) => {
    const variance = p * (1 - p);
    if (variance <= LEAST) return 1 / LEAST / size;
    return (t * (1 - p) * (1 - p) + (1 - t) * p * p) / (variance * variance) / size;
  };
}

/**
 * The gradient of a row is s (w p - t), with p the softmax, w the sum of the row's targets t, and s the loss's scale: so
 * Hu = s w (p u - p (p·u)).
 */
function softmaxHessian(
  { labelSmoothing = 0, classWeights }: LossKind & { kind: "softmaxCrossEntropy" },
  prediction: Tensor,
  target: Tensor | Int32Array,
  u: Tensor,
  into: Tensor,
): void {
  const [rows, columns] = prediction.shape as [number, number];
  const [xs, us, out] = [prediction.data, u.data, into.data];
  const values = target instanceof Tensor ? target.data : undefined;
  const labels = target instanceof Tensor ? undefined : target;
  const weightOf = (j: number) => classWeights?.[j] ?? 1;
  const spread = labelSmoothing / columns;
  let divisor = rows;
  if (labels && classWeights) divisor = labels.reduce((total, label) => total + weightOf(label), 0);
  const scale = divisor > 0 ? 1 / divisor : 0;
  const p = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    softmax(xs, from, p);
    let weight = 0;
    let along = 0;
    for (let j = 0; j < columns; j++) {
      const given = values ? values[from + j] : j === labels![r] ? 1 : 0;
      weight += weightOf(j) * ((1 - labelSmoothing) * given + spread);
      along += p[j] * us[from + j];
    }
    for (let j = 0; j < columns; j++) out[from + j] = scale * weight * p[j] * (us[from + j] - along);
  }
}

/** The softmax of a row of logits, in f64. */
export function softmax(logits: Float32Array, from: number, p: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < p.length; j++) largest = Math.max(largest, logits[from + j]);
  let sum = 0;
  for (let j = 0; j < p.length; j++) sum += p[j] = exp(logits[from + j] - largest);
  for (let j = 0; j < p.length; j++) p[j] /= sum;
}
