import { checkNonNegative, checkRate, checkWhole, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/scheduleFreeAdamw.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";
import { type Averaging, averageWeightOf, averaging, moveParameters } from "./shared/scheduleFree.js";

/** Hyperparameters of {@link scheduleFreeAdamw}. */
export interface ScheduleFreeAdamwHyper {
  /** Learning rate, 1 to 10 times as large as that of Adam with a schedule. */
  lr: number;
  /** β₁ of y = β₁x + (1 - β₁)z, where gradients are taken, and β₂, the decay rate of the second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: λy is not in the second moment. */
  weightDecay: number;
  /** Steps over which lr rises linearly. */
  warmupSteps: number;
  /** Step t has the weight t^r in the average, */
  r: number;
  /** times the largest lr so far to this power. */
  weightLrPower: number;
}

/** β₂^t as a running product: `Math.pow` differs between engines. */
export interface ScheduleFreeAdamwState extends Averaging {
  beta2Power: number;
}

const scheduleFreeAdamwTwin: Twin = (
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

/**
 * Schedule-Free AdamW: an average of the iterates takes the place of a falling learning rate, and of momentum.
 *
 * ```
 * v = β₂v + (1 - β₂) ∇f(y)²
 * u = ∇f(y) / (√(v / (1 - β₂^t)) + ε) + λy
 * z = z - lr u                      lr · min(1, t / warmupSteps)
 * x = (1 - c) x + c z               c = w / Σw, w = t^r · (largest lr)^weightLrPower
 * y = β₁x + (1 - β₁) z              x₀ = y₀ = z₀ = θ
 *
 * Folded:
 * r = √(1 - β₂) ∇f(y)               rootedGrad
 * v = β₂v + r²
 * u = ∇f(y) / (R/lr √v + ε/lr) + lr λ y
 *                                   update, lr inside: denomScale R/lr, with R = 1 / √(1 - β₂^t); denomEps ε/lr;
 *                                   scaledDecay lr λ
 * z = z - u
 * y = y + c (z - y) + (β₁(1 - c) - 1) u
 *                                   x eliminated, with the z and y from before the step on the right side;
 *                                   averageWeight c, updateWeight β₁(1 - c) - 1
 * ```
 * While training the parameters are y. `opt.eval()` moves them to x, where the model is to be evaluated and saved, and
 * `opt.train()` moves them back. x is not stored: both moves round, and y is restored except for that rounding. Weight
 * decay is decoupled, at y. Throws a RangeError for a negative lr, eps, weightDecay, r or weightLrPower, for betas[0]
 * outside (0, 1) or betas[1] outside [0, 1), and for warmupSteps that are not whole; a step after `eval()` throws an
 * Error. Keras' c = 1 / t is weightLrPower 0. The authors' earlier form, with the bias correction in lr, is not
 * offered.
 *
 * Defazio et al., The road less scheduled, NeurIPS 2024, algorithm 1.
 *
 * @example
 * const opt = scheduleFreeAdamw(model.parameters(), { lr: 2.5e-3, warmupSteps: 100 });
 */
export const scheduleFreeAdamw = /* @__PURE__ */ optimizer<ScheduleFreeAdamwHyper, ScheduleFreeAdamwState>({
  name: "scheduleFreeAdamw",
  paper: "Defazio et al. 2024",
  follows: "authors",
  hyper: { lr: 2.5e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, warmupSteps: 0, r: 0, weightLrPower: 2 },
  check({ lr, betas, eps, weightDecay, warmupSteps, r, weightLrPower }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    if (betas[0] === 0) throw rangeError("betas[0]", "a number in (0, 1)", betas[0]);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkWhole("warmupSteps", warmupSteps, 0);
    checkNonNegative("r", r);
    checkNonNegative("weightLrPower", weightLrPower);
  },
  slots: (_, shape) => ({ z: shape, expAvgSq: shape }),
  averages: () => ["expAvgSq"],
  state: () => ({ ...averaging(), beta2Power: 1 }),
  start(c) {
    for (const { p, slots } of c.tensors) c.ops.copy(p, slots.z);
  },
  prepare({ betas, eps, weightDecay, warmupSteps, r, weightLrPower, ...h }, s, _, pass) {
    const t = ++s.steps;
    const lr = t < warmupSteps ? (h.lr * t) / warmupSteps : h.lr;
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta2Power *= beta2;
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const scaledDecay = lr * weightDecay;
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const denomScale = rootOver(rootCorrection, lr);
    const denomEps = epsOver(eps, lr);
    const averageWeight = averageWeightOf(s, lr, t, r, weightLrPower);
    const updateWeight = beta1 * (1 - averageWeight) - 1;
    pass.kernel = "scheduleFreeAdamw";
    // biome-ignore format: one scalar after the other, as in the kernel
    pass.scalars(scaledDecay, beta2, sqrtOneMinusBeta2, denomScale, denomEps, averageWeight, updateWeight);
  },
  mode: (c, mode) => moveParameters(c, c.hyper.betas[0], mode),
  binaries: [binary],
  kernels: { scheduleFreeAdamw: scheduleFreeAdamwTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<ScheduleFreeAdamwHyper> = {
  variants: {
    "": {},
    "decay, warm-up": { lr: 0.01, warmupSteps: 5, weightDecay: 0.1 },
    weights: { lr: 0.01, betas: [0.98, 0.9], eps: 1e-6, r: 1, weightLrPower: 0.5 },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  descend: {
    bowl: { lr: 0.3 },
    ravine: { lr: 0.3 },
    rosenbrock: { lr: 0.03, betas: [0.98, 0.999], r: 5 },
    constant: true,
  },
};
