import { checkBoolean, checkNonNegative, checkNumber, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/sgdw.js";
import { add, mul, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link sgdw}. */
export interface SgdwHyper {
  /** Learning rate. */
  lr: number;
  momentum: number;
  /** Share of the gradient that does not enter the momentum buffer; not at the first step. */
  dampening: number;
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
  nesterov: boolean;
}

/** Steps with momentum: the first one, which fills the buffer, may come late. */
export interface SgdwState {
  momentumSteps: number;
}

const sgdwTwin: Twin = (n, p, g, _, [gradScale, keep, lr]) => {
  const rate = mul(gradScale, lr);
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(keep, p[i]), mul(rate, g[i]));
  }
};

const sgdwMomentum: Twin = (n, p, g, [b], [gradScale, keep, momentum, intake, lr]) => {
  const scale = mul(gradScale, intake);
  for (let i = 0; i < n; i++) {
    const buffer = add(mul(momentum, b[i]), mul(scale, g[i]));
    b[i] = buffer;
    p[i] = sub(mul(keep, p[i]), mul(lr, buffer));
  }
};

const sgdwNesterov: Twin = (n, p, g, [b], [gradScale, keep, momentum, lr]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const buffer = add(mul(momentum, b[i]), grad);
    b[i] = buffer;
    p[i] = sub(mul(keep, p[i]), mul(lr, add(grad, mul(momentum, buffer))));
  }
};

/**
 * Stochastic gradient descent with decoupled weight decay: the decay does not pass through the momentum buffer.
 *
 * ```
 * θ = θ - lr λ θ
 * b = g at the first step, then μb + (1 - dampening) g
 * θ = θ - lr (nesterov ? g + μb : b)            without momentum: θ - lr g
 * ```
 * Momentum in PyTorch's form, and defaults, as timm has it; the paper's has the rate inside of the buffer, which is the
 * same while lr is constant. Weight decay is decoupled and follows the scheduled lr. Throws a RangeError for a negative
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
    const keep = 1 - lr * weightDecay;
    pass.slots = momentum === 0 ? 0 : 1;
    pass.kernel = momentum === 0 ? "sgdw" : nesterov ? "sgdwNesterov" : "sgdwMomentum";
    if (momentum === 0) pass.scalars(keep, lr);
    else if (nesterov) pass.scalars(keep, momentum, lr);
    else pass.scalars(keep, momentum, s.momentumSteps === 1 ? 1 : 1 - dampening, lr);
  },
  codes: [code],
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
