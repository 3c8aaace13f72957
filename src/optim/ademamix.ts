import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/ademamix.js";
import { add, div, mul, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkTriple } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link ademamix}. */
export interface AdemamixHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the fast mean, of the second moment, and of the slow mean. */
  betas: readonly [number, number, number];
  /** Weight of the slow mean beside the fast one. */
  alpha: number;
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ before the step. */
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
  [gradScale, keep, b1, b1c, b2, b2cRoot, b3, b3c, slowShare, rootScale, eps],
) => {
  const intake = mul(gradScale, b1c);
  const rootIntake = mul(gradScale, b2cRoot);
  const slowIntake = mul(gradScale, b3c);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const root = mul(rootIntake, grad);
    const square = add(mul(b2, v[i]), mul(root, root));
    const mean = add(mul(b1, m[i]), mul(intake, grad));
    const slowMean = add(mul(b3, slow[i]), mul(slowIntake, grad));
    const denom = add(mul(sqrt(square), rootScale), eps);
    v[i] = square;
    m[i] = mean;
    slow[i] = slowMean;
    p[i] = sub(mul(keep, p[i]), div(add(mean, mul(slowShare, slowMean)), denom));
  }
};

/**
 * AdEMAMix: Adam with two means of the gradient, a fast one and one that remembers tens of thousands of steps.
 *
 * ```
 * θ  = θ - lr λ θ
 * m₁ = β₁m₁ + (1 - β₁) g
 * m₂ = β₃m₂ + (1 - β₃) g           not bias-corrected
 * v  = β₂v + (1 - β₂) g²
 * θ  = θ - lr (m₁ / (1 - β₁^t) + α m₂) / (√v / √(1 - β₂^t) + ε)
 * ```
 * The paper warms up α and β₃: give schedules for them, `alpha: schedules.linear(…)`, `betas: [0.9, 0.999, (t) => …]`.
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
    const [b1, b2, b3] = betas;
    s.beta1Power *= b1;
    s.beta2Power *= b2;
    const keep = 1 - lr * weightDecay;
    const stepSize = lr / (1 - s.beta1Power);
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    pass.kernel = "ademamix";
    const slowShare = (1 - s.beta1Power) * alpha;
    const root = rootOver(rootScale, stepSize);
    pass.scalars(keep, b1, 1 - b1, b2, Math.sqrt(1 - b2), b3, 1 - b3, slowShare, root, epsOver(eps, stepSize));
  },
  codes: [code],
  kernels: { ademamix: ademamixTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<AdemamixHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.9, 0.99, 0.999], alpha: 8, eps: 1e-6, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  // A mean that remembers the whole run goes on pushing where it came from: 0.99 forgets in time.
  descend: {
    bowl: { lr: 0.1, betas: [0.9, 0.999, 0.99], alpha: 1 },
    ravine: { lr: 0.1, betas: [0.9, 0.999, 0.99], alpha: 1 },
    rosenbrock: { lr: 0.02, betas: [0.9, 0.999, 0.99], alpha: 1 },
  },
};
