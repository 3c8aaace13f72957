import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/adamax.js";
import { abs, add, div, mul, plus, pmax, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link adamax}. */
export interface AdamaxHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first moment and of the infinity norm. */
  betas: readonly [number, number];
  /** Added to |g| before the maximum, or to the norm with `epsOutsideMax`. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  decoupled: boolean;
  /** Keras: u = max(β₂u, |g|) and m / (u + ε). */
  epsOutsideMax: boolean;
}

/** β₁^t as a running product: `Math.pow` differs between engines. */
export interface AdamaxState {
  beta1Power: number;
}

const adamaxTwin: Twin = (n, p, g, [m, u], [gradScale, l2, keep, b1c, b2, epsMax, eps, stepSize]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, theta);
    const last = m[i];
    const mean = add(last, mul(b1c, sub(grad, last)));
    const norm = pmax(add(abs(grad), epsMax), mul(b2, u[i]));
    m[i] = mean;
    u[i] = norm;
    p[i] = sub(mul(keep, theta), div(mul(stepSize, mean), add(norm, eps)));
  }
};

/**
 * AdaMax: Adam with the infinity norm, a maximum that fades, in place of the root of the second moment.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = β₁m + (1 - β₁) g
 * u = max(β₂u, |g| + ε)            (epsOutsideMax: max(β₂u, |g|), and u + ε below)
 * θ = θ - lr / (1 - β₁^t) m / u
 * ```
 * Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps or weightDecay, and for betas
 * outside [0, 1). Keras is `{ lr: 1e-3, eps: 1e-7, epsOutsideMax: true, decoupled: true }`; the paper has no ε.
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
  hyper: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupled: false, epsOutsideMax: false },
  check({ lr, betas, eps, weightDecay, decoupled, epsOutsideMax }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkBoolean("epsOutsideMax", epsOutsideMax);
  },
  slots: (_, shape) => ({ expAvg: shape, expInf: shape }),
  averages: () => ["expAvg", "expInf"],
  state: () => ({ beta1Power: 1 }),
  prepare({ lr, betas, eps, weightDecay, decoupled, epsOutsideMax }, s, _, pass) {
    s.beta1Power *= betas[0];
    const l2 = decoupled ? 0 : weightDecay;
    const keep = decoupled ? 1 - lr * weightDecay : 1;
    const epsMax = epsOutsideMax ? 0 : eps;
    pass.kernel = "adamax";
    pass.scalars(l2, keep, 1 - betas[0], betas[1], epsMax, eps - epsMax, lr / (1 - s.beta1Power));
  },
  codes: [code],
  kernels: { adamax: adamaxTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<AdamaxHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.9], eps: 1e-3, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    "decoupled, eps outside": { lr: 0.01, eps: 1e-7, weightDecay: 0.1, decoupled: true, epsOutsideMax: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
