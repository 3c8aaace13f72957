import { checkBoolean, checkNonNegative, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/scheduleFreeRadam.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";
import { type Averaging, averageWeightOf, averaging, moveParameters } from "./shared/scheduleFree.js";

/** Hyperparameters of {@link scheduleFreeRadam}. */
export interface ScheduleFreeRadamHyper {
  /** Learning rate. */
  lr: number;
  /** β₁ of y = β₁x + (1 - β₁)z, where gradients are taken, and β₂, the decay rate of the second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: λy is not in the second moment. */
  weightDecay: number;
  /** Step t has the weight t^r in the average, */
  r: number;
  /** times the largest lr so far to this power. */
  weightLrPower: number;
  /** Do not move while the second moment has too few gradients (ρ ≤ 4); otherwise step by the gradient alone. */
  silentSgdPhase: boolean;
}

/** β₂^t as a running product: `Math.pow` differs between engines. */
export interface ScheduleFreeRadamState extends Averaging {
  beta2Power: number;
}

const scheduleFreeRadamTwin: Twin = (
  n,
  p,
  g,
  [z, v],
  [gradScale, scaledDecay, beta2, sqrtOneMinusBeta2, denomScale, denomEps, averageWeight, updateWeight],
) => {
  for (let i = 0; i < n; i++) {
    const y = p[i];
    const lastZ = z[i];
    const grad = mul(gradScale, g[i]);
    const rootedGrad = mul(sqrtOneMinusBeta2, grad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const update = add(div(grad, add(mul(sqrt(square), denomScale), denomEps)), mul(scaledDecay, y));
    v[i] = square;
    z[i] = sub(lastZ, update);
    p[i] = add(add(y, mul(averageWeight, sub(lastZ, y))), mul(updateWeight, update));
  }
};

const scheduleFreeRadamEarly: Twin = (
  n,
  p,
  g,
  [z, v],
  [gradScale, scaledDecay, beta2, sqrtOneMinusBeta2, averageWeight, updateWeight, lr],
) => {
  const gradLr = mul(gradScale, lr);
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const y = p[i];
    const lastZ = z[i];
    const rawGrad = g[i];
    const update = add(mul(gradLr, rawGrad), mul(scaledDecay, y));
    const rootedGrad = mul(rootScale, rawGrad);
    v[i] = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    z[i] = sub(lastZ, update);
    p[i] = add(add(y, mul(averageWeight, sub(lastZ, y))), mul(updateWeight, update));
  }
};

/**
 * Schedule-Free RAdam: Schedule-Free AdamW with RAdam's rectification in place of a warm-up.
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
 *
 * Folded:
 * r = √(1 - β₂) ∇f(y)               rootedGrad
 * v = β₂v + r²
 * q = ∇f(y) / (R/η √v + ε/η) + ηλ y
 *                                   update η u: denomScale R/η, with R = 1 / √(1 - β₂^t); denomEps ε/η; scaledDecay ηλ
 *                                   (ρ ≤ 4: η ∇f(y) + ηλ y)
 * z = z - q
 * y = y + c (z - y) + (β₁(1 - c) - 1) q
 *                                   x eliminated, with the z and y from before the step on the right side;
 *                                   averageWeight c, updateWeight β₁(1 - c) - 1
 * ```
 * While training the parameters are y. `opt.eval()` moves them to x, where the model is to be evaluated and saved, and
 * `opt.train()` moves them back. x is not stored: both moves round, and y is restored except for that rounding. Weight
 * decay is decoupled, at y. Throws a RangeError for a negative lr, eps, weightDecay, r or weightLrPower, and for
 * betas[0] outside (0, 1) or betas[1] outside [0, 1); a step after `eval()` throws an Error.
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
  prepare({ betas, eps, weightDecay, r, weightLrPower, silentSgdPhase, ...h }, s, _, pass) {
    const t = ++s.steps;
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta2Power *= beta2;
    const rhoInf = 2 / (1 - beta2) - 1;
    const rho = rhoInf - (2 * t * s.beta2Power) / (1 - s.beta2Power);
    const rectified = rho > 4;
    const rectification = ((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho);
    const lr = rectified ? h.lr * Math.sqrt(rectification) : silentSgdPhase ? 0 : h.lr;
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const scaledDecay = lr * weightDecay;
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const averageWeight = averageWeightOf(s, lr, t, r, weightLrPower);
    const updateWeight = beta1 * (1 - averageWeight) - 1;
    pass.kernel = rectified ? "scheduleFreeRadam" : "scheduleFreeRadamEarly";
    if (rectified) {
      const denomScale = rootOver(rootCorrection, lr);
      const denomEps = epsOver(eps, lr);
      // biome-ignore format: one scalar after the other, as in the kernel
      pass.scalars(scaledDecay, beta2, sqrtOneMinusBeta2, denomScale, denomEps, averageWeight, updateWeight);
    } else pass.scalars(scaledDecay, beta2, sqrtOneMinusBeta2, averageWeight, updateWeight, lr);
  },
  mode: (c, mode) => moveParameters(c, c.hyper.betas[0], mode),
  binaries: [binary],
  kernels: { scheduleFreeRadam: scheduleFreeRadamTwin, scheduleFreeRadamEarly },
});

/** Settings for tests and benches. */
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
