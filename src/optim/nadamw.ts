import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/nadamw.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { momentumOf } from "./shared/momentumWarmup.js";

/** Hyperparameters of {@link nadamw}. */
export interface NadamwHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
  /** ψ: the momentum warms up from about β₁/2 to β₁ as 0.96^(tψ) falls. 0: β₁ from the start. */
  momentumDecay: number;
}

export interface NadamwState extends Counted {
  /** μ₁ μ₂ … μ_t. */
  muProduct: number;
  /** β₂^t as a running product: `Math.pow` differs between engines. */
  beta2Power: number;
}

const nadamwTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, decayFactor, beta1, oneMinusBeta1, beta2, oneMinusBeta2, gradStepSize, meanStepSize, rootCorrection, eps],
) => {
  for (let i = 0; i < n; i++) {
    const decayed = mul(decayFactor, p[i]);
    const grad = mul(gradScale, g[i]);
    const mean = add(mul(beta1, m[i]), mul(oneMinusBeta1, grad));
    const square = add(mul(beta2, v[i]), mul(oneMinusBeta2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), rootCorrection), eps);
    m[i] = mean;
    v[i] = square;
    p[i] = sub(decayed, div(add(mul(gradStepSize, grad), mul(meanStepSize, mean)), denom));
  }
};

/**
 * NAdam with decoupled weight decay, in Optax's form: the momentum is β₁ from the first step.
 *
 * ```
 * θ = θ - lr λ θ
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²
 * m̂ = β₁m / (1 - β₁^(t+1)) + (1 - β₁) g / (1 - β₁^t)
 * θ = θ - lr m̂ / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * lr m̂ = A g + B m                             gradStepSize A = lr (1 - β₁) / (1 - β₁^t),
 *                                              meanStepSize B = lr β₁ / (1 - β₁^(t+1))
 * ```
 * With `momentumDecay` above 0 the momentum warms up as in {@link nadam}; `{ lr: 2e-3, momentumDecay: 0.004 }` is
 * PyTorch's NAdam with decoupled weight decay. Throws a RangeError for negative lr, eps, weightDecay or momentumDecay,
 * and for betas outside [0, 1). The default lr is Adam's: Optax has none.
 *
 * Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop, algorithm 2; Loshchilov & Hutter, Decoupled
 * weight decay regularization, ICLR 2019.
 *
 * @example
 * const opt = nadamw(model.parameters(), { lr: 1e-3, weightDecay: 0.01 });
 */
export const nadamw = /* @__PURE__ */ optimizer<NadamwHyper, NadamwState>({
  name: "nadamw",
  paper: "Dozat 2016; Loshchilov & Hutter 2019",
  follows: "Optax",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-4, momentumDecay: 0 },
  check({ lr, betas, eps, weightDecay, momentumDecay }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("momentumDecay", momentumDecay);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ muProduct: 1, beta2Power: 1, steps: 0 }),
  prepare({ lr, betas, eps, weightDecay, momentumDecay }, s, _, pass) {
    const t = ++s.steps;
    const beta1 = betas[0];
    const beta2 = betas[1];
    const mu = momentumOf(beta1, momentumDecay, t);
    const nextMu = momentumOf(beta1, momentumDecay, t + 1);
    s.muProduct *= mu;
    s.beta2Power *= beta2;
    const decayFactor = 1 - lr * weightDecay;
    const oneMinusBeta1 = 1 - beta1;
    const oneMinusBeta2 = 1 - beta2;
    const gradStepSize = (lr * (1 - mu)) / (1 - s.muProduct);
    const meanStepSize = (lr * nextMu) / (1 - s.muProduct * nextMu);
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    pass.kernel = "nadamw";
    pass.scalars(
      decayFactor,
      beta1,
      oneMinusBeta1,
      beta2,
      oneMinusBeta2,
      gradStepSize,
      meanStepSize,
      rootCorrection,
      eps,
    );
  },
  binaries: [binary],
  kernels: { nadamw: nadamwTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<NadamwHyper> = {
  variants: {
    "": {},
    "no decay": { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0 },
    "eps 0": { lr: 0.01, eps: 0, weightDecay: 0.3 },
    "momentum decay": { lr: 0.01, weightDecay: 0.1, momentumDecay: 0.004 },
  },
  // Decay pulls away from a minimum that is not at 0.
  descend: {
    bowl: { lr: 0.1, weightDecay: 0 },
    ravine: { lr: 0.1, weightDecay: 0.01 },
    rosenbrock: { lr: 0.05, weightDecay: 0 },
  },
};
