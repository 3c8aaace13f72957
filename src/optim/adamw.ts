import { checkBoolean, checkNonNegative, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/adamw.js";
import { add, div, mul, pmax, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adamw}. */
export interface AdamwHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Whether that root is corrected for its start. Keras, and the paper where it is quick, add their ε̂ to √v itself. */
  epsCorrected: boolean;
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
  /** Divide by the largest second moment so far. */
  amsgrad: boolean;
  /** Optax: the largest of the corrected second moments, of which the first are larger. */
  amsgradCorrected: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdamwState {
  beta1Power: number;
  beta2Power: number;
}

export const adamwTwin: Twin = (n, p, g, [m, v], [gradScale, keep, b1, b1c, b2, b2cRoot, rootScale, eps]) => {
  const intake = mul(gradScale, b1c);
  const rootIntake = mul(gradScale, b2cRoot);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const root = mul(rootIntake, grad);
    const square = add(mul(b2, v[i]), mul(root, root));
    const mean = add(mul(b1, m[i]), mul(intake, grad));
    const denom = add(mul(sqrt(square), rootScale), eps);
    v[i] = square;
    m[i] = mean;
    p[i] = sub(mul(keep, p[i]), div(mean, denom));
  }
};

export const adamwAmsgrad: Twin = (
  n,
  p,
  g,
  [m, v, top],
  [gradScale, keep, b1, b1c, b2, b2cRoot, maxScale, rootScale, eps],
) => {
  const intake = mul(gradScale, b1c);
  const rootIntake = mul(gradScale, b2cRoot);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const root = mul(rootIntake, grad);
    const square = add(mul(b2, v[i]), mul(root, root));
    const mean = add(mul(b1, m[i]), mul(intake, grad));
    const largest = pmax(mul(maxScale, square), top[i]);
    const denom = add(mul(sqrt(largest), rootScale), eps);
    v[i] = square;
    m[i] = mean;
    top[i] = largest;
    p[i] = sub(mul(keep, p[i]), div(mean, denom));
  }
};

/**
 * Adam with decoupled weight decay: the decay does not pass through the moments.
 *
 * ```
 * θ = θ - lr λ θ
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²            (amsgrad: v̂ from the largest v so far)
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 * ```
 * The decay follows the scheduled lr, as PyTorch has it. Throws a RangeError for negative lr, eps or weightDecay, for
 * betas outside [0, 1), and for amsgradCorrected without amsgrad.
 *
 * With `epsCorrected: false` ε stands on the root that is not corrected: ε / √(1 - β₂^t) above; Keras is
 * `{ eps: 1e-7, epsCorrected: false, weightDecay: 0.004 }`. With `amsgradCorrected` the largest is taken of v / (1 - β₂^t),
 * which is Optax's amsgrad; its `nesterov` is `nadamw`. Its `eps_root`, inside the root, is not offered: it keeps
 * derivatives through the optimizer finite, and nothing here takes any.
 *
 * Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.
 *
 * @example
 * const opt = adamw(model.parameters(), { lr: 1e-3, weightDecay: 0.05 });
 */
export const adamw = /* @__PURE__ */ optimizer<AdamwHyper, AdamwState>({
  name: "adamw",
  paper: "Loshchilov & Hutter 2019",
  follows: "PyTorch",
  hyper: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    epsCorrected: true,
    weightDecay: 0.01,
    amsgrad: false,
    amsgradCorrected: false,
  },
  check({ lr, betas, eps, epsCorrected, weightDecay, amsgrad, amsgradCorrected }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("epsCorrected", epsCorrected);
    checkBoolean("amsgrad", amsgrad);
    checkBoolean("amsgradCorrected", amsgradCorrected);
    if (amsgradCorrected && !amsgrad) throw rangeError("amsgradCorrected", "amsgrad with it", amsgrad);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgSq: shape, ...(h.amsgrad && { maxExpAvgSq: shape }) }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare(h, s, _, pass) {
    const { lr, betas, weightDecay, amsgrad } = h;
    s.beta1Power *= betas[0];
    s.beta2Power *= betas[1];
    const stepSize = lr / (1 - s.beta1Power);
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    const eps = h.epsCorrected ? h.eps : h.eps * rootScale;
    pass.slots = amsgrad ? 3 : 2;
    pass.kernel = amsgrad ? "adamwAmsgrad" : "adamw";
    const keep = 1 - lr * weightDecay;
    const b1 = betas[0];
    const b2 = betas[1];
    const b2cRoot = Math.sqrt(1 - b2);
    const root = rootOver(h.amsgradCorrected ? 1 : rootScale, stepSize);
    const added = epsOver(eps, stepSize);
    if (!amsgrad) pass.scalars(keep, b1, 1 - b1, b2, b2cRoot, root, added);
    else pass.scalars(keep, b1, 1 - b1, b2, b2cRoot, h.amsgradCorrected ? 1 / (1 - s.beta2Power) : 1, root, added);
  },
  codes: [code],
  kernels: { adamw: adamwTwin, adamwAmsgrad },
});

/** What tests and benches run it with. */
export const trials: Trials<AdamwHyper> = {
  variants: {
    "": {},
    "no decay": { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0 },
    "eps uncorrected": { lr: 0.01, eps: 1e-3, epsCorrected: false },
    "amsgrad corrected": { lr: 0.01, amsgrad: true, amsgradCorrected: true },
    "eps 0": { lr: 0.01, eps: 0, weightDecay: 0.3 },
    amsgrad: { lr: 0.01, weightDecay: 0.3, amsgrad: true },
  },
  // Decay pulls away from a minimum that is not at 0; amsgrad never forgets how steep the start was.
  descend: {
    bowl: { lr: 0.1, weightDecay: 0 },
    ravine: { lr: 0.1, weightDecay: 0.01 },
    rosenbrock: { lr: 0.2, weightDecay: 0, amsgrad: true },
  },
};
