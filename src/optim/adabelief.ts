import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adabelief.js";
import { add, div, mul, plus, pmax, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adabelief}. */
export interface AdabeliefHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Added to the second moment itself at every step, so that it accumulates. null: the same as `eps`. */
  epsSquare: number | null;
  /** Decoupled: θ shrinks by lr λ before the step. Without `decoupled` L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Divide by the root of the largest second moment so far. */
  amsgrad: boolean;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdabeliefState {
  beta1Power: number;
  beta2Power: number;
}

const adabeliefTwin: Twin = (
  n,
  p,
  g,
  [m, s],
  [gradScale, l2, decayFactor, oneMinusBeta1, beta2, deviationScale, epsSquare, denomScale, denomEps],
) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const lastMean = m[i];
    const deviation = sub(grad, lastMean);
    const rootedDeviation = mul(deviationScale, deviation);
    const variance = add(add(mul(beta2, s[i]), mul(rootedDeviation, rootedDeviation)), epsSquare);
    s[i] = variance;
    const mean = add(lastMean, mul(oneMinusBeta1, deviation));
    m[i] = mean;
    const denom = add(mul(sqrt(variance), denomScale), denomEps);
    p[i] = sub(mul(decayFactor, theta), div(mean, denom));
  }
};

const adabeliefAmsgrad: Twin = (
  n,
  p,
  g,
  [m, s, sMax],
  [gradScale, l2, decayFactor, oneMinusBeta1, beta2, deviationScale, epsSquare, denomScale, denomEps],
) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, theta);
    const lastMean = m[i];
    const deviation = sub(grad, lastMean);
    const rootedDeviation = mul(deviationScale, deviation);
    const variance = add(add(mul(beta2, s[i]), mul(rootedDeviation, rootedDeviation)), epsSquare);
    s[i] = variance;
    const mean = add(lastMean, mul(oneMinusBeta1, deviation));
    m[i] = mean;
    const maxVariance = pmax(variance, sMax[i]);
    const denom = add(mul(sqrt(maxVariance), denomScale), denomEps);
    sMax[i] = maxVariance;
    p[i] = sub(mul(decayFactor, theta), div(mean, denom));
  }
};

/**
 * AdaBelief: Adam that divides by how far gradients stray from their mean, not by how large they are: steps are long
 * where the gradient is as expected.
 *
 * ```
 * θ = θ - lr λ θ                   (decoupled: false: g = g + λθ instead)
 * m = β₁m + (1 - β₁) g
 * s = β₂s + (1 - β₂) (g - m)² + ε_s           (amsgrad: the largest s so far in the step)
 * θ = θ - lr m / (1 - β₁^t) / (√s / √(1 - β₂^t) + ε)
 *
 * Folded:
 * d = g - m                                   deviation from the mean before the step; from the mean after it β₁d
 * r = β₁ √(1 - β₂) d                          rootedDeviation = deviationScale d
 * s = β₂s + r² + ε_s
 * m = m + (1 - β₁) d
 * θ = (1 - lr λ) θ - m / (R/A √s + ε/A)       denomScale R/A and denomEps ε/A, with
 *                                             R = 1 / √(1 - β₂^t), A = lr / (1 - β₁^t)
 * ```
 * As in the authors' code a step adds ε twice: ε_s, `epsSquare`, to the second moment, and `eps` to its root; Optax has
 * a name for each. RAdam's rectification, which the authors' later releases switch on, is not included. Weight decay is
 * decoupled unless `decoupled: false`. Throws a RangeError for negative lr, eps, epsSquare or weightDecay, and for betas
 * outside [0, 1).
 *
 * Zhuang et al., AdaBelief optimizer: adapting stepsizes by the belief in observed gradients, NeurIPS 2020, algorithm 2.
 *
 * @example
 * const opt = adabelief(model.parameters(), { lr: 1e-3 });
 */
export const adabelief = /* @__PURE__ */ optimizer<AdabeliefHyper, AdabeliefState>({
  name: "adabelief",
  paper: "Zhuang et al. 2020",
  follows: "authors",
  hyper: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-16,
    epsSquare: null,
    weightDecay: 0,
    amsgrad: false,
    decoupled: true,
  },
  check({ lr, betas, eps, epsSquare, weightDecay, amsgrad, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    if (epsSquare !== null) checkNonNegative("epsSquare", epsSquare);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("amsgrad", amsgrad);
    checkBoolean("decoupled", decoupled);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgVar: shape, ...(h.amsgrad && { maxExpAvgVar: shape }) }),
  averages: () => ["expAvg", "expAvgVar"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare(h, s, _, pass) {
    const { lr, eps, weightDecay, amsgrad, decoupled } = h;
    const beta1 = h.betas[0];
    const beta2 = h.betas[1];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const l2 = decoupled ? 0 : weightDecay;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const oneMinusBeta1 = 1 - beta1;
    const deviationScale = beta1 * Math.sqrt(1 - beta2);
    const epsSquare = h.epsSquare ?? eps;
    const denomScale = rootOver(rootCorrection, stepSize);
    const denomEps = epsOver(eps, stepSize);
    pass.kernel = amsgrad ? "adabeliefAmsgrad" : "adabelief";
    pass.slots = amsgrad ? 3 : 2;
    pass.scalars(l2, decayFactor, oneMinusBeta1, beta2, deviationScale, epsSquare, denomScale, denomEps);
  },
  binaries: [binary],
  kernels: { adabelief: adabeliefTwin, adabeliefAmsgrad },
});

/** Settings for tests and benches. */
export const trials: Trials<AdabeliefHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-8, weightDecay: 0.1 },
    L2: { lr: 0.01, eps: 1e-8, weightDecay: 0.1, decoupled: false },
    "eps of two kinds": { lr: 0.01, eps: 1e-8, epsSquare: 1e-12 },
    amsgrad: { lr: 0.01, eps: 1e-8, weightDecay: 0.1, amsgrad: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.01 } },
};
