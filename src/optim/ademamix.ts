import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/ademamix.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkTriple } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link ademamix}. */
export interface AdemamixHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the fast mean, the second moment, and the slow mean. */
  betas: readonly [number, number, number];
  /** Weight of the slow mean; that of the fast one is 1. */
  alpha: number;
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdemamixState {
  beta1Power: number;
  beta2Power: number;
}

const ademamixTwin: Twin = (
  n,
  p,
  g,
  [m, slow, v],
  [
    gradScale,
    decayFactor,
    beta1,
    oneMinusBeta1,
    beta2,
    sqrtOneMinusBeta2,
    beta3,
    oneMinusBeta3,
    slowWeight,
    denomScale,
    denomEps,
  ],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  const slowScale = mul(gradScale, oneMinusBeta3);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const rootedGrad = mul(rootScale, rawGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(beta1, m[i]), mul(meanScale, rawGrad));
    const slowMean = add(mul(beta3, slow[i]), mul(slowScale, rawGrad));
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    v[i] = square;
    m[i] = mean;
    slow[i] = slowMean;
    p[i] = sub(mul(decayFactor, p[i]), div(add(mean, mul(slowWeight, slowMean)), denom));
  }
};

/**
 * AdEMAMix: Adam with two means of the gradient, a fast one and a slow one that remembers tens of thousands of steps.
 *
 * ```
 * θ  = θ - lr λ θ
 * m₁ = β₁m₁ + (1 - β₁) g
 * m₂ = β₃m₂ + (1 - β₃) g           not bias-corrected
 * v  = β₂v + (1 - β₂) g²
 * θ  = θ - lr (m₁ / (1 - β₁^t) + α m₂) / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * r = √(1 - β₂) g                              rootedGrad
 * v = β₂v + r²
 * θ = (1 - lr λ) θ - (m₁ + S m₂) / (R/A √v + ε/A)
 *                                              slowWeight S = (1 - β₁^t) α
 *                                              denomScale R/A and denomEps ε/A, with R = 1 / √(1 - β₂^t) and
 *                                              A = lr / (1 - β₁^t)
 * ```
 * The paper warms up α and β₃. Use schedules for that: `alpha: schedules.linear(…)`, `betas: [0.9, 0.999, (t) => …]`.
 * Weight decay is decoupled. Throws a RangeError for negative lr, alpha, eps or weightDecay, and for betas outside
 * [0, 1).
 *
 * Pagliardini, Ablin & Grangier, The AdEMAMix optimizer: better, faster, older, ICLR 2025, algorithm 1.
 *
 * @example
 * const opt = ademamix(model.parameters(), { lr: 1e-3, alpha: 8, weightDecay: 0.1 });
 */
export const ademamix = /* @__PURE__ */ optimizer<AdemamixHyper, AdemamixState>({
  name: "ademamix",
  paper: "Pagliardini et al. 2025",
  follows: "Optax",
  hyper: { lr: 1e-3, betas: [0.9, 0.999, 0.9999], alpha: 5, eps: 1e-8, weightDecay: 0 },
  check({ lr, betas, alpha, eps, weightDecay }) {
    checkNonNegative("lr", lr);
    checkTriple("betas", betas, checkRate);
    checkNonNegative("alpha", alpha);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSlow: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSlow", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare({ lr, betas, alpha, eps, weightDecay }, s, _, pass) {
    const beta1 = betas[0];
    const beta2 = betas[1];
    const beta3 = betas[2];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const decayFactor = 1 - lr * weightDecay;
    const oneMinusBeta1 = 1 - beta1;
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const oneMinusBeta3 = 1 - beta3;
    const slowWeight = (1 - s.beta1Power) * alpha;
    const denomScale = rootOver(rootCorrection, stepSize);
    const denomEps = epsOver(eps, stepSize);
    pass.kernel = "ademamix";
    // biome-ignore format: one scalar after the other, as in the kernel
    pass.scalars(
      decayFactor, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, beta3, oneMinusBeta3, slowWeight, denomScale,
      denomEps,
    );
  },
  binaries: [binary],
  kernels: { ademamix: ademamixTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AdemamixHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.9, 0.99, 0.999], alpha: 8, eps: 1e-6, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  // A mean that remembers the whole run keeps pushing in the direction of the start; with 0.99 it forgets in time.
  descend: {
    bowl: { lr: 0.1, betas: [0.9, 0.999, 0.99], alpha: 1 },
    ravine: { lr: 0.1, betas: [0.9, 0.999, 0.99], alpha: 1 },
    rosenbrock: { lr: 0.02, betas: [0.9, 0.999, 0.99], alpha: 1 },
  },
};
