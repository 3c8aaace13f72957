import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/signsgd.js";
import { add, bySign, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link signsgd}. */
export interface SignsgdHyper {
  /** Learning rate: how far each element moves in a step. */
  lr: number;
  /** Above 0: the decay rate β of a moving average of gradients, whose sign is then taken (Signum). */
  momentum: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
}

const signsgdTwin: Twin = (n, p, g, _, [gradScale, decayFactor, lr]) => {
  const step = bySign(gradScale, lr, -lr);
  for (let i = 0; i < n; i++) p[i] = sub(mul(decayFactor, p[i]), bySign(g[i], step, -step));
};

const signsgdMomentum: Twin = (n, p, g, [m], [gradScale, decayFactor, momentum, oneMinusMomentum, lr]) => {
  const scale = mul(gradScale, oneMinusMomentum);
  for (let i = 0; i < n; i++) {
    const mean = add(mul(momentum, m[i]), mul(scale, g[i]));
    m[i] = mean;
    p[i] = sub(mul(decayFactor, p[i]), bySign(mean, lr, -lr));
  }
};

/**
 * Sign gradient descent: each element moves by lr, against the sign of its gradient; with momentum, against the sign
 * of its moving average (Signum).
 *
 * ```
 * θ = θ - lr λ θ
 * m = βm + (1 - β) g               without momentum: m = g
 * θ = θ - lr sign(m)
 * ```
 * Folded: without momentum lr sign(gradScale g) = sign(g) (lr sign(gradScale)), whose second factor is the twin's step.
 *
 * sign(0) is 0. Weight decay is decoupled. lr is the paper's. Throws a RangeError for negative lr or weightDecay, and
 * for momentum outside [0, 1).
 *
 * Bernstein et al., signSGD: compressed optimisation for non-convex problems, ICML 2018, algorithms 1 and 2.
 *
 * @example
 * const opt = signsgd(model.parameters(), { lr: 1e-3, momentum: 0.9 });
 */
export const signsgd = /* @__PURE__ */ optimizer<SignsgdHyper, object>({
  name: "signsgd",
  paper: "Bernstein et al. 2018",
  follows: "paper",
  hyper: { lr: 1e-4, momentum: 0, weightDecay: 0 },
  check({ lr, momentum, weightDecay }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (h, shape) => (h.momentum === 0 ? ({} as Record<string, typeof shape>) : { expAvg: shape }),
  averages: () => ["expAvg"],
  prepare({ lr, momentum, weightDecay }, _s, _t, pass) {
    const decayFactor = 1 - lr * weightDecay;
    pass.slots = momentum === 0 ? 0 : 1;
    pass.kernel = momentum === 0 ? "signsgd" : "signsgdMomentum";
    if (momentum === 0) {
      pass.scalars(decayFactor, lr);
    } else {
      const oneMinusMomentum = 1 - momentum;
      pass.scalars(decayFactor, momentum, oneMinusMomentum, lr);
    }
  },
  binaries: [binary],
  kernels: { signsgd: signsgdTwin, signsgdMomentum },
});

/** What tests and benches run it with. */
export const trials: Trials<SignsgdHyper> = {
  variants: {
    "": { lr: 0.01 },
    decay: { lr: 0.01, weightDecay: 0.1 },
    momentum: { lr: 0.01, momentum: 0.9, weightDecay: 0.1 },
  },
  descend: { bowl: { lr: 0.02 }, ravine: { lr: 0.01, momentum: 0.9 }, rosenbrock: { lr: 0.002, momentum: 0.9 } },
};
