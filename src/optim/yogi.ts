import { checkBoolean, checkNonNegative, checkNumber, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/yogi.js";
import { add, div, mul, plus, signed, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link yogi}. */
export interface YogiHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ before the step. Without `decoupled` L2: λθ is added to the gradient. */
  weightDecay: number;
  decoupled: boolean;
  /** What the second moment starts at. */
  initialAccumulator: number;
  /** What the first moment starts at: 0 in the paper, 1e-6 in Optax. */
  initialMoment: number;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface YogiState {
  beta1Power: number;
  beta2Power: number;
}

const yogiTwin: Twin = (n, p, g, [m, v], [gradScale, l2, keep, b1, b1c, b2c, rootScale, eps]) => {
  for (let i = 0; i < n; i++) {
    const before = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, before);
    const theta = mul(keep, before);
    const mean = add(mul(b1, m[i]), mul(b1c, grad));
    const last = v[i];
    const intake = mul(grad, grad);
    const square = sub(last, signed(mul(b2c, intake), sub(last, intake)));
    const denom = add(mul(sqrt(square), rootScale), eps);
    m[i] = mean;
    v[i] = square;
    p[i] = sub(theta, div(mean, denom));
  }
};

/**
 * Yogi: Adam whose second moment goes up or down by (1 - β₂) g² whatever its own size, so that one that has grown does
 * not fall off fast, and the effective rate does not jump.
 *
 * ```
 * θ = θ - lr λ θ                              (decoupled: false: g = g + λθ instead)
 * m = β₁m + (1 - β₁) g                        m₀ = initialMoment
 * v = v - (1 - β₂) sign(v - g²) g²            v₀ = initialAccumulator
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 * ```
 * Optax and pytorch_optimizer start m at 1e-6 as well: `initialMoment: 1e-6`. Weight decay is decoupled unless
 * `decoupled: false`. Throws a RangeError for negative lr, eps, weightDecay or initialAccumulator, and for betas
 * outside [0, 1).
 *
 * Zaheer et al., Adaptive methods for nonconvex optimization, NeurIPS 2018, algorithm 2.
 *
 * @example
 * const opt = yogi(model.parameters(), { lr: 0.01 });
 */
export const yogi = /* @__PURE__ */ optimizer<YogiHyper, YogiState>({
  name: "yogi",
  paper: "Zaheer et al. 2018",
  follows: "paper",
  hyper: {
    lr: 0.01,
    betas: [0.9, 0.999],
    eps: 1e-3,
    weightDecay: 0,
    decoupled: true,
    initialAccumulator: 1e-6,
    initialMoment: 0,
  },
  check({ lr, betas, eps, weightDecay, decoupled, initialAccumulator, initialMoment }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkNonNegative("initialAccumulator", initialAccumulator);
    checkNumber("initialMoment", initialMoment, "a finite number", () => true);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  // The second moment does not shrink under zero gradients.
  averages: () => ["expAvg"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  start({ tensors, ops, hyper }) {
    for (const { slots } of tensors) {
      ops.fill(slots.expAvg, hyper.initialMoment);
      ops.fill(slots.expAvgSq, hyper.initialAccumulator);
    }
  },
  prepare({ lr, betas, eps, weightDecay, decoupled }, s, _, pass) {
    const [b1, b2] = betas;
    s.beta1Power *= b1;
    s.beta2Power *= b2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    const l2 = decoupled ? 0 : weightDecay;
    const keep = decoupled ? 1 - lr * weightDecay : 1;
    pass.kernel = "yogi";
    pass.scalars(l2, keep, b1, 1 - b1, 1 - b2, rootOver(rootScale, stepSize), epsOver(eps, stepSize));
  },
  codes: [code],
  kernels: { yogi: yogiTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<YogiHyper> = {
  variants: {
    "": {},
    decay: { betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1 },
    L2: { weightDecay: 0.1, decoupled: false },
    "other start": { initialAccumulator: 0.1, initialMoment: 1e-6 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
