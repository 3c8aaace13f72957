import { checkBoolean, checkNonNegative } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/adagrad.js";
import { add, div, mul, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link adagrad}. */
export interface AdagradHyper {
  /** Learning rate. */
  lr: number;
  /** The rate of step t is lr / (1 + (t - 1) lrDecay). */
  lrDecay: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** What the sum of squares starts from. */
  initialAccumulatorValue: number;
  /** Added to the root of the sum, or to the sum with `epsInsideRoot`. */
  eps: number;
  /** Keras, Optax and some textbooks: √(s + ε) in place of √s + ε. */
  epsInsideRoot: boolean;
}

const adagradTwin: Twin = (n, p, g, [s], [gradScale, l2, lr, epsRoot, eps]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const sum = add(s[i], mul(grad, grad));
    const denom = add(sqrt(add(sum, epsRoot)), eps);
    s[i] = sum;
    p[i] = sub(theta, div(mul(lr, grad), denom));
  }
};

/**
 * AdaGrad: steps by the gradient over the root of the sum of all its squares, so that seldom seen features keep a high
 * rate.
 *
 * ```
 * g = g + λθ
 * s = s + g²                       s₀ = initialAccumulatorValue
 * θ = θ - lr / (1 + (t - 1) lrDecay) g / (√s + ε)        (epsInsideRoot: g / √(s + ε))
 * ```
 * Weight decay is L2. Throws a RangeError for a negative lr, lrDecay, weightDecay, initialAccumulatorValue or eps.
 * Keras and Optax are `{ epsInsideRoot: true, initialAccumulatorValue: 0.1, eps: 1e-7 }`.
 *
 * Duchi, Hazan & Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 2011,
 * figure 1 with diagonal matrices.
 *
 * @example
 * const opt = adagrad(model.parameters(), { lr: 0.1 });
 */
export const adagrad = /* @__PURE__ */ optimizer<AdagradHyper, object>({
  name: "adagrad",
  paper: "Duchi et al. 2011",
  follows: "PyTorch",
  hyper: { lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, epsInsideRoot: false },
  check({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps, epsInsideRoot }) {
    checkNonNegative("lr", lr);
    checkNonNegative("lrDecay", lrDecay);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("initialAccumulatorValue", initialAccumulatorValue);
    checkNonNegative("eps", eps);
    checkBoolean("epsInsideRoot", epsInsideRoot);
  },
  slots: (_, shape) => ({ sum: shape }),
  start({ ops, tensors, hyper }) {
    for (const { slots } of tensors) ops.fill(slots.sum, hyper.initialAccumulatorValue);
  },
  prepare({ lr, lrDecay, weightDecay, eps, epsInsideRoot }, _, t, pass) {
    pass.kernel = "adagrad";
    const rate = lr / (1 + (t - 1) * lrDecay);
    pass.scalars(weightDecay, rate, epsInsideRoot ? eps : 0, epsInsideRoot ? 0 : eps);
  },
  codes: [code],
  kernels: { adagrad: adagradTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<AdagradHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.1, lrDecay: 0.1, weightDecay: 0.1 },
    "initial accumulator": { lr: 0.1, initialAccumulatorValue: 0.5, eps: 1e-6 },
    "eps inside the root": { lr: 0.1, initialAccumulatorValue: 0.1, eps: 1e-7, epsInsideRoot: true },
  },
  // The sum slows it down by itself.
  descend: { bowl: { lr: 1 }, ravine: { lr: 1 }, rosenbrock: { lr: 0.7 }, constant: true },
};
