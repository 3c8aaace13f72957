import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/tiger.js";
import { add, bySign, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link tiger}. */
export interface TigerHyper {
  /** Learning rate: how far each element moves in a step. */
  lr: number;
  /** Decay rate of the average. */
  beta: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
}

const tigerTwin: Twin = (n, p, g, [m], [gradScale, decayFactor, beta, oneMinusBeta, lr]) => {
  const scale = mul(gradScale, oneMinusBeta);
  for (let i = 0; i < n; i++) {
    const mean = add(mul(beta, m[i]), mul(scale, g[i]));
    m[i] = mean;
    p[i] = sub(mul(decayFactor, p[i]), bySign(mean, lr, -lr));
  }
};

/**
 * Tiger: Lion with a single β. Each element moves by lr, against the sign of the moving average of its gradient.
 *
 * ```
 * m = βm + (1 - β) g
 * θ = θ - lr λ θ
 * θ = θ - lr sign(m)
 * ```
 * sign(0) is 0. Weight decay is decoupled. The update is the author's; the defaults are those of pytorch_optimizer.
 * Throws a RangeError for negative lr or weightDecay, and for beta outside [0, 1).
 *
 * Su, Tiger: a tight-fisted optimizer, 2023 (github.com/bojone/tiger).
 *
 * @example
 * const opt = tiger(model.parameters(), { lr: 1e-3, weightDecay: 0.01 });
 */
export const tiger = /* @__PURE__ */ optimizer<TigerHyper, object>({
  name: "tiger",
  paper: "Su 2023",
  follows: "authors",
  hyper: { lr: 1e-3, beta: 0.965, weightDecay: 0.01 },
  check({ lr, beta, weightDecay }) {
    checkNonNegative("lr", lr);
    checkRate("beta", beta);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ expAvg: shape }),
  averages: () => ["expAvg"],
  prepare({ lr, beta, weightDecay }, _s, _t, pass) {
    const decayFactor = 1 - lr * weightDecay;
    const oneMinusBeta = 1 - beta;
    pass.kernel = "tiger";
    pass.scalars(decayFactor, beta, oneMinusBeta, lr);
  },
  binaries: [binary],
  kernels: { tiger: tigerTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<TigerHyper> = {
  variants: { "": {}, "no decay": { lr: 0.01, beta: 0.9, weightDecay: 0 } },
  descend: {
    bowl: { lr: 0.02, weightDecay: 0 },
    ravine: { lr: 0.02 },
    rosenbrock: { lr: 0.002, weightDecay: 0 },
  },
};
