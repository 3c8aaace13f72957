import { checkBoolean, checkNonNegative, checkOneOf, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adamax.js";
import { abs, add, div, mul, plus, pmax, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link adamax}. */
export interface AdamaxHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first moment and of the infinity norm. */
  betas: readonly [number, number];
  /** Added to |g| before the maximum is taken, or to the maximum: see `epsPlacement`. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
  /** "max": u = max(β₂u, |g| + ε) and m / u. "denominator": u = max(β₂u, |g|) and m / (u + ε), as Keras does. */
  epsPlacement: "max" | "denominator";
}

/** β₁^t as a running product: `Math.pow` differs between engines. */
export interface AdamaxState {
  beta1Power: number;
}

const adamaxTwin: Twin = (
  n,
  p,
  g,
  [m, u],
  [gradScale, l2, decayFactor, oneMinusBeta1, beta2, epsInMax, eps, stepSize],
) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, theta);
    const lastMean = m[i];
    const mean = add(lastMean, mul(oneMinusBeta1, sub(grad, lastMean)));
    const norm = pmax(add(abs(grad), epsInMax), mul(beta2, u[i]));
    m[i] = mean;
    u[i] = norm;
    p[i] = sub(mul(decayFactor, theta), div(mul(stepSize, mean), add(norm, eps)));
  }
};

/**
 * AdaMax: Adam with a decaying maximum of |g|, the infinity norm, in place of the root of the second moment.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = m + (1 - β₁) (g - m)
 * u = max(β₂u, |g| + ε)            (epsPlacement "denominator": max(β₂u, |g|), and u + ε below)
 * θ = θ - lr / (1 - β₁^t) m / u
 * ```
 * Keras is `{ lr: 1e-3, eps: 1e-7, epsPlacement: "denominator", decoupled: true }`; the paper has no ε. Weight decay is
 * L2 unless `decoupled`. Throws a RangeError for negative lr, eps or weightDecay, for betas outside [0, 1), and for an
 * unknown epsPlacement.
 *
 * Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 2.
 *
 * @example
 * const opt = adamax(model.parameters(), { lr: 2e-3 });
 */
export const adamax = /* @__PURE__ */ optimizer<AdamaxHyper, AdamaxState>({
  name: "adamax",
  paper: "Kingma & Ba 2015",
  follows: "PyTorch",
  hyper: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupled: false, epsPlacement: "max" },
  check({ lr, betas, eps, weightDecay, decoupled, epsPlacement }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkOneOf("epsPlacement", epsPlacement, ["max", "denominator"]);
  },
  slots: (_, shape) => ({ expAvg: shape, expInf: shape }),
  averages: () => ["expAvg", "expInf"],
  state: () => ({ beta1Power: 1 }),
  prepare(h, s, _, pass) {
    const { lr, weightDecay, decoupled, epsPlacement } = h;
    const beta1 = h.betas[0];
    const beta2 = h.betas[1];
    s.beta1Power *= beta1;
    const l2 = decoupled ? 0 : weightDecay;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const oneMinusBeta1 = 1 - beta1;
    const epsInMax = epsPlacement === "max" ? h.eps : 0;
    const eps = epsPlacement === "denominator" ? h.eps : 0;
    const stepSize = lr / (1 - s.beta1Power);
    pass.kernel = "adamax";
    pass.scalars(l2, decayFactor, oneMinusBeta1, beta2, epsInMax, eps, stepSize);
  },
  binaries: [binary],
  kernels: { adamax: adamaxTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AdamaxHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.9], eps: 1e-3, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    "decoupled, eps outside": { lr: 0.01, eps: 1e-7, weightDecay: 0.1, decoupled: true, epsPlacement: "denominator" },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
