import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/adan.js";
import { add, div, mul, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkTriple } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adan}. */
export interface AdanHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the mean of gradients, of the mean of their changes, and of the second moment. */
  betas: readonly [number, number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: after the step θ is divided by 1 + lr λ. With `noProx`: θ shrinks by lr λ before it. */
  weightDecay: number;
  noProx: boolean;
}

/** β₁^t, β₂^t and β₃^t as running products: `Math.pow` differs between engines. */
export interface AdanState {
  beta1Power: number;
  beta2Power: number;
  beta3Power: number;
}

const adanTwin: Twin = (
  n,
  p,
  g,
  [m, d, v, last],
  [gradScale, keep, b1, b1c, b2, b2c, b3, b3cRoot, driftShare, rootScale, eps],
) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const change = sub(grad, last[i]);
    const root = mul(b3cRoot, add(grad, mul(b2, change)));
    const square = add(mul(b3, v[i]), mul(root, root));
    v[i] = square;
    last[i] = grad;
    const mean = add(mul(b1, m[i]), mul(b1c, grad));
    m[i] = mean;
    const drift = add(mul(b2, d[i]), mul(b2c, change));
    d[i] = drift;
    const denom = add(mul(sqrt(square), rootScale), eps);
    p[i] = sub(mul(keep, p[i]), div(add(mean, mul(driftShare, drift)), denom));
  }
};

/**
 * Adan: Nesterov's look-ahead from the change between two gradients, so that no gradient at another point is needed.
 *
 * ```
 * Δ = g - g of the step before            0 at the first
 * m = β₁m + (1 - β₁) g
 * d = β₂d + (1 - β₂) Δ
 * n = β₃n + (1 - β₃) (g + β₂Δ)²
 * θ = θ - lr (m / (1 - β₁^t) + β₂d / (1 - β₂^t)) / (√n / √(1 - β₃^t) + ε)
 * θ = θ / (1 + lr λ)                      (noProx: θ = θ - lr λ θ before the step instead)
 * ```
 * β are rates of retention as in the authors' code; the paper writes 1 - β for them. Optax takes 1 - β₂ where this and
 * the paper have β₂ (a path 56 % off), which is not offered. Weight decay is decoupled. Throws a RangeError for
 * negative lr, eps or weightDecay, and for betas outside [0, 1).
 *
 * Xie et al., Adan: adaptive Nesterov momentum algorithm for faster optimizing deep models, 2022, algorithm 1.
 *
 * @example
 * const opt = adan(model.parameters(), { lr: 1e-3, weightDecay: 0.02 });
 */
export const adan = /* @__PURE__ */ optimizer<AdanHyper, AdanState>({
  name: "adan",
  paper: "Xie et al. 2022",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.98, 0.92, 0.99], eps: 1e-8, weightDecay: 0, noProx: false },
  check({ lr, betas, eps, weightDecay, noProx }) {
    checkNonNegative("lr", lr);
    checkTriple("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("noProx", noProx);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgDiff: shape, expAvgSq: shape, previousGrad: shape }),
  averages: () => ["expAvg", "expAvgDiff", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1, beta3Power: 1 }),
  prepare({ lr, betas, eps, weightDecay, noProx }, s, t, pass) {
    const [b1, b2, b3] = betas;
    s.beta1Power *= b1;
    s.beta2Power *= b2;
    s.beta3Power *= b3;
    const correction = 1 - s.beta1Power;
    const driftShare = (b2 * correction) / (1 - s.beta2Power);
    const rootScale = 1 / Math.sqrt(1 - s.beta3Power);
    const shrink = noProx ? 1 : 1 / (1 + lr * weightDecay);
    const keep = noProx ? 1 - lr * weightDecay : shrink;
    const stepSize = (lr * shrink) / correction;
    const root = rootOver(rootScale, stepSize);
    // There is no change before the second step: the drift, 0 so far, stays.
    const follows = t === 1 ? 0 : 1;
    pass.kernel = "adan";
    // biome-ignore format: one scalar after the other, as in the kernel
    pass.scalars(keep, b1, 1 - b1, follows * b2, follows * (1 - b2), b3, Math.sqrt(1 - b3), driftShare, root, epsOver(eps, stepSize));
  },
  codes: [code],
  kernels: { adan: adanTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<AdanHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.9, 0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "no prox": { lr: 0.01, weightDecay: 0.1, noProx: true },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.02 } },
};
