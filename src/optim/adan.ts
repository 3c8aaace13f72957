import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adan.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkTriple } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adan}. */
export interface AdanHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the mean of the gradients, the mean of their changes, and the second moment. */
  betas: readonly [number, number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: λ of the two forms below. */
  weightDecay: number;
  /** Divide θ by 1 + lr λ after the step; otherwise multiply it by 1 - lr λ before the step. */
  proximal: boolean;
}

/** β₁^t, β₂^t and β₃^t as running products: `Math.pow` differs between engines. */
export interface AdanState extends Counted {
  beta1Power: number;
  beta2Power: number;
  beta3Power: number;
}

const adanTwin: Twin = (
  n,
  p,
  g,
  [m, d, v, last],
  [
    gradScale,
    decayFactor,
    beta1,
    oneMinusBeta1,
    beta2,
    oneMinusBeta2,
    beta3,
    sqrtOneMinusBeta3,
    meanChangeWeight,
    denomScale,
    denomEps,
  ],
) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const change = sub(grad, last[i]);
    const rootedLookAhead = mul(sqrtOneMinusBeta3, add(grad, mul(beta2, change)));
    const square = add(mul(beta3, v[i]), mul(rootedLookAhead, rootedLookAhead));
    v[i] = square;
    last[i] = grad;
    const mean = add(mul(beta1, m[i]), mul(oneMinusBeta1, grad));
    m[i] = mean;
    const meanChange = add(mul(beta2, d[i]), mul(oneMinusBeta2, change));
    d[i] = meanChange;
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    p[i] = sub(mul(decayFactor, p[i]), div(add(mean, mul(meanChangeWeight, meanChange)), denom));
  }
};

/**
 * Adan: Nesterov momentum that looks ahead by the change between two gradients, and so needs no gradient at another
 * point.
 *
 * ```
 * Δ = g - g of the step before            0 at the first step
 * m = β₁m + (1 - β₁) g
 * d = β₂d + (1 - β₂) Δ
 * n = β₃n + (1 - β₃) (g + β₂Δ)²
 * θ = θ - lr (m / (1 - β₁^t) + β₂d / (1 - β₂^t)) / (√n / √(1 - β₃^t) + ε)
 * θ = θ / (1 + lr λ)                      (proximal false: θ = θ - lr λ θ before the step)
 *
 * Folded:
 * q = √(1 - β₃) (g + β₂Δ)                      rootedLookAhead
 * n = β₃n + q²
 * θ = K θ - (m + D d) / (R/A √n + ε/A)         decayFactor K = 1 / (1 + lr λ) (proximal false: 1 - lr λ)
 *                                              meanChangeWeight D = β₂ (1 - β₁^t) / (1 - β₂^t)
 *                                              denomScale R/A and denomEps ε/A, with R = 1 / √(1 - β₃^t) and
 *                                              A = lr K / (1 - β₁^t) (proximal false: lr / (1 - β₁^t))
 * ```
 * β are decay rates, as in the authors' code; the paper writes 1 - β for them. Optax takes 1 - β₂ where this and the
 * paper have β₂; its path differs by 56 %, and it is not offered. Weight decay is decoupled. Throws a RangeError for
 * negative lr, eps or weightDecay, and for betas outside [0, 1).
 *
 * Xie et al., Adan: adaptive Nesterov momentum algorithm for faster optimizing deep models, 2022, algorithm 1.
 *
 * @example
 * const opt = adan(model.parameters(), { lr: 1e-3, weightDecay: 0.02 });
 */
export const adan = /* @__PURE__ */ optimizer<AdanHyper, AdanState>({
  name: "adan",
  paper: "Xie et al. 2022",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.98, 0.92, 0.99], eps: 1e-8, weightDecay: 0, proximal: true },
  check({ lr, betas, eps, weightDecay, proximal }) {
    checkNonNegative("lr", lr);
    checkTriple("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("proximal", proximal);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgDiff: shape, expAvgSq: shape, previousGrad: shape }),
  averages: () => ["expAvg", "expAvgDiff", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1, beta3Power: 1, steps: 0 }),
  prepare({ lr, betas, eps, weightDecay, proximal }, s, _, pass) {
    const t = ++s.steps;
    const beta1 = betas[0];
    const givenBeta2 = betas[1];
    const beta3 = betas[2];
    s.beta1Power *= beta1;
    s.beta2Power *= givenBeta2;
    s.beta3Power *= beta3;
    const correction = 1 - s.beta1Power;
    const rootCorrection = 1 / Math.sqrt(1 - s.beta3Power);
    const afterStep = proximal ? 1 / (1 + lr * weightDecay) : 1;
    const stepSize = (lr * afterStep) / correction;
    const decayFactor = proximal ? afterStep : 1 - lr * weightDecay;
    const oneMinusBeta1 = 1 - beta1;
    // At the first step there is no change: with 0 for both, the mean of changes stays at 0.
    const beta2 = t === 1 ? 0 : givenBeta2;
    const oneMinusBeta2 = t === 1 ? 0 : 1 - givenBeta2;
    const sqrtOneMinusBeta3 = Math.sqrt(1 - beta3);
    const meanChangeWeight = (givenBeta2 * correction) / (1 - s.beta2Power);
    const denomScale = rootOver(rootCorrection, stepSize);
    const denomEps = epsOver(eps, stepSize);
    pass.kernel = "adan";
    // biome-ignore format: one scalar after the other, as in the kernel
    pass.scalars(
      decayFactor, beta1, oneMinusBeta1, beta2, oneMinusBeta2, beta3, sqrtOneMinusBeta3, meanChangeWeight, denomScale,
      denomEps,
    );
  },
  binaries: [binary],
  kernels: { adan: adanTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AdanHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.9, 0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "not proximal": { lr: 0.01, weightDecay: 0.1, proximal: false },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.02 } },
};
