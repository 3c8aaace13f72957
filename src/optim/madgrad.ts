import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/madgrad.js";
import { add, div, mul, sub } from "../math/f32.js";
import { cbrt } from "../math/math.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link madgrad}. */
export interface MadgradHyper {
  /** Learning rate. Its scale is not that of SGD's or Adam's. */
  lr: number;
  /** μ, the weight of θ when it is averaged with z. */
  momentum: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Added to the cube root, and to lr. */
  eps: number;
}

const madgradTwin: Twin = (n, p, g, [v, s, x0], [gradScale, l2, sumWeight, eps, momentum, oneMinusMomentum]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const squareSum = add(v[i], mul(sumWeight, mul(grad, grad)));
    const gradSum = add(s[i], mul(sumWeight, grad));
    const z = sub(x0[i], div(gradSum, add(cbrt(squareSum), eps)));
    v[i] = squareSum;
    s[i] = gradSum;
    p[i] = add(mul(momentum, theta), mul(oneMinusMomentum, z));
  }
};

/**
 * MADGRAD: dual averaging. Each step starts from the initial parameters, divides the sum of all gradients by the cube
 * root of the sum of their squares, and averages the points that this reaches.
 *
 * ```
 * g = g + λθ
 * λ_t = (lr + ε) √t                sumWeight
 * s = s + λ_t g
 * v = v + λ_t g²
 * z = θ₀ - s / (∛v + ε)
 * θ = μθ + (1 - μ) z
 * ```
 * The authors' code does not store θ₀ where momentum is 0, and recovers it as θ + s / (∛v + ε). It is stored here, so
 * momentum may change during training. Weight decay is L2, of which MADGRAD needs little. Throws a RangeError for
 * negative lr, eps or weightDecay, and for momentum outside [0, 1).
 *
 * Defazio & Jelassi, Adaptivity without compromise: a momentumized, adaptive, dual averaged gradient method for
 * stochastic optimization, JMLR 2022, algorithm 1.
 *
 * @example
 * const opt = madgrad(model.parameters(), { lr: 0.01 });
 */
export const madgrad = /* @__PURE__ */ optimizer<MadgradHyper, Counted>({
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
  state: () => ({ steps: 0 }),
  prepare({ lr, momentum, weightDecay, eps }, s, _, pass) {
    const t = ++s.steps;
    const l2 = weightDecay;
    const sumWeight = (lr + eps) * Math.sqrt(t);
    const oneMinusMomentum = 1 - momentum;
    pass.kernel = "madgrad";
    pass.scalars(l2, sumWeight, eps, momentum, oneMinusMomentum);
  },
  binaries: [binary],
  kernels: { madgrad: madgradTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<MadgradHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.1, momentum: 0.5, weightDecay: 0.1, eps: 1e-4 },
    "no momentum": { momentum: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
