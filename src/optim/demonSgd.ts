import { checkNonNegative, checkRate, checkWhole } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/demonSgd.js";
import { add, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link demonSgd}. */
export interface DemonSgdHyper {
  /** Learning rate. */
  lr: number;
  /** β₀, the momentum of the first step. */
  momentum: number;
  /** T: the number of steps of the whole run, over which momentum falls to 0. */
  totalSteps: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
}

const demonSgdTwin: Twin = (n, p, g, [v], [gradScale, l2, momentum, lr]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const velocity = add(mul(momentum, v[i]), grad);
    v[i] = velocity;
    p[i] = sub(theta, mul(lr, velocity));
  }
};

/**
 * SGD with decaying momentum (Demon): what a gradient contributes to later steps falls to 0 linearly.
 *
 * ```
 * g = g + λθ
 * r = max(0, 1 - (t - 1) / T)                    t = 1, 2 … the step
 * β = β₀ r / ((1 - β₀) + β₀ r)
 * v = βv + g
 * θ = θ - lr v
 * ```
 * Set `totalSteps`, T, to the number of steps you will take: the method defines no default, and the 10,000 here is only a
 * placeholder. From step T + 1 on, β is 0. lr is PyTorch's for SGD. Weight decay is L2. Throws a RangeError for negative
 * lr or weightDecay, for momentum outside [0, 1), and for a totalSteps that is not a whole number above 0.
 *
 * Chen et al., Demon: improved neural network training with momentum decay, ICASSP 2022 (arXiv 1910.04952), algorithm 1.
 *
 * @example
 * const opt = demonSgd(model.parameters(), { lr: 0.1, totalSteps: 5000 });
 */
export const demonSgd = /* @__PURE__ */ optimizer<DemonSgdHyper, object>({
  name: "demonSgd",
  paper: "Chen et al. 2022",
  follows: "paper",
  hyper: { lr: 1e-3, momentum: 0.9, totalSteps: 10_000, weightDecay: 0 },
  check({ lr, momentum, totalSteps, weightDecay }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkWhole("totalSteps", totalSteps);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ momentumBuffer: shape }),
  averages: () => ["momentumBuffer"],
  prepare({ lr, momentum: beta0, totalSteps, weightDecay: l2 }, _, t, pass) {
    const remaining = beta0 * Math.max(0, 1 - (t - 1) / totalSteps); // β₀ r
    const momentum = remaining / (1 - beta0 + remaining);
    pass.kernel = "demonSgd";
    pass.scalars(l2, momentum, lr);
  },
  binaries: [binary],
  kernels: { demonSgd: demonSgdTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<DemonSgdHyper> = {
  variants: {
    "": { lr: 0.05 },
    "past the end": { lr: 0.05, momentum: 0.99, totalSteps: 30, weightDecay: 0.1 },
  },
  descend: {
    bowl: { lr: 0.05, totalSteps: 2000 },
    ravine: { lr: 0.02, totalSteps: 2000 },
    rosenbrock: { lr: 1e-3, totalSteps: 10_000 },
  },
};
