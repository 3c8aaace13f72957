import { checkNonNegative, checkOneOf, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/demonAdam.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link demonAdam}. */
export interface DemonAdamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first moment, which falls from this value, and of the second. */
  betas: readonly [number, number];
  /** Added to the root of the second moment, or to the second moment itself in the paper's variant. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
  /** T: the steps over which the momentum falls to 0, where it stays. With Infinity, the default, it does not fall. */
  totalSteps: number;
  /** "ema": the first moment is an average, and the second is bias-corrected. "paper": neither. */
  variant: "ema" | "paper";
}

/** β₂^t as a running product: `Math.pow` differs between engines. */
export interface DemonAdamState {
  beta2Power: number;
}

const demonAdamTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, decayFactor, beta1, newestWeight, beta2, sqrtOneMinusBeta2, epsSquare, denomScale, denomEps],
) => {
  const meanScale = mul(gradScale, newestWeight);
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const rootedGrad = mul(rootScale, rawGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(beta1, m[i]), mul(meanScale, rawGrad));
    const denom = add(mul(sqrt(add(square, epsSquare)), denomScale), denomEps);
    v[i] = square;
    m[i] = mean;
    p[i] = sub(mul(decayFactor, p[i]), div(mean, denom));
  }
};

/**
 * Demon Adam: Adam whose momentum decays to 0 over the run, so that the influence of each gradient on all later steps
 * falls in a straight line.
 *
 * ```
 * x = max(0, 1 - (t - 1) / T), T = totalSteps
 * β = β₁x / (1 - β₁ + β₁x)
 * θ = θ - lr λ θ
 * m = βm + (1 - β) g               (variant "paper": m = βm + g)
 * v = β₂v + (1 - β₂) g²
 * θ = θ - lr m / (√v / √(1 - β₂^t) + ε)        (variant "paper": θ - lr m / √(v + ε))
 *
 * Folded:
 * r = √(1 - β₂) g                              rootedGrad
 * v = β₂v + r²
 * m = βm + w g                                 newestWeight w = 1 - β (variant "paper": 1)
 * θ = (1 - lr λ) θ - m / (R/lr √(v + ε_s) + ε_d/lr)
 *                                              denomScale R/lr and denomEps ε_d/lr, with
 *                                              R = 1 / √(1 - β₂^t), ε_s = 0, ε_d = ε
 *                                              (variant "paper": R = 1, epsSquare ε_s = ε, ε_d = 0)
 * ```
 * The first moment is not bias-corrected: the first steps are short. The paper's steps are 1 / (1 - β) times as long,
 * and need a lower lr. Weight decay is decoupled. Throws a RangeError for negative lr, eps or weightDecay, for betas
 * outside [0, 1), for a totalSteps that is not above 0, and for an unknown variant.
 *
 * Chen, Wolfe, Li & Kyrillidis, Demon: improved neural network training with momentum decay, ICASSP 2022
 * (arXiv:1910.04952), algorithm 2.
 *
 * @example
 * const opt = demonAdam(model.parameters(), { lr: 1e-3, totalSteps: 10_000 });
 */
export const demonAdam = /* @__PURE__ */ optimizer<DemonAdamHyper, DemonAdamState>({
  name: "demonAdam",
  paper: "Chen et al. 2022",
  follows: "paper",
  hyper: {
    ...{ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
    ...{ totalSteps: Number.POSITIVE_INFINITY, variant: "ema" },
  },
  check({ lr, betas, eps, weightDecay, totalSteps, variant }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    if (totalSteps !== Number.POSITIVE_INFINITY) checkPositive("totalSteps", totalSteps);
    checkOneOf("variant", variant, ["ema", "paper"]);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta2Power: 1 }),
  prepare({ lr, betas, eps, weightDecay, totalSteps, variant }, s, t, pass) {
    const initialBeta1 = betas[0];
    const beta2 = betas[1];
    s.beta2Power *= beta2;
    const left = initialBeta1 * Math.max(0, 1 - (t - 1) / totalSteps);
    const beta1 = left / (1 - initialBeta1 + left);
    const ema = variant === "ema";
    const newestWeight = ema ? 1 - beta1 : 1;
    const decayFactor = 1 - lr * weightDecay;
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const epsSquare = ema ? 0 : eps;
    const denomScale = rootOver(ema ? 1 / Math.sqrt(1 - s.beta2Power) : 1, lr);
    const denomEps = epsOver(ema ? eps : 0, lr);
    pass.kernel = "demonAdam";
    pass.scalars(decayFactor, beta1, newestWeight, beta2, sqrtOneMinusBeta2, epsSquare, denomScale, denomEps);
  },
  binaries: [binary],
  kernels: { demonAdam: demonAdamTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<DemonAdamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], weightDecay: 0.1, totalSteps: 100 },
    "eps 0": { lr: 0.01, eps: 0, totalSteps: 1000 },
    paper: { totalSteps: 50, weightDecay: 0.1, variant: "paper" },
  },
  descend: {
    bowl: { lr: 0.1, totalSteps: 2000 },
    ravine: { lr: 0.01, totalSteps: 2000, variant: "paper" },
    rosenbrock: { lr: 0.01, totalSteps: 10_000 },
  },
};
