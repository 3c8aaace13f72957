import { checkBoolean, checkNonNegative, checkOneOf, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/momentum.js";
import { add, mul, plus, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link momentum}. */
export interface MomentumHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate of the velocity: μ in the classical form, β in the moving average. */
  momentum: number;
  /** "classical": v = μv + lr g. "ema": v = βv + (1 - β) g, a moving average, with lr outside it. */
  variant: "classical" | "ema";
  /** Step by the next velocity, μv + lr g. Only for the classical variant. */
  nesterov: boolean;
  /** Divide the moving average, which starts at 0, by 1 - β^t. Only for the ema variant. */
  biasCorrection: boolean;
  /** L2: λθ is added to the gradient. With `decoupled`: θ is multiplied by 1 - lr λ. */
  weightDecay: number;
  /** Take weight decay out of the gradient and apply it to θ directly. */
  decoupled: boolean;
}

/** β^t as a running product. */
export interface MomentumState {
  betaPower: number;
}

const momentumTwin: Twin = (n, p, g, [v], [gradScale, decayFactor, scaledL2, momentum, newestWeight, stepSize]) => {
  const scale = mul(gradScale, newestWeight);
  for (let i = 0; i < n; i++) {
    const decayed = mul(decayFactor, p[i]);
    const weightedGrad = add(mul(scale, g[i]), mul(scaledL2, decayed));
    const velocity = add(mul(momentum, v[i]), weightedGrad);
    v[i] = velocity;
    p[i] = sub(decayed, mul(stepSize, velocity));
  }
};

const momentumNesterov: Twin = (n, p, g, [v], [gradScale, decayFactor, scaledL2, momentum, lr]) => {
  const scale = mul(gradScale, lr);
  for (let i = 0; i < n; i++) {
    const decayed = mul(decayFactor, p[i]);
    const weightedGrad = plus(mul(scale, g[i]), scaledL2, decayed);
    const velocity = add(mul(momentum, v[i]), weightedGrad);
    v[i] = velocity;
    p[i] = sub(decayed, add(mul(momentum, velocity), weightedGrad));
  }
};

/**
 * Gradient descent with momentum in the two variants of the textbooks. A third, PyTorch's, is `sgd`: there lr multiplies
 * a plain sum of gradients. While lr is constant, the classical variant takes the same path as `sgd`; when lr changes, it
 * keeps its velocity.
 *
 * ```
 * g = g + λθ                                    (decoupled: θ = θ - lr λ θ instead)
 * classical:  v = μv + lr g                     θ = θ - (nesterov ? μv + lr g : v)
 * ema:        v = βv + (1 - β) g                θ = θ - lr (biasCorrection ? v / (1 - β^t) : v)
 * ```
 * Folded: weightedGrad = newestWeight (g + λθ) with newestWeight = lr (classical) or 1 - β (ema), so
 * scaledL2 = newestWeight λ. The step is stepSize v: 1 in the classical variant, whose velocity contains lr already,
 * and lr or lr / (1 - β^t) in the ema variant.
 *
 * v starts at 0. The classical variant with `decoupled` is Keras' SGD; lr is Keras' default. Weight decay is L2 unless
 * `decoupled`. Throws a RangeError for negative lr or weightDecay, for momentum outside [0, 1), for nesterov with the
 * ema variant and for biasCorrection with the classical one.
 *
 * Polyak, Some methods of speeding up the convergence of iteration methods, 1964, eq. 9; Rumelhart, Hinton & Williams,
 * Learning representations by back-propagating errors, 1986, eq. 9; Sutskever et al., ICML 2013, eq. 1–4.
 *
 * @example
 * const opt = momentum(model.parameters(), { lr: 0.05, momentum: 0.9 });
 */
export const momentum = /* @__PURE__ */ optimizer<MomentumHyper, MomentumState>({
  name: "momentum",
  paper: "Polyak 1964; Rumelhart, Hinton & Williams 1986",
  follows: "paper",
  hyper: {
    lr: 0.01,
    momentum: 0.9,
    variant: "classical",
    nesterov: false,
    biasCorrection: false,
    weightDecay: 0,
    decoupled: false,
  },
  check({ lr, momentum, variant, nesterov, biasCorrection, weightDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkOneOf("variant", variant, ["classical", "ema"]);
    checkBoolean("nesterov", nesterov);
    checkBoolean("biasCorrection", biasCorrection);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    if (nesterov && variant === "ema") throw rangeError("nesterov", 'the variant "classical" with it', variant);
    if (biasCorrection && variant === "classical")
      throw rangeError("biasCorrection", 'the variant "ema" with it', variant);
  },
  slots: (_, shape) => ({ velocity: shape }),
  averages: () => ["velocity"],
  state: () => ({ betaPower: 1 }),
  prepare({ lr, momentum, variant, nesterov, biasCorrection, weightDecay, decoupled }, s, _, pass) {
    s.betaPower *= momentum;
    const classical = variant === "classical";
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const l2 = decoupled ? 0 : weightDecay;
    const newestWeight = classical ? lr : 1 - momentum;
    const scaledL2 = newestWeight * l2;
    pass.kernel = nesterov ? "momentumNesterov" : "momentum";
    if (nesterov) {
      pass.scalars(decayFactor, scaledL2, momentum, lr);
    } else {
      const averageStep = biasCorrection ? lr / (1 - s.betaPower) : lr;
      const stepSize = classical ? 1 : averageStep;
      pass.scalars(decayFactor, scaledL2, momentum, newestWeight, stepSize);
    }
  },
  binaries: [binary],
  kernels: { momentum: momentumTwin, momentumNesterov },
});

/** What tests and benches run it with. */
export const trials: Trials<MomentumHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.05, weightDecay: 0.1 },
    nesterov: { lr: 0.05, nesterov: true },
    decoupled: { lr: 0.05, nesterov: true, weightDecay: 0.1, decoupled: true },
    ema: { lr: 0.05, variant: "ema" },
    "bias correction": { lr: 0.05, variant: "ema", biasCorrection: true, momentum: 0.5, weightDecay: 0.1 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.02, nesterov: true }, rosenbrock: { lr: 0.01, variant: "ema" } },
};
