import { checkNonNegative, checkNumber, checkPositive, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/rprop.js";
import { gt, lt, mul, pmax, pmin, select, signed, sub, unless } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link rprop}. */
export interface RpropHyper {
  /** The step of every element at first; later values have no effect. */
  lr: number;
  /** Factors of the step where the gradient changes its sign, and where it keeps it. */
  etas: readonly [number, number];
  /** The smallest and the largest step. */
  stepSizes: readonly [number, number];
}

const rpropTwin: Twin = (n, p, g, [previous, size], [gradScale, shrink, growth, least, most]) => {
  // Two small gradients, brought up by 2^64, have a product that is not 0.
  const farScale = mul(gradScale, 2 ** 64);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const agreement = mul(previous[i], mul(farScale, grad));
    const turned = lt(agreement, 0);
    const factor = select(gt(agreement, 0), growth, select(turned, shrink, 1));
    const step = pmin(pmax(mul(size[i], factor), least), most);
    const kept = unless(turned, mul(gradScale, grad));
    previous[i] = kept;
    size[i] = step;
    p[i] = sub(p[i], signed(step, kept));
  }
};

/**
 * Resilient backpropagation: every element has a step of its own, longer while the gradient keeps its sign and shorter
 * when it turns. For full batches: it looks at signs alone, and noise in them wears the steps down.
 *
 * ```
 * s = clip(s η₊, least, most)      where g gₚ > 0             s = lr before the first step
 * s = clip(s η₋, least, most)      where g gₚ < 0, and g = 0 there
 * θ = θ - sign(g) s
 * gₚ = g
 * ```
 * Without back-tracking (iRprop⁻), as PyTorch has it. A schedule of lr has no effect but for its first value. Throws a
 * RangeError for a negative lr, unless 0 < η₋ < 1 < η₊, and unless 0 < least ≤ most.
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
    pass.kernel = "rprop";
    pass.scalars(etas[0], etas[1], stepSizes[0], stepSizes[1]);
  },
  codes: [code],
  kernels: { rprop: rpropTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<RpropHyper> = {
  variants: { "": {}, etas: { lr: 0.1, etas: [0.3, 1.5] }, "step sizes": { lr: 0.1, stepSizes: [1e-3, 0.15] } },
  descend: { bowl: {}, ravine: { lr: 0.1 }, rosenbrock: {} },
};
