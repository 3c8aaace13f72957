import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/adabelief.js";
import { add, div, mul, plus, pmax, sqrt, sub } from "../f32.js";
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
  /** Added to the second moment itself at every step, where it piles up. null: the same as `eps`. */
  epsRoot: number | null;
  /** Decoupled: θ shrinks by lr λ before the step. Without `decoupled` L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Divide by the largest second moment so far. */
  amsgrad: boolean;
  decoupled: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdabeliefState {
  beta1Power: number;
  beta2Power: number;
}

const adabeliefTwin: Twin = (n, p, g, [m, s], [gradScale, l2, keep, b1c, b2, toRoot, epsRoot, rootScale, eps]) => {
  for (let i = 0; i < n; i++) {
    const before = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, before));
    const last = m[i];
    const change = sub(grad, last);
    const surprise = mul(toRoot, change);
    const belief = add(add(mul(b2, s[i]), mul(surprise, surprise)), epsRoot);
    s[i] = belief;
    const mean = add(last, mul(b1c, change));
    m[i] = mean;
    const denom = add(mul(sqrt(belief), rootScale), eps);
    p[i] = sub(mul(keep, before), div(mean, denom));
  }
};

const adabeliefAmsgrad: Twin = (
  n,
  p,
  g,
  [m, s, top],
  [gradScale, l2, keep, b1c, b2, toRoot, epsRoot, rootScale, eps],
) => {
  for (let i = 0; i < n; i++) {
    const before = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, before);
    const last = m[i];
    const change = sub(grad, last);
    const surprise = mul(toRoot, change);
    const belief = add(add(mul(b2, s[i]), mul(surprise, surprise)), epsRoot);
    s[i] = belief;
    const mean = add(last, mul(b1c, change));
    m[i] = mean;
    const largest = pmax(belief, top[i]);
    const denom = add(mul(sqrt(largest), rootScale), eps);
    top[i] = largest;
    p[i] = sub(mul(keep, before), div(mean, denom));
  }
};

/**
 * AdaBelief: Adam that divides by how far gradients stray from their mean, not by how large they are. It takes long
 * steps where gradients are as expected.
 *
 * ```
 * θ = θ - lr λ θ                   (decoupled: false: g = g + λθ instead)
 * m = β₁m + (1 - β₁) g
 * s = β₂s + (1 - β₂) (g - m)² + ε_root        (amsgrad: ŝ from the largest s so far)
 * θ = θ - lr m / (1 - β₁^t) / (√s / √(1 - β₂^t) + ε)
 * ```
 * As in the authors' code ε goes twice into a step: `epsRoot` into the state, `eps` beside the root; Optax names both.
 * The rectification (RAdam's) that the authors' later releases switch on is not part of it. Weight decay is decoupled
 * unless `decoupled: false`. Throws a RangeError for negative lr, eps, epsRoot or weightDecay, and for betas outside
 * [0, 1).
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
    epsRoot: null,
    weightDecay: 0,
    amsgrad: false,
    decoupled: true,
  },
  check({ lr, betas, eps, epsRoot, weightDecay, amsgrad, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    if (epsRoot !== null) checkNonNegative("epsRoot", epsRoot);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("amsgrad", amsgrad);
    checkBoolean("decoupled", decoupled);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgVar: shape, ...(h.amsgrad && { maxExpAvgVar: shape }) }),
  averages: () => ["expAvg", "expAvgVar"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare({ lr, betas, eps, epsRoot, weightDecay, amsgrad, decoupled }, s, _, pass) {
    const [b1, b2] = betas;
    s.beta1Power *= b1;
    s.beta2Power *= b2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    const l2 = decoupled ? 0 : weightDecay;
    const keep = decoupled ? 1 - lr * weightDecay : 1;
    pass.slots = amsgrad ? 3 : 2;
    pass.kernel = amsgrad ? "adabeliefAmsgrad" : "adabelief";
    // g - m = β₁ (g - m before), the difference that the mean moves by too.
    const toRoot = b1 * Math.sqrt(1 - b2);
    const root = rootOver(rootScale, stepSize);
    pass.scalars(l2, keep, 1 - b1, b2, toRoot, epsRoot ?? eps, root, epsOver(eps, stepSize));
  },
  codes: [code],
  kernels: { adabelief: adabeliefTwin, adabeliefAmsgrad },
});

/** What tests and benches run it with. */
export const trials: Trials<AdabeliefHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-8, weightDecay: 0.1 },
    L2: { lr: 0.01, eps: 1e-8, weightDecay: 0.1, decoupled: false },
    "eps of two kinds": { lr: 0.01, eps: 1e-8, epsRoot: 1e-12 },
    amsgrad: { lr: 0.01, eps: 1e-8, weightDecay: 0.1, amsgrad: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.01 } },
};
