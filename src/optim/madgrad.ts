import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/madgrad.js";
import { add, div, mul, sub } from "../f32.js";
import { cbrt } from "../math.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link madgrad}. */
export interface MadgradHyper {
  /** Learning rate. Not comparable to SGD's or Adam's. */
  lr: number;
  /** Share of θ that stays at a step; the rest is the dual average's. */
  momentum: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Added to the cube root, and to lr. */
  eps: number;
}

const madgradTwin: Twin = (n, p, g, [v, s, x0], [gradScale, l2, lambda, eps, momentum, rest]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const square = add(v[i], mul(lambda, mul(grad, grad)));
    const total = add(s[i], mul(lambda, grad));
    const z = sub(x0[i], div(total, add(cbrt(square), eps)));
    v[i] = square;
    s[i] = total;
    p[i] = add(mul(momentum, theta), mul(rest, z));
  }
};

/**
 * MADGRAD: steps from where it started, by the sum of all gradients over the cube root of the sum of their squares, and
 * averages the points so reached.
 *
 * ```
 * g = g + λθ
 * λ_t = (lr + ε) √t
 * s = s + λ_t g
 * v = v + λ_t g²
 * z = θ₀ - s / (∛v + ε)
 * θ = μθ + (1 - μ) z
 * ```
 * Where momentum is 0 the authors save θ₀ and get it back as θ + s / (∛v + ε); it is kept here, so momentum may be
 * changed under way. Weight decay is L2, of which MADGRAD needs little. Throws a RangeError for negative lr, eps or
 * weightDecay, and for momentum outside [0, 1).
 *
 * Defazio & Jelassi, Adaptivity without compromise: a momentumized, adaptive, dual averaged gradient method for
 * stochastic optimization, JMLR 2022, algorithm 1.
 *
 * @example
 * const opt = madgrad(model.parameters(), { lr: 0.01 });
 */
export const madgrad = /* @__PURE__ */ optimizer<MadgradHyper, object>({
  name: "madgrad",
  paper: "Defazio & Jelassi 2022",
  follows: "authors",
  hyper: { lr: 0.01, momentum: 0.9, weightDecay: 0, eps: 1e-6 },
  check({ lr, momentum, weightDecay, eps }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("eps", eps);
  },
  slots: (_, shape) => ({ gradSumSq: shape, s: shape, x0: shape }),
  start({ tensors, ops }) {
    for (const { p, slots } of tensors) ops.copy(p, slots.x0);
  },
  prepare({ lr, momentum, weightDecay, eps }, _, t, pass) {
    pass.kernel = "madgrad";
    pass.scalars(weightDecay, (lr + eps) * Math.sqrt(t), eps, momentum, 1 - momentum);
  },
  codes: [code],
  kernels: { madgrad: madgradTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<MadgradHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.1, momentum: 0.5, weightDecay: 0.1, eps: 1e-4 },
    "no momentum": { momentum: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
