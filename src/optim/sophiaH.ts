import { checkBoolean, checkNonNegative, checkNumber, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/sophiaH.js";
import { add, div, mul, pmax, pmin, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { checkPair } from "./shared/checks.js";
import { hessianOptimizer } from "./shared/hessianOptimizer.js";

/** Hyperparameters of {@link sophiaH}. */
export interface SophiaHHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the average gradient, and of the average diagonal of the Hessian. */
  betas: readonly [number, number];
  /** γ, the factor of the curvature in the denominator: the smaller, the more elements are clipped. */
  gamma: number;
  /** The least denominator, above 0: where the curvature is below ε / γ, or negative, the step is clipped. */
  eps: number;
  /** The most that the ratio of gradient and curvature may be: an element moves by lr times it at most. */
  clip: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
  /** Divide the average gradient by 1 - β₁^t, as Optax does. */
  biasCorrection: boolean;
}

/** β₁^t as a running product: `Math.pow` differs between engines. */
export interface SophiaHState {
  beta1Power: number;
}

const sophiaHTwin: Twin = (
  n,
  p,
  g,
  [m, h],
  [gradScale, beta1, oneMinusBeta1, hessianScale, eps, stepSize, maxStep, decayFactor],
) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  for (let i = 0; i < n; i++) {
    const mean = add(mul(beta1, m[i]), mul(meanScale, g[i]));
    const denom = pmax(mul(hessianScale, h[i]), eps);
    m[i] = mean;
    const update = pmax(pmin(div(mul(stepSize, mean), denom), maxStep), -maxStep);
    p[i] = sub(mul(decayFactor, p[i]), update);
  }
};

/**
 * Sophia-H: the average gradient divided by an average of the Hessian's diagonal, and clipped element by element. Between
 * clipped and not lies the difference between a step by sign and one of Newton's.
 *
 * ```
 * h = β₂h + (1 - β₂) ĥ                        in `opt.updateHessian(params, ĥ)`, every k steps; 10 in the paper
 * m = β₁m + (1 - β₁) g
 * θ = θ - lr λ θ
 * θ = θ - lr clamp(m / max(γ h, ε), ±clip)    biasCorrection: m / (1 - β₁^t) in place of m
 * ```
 * Folded: lr clamp(r, ±clip) is clamp(lr r, ±maxStep), with maxStep = lr clip and lr over the bias correction as stepSize.
 *
 * The caller supplies ĥ, from {@link hutchinson} or by a formula, as a tensor for each parameter, before the step in the
 * paper, after it in Optax. It may be negative. Without any, h is 0, and every element moves by lr clip against the sign of
 * m: a step like Lion's, and not like Adam's. In a group that maximizes, ĥ is that of the function itself, and counts
 * negated. h is part of the saved state. Weight decay is decoupled. Throws a RangeError for negative lr, gamma or
 * weightDecay, for eps or clip that are not above 0, and for betas outside [0, 1).
 *
 * Liu et al., Sophia: a scalable stochastic second-order optimizer for language model pre-training, 2023
 * (arXiv:2305.14342), algorithm 3.
 *
 * @example
 * const opt = sophiaH(model.parameters(), { lr: 0.01 });
 * if (opt.stepCount % 10 === 0) opt.updateHessian(model.parameters(), hutchinson(model, mse, { x, y: target }));
 */
export const sophiaH = /* @__PURE__ */ hessianOptimizer<SophiaHHyper, SophiaHState>(true, {
  name: "sophiaH",
  paper: "Liu et al. 2023",
  follows: "paper",
  hyper: { lr: 0.01, betas: [0.965, 0.99], gamma: 0.01, eps: 1e-12, clip: 1, weightDecay: 0, biasCorrection: false },
  check({ lr, betas, gamma, eps, clip, weightDecay, biasCorrection }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("gamma", gamma);
    // In f32 too: it is what keeps 0 from being divided by 0.
    checkNumber("eps", eps, "a finite number > 0", (x) => Math.fround(x) > 0);
    checkPositive("clip", clip);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("biasCorrection", biasCorrection);
  },
  slots: (_, shape) => ({ expAvg: shape, hessian: shape }),
  averages: () => ["expAvg", "hessian"],
  state: () => ({ beta1Power: 1 }),
  prepare({ lr, betas, gamma, eps, clip, weightDecay, biasCorrection }, s, _t, pass) {
    const beta1 = betas[0];
    s.beta1Power *= beta1;
    const oneMinusBeta1 = 1 - beta1;
    const hessianScale = gamma;
    const stepSize = biasCorrection ? lr / (1 - s.beta1Power) : lr;
    const maxStep = lr * clip;
    const decayFactor = 1 - lr * weightDecay;
    pass.kernel = "sophiaH";
    pass.scalars(beta1, oneMinusBeta1, hessianScale, eps, stepSize, maxStep, decayFactor);
  },
  binaries: [binary],
  kernels: { sophiaH: sophiaHTwin },
});

/** What tests and benches run it with, beside a diagonal that they supply. */
export const trials: Trials<SophiaHHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.05, betas: [0.9, 0.95], gamma: 0.1, clip: 0.5, weightDecay: 0.1 },
    "bias correction": { lr: 0.05, gamma: 1, eps: 1e-8, biasCorrection: true },
  },
  descend: {
    bowl: { lr: 0.1, gamma: 1 },
    ravine: { lr: 0.1, gamma: 1 },
    rosenbrock: { lr: 0.05, gamma: 0.01 },
  },
};
