import { checkBoolean, checkNonNegative, checkNumber, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/yogi.js";
import { add, div, mul, plus, signed, sqrt, sub } from "../math/f32.js";
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
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
  /** Initial value of the second moment. */
  initialAccumulatorValue: number;
  /** Initial value of the first moment: 0 in the paper, 1e-6 in Optax. */
  initialMoment: number;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface YogiState {
  beta1Power: number;
  beta2Power: number;
}

const yogiTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, l2, decayFactor, beta1, oneMinusBeta1, oneMinusBeta2, denomScale, denomEps],
) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = plus(mul(gradScale, g[i]), l2, theta);
    const decayed = mul(decayFactor, theta);
    const mean = add(mul(beta1, m[i]), mul(oneMinusBeta1, grad));
    const lastSquare = v[i];
    const gradSquare = mul(grad, grad);
    const square = sub(lastSquare, signed(mul(oneMinusBeta2, gradSquare), sub(lastSquare, gradSquare)));
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    m[i] = mean;
    v[i] = square;
    p[i] = sub(decayed, div(mean, denom));
  }
};

/**
 * Yogi: Adam whose second moment moves up or down by (1 - β₂) g², whatever its own size: after large gradients it falls
 * slowly, and the effective learning rate does not jump.
 *
 * ```
 * θ = θ - lr λ θ                              (decoupled: false: g = g + λθ instead)
 * m = β₁m + (1 - β₁) g                        m₀ = initialMoment
 * v = v - (1 - β₂) sign(v - g²) g²            v₀ = initialAccumulatorValue
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * v = v - signed((1 - β₂) g², v - g²)         signed(x, d) = x sign(d)
 * θ = (1 - lr λ) θ - m / (denomScale √v + denomEps)
 *                                             denomScale = rootCorrection / stepSize, denomEps = ε / stepSize
 *                                             rootCorrection = 1 / √(1 - β₂^t), stepSize = lr / (1 - β₁^t)
 * ```
 * Both moments are bias-corrected, as Optax has it; the paper corrects neither. v does not start at 0, so its correction
 * overstates it in the first steps. Optax and pytorch_optimizer start m at 1e-6 as well: `initialMoment: 1e-6`. Weight decay is decoupled unless
 * `decoupled: false`. Throws a RangeError for negative lr, eps, weightDecay or initialAccumulatorValue, for an
 * initialMoment that is not finite, and for betas outside [0, 1).
 *
 * Zaheer et al., Adaptive methods for nonconvex optimization, NeurIPS 2018, algorithm 2.
 *
 * @example
 * const opt = yogi(model.parameters(), { lr: 0.01 });
 */
export const yogi = /* @__PURE__ */ optimizer<YogiHyper, YogiState>({
  name: "yogi",
  paper: "Zaheer et al. 2018",
  follows: "Optax",
  hyper: {
    lr: 0.01,
    betas: [0.9, 0.999],
    eps: 1e-3,
    weightDecay: 0,
    decoupled: true,
    initialAccumulatorValue: 1e-6,
    initialMoment: 0,
  },
  check({ lr, betas, eps, weightDecay, decoupled, initialAccumulatorValue, initialMoment }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkNonNegative("initialAccumulatorValue", initialAccumulatorValue);
    checkNumber("initialMoment", initialMoment, "a finite number", () => true);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  // Under zero gradients the second moment stays as it is.
  averages: () => ["expAvg"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  start({ tensors, ops, hyper }) {
    for (const { slots } of tensors) {
      ops.fill(slots.expAvg, hyper.initialMoment);
      ops.fill(slots.expAvgSq, hyper.initialAccumulatorValue);
    }
  },
  prepare({ lr, betas, eps, weightDecay, decoupled }, s, _, pass) {
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const l2 = decoupled ? 0 : weightDecay;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const oneMinusBeta1 = 1 - beta1;
    const oneMinusBeta2 = 1 - beta2;
    const denomScale = rootOver(rootCorrection, stepSize);
    const denomEps = epsOver(eps, stepSize);
    pass.kernel = "yogi";
    pass.scalars(l2, decayFactor, beta1, oneMinusBeta1, oneMinusBeta2, denomScale, denomEps);
  },
  binaries: [binary],
  kernels: { yogi: yogiTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<YogiHyper> = {
  variants: {
    "": {},
    decay: { betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1 },
    L2: { weightDecay: 0.1, decoupled: false },
    "other start": { initialAccumulatorValue: 0.1, initialMoment: 1e-6 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05 } },
};
