import { checkBoolean, checkNonNegative, checkOneOf, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adamw.js";
import { add, div, mul, pmax, sqrt, sub } from "../math/f32.js";
import type { Pass, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adamw}. */
export interface AdamwHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** "denominator": ε is added to the bias-corrected root, √v̂ + ε. "root": to the root itself, √v + ε, as in Keras. */
  epsPlacement: "denominator" | "root";
  /** Decoupled: θ shrinks by lr λ before the step. */
  weightDecay: number;
  /** Divide by the root of the largest second moment so far: the largest v, as PyTorch has it. */
  amsgrad: boolean;
  /** With `amsgrad`: the largest bias-corrected moment, v / (1 - β₂^t), as Optax has it. The first ones are larger. */
  amsgradCorrected: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdamwState {
  beta1Power: number;
  beta2Power: number;
}

export const adamwTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, decayFactor, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, denomScale, denomEps],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const rootedGrad = mul(rootScale, rawGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(beta1, m[i]), mul(meanScale, rawGrad));
    const denom = add(mul(sqrt(square), denomScale), denomEps);
    v[i] = square;
    m[i] = mean;
    p[i] = sub(mul(decayFactor, p[i]), div(mean, denom));
  }
};

export const adamwAmsgrad: Twin = (
  n,
  p,
  g,
  [m, v, vMax],
  [gradScale, decayFactor, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, squareCorrection, denomScale, denomEps],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const rootedGrad = mul(rootScale, rawGrad);
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(beta1, m[i]), mul(meanScale, rawGrad));
    const maxSquare = pmax(mul(squareCorrection, square), vMax[i]);
    const denom = add(mul(sqrt(maxSquare), denomScale), denomEps);
    v[i] = square;
    m[i] = mean;
    vMax[i] = maxSquare;
    p[i] = sub(mul(decayFactor, p[i]), div(mean, denom));
  }
};

/** Prepares a step of the two kernels above: for {@link adamw}, and for `adam` with `decoupled`. */
export function prepareDecoupled(h: AdamwHyper, s: AdamwState, pass: Pass): void {
  const { lr, eps, epsPlacement, weightDecay, amsgrad, amsgradCorrected } = h;
  // By index: an array pattern is so much bytecode that V8 inlines nothing more here, and boxes two results, 32 bytes.
  const beta1 = h.betas[0];
  const beta2 = h.betas[1];
  s.beta1Power *= beta1;
  s.beta2Power *= beta2;
  const stepSize = lr / (1 - s.beta1Power);
  const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
  const decayFactor = 1 - lr * weightDecay;
  const oneMinusBeta1 = 1 - beta1;
  const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
  // A maximum of corrected moments is corrected already.
  const squareCorrection = amsgradCorrected ? 1 / (1 - s.beta2Power) : 1;
  const denomScale = rootOver(amsgradCorrected ? 1 : rootCorrection, stepSize);
  const denomEps = epsOver(epsPlacement === "root" ? eps * rootCorrection : eps, stepSize);
  pass.kernel = amsgrad ? "adamwAmsgrad" : "adamw";
  pass.slots = amsgrad ? 3 : 2;
  if (amsgrad) {
    pass.scalars(decayFactor, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, squareCorrection, denomScale, denomEps);
  } else pass.scalars(decayFactor, beta1, oneMinusBeta1, beta2, sqrtOneMinusBeta2, denomScale, denomEps);
}

/**
 * Adam with decoupled weight decay: the decay does not pass through the moments.
 *
 * ```
 * θ = θ - lr λ θ
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²            (amsgrad: the largest v so far in the step)
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 *
 * Folded:
 * r = √(1 - β₂) g                              rootedGrad
 * v = β₂v + r²
 * m = β₁m + (1 - β₁) g
 * θ = (1 - lr λ) θ - m / (denomScale √v + denomEps)
 *                                              denomScale = rootCorrection / stepSize, denomEps = ε / stepSize
 *                                              rootCorrection = 1 / √(1 - β₂^t), stepSize = lr / (1 - β₁^t)
 * amsgrad: max(squareCorrection v, maxSquare) in place of v, with squareCorrection = 1
 *                                              (amsgradCorrected: 1 / (1 - β₂^t), and denomScale = 1 / stepSize)
 * ```
 * The decay follows the scheduled lr, as PyTorch has it. Throws a RangeError for negative lr, eps or weightDecay, for
 * betas outside [0, 1), for an unknown epsPlacement, and for amsgradCorrected without amsgrad.
 *
 * With `epsPlacement: "root"` ε is added before the bias correction, (√v + ε) / √(1 - β₂^t); Keras is
 * `{ eps: 1e-7, epsPlacement: "root", weightDecay: 0.004 }`. With `amsgradCorrected` the maximum is that of
 * v / (1 - β₂^t), as in Optax's amsgrad; Optax's `nesterov` is `nadamw`. Optax's `eps_root`, added inside the root, is
 * not offered: it keeps derivatives through the optimizer finite, and this library takes none.
 *
 * Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.
 *
 * @example
 * const opt = adamw(model.parameters(), { lr: 1e-3, weightDecay: 0.05 });
 */
export const adamw = /* @__PURE__ */ optimizer<AdamwHyper, AdamwState>({
  name: "adamw",
  paper: "Loshchilov & Hutter 2019",
  follows: "PyTorch",
  hyper: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    epsPlacement: "denominator",
    weightDecay: 0.01,
    amsgrad: false,
    amsgradCorrected: false,
  },
  check({ lr, betas, eps, epsPlacement, weightDecay, amsgrad, amsgradCorrected }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkOneOf("epsPlacement", epsPlacement, ["denominator", "root"]);
    checkBoolean("amsgrad", amsgrad);
    checkBoolean("amsgradCorrected", amsgradCorrected);
    if (amsgradCorrected && !amsgrad) throw rangeError("amsgradCorrected", "amsgrad with it", amsgrad);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgSq: shape, ...(h.amsgrad && { maxExpAvgSq: shape }) }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare: (h, s, _, pass) => prepareDecoupled(h, s, pass),
  binaries: [binary],
  kernels: { adamw: adamwTwin, adamwAmsgrad },
});

/** Settings for tests and benches. */
export const trials: Trials<AdamwHyper> = {
  variants: {
    "": {},
    "no decay": { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0 },
    "eps at the root": { lr: 0.01, eps: 1e-3, epsPlacement: "root" },
    "amsgrad corrected": { lr: 0.01, amsgrad: true, amsgradCorrected: true },
    "eps 0": { lr: 0.01, eps: 0, weightDecay: 0.3 },
    amsgrad: { lr: 0.01, weightDecay: 0.3, amsgrad: true },
  },
  // Decay pulls away from a minimum that is not at 0; amsgrad never forgets how steep the start was.
  descend: {
    bowl: { lr: 0.1, weightDecay: 0 },
    ravine: { lr: 0.1, weightDecay: 0.01 },
    rosenbrock: { lr: 0.2, weightDecay: 0, amsgrad: true },
  },
};
