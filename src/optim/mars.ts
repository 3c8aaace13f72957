import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import adamwBinary from "../engine/wasm/binaries/optim/adamw.js";
import marsBinary from "../engine/wasm/binaries/optim/mars.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import { adamwTwin } from "./adamw.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link mars}. */
export interface MarsHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** γ, the share of the change since the last gradient in the corrected gradient. */
  gamma: number;
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
  /** Use MARS for parameters of one dimension as well; otherwise they take AdamW's step. */
  optimize1d: boolean;
  /** Multiplies lr for parameters of one dimension, where they take AdamW's step. */
  lr1dFactor: number;
  /** Decay rates for the same parameters. */
  betas1d: readonly [number, number];
}

/** Powers of `betas` and `betas1d` as running products: `Math.pow` differs between engines. */
export interface MarsState extends Counted {
  beta1Power: number;
  beta2Power: number;
  beta1Power1d: number;
  beta2Power1d: number;
}

const marsCorrect: Twin = (n, _p, g, [, , last, c], [gradScale, changeWeight]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    c[i] = add(grad, mul(changeWeight, sub(grad, last[i])));
    last[i] = grad;
  }
};

const marsTwin: Twin = (
  n,
  p,
  _g,
  [m, v, , c],
  [_gradScale, decayFactor, beta1, scaledOneMinusBeta1, beta2, scaledSqrtOneMinusBeta2, denomScale, denomEps],
) => {
  for (let i = 0; i < n; i++) {
    const grad = c[i];
    const rootedGrad = mul(scaledSqrtOneMinusBeta2, grad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(beta1, m[i]), mul(scaledOneMinusBeta1, grad));
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    v[i] = square;
    m[i] = mean;
    p[i] = sub(mul(decayFactor, p[i]), div(mean, denom));
  }
};

/**
 * MARS: AdamW on gradients of reduced variance. Each gradient is corrected by its change since the step before, and
 * clipped to a norm of 1, tensor by tensor. Parameters of one dimension (biases, gains) take AdamW's step.
 *
 * ```
 * c = g + γ β₁ / (1 - β₁) (g - g of the step before);  c = c / max(1, ‖c‖)         at the first step c = g
 * θ = θ - lr λ θ
 * m = β₁m + (1 - β₁) c
 * v = β₂v + (1 - β₂) c²
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * C = 1 / max(1, ‖c‖)                          c is stored as it is before clipping, and C is in the scalars
 * r = C √(1 - β₂) c                            rootedGrad, with scaledSqrtOneMinusBeta2 = C √(1 - β₂)
 * v = β₂v + r²
 * m = β₁m + C (1 - β₁) c                       scaledOneMinusBeta1 = C (1 - β₁)
 * θ = (1 - lr λ) θ - m / (R/A √v + ε/A)        denomScale R/A and denomEps ε/A, with R = 1 / √(1 - β₂^t) and
 *                                              A = lr / (1 - β₁^t)
 * ```
 * This is MARS-approx over AdamW, with timm's first step; the exact form and MARS over Lion are not offered. Weight
 * decay is decoupled. Throws a RangeError for negative lr, gamma, eps, weightDecay or lr1dFactor, and for betas outside
 * [0, 1).
 *
 * Yuan et al., MARS: unleashing the power of variance reduction for training large models, 2024, algorithm 2.
 *
 * @example
 * const opt = mars(model.parameters(), { lr: 3e-3, weightDecay: 0.01 });
 */
export const mars = /* @__PURE__ */ optimizer<MarsHyper, MarsState>({
  name: "mars",
  paper: "Yuan et al. 2024",
  follows: "authors",
  hyper: {
    lr: 3e-3,
    betas: [0.95, 0.99],
    gamma: 0.025,
    eps: 1e-8,
    weightDecay: 0,
    optimize1d: false,
    lr1dFactor: 1,
    betas1d: [0.9, 0.95],
  },
  check({ lr, betas, gamma, eps, weightDecay, optimize1d, lr1dFactor, betas1d }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("gamma", gamma);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("optimize1d", optimize1d);
    checkNonNegative("lr1dFactor", lr1dFactor);
    checkPair("betas1d", betas1d, checkRate);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgSq: shape, ...(reduced(h, shape) && { lastGrad: shape }) }),
  scratch: (h, shape) => (reduced(h, shape) ? { corrected: shape } : {}),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1, beta1Power1d: 1, beta2Power1d: 1, steps: 0 }),
  step(c) {
    const { ops, hyper, state: s } = c;
    const t = ++s.steps;
    const { lr, betas, gamma, eps, weightDecay, lr1dFactor, betas1d } = hyper;
    s.beta1Power *= betas[0];
    s.beta2Power *= betas[1];
    s.beta1Power1d *= betas1d[0];
    s.beta2Power1d *= betas1d[1];
    const scalars1d = adamScalars(1, lr * lr1dFactor, weightDecay, betas1d, s.beta1Power1d, s.beta2Power1d, eps);
    const changeWeight = t === 1 ? 0 : (gamma * betas[0]) / (1 - betas[0]);
    for (const member of c.tensors) {
      const { expAvg, expAvgSq } = member.slots as { expAvg: Tensor; expAvgSq: Tensor };
      if (reduced(hyper, member.p.shape)) {
        const corrected = c.scratch("corrected", member.p.shape);
        c.run("marsCorrect", [changeWeight], member, [corrected]);
        const norm = t === 1 ? 1 : ops.norm(corrected);
        const clip = norm > 1 ? 1 / norm : 1;
        const scalars = adamScalars(clip, lr, weightDecay, betas, s.beta1Power, s.beta2Power, eps);
        c.run("mars", scalars, member, [corrected]);
      } else c.run("adamw", scalars1d, { ...member, slots: { expAvg, expAvgSq } });
    }
    return undefined;
  },
  binaries: [marsBinary, adamwBinary],
  kernels: { marsCorrect, mars: marsTwin, adamw: adamwTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<MarsHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], gamma: 0.1, weightDecay: 0.1, lr1dFactor: 0.5 },
    "all dimensions": { lr: 0.01, optimize1d: true, weightDecay: 0.1 },
  },
  descend: {
    bowl: { lr: 0.1, optimize1d: true },
    ravine: { lr: 0.1, optimize1d: true },
    rosenbrock: { lr: 0.02, optimize1d: true },
  },
};

/** Whether MARS reduces the variance of a parameter of this shape. */
const reduced = (h: MarsHyper, shape: Shape): boolean => h.optimize1d || shape.length > 1;

/** The scalars of the kernel `mars`, whose gradient is multiplied by `clip`; where that is 1, those of `adamw`. */
function adamScalars(
  clip: number,
  lr: number,
  weightDecay: number,
  [beta1, beta2]: readonly [number, number],
  beta1Power: number,
  beta2Power: number,
  eps: number,
): number[] {
  const stepSize = lr / (1 - beta1Power);
  const rootCorrection = 1 / Math.sqrt(1 - beta2Power);
  const decayFactor = 1 - lr * weightDecay;
  const scaledOneMinusBeta1 = clip * (1 - beta1);
  const scaledSqrtOneMinusBeta2 = clip * Math.sqrt(1 - beta2);
  const denomScale = rootOver(rootCorrection, stepSize);
  const denomEps = epsOver(eps, stepSize);
  return [decayFactor, beta1, scaledOneMinusBeta1, beta2, scaledSqrtOneMinusBeta2, denomScale, denomEps];
}
