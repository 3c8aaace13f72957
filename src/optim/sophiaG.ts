import { checkNonNegative, checkNumber, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/sophiaG.js";
import { add, div, mul, pmax, pmin, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { checkPair } from "./shared/checks.js";
import { hessianOptimizer } from "./shared/hessianOptimizer.js";

/** Hyperparameters of {@link sophiaG}. */
export interface SophiaGHyper {
  /** Learning rate: the most that an element moves in a step. */
  lr: number;
  /** Decay rates of the average gradient, and of the average diagonal of the Gauss–Newton matrix. */
  betas: readonly [number, number];
  /** ρ, the factor of the curvature in the denominator: the smaller, the more elements are clipped. */
  rho: number;
  /** Added to the denominator, above 0. */
  eps: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. */
  weightDecay: number;
}

const sophiaGTwin: Twin = (n, p, g, [m, h], [gradScale, beta1, oneMinusBeta1, hessianScale, eps, lr, decayFactor]) => {
  const meanScale = mul(gradScale, oneMinusBeta1);
  for (let i = 0; i < n; i++) {
    const mean = add(mul(beta1, m[i]), mul(meanScale, g[i]));
    const denom = add(pmax(mul(hessianScale, h[i]), 0), eps);
    m[i] = mean;
    const update = pmax(pmin(div(mul(lr, mean), denom), lr), -lr);
    p[i] = sub(mul(decayFactor, p[i]), update);
  }
};

/**
 * Sophia-G: the average gradient divided by an average of the Gauss–Newton matrix's diagonal, and clipped element by
 * element to ±lr.
 *
 * ```
 * h = β₂h + (1 - β₂) ĥ                  in `opt.updateHessian(params, ĥ)`, every k steps; 10 in the paper
 * m = β₁m + (1 - β₁) g
 * θ = θ - lr λ θ
 * θ = θ - lr clamp(m / (ρ h + ε), ±1)
 * ```
 * The caller supplies ĥ, from {@link gaussNewtonBartlett} for a classifier, as a tensor for each parameter. The authors call
 * their `update_hessian` after a step, the paper's algorithm before it. Their code averages ĝ² and multiplies by the batch
 * size B at the step (`bs`); ĥ = B ĝ² has it already. ĥ is not negative; a negative h would count as 0. Without any, h is 0,
 * and every element moves by lr against the sign of m: a step like Lion's, and not like Adam's. h is part of the saved
 * state.
 *
 * Weight decay is decoupled. Throws a RangeError for negative lr, rho or weightDecay, for an eps that is not above 0, and for
 * betas outside [0, 1).
 *
 * Liu et al., Sophia: a scalable stochastic second-order optimizer for language model pre-training, 2023
 * (arXiv:2305.14342), algorithms 2 and 3; the authors' code (github.com/Liuhong99/Sophia).
 *
 * @example
 * const opt = sophiaG(model.parameters(), { lr: 0.01 });
 * if (opt.stepCount % 10 === 0) opt.updateHessian(model.parameters(), gaussNewtonBartlett(model, { x }));
 */
export const sophiaG = /* @__PURE__ */ hessianOptimizer<SophiaGHyper, object>(false, {
  name: "sophiaG",
  paper: "Liu et al. 2023",
  follows: "authors",
  hyper: { lr: 1e-4, betas: [0.965, 0.99], rho: 0.04, eps: 1e-15, weightDecay: 0.1 },
  check({ lr, betas, rho, eps, weightDecay }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("rho", rho);
    // In f32 too: it is what keeps 0 from being divided by 0.
    checkNumber("eps", eps, "a finite number > 0", (x) => Math.fround(x) > 0);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ expAvg: shape, hessian: shape }),
  averages: () => ["expAvg", "hessian"],
  prepare({ lr, betas, rho, eps, weightDecay }, _s, _t, pass) {
    const beta1 = betas[0];
    const oneMinusBeta1 = 1 - beta1;
    const hessianScale = rho;
    const decayFactor = 1 - lr * weightDecay;
    pass.kernel = "sophiaG";
    pass.scalars(beta1, oneMinusBeta1, hessianScale, eps, lr, decayFactor);
  },
  binaries: [binary],
  kernels: { sophiaG: sophiaGTwin },
});

/** What tests and benches run it with, beside a diagonal that they supply. */
export const trials: Trials<SophiaGHyper> = {
  variants: {
    "": { lr: 0.01 },
    "no decay": { lr: 0.05, betas: [0.9, 0.95], rho: 1, eps: 1e-8, weightDecay: 0 },
  },
  descend: {
    bowl: { lr: 0.1, rho: 1, weightDecay: 0 },
    ravine: { lr: 0.1, rho: 1, weightDecay: 0 },
    rosenbrock: { lr: 0.05, rho: 0.01, weightDecay: 0 },
  },
};
