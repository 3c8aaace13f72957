import { checkNonNegative, checkNumber, checkWhole } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/scheduleFreeSgd.js";
import { add, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { type Averaging, averageWeightOf, averaging, moveParameters } from "./shared/scheduleFree.js";

/** Hyperparameters of {@link scheduleFreeSgd}. */
export interface ScheduleFreeSgdHyper {
  /** Learning rate, 10 to 50 times as large as that of SGD with momentum. */
  lr: number;
  /** β: gradients are taken at y = βx + (1 - β)z. */
  momentum: number;
  /** L2: λy is added to the gradient. */
  weightDecay: number;
  /** Steps over which lr rises linearly. */
  warmupSteps: number;
  /** Step t has the weight t^r in the average, */
  r: number;
  /** times the largest lr so far to this power. */
  weightLrPower: number;
}

const scheduleFreeSgdTwin: Twin = (n, p, g, [z], [gradScale, scaledL2, averageWeight, updateWeight, lr]) => {
  const gradLr = mul(gradScale, lr);
  for (let i = 0; i < n; i++) {
    const y = p[i];
    const lastZ = z[i];
    const update = add(mul(gradLr, g[i]), mul(scaledL2, y));
    z[i] = sub(lastZ, update);
    p[i] = add(add(y, mul(averageWeight, sub(lastZ, y))), mul(updateWeight, update));
  }
};

/**
 * Schedule-Free SGD: an average of the iterates takes the place of a falling learning rate, and of momentum.
 *
 * ```
 * g = ∇f(y) + λy
 * z = z - lr g                      lr · min(1, t / warmupSteps)
 * x = (1 - c) x + c z               c = w / Σw, w = t^r · (largest lr)^weightLrPower
 * y = βx + (1 - β) z                x₀ = y₀ = z₀ = θ
 *
 * Folded:
 * u = lr ∇f(y) + lr λ y             update, with scaledL2 = lr λ
 * z = z - u
 * y = y + c (z - y) + (β(1 - c) - 1) u
 *                                   x eliminated, with the z and y from before the step on the right side;
 *                                   averageWeight c, updateWeight β(1 - c) - 1
 * ```
 * While training the parameters are y. `opt.eval()` moves them to x, where the model is to be evaluated and saved, and
 * `opt.train()` moves them back. x is not stored: both moves round, and y is restored except for that rounding. Weight
 * decay is L2, at y. Throws a RangeError for a negative lr, weightDecay, r or weightLrPower, for a momentum outside
 * (0, 1) and for warmupSteps that are not whole; a step after `eval()` throws an Error. Keras' c = 1 / t is
 * weightLrPower 0.
 *
 * Defazio et al., The road less scheduled, NeurIPS 2024, eq. 2–4.
 *
 * @example
 * const opt = scheduleFreeSgd(model.parameters(), { lr: 1, warmupSteps: 100 });
 */
export const scheduleFreeSgd = /* @__PURE__ */ optimizer<ScheduleFreeSgdHyper, Averaging>({
  name: "scheduleFreeSgd",
  paper: "Defazio et al. 2024",
  follows: "authors",
  hyper: { lr: 1, momentum: 0.9, weightDecay: 0, warmupSteps: 0, r: 0, weightLrPower: 2 },
  check({ lr, momentum, weightDecay, warmupSteps, r, weightLrPower }) {
    checkNonNegative("lr", lr);
    checkNumber("momentum", momentum, "a number in (0, 1)", (x) => x > 0 && x < 1);
    checkNonNegative("weightDecay", weightDecay);
    checkWhole("warmupSteps", warmupSteps, 0);
    checkNonNegative("r", r);
    checkNonNegative("weightLrPower", weightLrPower);
  },
  slots: (_, shape) => ({ z: shape }),
  state: averaging,
  start(c) {
    for (const { p, slots } of c.tensors) c.ops.copy(p, slots.z);
  },
  prepare({ momentum, weightDecay, warmupSteps, r, weightLrPower, ...h }, s, _, pass) {
    const t = ++s.steps;
    const lr = t < warmupSteps ? (h.lr * t) / warmupSteps : h.lr;
    const scaledL2 = lr * weightDecay;
    const averageWeight = averageWeightOf(s, lr, t, r, weightLrPower);
    const updateWeight = momentum * (1 - averageWeight) - 1;
    pass.kernel = "scheduleFreeSgd";
    pass.scalars(scaledL2, averageWeight, updateWeight, lr);
  },
  mode: (c, mode) => moveParameters(c, c.hyper.momentum, mode),
  binaries: [binary],
  kernels: { scheduleFreeSgd: scheduleFreeSgdTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<ScheduleFreeSgdHyper> = {
  variants: {
    "": {},
    "decay, warm-up": { lr: 0.1, warmupSteps: 5, weightDecay: 0.1 },
    weights: { lr: 0.1, momentum: 0.98, r: 1, weightLrPower: 0.5 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.05 }, rosenbrock: { lr: 2e-3, r: 5 }, constant: true },
};
