import { checkBoolean, checkNonNegative, checkNumber, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/sgdw.js";
import { add, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link sgdw}. */
export interface SgdwHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate μ of the momentum buffer; 0 keeps none. */
  momentum: number;
  /** 1 minus the weight of the gradient in the momentum buffer; the first step ignores it. */
  dampening: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
  /** Step by g + μb instead of b. */
  nesterov: boolean;
}

/** Steps taken with momentum: the first of them fills the buffer, and may come after steps without momentum. */
export interface SgdwState {
  momentumSteps: number;
}

const sgdwTwin: Twin = (n, p, g, _, [gradScale, decayFactor, lr]) => {
  const scale = mul(gradScale, lr);
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(decayFactor, p[i]), mul(scale, g[i]));
  }
};

const sgdwMomentum: Twin = (n, p, g, [b], [gradScale, decayFactor, momentum, newestWeight, lr]) => {
  const scale = mul(gradScale, newestWeight);
  for (let i = 0; i < n; i++) {
    const velocity = add(mul(momentum, b[i]), mul(scale, g[i]));
    b[i] = velocity;
    p[i] = sub(mul(decayFactor, p[i]), mul(lr, velocity));
  }
};

const sgdwNesterov: Twin = (n, p, g, [b], [gradScale, decayFactor, momentum, lr]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const velocity = add(mul(momentum, b[i]), grad);
    b[i] = velocity;
    p[i] = sub(mul(decayFactor, p[i]), mul(lr, add(grad, mul(momentum, velocity))));
  }
};

/**
 * Stochastic gradient descent with decoupled weight decay: the decay does not enter the momentum buffer.
 *
 * ```
 * θ = θ - lr λ θ
 * b = g at the first step, then μb + (1 - dampening) g
 * θ = θ - lr (nesterov ? g + μb : b)            without momentum: θ - lr g
 * ```
 * Folded: the buffer gains newestWeight g, with newestWeight = 1 - dampening, or 1 at the first step with momentum.
 *
 * Momentum and defaults are PyTorch's, as in timm; the paper multiplies by lr inside the buffer, which is the same while
 * lr is constant. Weight decay is decoupled and follows the scheduled lr. Throws a RangeError for a negative
 * lr, momentum or weightDecay, and for nesterov without momentum or with dampening.
 *
 * Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 1.
 *
 * @example
 * const opt = sgdw(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 5e-4 });
 */
export const sgdw = /* @__PURE__ */ optimizer<SgdwHyper, SgdwState>({
  name: "sgdw",
  paper: "Loshchilov & Hutter 2019",
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
    const decayFactor = 1 - lr * weightDecay;
    pass.slots = momentum === 0 ? 0 : 1;
    pass.kernel = momentum === 0 ? "sgdw" : nesterov ? "sgdwNesterov" : "sgdwMomentum";
    if (momentum === 0) {
      pass.scalars(decayFactor, lr);
    } else if (nesterov) {
      pass.scalars(decayFactor, momentum, lr);
    } else {
      const newestWeight = s.momentumSteps === 1 ? 1 : 1 - dampening;
      pass.scalars(decayFactor, momentum, newestWeight, lr);
    }
  },
  binaries: [binary],
  kernels: { sgdw: sgdwTwin, sgdwMomentum, sgdwNesterov },
});

/** What tests and benches run it with. */
export const trials: Trials<SgdwHyper> = {
  variants: {
    "": { lr: 0.05 },
    decay: { lr: 0.05, weightDecay: 0.1 },
    momentum: { lr: 0.05, momentum: 0.9, weightDecay: 0.1 },
    dampening: { lr: 0.05, momentum: 0.9, dampening: 0.5, weightDecay: 0.01 },
    nesterov: { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  },
  descend: {
    bowl: { lr: 0.1 },
    ravine: { lr: 0.05, momentum: 0.5, nesterov: true, weightDecay: 0.01 },
    rosenbrock: { lr: 1e-3, momentum: 0.9 },
  },
};
