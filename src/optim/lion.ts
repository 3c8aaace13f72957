import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/lion.js";
import { add, bySign, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link lion}. */
export interface LionHyper {
  /** Learning rate: how far each element moves in a step. */
  lr: number;
  /** β₁, the weight of the average in the blend whose sign is the step, and β₂, the decay rate of the average. */
  betas: readonly [number, number];
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
}

const lionTwin: Twin = (n, p, g, [m], [gradScale, decayFactor, blendRatio, beta2, oneMinusBeta2, lr]) => {
  const blendScale = mul(gradScale, blendRatio);
  const meanScale = mul(gradScale, oneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const lastMean = m[i];
    const blend = add(lastMean, mul(blendScale, rawGrad));
    m[i] = add(mul(beta2, lastMean), mul(meanScale, rawGrad));
    p[i] = sub(mul(decayFactor, p[i]), bySign(blend, lr, -lr));
  }
};

/**
 * Lion: each element moves by lr, against the sign of a blend of the gradient and its moving average.
 *
 * ```
 * θ = θ - lr λ θ
 * θ = θ - lr sign(β₁m + (1 - β₁) g)
 * m = β₂m + (1 - β₂) g
 * ```
 * Folded: β₁m + (1 - β₁) g has the sign of m + (1 - β₁)/β₁ g (blendRatio), which takes one product less. With β₁ = 0
 * the ratio is infinite, and the sign is that of g.
 *
 * sign(0) is 0. Weight decay is decoupled. The step is larger than Adam's: use a third to a tenth of Adam's lr and three
 * to ten times its weight decay. Throws a RangeError for negative lr or weightDecay, and for betas outside [0, 1).
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
    const beta1 = betas[0];
    const beta2 = betas[1];
    const decayFactor = 1 - lr * weightDecay;
    const blendRatio = (1 - beta1) / beta1;
    const oneMinusBeta2 = 1 - beta2;
    pass.kernel = "lion";
    pass.scalars(decayFactor, blendRatio, beta2, oneMinusBeta2, lr);
  },
  binaries: [binary],
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
