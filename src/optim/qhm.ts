import { checkBoolean, checkNonNegative, checkNumber, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/qhm.js";
import { add, mul, plus, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link qhm}. */
export interface QhmHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate β of the average. */
  momentum: number;
  /** Weight ν of the average in the step; the gradient itself has 1 - ν. */
  nu: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ is multiplied by 1 - lr λ. */
  weightDecay: number;
  /** Take weight decay out of the gradient and apply it to θ directly. */
  decoupled: boolean;
}

const qhmTwin: Twin = (
  n,
  p,
  g,
  [m],
  [gradScale, decayFactor, scaledL2, momentum, oneMinusMomentum, bufferStepSize, foldedGradStepSize],
) => {
  const scale = mul(gradScale, oneMinusMomentum);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = plus(mul(scale, g[i]), scaledL2, theta);
    const mean = add(mul(momentum, m[i]), weightedGrad);
    m[i] = mean;
    const step = add(mul(bufferStepSize, mean), mul(foldedGradStepSize, weightedGrad));
    p[i] = sub(mul(decayFactor, theta), step);
  }
};

/**
 * Quasi-hyperbolic momentum: steps by a blend of the gradient and its moving average.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = βm + (1 - β) g
 * θ = θ - lr (νm + (1 - ν) g)
 * ```
 * Folded: weightedGrad = (1 - β) (g + λθ), so scaledL2 = (1 - β) λ and m = βm + weightedGrad. The step is
 * lr ν m (bufferStepSize) + lr (1 - ν) / (1 - β) weightedGrad (foldedGradStepSize).
 *
 * ν = 1 is momentum as a moving average, ν = β Nesterov's. m starts at 0 and is not bias-corrected. The defaults are
 * the paper's rule of thumb, with the lr of 1 in the authors' example: the step has the size of lr g. Weight decay is L2
 * unless `decoupled`. Throws a RangeError for negative lr or weightDecay, and for momentum outside [0, 1).
 *
 * Ma & Yarats, Quasi-hyperbolic momentum and Adam for deep learning, ICLR 2019, eq. 3–4.
 *
 * @example
 * const opt = qhm(model.parameters(), { lr: 0.5, momentum: 0.999, nu: 0.7 });
 */
export const qhm = /* @__PURE__ */ optimizer<QhmHyper, object>({
  name: "qhm",
  paper: "Ma & Yarats 2019",
  follows: "authors",
  hyper: { lr: 1, momentum: 0.999, nu: 0.7, weightDecay: 0, decoupled: false },
  check({ lr, momentum, nu, weightDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNumber("nu", nu, "a finite number", () => true);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
  },
  slots: (_, shape) => ({ momentumBuffer: shape }),
  averages: () => ["momentumBuffer"],
  prepare({ lr, momentum, nu, weightDecay, decoupled }, _s, _t, pass) {
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const oneMinusMomentum = 1 - momentum;
    const scaledL2 = decoupled ? 0 : oneMinusMomentum * weightDecay;
    const bufferStepSize = lr * nu;
    const foldedGradStepSize = (lr * (1 - nu)) / oneMinusMomentum;
    pass.kernel = "qhm";
    pass.scalars(decayFactor, scaledL2, momentum, oneMinusMomentum, bufferStepSize, foldedGradStepSize);
  },
  binaries: [binary],
  kernels: { qhm: qhmTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<QhmHyper> = {
  variants: {
    "": { lr: 0.1 },
    decay: { lr: 0.1, momentum: 0.9, weightDecay: 0.1 },
    decoupled: { lr: 0.1, momentum: 0.9, nu: 1, weightDecay: 0.1, decoupled: true },
  },
  descend: {
    bowl: { lr: 0.1, momentum: 0.9 },
    ravine: { lr: 0.1, momentum: 0.9 },
    rosenbrock: { lr: 0.01, momentum: 0.9, nu: 0.9 },
  },
};
