import { checkNonNegative, checkNumber, checkPositive, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/rprop.js";
import { bySignOr, lt, mul, pmax, pmin, signed, sub, unless } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link rprop}. */
export interface RpropHyper {
  /** The initial step of each element; later values have no effect. */
  lr: number;
  /** η₋ and η₊, which multiply the step of an element where its gradient changes its sign and where it keeps it. */
  etas: readonly [number, number];
  /** The smallest and the largest step. */
  stepSizes: readonly [number, number];
}

const rpropTwin: Twin = (n, p, g, [previous, size], [gradScale, etaMinus, etaPlus, minStep, maxStep]) => {
  // Scaled by 2^64, so that the product of two small gradients does not underflow to 0.
  const farScale = mul(gradScale, 2 ** 64);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const agreement = mul(previous[i], mul(farScale, grad));
    const turned = lt(agreement, 0);
    const factor = bySignOr(agreement, etaPlus, etaMinus, 1);
    const step = pmin(pmax(mul(size[i], factor), minStep), maxStep);
    const kept = unless(turned, mul(gradScale, grad));
    previous[i] = kept;
    size[i] = step;
    p[i] = sub(p[i], signed(step, kept));
  }
};

/**
 * Resilient backpropagation: each element has its own step, which grows while the gradient keeps its sign and shrinks
 * when the sign changes. Meant for full batches: it uses signs alone, and noise in them shortens the steps.
 *
 * ```
 * s = clip(s η₊, min, max)      where g gₚ > 0             s = lr before the first step
 * s = clip(s η₋, min, max)      where g gₚ < 0, and g = 0 there
 * θ = θ - sign(g) s
 * gₚ = g
 * ```
 * Without back-tracking (iRprop⁻), as in PyTorch. Of a schedule of lr only the first value has an effect. Throws a
 * RangeError for a negative lr, unless 0 < η₋ < 1 < η₊, and unless 0 < min ≤ max.
 *
 * Riedmiller & Braun, A direct adaptive method for faster backpropagation learning, ICNN 1993, eq. 4–7; Igel & Hüsken,
 * Improving the Rprop learning algorithm, 2000.
 *
 * @example
 * const opt = rprop(model.parameters(), { lr: 0.01 });
 */
export const rprop = /* @__PURE__ */ optimizer<RpropHyper, object>({
  name: "rprop",
  paper: "Riedmiller & Braun 1993; Igel & Hüsken 2000",
  follows: "PyTorch",
  hyper: { lr: 0.01, etas: [0.5, 1.2], stepSizes: [1e-6, 50] },
  check({ lr, etas, stepSizes }) {
    checkNonNegative("lr", lr);
    checkPair("etas", etas, (name, eta) =>
      name === "etas[0]"
        ? checkNumber(name, eta, "a number in (0, 1)", (x) => x > 0 && x < 1)
        : checkNumber(name, eta, "a finite number > 1", (x) => x > 1),
    );
    checkPair("stepSizes", stepSizes, checkPositive);
    if (stepSizes[0] > stepSizes[1]) throw rangeError("stepSizes", "the smaller one first", stepSizes);
  },
  slots: (_, shape) => ({ previousGrad: shape, stepSize: shape }),
  start({ ops, tensors, hyper }) {
    for (const { slots } of tensors) ops.fill(slots.stepSize, hyper.lr);
  },
  prepare({ etas, stepSizes }, _s, _t, pass) {
    const etaMinus = etas[0];
    const etaPlus = etas[1];
    const minStep = stepSizes[0];
    const maxStep = stepSizes[1];
    pass.kernel = "rprop";
    pass.scalars(etaMinus, etaPlus, minStep, maxStep);
  },
  binaries: [binary],
  kernels: { rprop: rpropTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<RpropHyper> = {
  variants: { "": {}, etas: { lr: 0.1, etas: [0.3, 1.5] }, "step sizes": { lr: 0.1, stepSizes: [1e-3, 0.15] } },
  descend: { bowl: {}, ravine: { lr: 0.1 }, rosenbrock: {} },
};
