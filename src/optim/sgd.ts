import { checkBoolean, checkNonNegative, checkNumber, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/sgd.js";
import { add, mul, plus, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link sgd}. */
export interface SgdHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate μ of the momentum buffer; 0 keeps none. */
  momentum: number;
  /** 1 minus the weight of the gradient in the momentum buffer; the first step ignores it. */
  dampening: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Step by g + μb instead of b. */
  nesterov: boolean;
}

/** Steps taken with momentum: the first of them fills the buffer, and may come after steps without momentum. */
export interface SgdState {
  momentumSteps: number;
}

const sgdTwin: Twin = (n, p, g, _, [gradScale, scaledL2, lr]) => {
  const scale = mul(gradScale, lr);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    p[i] = sub(theta, add(mul(scale, g[i]), mul(scaledL2, theta)));
  }
};

const sgdMomentum: Twin = (n, p, g, [b], [gradScale, scaledL2, momentum, newestWeight, lr]) => {
  const scale = mul(gradScale, newestWeight);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = add(mul(scale, g[i]), mul(scaledL2, theta));
    const velocity = add(mul(momentum, b[i]), weightedGrad);
    b[i] = velocity;
    p[i] = sub(theta, mul(lr, velocity));
  }
};

const sgdNesterov: Twin = (n, p, g, [b], [gradScale, l2, momentum, lr]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, theta);
    const velocity = add(mul(momentum, b[i]), grad);
    b[i] = velocity;
    p[i] = sub(theta, mul(lr, add(grad, mul(momentum, velocity))));
  }
};

/**
 * Stochastic gradient descent, with momentum as PyTorch defines it: the buffer starts as the first gradient, and the
 * learning rate is applied outside the buffer.
 *
 * ```
 * g = g + λθ
 * b = g at the first step, then μb + (1 - dampening) g
 * θ = θ - lr (nesterov ? g + μb : b)            without momentum: θ - lr g
 * ```
 * Folded: without momentum lr (g + λθ) = lr g + lr λ θ, so scaledL2 = lr λ. With momentum
 * weightedGrad = (1 - dampening) (g + λθ), so newestWeight = 1 - dampening, or 1 at the first step with momentum, and
 * scaledL2 = newestWeight λ. Nesterov, which has no dampening, folds nothing.
 *
 * Weight decay is L2. Throws a RangeError for a negative lr, momentum or weightDecay, and for nesterov without
 * momentum or with dampening.
 *
 * Robbins & Monro, A stochastic approximation method, 1951; Polyak, Some methods of speeding up the convergence of
 * iteration methods, 1964; Sutskever et al., On the importance of initialization and momentum, ICML 2013, eq. 3–4.
 *
 * @example
 * const opt = sgd(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true });
 */
export const sgd = /* @__PURE__ */ optimizer<SgdHyper, SgdState>({
  name: "sgd",
  paper: "Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013",
  follows: "PyTorch",
  hyper: { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false },
  check({ lr, momentum, dampening, weightDecay, nesterov }) {
    checkNonNegative("lr", lr);
    checkNonNegative("momentum", momentum);
    checkNonNegative("weightDecay", weightDecay);
    checkNumber("dampening", dampening, "a finite number", () => true);
    checkBoolean("nesterov", nesterov);
    if (nesterov && momentum === 0) throw rangeError("nesterov", "a momentum above 0 with it", momentum);
    if (nesterov && dampening !== 0) throw rangeError("nesterov", "a dampening of 0 with it", dampening);
  },
  slots: (h, shape) => (h.momentum === 0 ? ({} as Record<string, typeof shape>) : { momentumBuffer: shape }),
  averages: () => ["momentumBuffer"],
  state: () => ({ momentumSteps: 0 }),
  prepare({ lr, momentum, dampening, weightDecay, nesterov }, s, _, pass) {
    if (momentum !== 0) s.momentumSteps++;
    pass.slots = momentum === 0 ? 0 : 1;
    pass.kernel = momentum === 0 ? "sgd" : nesterov ? "sgdNesterov" : "sgdMomentum";
    if (momentum === 0) {
      const scaledL2 = lr * weightDecay;
      pass.scalars(scaledL2, lr);
    } else if (nesterov) {
      const l2 = weightDecay;
      pass.scalars(l2, momentum, lr);
    } else {
      const newestWeight = s.momentumSteps === 1 ? 1 : 1 - dampening;
      const scaledL2 = newestWeight * weightDecay;
      pass.scalars(scaledL2, momentum, newestWeight, lr);
    }
  },
  binaries: [binary],
  kernels: { sgd: sgdTwin, sgdMomentum, sgdNesterov },
});

/** What tests and benches run it with. */
export const trials: Trials<SgdHyper> = {
  variants: {
    "": { lr: 0.05 },
    decay: { lr: 0.05, weightDecay: 0.1 },
    momentum: { lr: 0.05, momentum: 0.9 },
    dampening: { lr: 0.05, momentum: 0.9, dampening: 0.5, weightDecay: 0.01 },
    nesterov: { lr: 0.05, momentum: 0.9, nesterov: true },
    "nesterov decay": { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  },
  descend: {
    bowl: { lr: 0.1 },
    ravine: { lr: 0.05, momentum: 0.5, nesterov: true },
    rosenbrock: { lr: 1e-3, momentum: 0.9 },
  },
};
