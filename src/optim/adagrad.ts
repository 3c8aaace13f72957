import { checkNonNegative, checkOneOf } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adagrad.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link adagrad}. */
export interface AdagradHyper {
  /** Learning rate. */
  lr: number;
  /** Step t has the learning rate lr / (1 + (t - 1) lrDecay). */
  lrDecay: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Initial value of the sum of squares. */
  initialAccumulatorValue: number;
  /** Keeps the divisor above 0; `epsPlacement` says where it is added. */
  eps: number;
  /** "denominator": √s + ε. "square": √(s + ε), as in Keras, Optax and some textbooks. */
  epsPlacement: "denominator" | "square";
}

const adagradTwin: Twin = (n, p, g, [s], [gradScale, l2, lr, epsSquare, eps]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const squareSum = add(s[i], mul(grad, grad));
    const denom = add(sqrt(add(squareSum, epsSquare)), eps);
    s[i] = squareSum;
    p[i] = sub(theta, div(mul(lr, grad), denom));
  }
};

/**
 * AdaGrad: divides the gradient by the root of the sum of its squares so far, so that rare features keep a high
 * learning rate.
 *
 * ```
 * g = g + λθ
 * s = s + g²                       s₀ = initialAccumulatorValue
 * θ = θ - lr / (1 + (t - 1) lrDecay) g / (√s + ε)        (epsPlacement "square": g / √(s + ε))
 * ```
 * Weight decay is L2. Throws a RangeError for a negative lr, lrDecay, weightDecay, initialAccumulatorValue or eps, and
 * for an unknown epsPlacement. Keras and Optax are
 * `{ epsPlacement: "square", initialAccumulatorValue: 0.1, eps: 1e-7 }`.
 *
 * Duchi, Hazan & Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 2011,
 * figure 1 with diagonal matrices.
 *
 * @example
 * const opt = adagrad(model.parameters(), { lr: 0.1 });
 */
export const adagrad = /* @__PURE__ */ optimizer<AdagradHyper, Counted>({
  name: "adagrad",
  paper: "Duchi et al. 2011",
  follows: "PyTorch",
  hyper: { lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, epsPlacement: "denominator" },
  check({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps, epsPlacement }) {
    checkNonNegative("lr", lr);
    checkNonNegative("lrDecay", lrDecay);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("initialAccumulatorValue", initialAccumulatorValue);
    checkNonNegative("eps", eps);
    checkOneOf("epsPlacement", epsPlacement, ["denominator", "square"]);
  },
  slots: (_, shape) => ({ sum: shape }),
  start({ ops, tensors, hyper }) {
    for (const { slots } of tensors) ops.fill(slots.sum, hyper.initialAccumulatorValue);
  },
  state: () => ({ steps: 0 }),
  prepare(h, s, _, pass) {
    const t = ++s.steps;
    const l2 = h.weightDecay;
    const lr = h.lr / (1 + (t - 1) * h.lrDecay);
    const epsSquare = h.epsPlacement === "square" ? h.eps : 0;
    const eps = h.epsPlacement === "square" ? 0 : h.eps;
    pass.kernel = "adagrad";
    pass.scalars(l2, lr, epsSquare, eps);
  },
  binaries: [binary],
  kernels: { adagrad: adagradTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AdagradHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.1, lrDecay: 0.1, weightDecay: 0.1 },
    "initial accumulator": { lr: 0.1, initialAccumulatorValue: 0.5, eps: 1e-6 },
    "eps on the square": { lr: 0.1, initialAccumulatorValue: 0.1, eps: 1e-7, epsPlacement: "square" },
  },
  // The growing sum lowers the learning rate by itself: no schedule.
  descend: { bowl: { lr: 1 }, ravine: { lr: 1 }, rosenbrock: { lr: 0.7 }, constant: true },
};
