import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/laprop.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link laprop}. */
export interface LapropHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ after the step. */
  weightDecay: number;
}

/** The running mean of the learning rates, which corrects the bias of m, and β₂^t as a running product. */
export interface LapropState {
  expAvgLr: number;
  beta2Power: number;
}

const lapropTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, decayFactor, beta1, oneMinusBeta1Lr, beta2, oneMinusBeta2, rootCorrection, eps, meanCorrection],
) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const square = add(mul(beta2, v[i]), mul(oneMinusBeta2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), rootCorrection), eps);
    const mean = add(mul(beta1, m[i]), div(mul(oneMinusBeta1Lr, grad), denom));
    m[i] = mean;
    v[i] = square;
    p[i] = mul(decayFactor, sub(p[i], mul(meanCorrection, mean)));
  }
};

/**
 * LaProp: normalizes the gradient first and takes the mean of that, where Adam divides one mean by the other.
 *
 * ```
 * v = β₂v + (1 - β₂) g²
 * m = β₁m + lr (1 - β₁) g / (√(v / (1 - β₂^t)) + ε)
 * a = β₁a + (1 - β₁) lr            expAvgLr, the mean of the learning rates in m
 * θ = θ - lr m / a                 m / (1 - β₁^t) for a constant lr
 * θ = θ - lr λ θ
 *
 * Folded:
 * m = β₁m + c g / (R √v + ε)       oneMinusBeta1Lr c = (1 - β₁) lr, rootCorrection R = 1 / √(1 - β₂^t)
 * θ = (1 - lr λ) (θ - C m)         meanCorrection C = lr / a
 * ```
 * Weight decay is decoupled. Throws a RangeError for negative lr, eps or weightDecay, and for betas outside [0, 1).
 *
 * Ziyin, Wang & Ueda, LaProp: separating momentum and adaptivity in Adam, 2020, algorithm 1.
 *
 * @example
 * const opt = laprop(model.parameters(), { lr: 4e-4 });
 */
export const laprop = /* @__PURE__ */ optimizer<LapropHyper, LapropState>({
  name: "laprop",
  paper: "Ziyin et al. 2020",
  follows: "authors",
  hyper: { lr: 4e-4, betas: [0.9, 0.999], eps: 1e-15, weightDecay: 0 },
  check({ lr, betas, eps, weightDecay }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ expAvgLr: 0, beta2Power: 1 }),
  prepare({ lr, betas, eps, weightDecay }, s, _, pass) {
    const beta1 = betas[0];
    const beta2 = betas[1];
    const oneMinusBeta1Lr = (1 - beta1) * lr;
    s.expAvgLr = beta1 * s.expAvgLr + oneMinusBeta1Lr;
    s.beta2Power *= beta2;
    const decayFactor = 1 - lr * weightDecay;
    const oneMinusBeta2 = 1 - beta2;
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const meanCorrection = lr === 0 ? 1 : lr / s.expAvgLr;
    pass.kernel = "laprop";
    pass.scalars(decayFactor, beta1, oneMinusBeta1Lr, beta2, oneMinusBeta2, rootCorrection, eps, meanCorrection);
  },
  binaries: [binary],
  kernels: { laprop: lapropTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<LapropHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
