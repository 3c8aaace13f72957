import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adopt.js";
import { add, div, mul, neg, pmax, pmin, sqrt, sub } from "../math/f32.js";
import { pow } from "../math/f64.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link adopt}. */
export interface AdoptHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Lower bound of what the gradient is divided by. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
  /** The normalized gradient is clipped to ±(t - 1)^clipExp; null: not clipped. */
  clipExp: number | null;
}

const adoptFirst: Twin = (n, p, g, [v], [gradScale, l2]) => {
  for (let i = 0; i < n; i++) {
    const grad = add(mul(gradScale, g[i]), mul(l2, p[i]));
    v[i] = mul(grad, grad);
  }
};

const adoptTwin: Twin = (
  n,
  p,
  g,
  [v, m],
  [gradScale, scaledL2, decayFactor, beta1, meanRatio, beta2, sqrtOneMinusBeta2, eps, scaledClip, lr],
) => {
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = add(mul(rootScale, g[i]), mul(scaledL2, theta));
    const decayed = mul(decayFactor, theta);
    const lastSquare = v[i];
    const normalized = div(rootedGrad, pmax(sqrt(lastSquare), eps));
    const clipped = pmax(pmin(normalized, scaledClip), neg(scaledClip));
    const mean = add(mul(beta1, m[i]), mul(meanRatio, clipped));
    m[i] = mean;
    v[i] = add(mul(beta2, lastSquare), mul(rootedGrad, rootedGrad));
    p[i] = sub(decayed, mul(lr, mean));
  }
};

/**
 * ADOPT: Adam that divides the gradient by the second moment of the gradients before it, and takes the mean after the
 * division. It converges for any β₂. The first step only fills the second moment.
 *
 * ```
 * g = g + λθ                                     (decoupled: θ = θ - lr λ θ from the second step on instead)
 * t = 1:   v = g²
 * t > 1:   u = clip(g / max(√v, ε), ±(t - 1)^clipExp)
 *          m = β₁m + (1 - β₁) u
 *          θ = θ - lr m
 *          v = β₂v + (1 - β₂) g²
 *
 * Folded:
 * r = √(1 - β₂) g + √(1 - β₂) λ θ                rootedGrad, with scaledL2 = √(1 - β₂) λ
 * √(1 - β₂) u = clip(r / max(√v, ε), ±√(1 - β₂) (t - 1)^clipExp)        clipped, at scaledClip
 * m = β₁m + (1 - β₁) / √(1 - β₂) √(1 - β₂) u      meanRatio = (1 - β₁) / √(1 - β₂)
 * v = β₂v + r²
 * ```
 * The defaults are timm's. The authors' code clips with `clipExp: 0.25`, the first version of the paper not at all
 * (`null`). Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps, weightDecay or clipExp, and
 * for betas outside [0, 1).
 *
 * Taniguchi et al., ADOPT: modified Adam can converge with any β₂ with the optimal rate, NeurIPS 2024, algorithm 2.
 *
 * @example
 * const opt = adopt(model.parameters(), { lr: 1e-3 });
 */
export const adopt = /* @__PURE__ */ optimizer<AdoptHyper, Counted>({
  name: "adopt",
  paper: "Taniguchi et al. 2024",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.9, 0.9999], eps: 1e-6, weightDecay: 0, decoupled: false, clipExp: 0.333 },
  check({ lr, betas, eps, weightDecay, decoupled, clipExp }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    if (clipExp !== null) checkNonNegative("clipExp", clipExp);
  },
  slots: (_, shape) => ({ expAvgSq: shape, expAvg: shape }),
  averages: () => ["expAvgSq", "expAvg"],
  state: () => ({ steps: 0 }),
  prepare({ lr, betas, eps, weightDecay, decoupled, clipExp }, s, _, pass) {
    const t = ++s.steps;
    const l2 = decoupled ? 0 : weightDecay;
    if (t === 1) {
      pass.kernel = "adoptFirst";
      pass.slots = 1;
      pass.scalars(l2);
      return;
    }
    const beta1 = betas[0];
    const beta2 = betas[1];
    const clip = clipExp === null ? Number.POSITIVE_INFINITY : pow(t - 1, clipExp);
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const scaledL2 = sqrtOneMinusBeta2 * l2;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const meanRatio = (1 - beta1) / sqrtOneMinusBeta2;
    const scaledClip = sqrtOneMinusBeta2 * clip;
    pass.kernel = "adopt";
    pass.slots = 2;
    pass.scalars(scaledL2, decayFactor, beta1, meanRatio, beta2, sqrtOneMinusBeta2, eps, scaledClip, lr);
  },
  binaries: [binary],
  kernels: { adoptFirst, adopt: adoptTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AdoptHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1, clipExp: 0.25 },
    decoupled: { lr: 0.01, weightDecay: 0.1, decoupled: true },
    "no clip": { lr: 0.01, clipExp: null },
  },
  descend: {
    bowl: { lr: 0.1, betas: [0.9, 0.99] },
    ravine: { lr: 0.1, betas: [0.9, 0.99] },
    rosenbrock: { lr: 0.02, betas: [0.9, 0.99] },
  },
};
