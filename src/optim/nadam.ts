import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/nadam.js";
import { add, div, mul, plus, sqrt, sub } from "../math/f32.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";
import { momentumOf } from "./shared/momentumWarmup.js";

/** Hyperparameters of {@link nadam}. */
export interface NadamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  /** ψ: the momentum warms up from about β₁/2 to β₁ as 0.96^(tψ) falls. 0: β₁ from the start. */
  momentumDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
}

export interface NadamState extends Counted {
  /** μ₁ μ₂ … μ_t. */
  muProduct: number;
  /** β₂^t as a running product: `Math.pow` differs between engines. */
  beta2Power: number;
}

const nadamTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, scaledL2, decayFactor, beta1, oneMinusBeta1, beta2, squareRatio, nesterovRatio, denomScale, denomEps],
) => {
  const scale = mul(gradScale, oneMinusBeta1);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = plus(mul(scale, g[i]), scaledL2, theta);
    const rootedGrad = mul(squareRatio, weightedGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    v[i] = square;
    const mean = add(mul(beta1, m[i]), weightedGrad);
    m[i] = mean;
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    p[i] = sub(mul(decayFactor, theta), div(add(weightedGrad, mul(nesterovRatio, mean)), denom));
  }
};

/**
 * NAdam: Adam with Nesterov's momentum, which warms up.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * μ_t = β₁ (1 - ½ 0.96^(tψ)), ψ = momentumDecay          (ψ = 0: μ_t = β₁)
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²
 * m̂ = μ_(t+1) m / (1 - μ₁ … μ_(t+1)) + (1 - μ_t) g / (1 - μ₁ … μ_t)
 * θ = θ - lr m̂ / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * w = (1 - β₁) g + (1 - β₁) λ θ                weightedGrad, with scaledL2 = (1 - β₁) λ
 * r = √(1 - β₂) / (1 - β₁) w                   rootedGrad = squareRatio w
 * v = β₂v + r²
 * m = β₁m + w
 * m̂ = a (w + c m)                              a = (1 - μ_t) / (1 - μ₁ … μ_t) / (1 - β₁),
 *                                              nesterovRatio c = μ_(t+1) / (1 - μ₁ … μ_(t+1)) / a
 * θ = (1 - lr λ) θ - (w + c m) / (R/A √v + ε/A)
 *                                              denomScale R/A and denomEps ε/A, with
 *                                              R = 1 / √(1 - β₂^t), A = lr a
 * ```
 * λ is 0 in the first of these lines if `decoupled`, and in the last one otherwise.
 *
 * This is PyTorch from 2.0 on; 1.13 multiplied by μ_t twice. With `momentumDecay: 0` the momentum is β₁ at every step,
 * as in Optax and in Dozat's algorithm 2, whereas PyTorch would use β₁/2. Dozat's also has β₂v in the root, which is
 * the same as lr and ε divided by √β₂. Keras is `{ lr: 1e-3, eps: 1e-7, momentumDecay: 1, decoupled: true }`.
 *
 * Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps, weightDecay or momentumDecay, and
 * for betas outside [0, 1).
 *
 * Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop, algorithm 2 and section 2 (warm-up).
 *
 * @example
 * const opt = nadam(model.parameters(), { lr: 2e-3 });
 */
export const nadam = /* @__PURE__ */ optimizer<NadamHyper, NadamState>({
  name: "nadam",
  paper: "Dozat 2016",
  follows: "PyTorch",
  hyper: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 0.004, decoupled: false },
  check({ lr, betas, eps, weightDecay, momentumDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("momentumDecay", momentumDecay);
    checkBoolean("decoupled", decoupled);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ muProduct: 1, beta2Power: 1, steps: 0 }),
  prepare({ lr, betas, eps, weightDecay, momentumDecay, decoupled }, s, _, pass) {
    const t = ++s.steps;
    const beta1 = betas[0];
    const beta2 = betas[1];
    const mu = momentumOf(beta1, momentumDecay, t);
    const nextMu = momentumOf(beta1, momentumDecay, t + 1);
    s.muProduct *= mu;
    s.beta2Power *= beta2;
    const oneMinusBeta1 = 1 - beta1;
    const shareOfGrad = (1 - mu) / (1 - s.muProduct) / oneMinusBeta1;
    const nesterovRatio = nextMu / (1 - s.muProduct * nextMu) / shareOfGrad;
    const stepSize = lr * shareOfGrad;
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const scaledL2 = decoupled ? 0 : oneMinusBeta1 * weightDecay;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const squareRatio = Math.sqrt(1 - beta2) / oneMinusBeta1;
    const denomScale = rootOver(rootCorrection, stepSize);
    const denomEps = epsOver(eps, stepSize);
    pass.kernel = "nadam";
    pass.scalars(scaledL2, decayFactor, beta1, oneMinusBeta1, beta2, squareRatio, nesterovRatio, denomScale, denomEps);
  },
  binaries: [binary],
  kernels: { nadam: nadamTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<NadamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1, momentumDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    "decoupled, constant momentum": { lr: 0.01, weightDecay: 0.3, decoupled: true, momentumDecay: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1, momentumDecay: 0 }, rosenbrock: { lr: 0.05 } },
};
