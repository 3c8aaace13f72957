import { checkBoolean, checkNonNegative, checkOneOf, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import adamBinary from "../engine/wasm/binaries/optim/adam.js";
import adamwBinary from "../engine/wasm/binaries/optim/adamw.js";
import { add, div, mul, plus, pmax, sqrt, sub } from "../math/f32.js";
import { adamwAmsgrad, adamwTwin, prepareDecoupled } from "./adamw.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adam}. */
export interface AdamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** "denominator": ε is added to the bias-corrected root, √v̂ + ε. "root": to the root itself, √v + ε, as in Keras. */
  epsPlacement: "denominator" | "root";
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  /** Divide by the root of the largest second moment so far: the largest v, as PyTorch has it. */
  amsgrad: boolean;
  /** With `amsgrad`: the largest bias-corrected moment, v / (1 - β₂^t), as Optax has it. The first ones are larger. */
  amsgradCorrected: boolean;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdamState {
  beta1Power: number;
  beta2Power: number;
}

const adamTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, scaledL2, beta1, oneMinusBeta1, beta2, squareRatio, denomScale, denomEps],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = plus(mul(meanScale, g[i]), scaledL2, theta);
    const rootedGrad = mul(squareRatio, weightedGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    v[i] = square;
    const mean = add(mul(beta1, m[i]), weightedGrad);
    m[i] = mean;
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    p[i] = sub(theta, div(mean, denom));
  }
};

const adamAmsgrad: Twin = (
  n,
  p,
  g,
  [m, v, vMax],
  [gradScale, scaledL2, beta1, oneMinusBeta1, beta2, squareRatio, squareCorrection, denomScale, denomEps],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = plus(mul(meanScale, g[i]), scaledL2, theta);
    const rootedGrad = mul(squareRatio, weightedGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    v[i] = square;
    const mean = add(mul(beta1, m[i]), weightedGrad);
    m[i] = mean;
    const maxSquare = pmax(mul(squareCorrection, square), vMax[i]);
    const denom = add(mul(sqrt(maxSquare), denomScale), denomEps);
    vMax[i] = maxSquare;
    p[i] = sub(theta, div(mean, denom));
  }
};

/**
 * Adam: steps by the mean of the gradient over the root of the mean of its square.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²            (amsgrad: the largest v so far in the step)
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * w = (1 - β₁) g + (1 - β₁) λ θ                weightedGrad, with scaledL2 = (1 - β₁) λ
 * r = √(1 - β₂) / (1 - β₁) w                   rootedGrad = squareRatio w
 * v = β₂v + r²
 * m = β₁m + w
 * θ = θ - m / (denomScale √v + denomEps)       denomScale = rootCorrection / stepSize, denomEps = ε / stepSize, with
 *                                              rootCorrection = 1 / √(1 - β₂^t), stepSize = lr / (1 - β₁^t)
 *                                              (epsPlacement "root": denomEps = ε rootCorrection / stepSize)
 * amsgrad: max(squareCorrection v, maxSquare) in place of v, with squareCorrection = 1
 *                                              (amsgradCorrected: 1 / (1 - β₂^t), and denomScale = 1 / stepSize)
 * ```
 * Weight decay is L2 unless `decoupled`, which runs the kernels of `adamw`. Throws a RangeError for negative lr, eps or
 * weightDecay, for betas outside [0, 1), for an unknown epsPlacement, and for amsgradCorrected without amsgrad.
 *
 * With `epsPlacement: "root"` ε is added before the bias correction, (√v + ε) / √(1 - β₂^t), which is ε̂ in section 2
 * of the paper; Keras is `{ eps: 1e-7, epsPlacement: "root", decoupled: true }`. With `amsgradCorrected` the maximum is
 * that of v / (1 - β₂^t), as in Optax's amsgrad; Optax's `nesterov` is `nadam`. Optax's `eps_root`, added inside the
 * root, is not offered: it keeps derivatives through the optimizer finite, and this library takes none.
 *
 * Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1; Reddi et al., On the convergence
 * of Adam and beyond, ICLR 2018.
 *
 * @example
 * const opt = adam(model.parameters(), { lr: 1e-3 });
 */
export const adam = /* @__PURE__ */ optimizer<AdamHyper, AdamState>({
  name: "adam",
  paper: "Kingma & Ba 2015; Reddi et al. 2018 (amsgrad)",
  follows: "PyTorch",
  hyper: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    epsPlacement: "denominator",
    weightDecay: 0,
    amsgrad: false,
    amsgradCorrected: false,
    decoupled: false,
  },
  check({ lr, betas, eps, epsPlacement, weightDecay, amsgrad, amsgradCorrected, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkOneOf("epsPlacement", epsPlacement, ["denominator", "root"]);
    checkBoolean("amsgrad", amsgrad);
    checkBoolean("amsgradCorrected", amsgradCorrected);
    if (amsgradCorrected && !amsgrad) throw rangeError("amsgradCorrected", "amsgrad with it", amsgrad);
    checkBoolean("decoupled", decoupled);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgSq: shape, ...(h.amsgrad && { maxExpAvgSq: shape }) }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare(h, s, _, pass) {
    if (h.decoupled) {
      prepareDecoupled(h, s, pass);
      return;
    }
    const { lr, eps, epsPlacement, weightDecay, amsgrad, amsgradCorrected } = h;
    const beta1 = h.betas[0];
    const beta2 = h.betas[1];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const oneMinusBeta1 = 1 - beta1;
    const scaledL2 = oneMinusBeta1 * weightDecay;
    const squareRatio = Math.sqrt(1 - beta2) / oneMinusBeta1;
    // A maximum of corrected moments is corrected already.
    const squareCorrection = amsgradCorrected ? 1 / (1 - s.beta2Power) : 1;
    const denomScale = rootOver(amsgradCorrected ? 1 : rootCorrection, stepSize);
    const denomEps = epsOver(epsPlacement === "root" ? eps * rootCorrection : eps, stepSize);
    pass.kernel = amsgrad ? "adamAmsgrad" : "adam";
    pass.slots = amsgrad ? 3 : 2;
    if (amsgrad) {
      pass.scalars(scaledL2, beta1, oneMinusBeta1, beta2, squareRatio, squareCorrection, denomScale, denomEps);
    } else pass.scalars(scaledL2, beta1, oneMinusBeta1, beta2, squareRatio, denomScale, denomEps);
  },
  binaries: [adamBinary, adamwBinary],
  kernels: { adam: adamTwin, adamAmsgrad, adamw: adamwTwin, adamwAmsgrad },
});

/** Settings for tests and benches. */
export const trials: Trials<AdamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "eps at the root": { lr: 0.01, eps: 1e-3, epsPlacement: "root" },
    "amsgrad corrected": { lr: 0.01, amsgrad: true, amsgradCorrected: true },
    "eps 0": { lr: 0.01, eps: 0 },
    amsgrad: { lr: 0.01, betas: [0, 0.9], weightDecay: 0.05, amsgrad: true },
    decoupled: { lr: 0.01, weightDecay: 0.3, decoupled: true },
    "decoupled amsgrad": { lr: 0.01, weightDecay: 0.3, decoupled: true, amsgrad: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1, amsgrad: true }, rosenbrock: { lr: 0.05 } },
};
