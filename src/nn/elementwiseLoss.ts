import { checkKeys, checkNonNegative, checkPositive, typeError } from "../check.js";
import { lossOfKind } from "./derivatives.js";
import { type ConfigurableLoss, checkValuesTarget, engineOf, kernelsOf, type Loss } from "./loss.js";

// Losses that compare one output with one target and average over all elements. Their kernels write the loss of each
// element to working memory, and its scaled derivative to the gradient.

/** A loss that is the mean of what a kernel computes for each element. */
const mean = (name: "l1" | "binaryCrossEntropyWithLogits" | "binaryCrossEntropy"): Loss =>
  lossOfKind<Loss>(
    (prediction, target) => {
      const engine = engineOf(prediction);
      checkValuesTarget(name, engine, prediction, target);
      const { size, gradient: grad } = prediction;
      const losses = engine.scratch(size);
      kernelsOf(engine)[name](grad.place.length, prediction.ref, target.ref, grad.ref, losses, 1 / size);
      return { value: engine.kernels.sum(size, losses) / size, grad };
    },
    { kind: name },
  );

/**
 * Mean absolute error: the mean of |y − t| over all N elements, with gradient sign(y − t) / N, 0 where they are equal.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = l1(model.forward(x), target);
 */
export const l1: Loss = /* @__PURE__ */ mean("l1");

/** The mean over all elements of c (|e| − c/2) · share, with e = y − t and c = min(|e|, bend). */
const bent = (name: string, bend: number, share: number): Loss =>
  lossOfKind<Loss>(
    (prediction, target) => {
      const engine = engineOf(prediction);
      checkValuesTarget(name, engine, prediction, target);
      const { size, gradient: grad } = prediction;
      const losses = engine.scratch(size);
      const scale = share / size;
      kernelsOf(engine).huber(grad.place.length, prediction.ref, target.ref, grad.ref, losses, bend, scale);
      return { value: engine.kernels.sum(size, losses) * scale, grad };
    },
    { kind: "huber", bend, share },
  );

/**
 * Huber's loss, the mean of e²/2 where |e| ≤ delta and of delta (|e| − delta/2) beyond, with e = y − t and gradient
 * clamp(e, ±delta) / N. Huber, Annals of Mathematical Statistics 35, 1964; PyTorch's `HuberLoss`.
 *
 * delta is 1; `huber.with({ delta })` takes another delta > 0.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = huber(model.forward(x), target);
 * const robust = huber.with({ delta: 0.5 });
 */
export const huber: ConfigurableLoss<{ delta: number }> = /* @__PURE__ */ Object.assign(
  /* @__PURE__ */ bent("huber", 1, 1),
  {
    with(options: { delta: number }): Loss {
      checkOptions("huber.with", options, "delta");
      checkPositive("delta", options.delta);
      return bent("huber", options.delta, 1);
    },
  },
);

/**
 * The smooth absolute error: the mean of e²/(2 beta) where |e| < beta and of |e| − beta/2 beyond, with e = y − t, which
 * is Huber's loss divided by its delta. Girshick, ICCV 2015, eq. 3; PyTorch's `SmoothL1Loss`.
 *
 * beta is 1; `smoothL1.with({ beta })` takes another beta ≥ 0; for 0 it is {@link l1}.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = smoothL1(model.forward(x), target);
 */
export const smoothL1: ConfigurableLoss<{ beta: number }> = /* @__PURE__ */ Object.assign(
  /* @__PURE__ */ bent("smoothL1", 1, 1),
  {
    with(options: { beta: number }): Loss {
      checkOptions("smoothL1.with", options, "beta");
      const { beta } = options;
      checkNonNegative("beta", beta);
      return beta === 0 ? l1 : bent("smoothL1", beta, 1 / beta);
    },
  },
);

/**
 * Binary cross-entropy of logits x against targets t in [0, 1], the mean over all N elements of
 * −t ln σ(x) − (1 − t) ln(1 − σ(x)), with gradient (σ(x) − t) / N; computed as max(x, 0) − x t + ln(1 + e^−|x|), which
 * neither overflows nor cancels. PyTorch's `BCEWithLogitsLoss`.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const { value, grad } = binaryCrossEntropyWithLogits(model.forward(x), engine.tensor([3, 1], [0, 1, 1]));
 */
export const binaryCrossEntropyWithLogits: Loss = /* @__PURE__ */ mean("binaryCrossEntropyWithLogits");

/**
 * Binary cross-entropy of probabilities p, as from a sigmoid, against targets t in [0, 1]: the mean over all N elements
 * of −t ln p − (1 − t) ln(1 − p), with logarithms clamped at −100, with gradient (p − t) / (N max(p (1 − p), 1e-12)).
 * PyTorch's `BCELoss`. Where possible, prefer logits with {@link binaryCrossEntropyWithLogits}, which is more accurate.
 * @throws TypeError for class numbers, RangeError for another shape
 * @example
 * const model = sequential(engine, [dense(4, 1), sigmoid()], { seed: 1 });
 * const { value, grad } = binaryCrossEntropy(model.forward(x), engine.tensor([2, 1], [0, 1]));
 */
export const binaryCrossEntropy: Loss = /* @__PURE__ */ mean("binaryCrossEntropy");

function checkOptions(name: string, options: object, key: string): void {
  if (typeof options !== "object" || options === null) throw typeError("options", `{ ${key} }`, options);
  checkKeys(name, options, [key]);
}
