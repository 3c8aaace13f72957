import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import adamwCode from "../engine/wasm/binaries/optim/adamw.js";
import marsCode from "../engine/wasm/binaries/optim/mars.js";
import { add, div, mul, sqrt, sub } from "../f32.js";
import { adamwTwin } from "./adamw.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link mars}. */
export interface MarsHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** How much of the change since the last gradient goes into the corrected one. */
  gamma: number;
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
  /** MARS for parameters of one dimension too; otherwise AdamW. */
  optimize1d: boolean;
  /** For parameters of one dimension under AdamW: lr times this, and decay rates of their own. */
  lr1dFactor: number;
  betas1d: readonly [number, number];
}

/** Powers of β as running products, of `betas` and of `betas1d`. */
export interface MarsState {
  beta1Power: number;
  beta2Power: number;
  beta1Power1d: number;
  beta2Power1d: number;
}

const marsCorrect: Twin = (n, _p, g, [, , last, c], [gradScale, correction]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    c[i] = add(grad, mul(correction, sub(grad, last[i])));
    last[i] = grad;
  }
};

const marsTwin: Twin = (n, p, _g, [m, v, , c], [, keep, b1, intake, b2, rootIntake, rootScale, eps]) => {
  for (let i = 0; i < n; i++) {
    const grad = c[i];
    const root = mul(rootIntake, grad);
    const square = add(mul(b2, v[i]), mul(root, root));
    const mean = add(mul(b1, m[i]), mul(intake, grad));
    const denom = add(mul(sqrt(square), rootScale), eps);
    v[i] = square;
    m[i] = mean;
    p[i] = sub(mul(keep, p[i]), div(mean, denom));
  }
};

/**
 * MARS: AdamW on gradients with less variance: each is corrected by its change since the step before, and made no longer
 * than 1, tensor by tensor. Parameters of one dimension (biases, gains) go by AdamW.
 *
 * ```
 * c = g + γ β₁ / (1 - β₁) (g - g of the step before);  c = c / max(1, ‖c‖)         at the first step c = g
 * θ = θ - lr λ θ
 * m = β₁m + (1 - β₁) c
 * v = β₂v + (1 - β₂) c²
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 * ```
 * MARS-approx over AdamW, with timm's first step; the exact form and MARS over Lion are not offered. Weight decay is
 * decoupled. Throws a RangeError for negative lr, gamma, eps, weightDecay or lr1dFactor, and for betas outside [0, 1).
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
  state: () => ({ beta1Power: 1, beta2Power: 1, beta1Power1d: 1, beta2Power1d: 1 }),
  step(c) {
    const { ops, hyper, state: s, t } = c;
    const { lr, betas, gamma, eps, weightDecay, lr1dFactor, betas1d } = hyper;
    s.beta1Power *= betas[0];
    s.beta2Power *= betas[1];
    s.beta1Power1d *= betas1d[0];
    s.beta2Power1d *= betas1d[1];
    const plain = adamScalars(1, lr * lr1dFactor, weightDecay, betas1d, s.beta1Power1d, s.beta2Power1d, eps);
    const correction = t === 1 ? 0 : (gamma * betas[0]) / (1 - betas[0]);
    for (const member of c.tensors) {
      const { expAvg, expAvgSq } = member.slots as { expAvg: Tensor; expAvgSq: Tensor };
      if (reduced(hyper, member.p.shape)) {
        const corrected = c.scratch("corrected", member.p.shape);
        c.run("marsCorrect", [correction], member, [corrected]);
        const norm = t === 1 ? 1 : ops.norm(corrected);
        const scale = norm > 1 ? 1 / norm : 1;
        const scalars = adamScalars(scale, lr, weightDecay, betas, s.beta1Power, s.beta2Power, eps);
        c.run("mars", scalars, member, [corrected]);
      } else c.run("adamw", plain, { ...member, slots: { expAvg, expAvgSq } });
    }
    return undefined;
  },
  codes: [marsCode, adamwCode],
  kernels: { marsCorrect, mars: marsTwin, adamw: adamwTwin },
});

/** What tests and benches run it with. */
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

/** Whether a parameter of this shape goes by MARS. */
const reduced = (h: MarsHyper, shape: Shape): boolean => h.optimize1d || shape.length > 1;

/** What the kernels of AdamW's form take. */
function adamScalars(
  gradScale: number,
  lr: number,
  weightDecay: number,
  [b1, b2]: readonly [number, number],
  beta1Power: number,
  beta2Power: number,
  eps: number,
): number[] {
  const stepSize = lr / (1 - beta1Power);
  const quotient = [rootOver(1 / Math.sqrt(1 - beta2Power), stepSize), epsOver(eps, stepSize)];
  return [1 - lr * weightDecay, b1, gradScale * (1 - b1), b2, gradScale * Math.sqrt(1 - b2), ...quotient];
}
