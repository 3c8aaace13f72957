import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/amsgrad.js";
import { add, div, mul, pmax, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link amsgrad}. */
export interface AmsgradHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the largest second moment; the paper has none. */
  eps: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Divide the first moment by 1 - β₁^t, without which it starts out too small. */
  biasCorrection: boolean;
}

/** β₁^t as a running product: `Math.pow` differs between engines. */
export interface AmsgradState {
  beta1Power: number;
}

const amsgradTwin: Twin = (
  n,
  p,
  g,
  [m, v, vMax],
  [gradScale, scaledL2, beta1, meanRatio, beta2, sqrtOneMinusBeta2, stepSize, eps],
) => {
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = add(mul(rootScale, g[i]), mul(scaledL2, theta));
    const mean = add(mul(beta1, m[i]), mul(meanRatio, rootedGrad));
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const maxSquare = pmax(square, vMax[i]);
    m[i] = mean;
    v[i] = square;
    vMax[i] = maxSquare;
    p[i] = sub(theta, div(mul(stepSize, mean), add(sqrt(maxSquare), eps)));
  }
};

/**
 * AMSGrad as its paper has it: Adam divided by the largest second moment so far, so that rates never grow.
 *
 * ```
 * g = g + λθ
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²
 * v̂ = max(v̂, v)
 * θ = θ - lr m / (√v̂ + ε)          (biasCorrection: lr / (1 - β₁^t) in place of lr)
 *
 * Folded:
 * r = √(1 - β₂) g + √(1 - β₂) λ θ              rootedGrad, with scaledL2 = √(1 - β₂) λ
 * m = β₁m + (1 - β₁) / √(1 - β₂) r             meanRatio = (1 - β₁) / √(1 - β₂)
 * v = β₂v + r²
 * ```
 * The second moment is not bias-corrected: the first steps are long, at first lr (1 - β₁) / √(1 - β₂), three times lr.
 * The AMSGrad of PyTorch and Keras, with both moments corrected, is `adam` with `amsgrad: true`. Weight decay is L2.
 * Throws a RangeError for negative lr, eps or weightDecay, and for betas outside [0, 1).
 *
 * Reddi, Kale & Kumar, On the convergence of Adam and beyond, ICLR 2018, algorithm 2.
 *
 * @example
 * const opt = amsgrad(model.parameters(), { lr: 1e-3 });
 */
export const amsgrad = /* @__PURE__ */ optimizer<AmsgradHyper, AmsgradState>({
  name: "amsgrad",
  paper: "Reddi et al. 2018",
  follows: "paper",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, biasCorrection: false },
  check({ lr, betas, eps, weightDecay, biasCorrection }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("biasCorrection", biasCorrection);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape, maxExpAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1 }),
  prepare({ lr, betas, eps, weightDecay, biasCorrection }, s, _, pass) {
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta1Power *= beta1;
    const sqrtOneMinusBeta2 = Math.sqrt(1 - beta2);
    const scaledL2 = sqrtOneMinusBeta2 * weightDecay;
    const meanRatio = (1 - beta1) / sqrtOneMinusBeta2;
    const stepSize = biasCorrection ? lr / (1 - s.beta1Power) : lr;
    pass.kernel = "amsgrad";
    pass.scalars(scaledL2, beta1, meanRatio, beta2, sqrtOneMinusBeta2, stepSize, eps);
  },
  binaries: [binary],
  kernels: { amsgrad: amsgradTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AmsgradHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    "bias correction": { lr: 0.01, betas: [0.9, 0.9], biasCorrection: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.3 } },
};
