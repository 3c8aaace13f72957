import { checkBoolean, checkNonNegative, checkNumber, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/qhadam.js";
import { add, div, mul, plus, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link qhadam}. */
export interface QhadamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Shares of the moments, first and second, in the step; the rest is the present gradient's. (1, 1) is Adam. */
  nus: readonly [number, number];
  /** Added to the root. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  decoupled: boolean;
}

/** How many gradients the moments stand for, each weighed by its age: 1 + β + … + β^(t-1). */
export interface QhadamState {
  beta1Weight: number;
  beta2Weight: number;
}

const qhadamTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, toRoot, l2, keep, b1, intake, b2, ofMean, ofRoot, ofSquare, ofPower, eps],
) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const before = p[i];
    const root = plus(mul(scale, g[i]), l2, before);
    const theta = mul(keep, before);
    const power = mul(root, root);
    const mean = add(mul(b1, m[i]), mul(intake, root));
    const square = add(mul(b2, v[i]), power);
    const step = add(mul(ofMean, mean), mul(ofRoot, root));
    const denom = add(sqrt(add(mul(ofSquare, square), mul(ofPower, power))), eps);
    m[i] = mean;
    v[i] = square;
    p[i] = sub(theta, div(step, denom));
  }
};

/**
 * Quasi-hyperbolic Adam: steps by a mixture of the first moment and the gradient itself, over the root of such a mixture
 * of second moment and squared gradient.
 *
 * ```
 * g = g + λθ                                     (decoupled: θ = θ - lr λ θ instead)
 * w₁ = 1 + β₁w₁    m = m + (g - m) / w₁          the bias-corrected moments, kept as such
 * w₂ = 1 + β₂w₂    v = v + (g² - v) / w₂
 * θ = θ - lr (ν₁m + (1 - ν₁) g) / (√(ν₂v + (1 - ν₂) g²) + ε)
 * ```
 * Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps or weightDecay, and for betas outside
 * [0, 1); ν may be any number, as with the authors.
 *
 * Ma & Yarats, Quasi-hyperbolic momentum and Adam for deep learning, ICLR 2019, algorithm 2.
 *
 * @example
 * const opt = qhadam(model.parameters(), { lr: 1e-3, betas: [0.995, 0.999], nus: [0.7, 1] });
 */
export const qhadam = /* @__PURE__ */ optimizer<QhadamHyper, QhadamState>({
  name: "qhadam",
  paper: "Ma & Yarats 2019",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], nus: [1, 1], eps: 1e-8, weightDecay: 0, decoupled: false },
  check({ lr, betas, nus, eps, weightDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkPair("nus", nus, (name, x) => checkNumber(name, x, "a finite number", () => true));
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Weight: 0, beta2Weight: 0 }),
  prepare({ lr, betas, nus, eps, weightDecay, decoupled }, s, _, pass) {
    const [nu1, nu2] = nus;
    s.beta1Weight = 1 + betas[0] * s.beta1Weight;
    s.beta2Weight = 1 + betas[1] * s.beta2Weight;
    const b1c = 1 / s.beta1Weight;
    const b2c = 1 / s.beta2Weight;
    const toRoot = Math.sqrt(b2c);
    const l2 = decoupled ? 0 : weightDecay;
    const keep = decoupled ? 1 - lr * weightDecay : 1;
    pass.kernel = "qhadam";
    const ofRoot = (lr * (1 - nu1)) / toRoot;
    // biome-ignore format: one scalar after the other, as in the kernel
    pass.scalars(toRoot, toRoot * l2, keep, 1 - b1c, b1c / toRoot, 1 - b2c, lr * nu1, ofRoot, nu2, (1 - nu2) / b2c, eps);
  },
  codes: [code],
  kernels: { qhadam: qhadamTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<QhadamHyper> = {
  variants: {
    "": {},
    mixed: { lr: 0.01, betas: [0.995, 0.999], nus: [0.7, 0.8], weightDecay: 0.1 },
    decoupled: { lr: 0.01, nus: [0.7, 0.8], weightDecay: 0.3, decoupled: true },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1, nus: [0.8, 1] }, rosenbrock: { lr: 0.05 } },
};
