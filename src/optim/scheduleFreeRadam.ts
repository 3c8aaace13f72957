import { checkBoolean, checkNonNegative, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/scheduleFreeRadam.js";
import { add, div, mul, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";
import { type Averaging, averaging, moveAbout, newestShare } from "./shared/scheduleFree.js";

/** Hyperparameters of {@link scheduleFreeRadam}. */
export interface ScheduleFreeRadamHyper {
  /** Learning rate. */
  lr: number;
  /** β of y = βx + (1 - β)z, where gradients are taken, and the decay rate of the second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: λy does not pass through the second moment. */
  weightDecay: number;
  /** Weight of step t in the average: t^r … */
  r: number;
  /** … times the largest lr so far, to this power. */
  weightLrPower: number;
  /** Stand still while the second moment tells too little (ρ ≤ 4), instead of stepping by the gradient alone. */
  silentSgdPhase: boolean;
}

/** β₂^t as a running product: `Math.pow` differs between engines. */
export interface ScheduleFreeRadamState extends Averaging {
  beta2Power: number;
}

const scheduleFreeRadamTwin: Twin = (n, p, g, [z, v], [gradScale, decay, b2, toRoot, rootScale, eps, c, back]) => {
  for (let i = 0; i < n; i++) {
    const y = p[i];
    const base = z[i];
    const grad = mul(gradScale, g[i]);
    const root = mul(toRoot, grad);
    const square = add(mul(b2, v[i]), mul(root, root));
    const push = add(div(grad, add(mul(sqrt(square), rootScale), eps)), mul(decay, y));
    v[i] = square;
    z[i] = sub(base, push);
    p[i] = add(add(y, mul(c, sub(base, y))), mul(back, push));
  }
};

const scheduleFreeRadamEarly: Twin = (n, p, g, [z, v], [gradScale, decay, b2, toRoot, c, back, lr]) => {
  const rate = mul(gradScale, lr);
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const y = p[i];
    const base = z[i];
    const grad = g[i];
    const push = add(mul(rate, grad), mul(decay, y));
    const root = mul(scale, grad);
    v[i] = add(mul(b2, v[i]), mul(root, root));
    z[i] = sub(base, push);
    p[i] = add(add(y, mul(c, sub(base, y))), mul(back, push));
  }
};

/**
 * Schedule-Free RAdam: as Schedule-Free AdamW, with RAdam's rectification in place of a warm-up.
 *
 * ```
 * v = β₂v + (1 - β₂) ∇f(y)²
 * ρ∞ = 2 / (1 - β₂) - 1,  ρ = ρ∞ - 2t β₂^t / (1 - β₂^t)
 * ρ > 4:   u = ∇f(y) / (√(v / (1 - β₂^t)) + ε) + λy
 *          η = lr √((ρ - 4)(ρ - 2)ρ∞ / ((ρ∞ - 4)(ρ∞ - 2)ρ))
 * else:    u = ∇f(y) + λy,  η = silentSgdPhase ? 0 : lr
 * z = z - η u
 * x = (1 - c) x + c z               c = w / Σw, w = t^r · (largest η)^weightLrPower
 * y = β₁x + (1 - β₁) z              x₀ = y₀ = z₀ = θ
 * ```
 * While training the parameters are y; `opt.eval()` moves them to x, where the model is to be evaluated and saved, and
 * `opt.train()` back. x is never stored, so both ways round, and y comes back but for that rounding. Weight decay is
 * decoupled, at y. Throws a RangeError for a negative lr, eps, weightDecay, r or weightLrPower, and for betas[0]
 * outside (0, 1) or betas[1] outside [0, 1); a step after `eval()` throws an Error.
 *
 * Defazio et al., The road less scheduled, NeurIPS 2024; Liu et al., On the variance of the adaptive learning rate and
 * beyond, ICLR 2020, algorithm 2.
 *
 * @example
 * const opt = scheduleFreeRadam(model.parameters(), { lr: 2.5e-3 });
 */
export const scheduleFreeRadam = /* @__PURE__ */ optimizer<ScheduleFreeRadamHyper, ScheduleFreeRadamState>({
  name: "scheduleFreeRadam",
  paper: "Defazio et al. 2024; Liu et al. 2020 (rectification)",
  follows: "authors",
  hyper: { lr: 2.5e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, r: 0, weightLrPower: 2, silentSgdPhase: true },
  check({ lr, betas, eps, weightDecay, r, weightLrPower, silentSgdPhase }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    if (betas[0] === 0) throw rangeError("betas[0]", "a number in (0, 1)", betas[0]);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("r", r);
    checkNonNegative("weightLrPower", weightLrPower);
    checkBoolean("silentSgdPhase", silentSgdPhase);
  },
  slots: (_, shape) => ({ z: shape, expAvgSq: shape }),
  averages: () => ["expAvgSq"],
  state: () => ({ ...averaging(), beta2Power: 1 }),
  start(c) {
    for (const { p, slots } of c.tensors) c.ops.copy(p, slots.z);
  },
  prepare({ betas, eps, weightDecay, r, weightLrPower, silentSgdPhase, ...h }, s, t, pass) {
    s.beta2Power *= betas[1];
    const most = 2 / (1 - betas[1]) - 1;
    const rho = most - (2 * t * s.beta2Power) / (1 - s.beta2Power);
    const rectified = rho > 4;
    const rect = ((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho);
    const lr = rectified ? h.lr * Math.sqrt(rect) : silentSgdPhase ? 0 : h.lr;
    const c = newestShare(s, lr, t, r, weightLrPower);
    const back = betas[0] * (1 - c) - 1;
    const toRoot = Math.sqrt(1 - betas[1]);
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    pass.kernel = rectified ? "scheduleFreeRadam" : "scheduleFreeRadamEarly";
    if (rectified) pass.scalars(lr * weightDecay, betas[1], toRoot, rootOver(rootScale, lr), epsOver(eps, lr), c, back);
    else pass.scalars(lr * weightDecay, betas[1], toRoot, c, back, lr);
  },
  mode: (c, mode) => moveAbout(c, c.hyper.betas[0], mode),
  codes: [code],
  kernels: { scheduleFreeRadam: scheduleFreeRadamTwin, scheduleFreeRadamEarly },
});

/** What tests and benches run it with. */
export const trials: Trials<ScheduleFreeRadamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.9, 0.9], weightDecay: 0.1 },
    "loud, weights": { lr: 0.01, silentSgdPhase: false, r: 1, weightLrPower: 0.5 },
    "eps 0": { lr: 0.01, eps: 0, silentSgdPhase: false },
  },
  descend: {
    bowl: { lr: 0.3 },
    ravine: { lr: 0.3 },
    rosenbrock: { lr: 0.03, betas: [0.98, 0.999], r: 5 },
    constant: true,
  },
};
