import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/lion.js";
import { add, bySign, mul, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link lion}. */
export interface LionHyper {
  /** Learning rate: how far every element moves. */
  lr: number;
  /** Share of the average in the step, and decay rate of the average. */
  betas: readonly [number, number];
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
}

const lionTwin: Twin = (n, p, g, [m], [gradScale, keep, ratio, b2, b2c, lr]) => {
  const blendIntake = mul(gradScale, ratio);
  const intake = mul(gradScale, b2c);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const mean = m[i];
    const blend = add(mean, mul(blendIntake, grad));
    m[i] = add(mul(b2, mean), mul(intake, grad));
    p[i] = sub(mul(keep, p[i]), bySign(blend, lr, -lr));
  }
};

/**
 * Lion: every element moves by lr, against the sign of a blend of the gradient and its moving average.
 *
 * ```
 * θ = θ - lr λ θ
 * θ = θ - lr sign(β₁m + (1 - β₁) g)
 * m = β₂m + (1 - β₂) g
 * ```
 * sign(0) is 0. Weight decay is decoupled; the step is larger than Adam's, so take a third to a tenth of Adam's lr and as
 * many times its decay. Throws a RangeError for negative lr or weightDecay, and for betas outside [0, 1).
 *
 * Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, program 1.
 *
 * @example
 * const opt = lion(model.parameters(), { lr: 3e-4, weightDecay: 0.1 });
 */
export const lion = /* @__PURE__ */ optimizer<LionHyper, object>({
  name: "lion",
  paper: "Chen et al. 2023",
  follows: "authors",
  hyper: { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 },
  check({ lr, betas, weightDecay }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ expAvg: shape }),
  averages: () => ["expAvg"],
  prepare({ lr, betas, weightDecay }, _s, _t, pass) {
    pass.kernel = "lion";
    // The sign of β₁m + (1 - β₁) g is that of m + g (1 - β₁) / β₁, and of m + ∞ g where β₁ is 0.
    pass.scalars(1 - lr * weightDecay, (1 - betas[0]) / betas[0], betas[1], 1 - betas[1], lr);
  },
  codes: [code],
  kernels: { lion: lionTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<LionHyper> = {
  variants: {
    "": { lr: 1e-3 },
    decay: { lr: 0.01, betas: [0.95, 0.98], weightDecay: 0.1 },
    "the gradient's sign": { lr: 0.01, betas: [0, 0.9] },
  },
  descend: { bowl: { lr: 0.02 }, ravine: { lr: 0.02, weightDecay: 0.01 }, rosenbrock: { lr: 0.002 } },
};
