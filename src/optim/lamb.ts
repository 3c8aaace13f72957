import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import adamwBinary from "../engine/wasm/binaries/optim/adamw.js";
import lambBinary from "../engine/wasm/binaries/optim/lamb.js";
import { add, div, LARGEST, mul, plus, sqrt, sub } from "../math/f32.js";
import { adamwTwin } from "./adamw.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";
import { trustRatio } from "./shared/layerwise.js";

/** Hyperparameters of {@link lamb}. */
export interface LambHyper {
  /** Learning rate: how far a tensor moves in a step, as a share of its norm. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** λ of weight decay, in the form that `decoupled` says. */
  weightDecay: number;
  /** Decay outside of the ratio, as Keras: θ shrinks by lr λ before the step. Otherwise λθ is part of the step. */
  decoupled: boolean;
  /** Divide the moments by 1 - β^t. */
  biasCorrection: boolean;
  /** Keep the ratio at 1 at most. */
  trustClip: boolean;
  /** Scale the step of each tensor by ‖θ‖ / ‖r‖. False, for vectors, leaves AdamW's step. */
  layerAdaptation: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface LambState {
  beta1Power: number;
  beta2Power: number;
}

const lambDirection: Twin = (
  n,
  p,
  g,
  [m, v, r],
  [gradScale, l2, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, denomScale, denomEps],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rawGrad = g[i];
    const rootedGrad = mul(rootScale, rawGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(beta1, m[i]), mul(meanScale, rawGrad));
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    v[i] = square;
    m[i] = mean;
    r[i] = plus(div(mean, denom), l2, theta);
  }
};

const lambTwin: Twin = (n, p, _g, [, , r], [_gradScale, decayFactor, stepSize]) => {
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(decayFactor, p[i]), mul(stepSize, r[i]));
  }
};

/**
 * LAMB: Adam whose step has, tensor by tensor, the length of the parameters times lr. For large batches.
 *
 * ```
 * m = β₁m + (1 - β₁) g,  v = β₂v + (1 - β₂) g²
 * r = m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε) + λθ
 * θ = θ - lr ‖θ‖ / ‖r‖ r                          ratio 1 where a norm is 0, at most 1 with trustClip
 *
 * Folded:
 * r = m / (R/A √v + ε/A) + λθ                     denomScale R/A and denomEps ε/A, with R = 1 / √(1 - β₂^t) and
 *                                                 A = 1 / (1 - β₁^t)
 * θ = K θ - B r                                   stepSize B = lr ‖θ‖ / ‖r‖; decayFactor K = 1
 * ```
 * Norms are of each tensor, in f64. Weight decay is part of the step whose norm is taken, so it is decoupled from the
 * moments; with `decoupled` it is outside of the ratio, as in Keras: K = 1 - lr λ, ‖θ‖ is taken after it, and r is without
 * λθ. `layerAdaptation: false` takes AdamW's step: `layerGroups` makes a group of vectors with it. timm takes no ratio
 * where λ is 0, and clips gradients by their global norm first: `step(undefined, { clipNorm: 1 })`. Throws a RangeError
 * for negative lr, eps or weightDecay, and for betas outside [0, 1).
 *
 * You et al., Large batch optimization for deep learning: training BERT in 76 minutes, ICLR 2020, algorithm 2, with φ
 * the identity.
 *
 * @example
 * const opt = lamb(layerGroups(model.namedParameters(), 0.01), { lr: 5e-3 });
 */
export const lamb = /* @__PURE__ */ optimizer<LambHyper, LambState>({
  name: "lamb",
  paper: "You et al. 2020",
  follows: "paper",
  hyper: {
    ...{ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0, decoupled: false, biasCorrection: true },
    ...{ trustClip: false, layerAdaptation: true },
  },
  check({ lr, betas, eps, weightDecay, decoupled, biasCorrection, trustClip, layerAdaptation }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkBoolean("biasCorrection", biasCorrection);
    checkBoolean("trustClip", trustClip);
    checkBoolean("layerAdaptation", layerAdaptation);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  scratch: ({ layerAdaptation }, shape) => (layerAdaptation ? { direction: shape } : {}),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  step(c) {
    const { ops, state: s } = c;
    const { lr, betas, eps, weightDecay, decoupled, biasCorrection, trustClip, layerAdaptation } = c.hyper;
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const oneMinusBeta1 = 1 - beta1;
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const meanStepSize = biasCorrection ? 1 / (1 - s.beta1Power) : 1;
    const rootCorrection = biasCorrection ? 1 / Math.sqrt(1 - s.beta2Power) : 1;
    if (!layerAdaptation) {
      const decayFactor = 1 - lr * weightDecay;
      const denomScale = rootOver(rootCorrection, lr * meanStepSize);
      const denomEps = epsOver(eps, lr * meanStepSize);
      c.run("adamw", [decayFactor, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, denomScale, denomEps]);
      return undefined;
    }
    const l2 = decoupled ? 0 : weightDecay;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const denomScale = rootCorrection / meanStepSize;
    const denomEps = eps / meanStepSize;
    for (const member of c.tensors) {
      const { p } = member;
      const r = c.scratch("direction", p.shape);
      c.run("lambDirection", [l2, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, denomScale, denomEps], member, [r]);
      const paramNorm = Math.abs(decayFactor) * ops.norm(p);
      const stepNorm = ops.norm(r);
      const ratio = trustRatio(paramNorm, stepNorm, paramNorm / stepNorm);
      // Finite: 0 times infinity would be NaN where r is next to 0.
      const stepSize = Math.min(lr * (trustClip ? Math.min(ratio, 1) : ratio), LARGEST);
      c.run("lamb", [decayFactor, stepSize], member, [r]);
    }
    return undefined;
  },
  binaries: [lambBinary, adamwBinary],
  kernels: { lambDirection, lamb: lambTwin, adamw: adamwTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<LambHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1, trustClip: true },
    "decay outside of the ratio": { lr: 0.01, weightDecay: 0.1, decoupled: true, biasCorrection: false },
    "no ratio": { lr: 0.01, weightDecay: 0.1, layerAdaptation: false },
  },
  descend: { bowl: { lr: 0.02 }, ravine: { lr: 0.02, trustClip: true }, rosenbrock: { lr: 0.01 } },
};
