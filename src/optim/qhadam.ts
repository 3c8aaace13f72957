import { checkBoolean, checkNonNegative, checkNumber, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/qhadam.js";
import { add, div, mul, plus, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";

/** Hyperparameters of {@link qhadam}. */
export interface QhadamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** ν₁ and ν₂, the weights of the two moments in the step; the newest gradient has 1 - ν. With [1, 1] it is Adam. */
  nus: readonly [number, number];
  /** Added to the root. */
  eps: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. */
  decoupled: boolean;
}

/** The sums of the weights of all gradients in the moments, 1 + β + … + β^(t-1). */
export interface QhadamState {
  beta1Weight: number;
  beta2Weight: number;
}

const qhadamTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [
    gradScale,
    sqrtOneMinusBeta2,
    scaledL2,
    decayFactor,
    beta1,
    meanRatio,
    beta2,
    meanLr,
    foldedGradLr,
    squareWeight,
    foldedSquareWeight,
    eps,
  ],
) => {
  const rootScale = mul(gradScale, sqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = plus(mul(rootScale, g[i]), scaledL2, theta);
    const decayed = mul(decayFactor, theta);
    const mean = add(mul(beta1, m[i]), mul(meanRatio, rootedGrad));
    const square = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
    const numerator = add(mul(meanLr, mean), mul(foldedGradLr, rootedGrad));
    const gradSquare = mul(mul(foldedSquareWeight, rootedGrad), rootedGrad); // 0 for a weight of 0 where the square is infinite
    const denom = add(sqrt(add(mul(squareWeight, square), gradSquare)), eps);
    m[i] = mean;
    v[i] = square;
    p[i] = sub(decayed, div(numerator, denom));
  }
};

/**
 * Quasi-hyperbolic Adam: steps by a weighted mean of the first moment and the gradient, divided by the root of a
 * weighted mean of the second moment and the squared gradient.
 *
 * ```
 * g = g + λθ                                     (decoupled: θ = θ - lr λ θ instead)
 * w₁ = 1 + β₁w₁    m = m + (g - m) / w₁          the moments are stored bias-corrected
 * w₂ = 1 + β₂w₂    v = v + (g² - v) / w₂
 * θ = θ - lr (ν₁m + (1 - ν₁) g) / (√(ν₂v + (1 - ν₂) g²) + ε)
 *
 * Folded, with b₁ = 1 - 1 / w₁ and b₂ = 1 - 1 / w₂, the decay rates at this step (beta1, beta2):
 * r = √(1 - b₂) g + √(1 - b₂) λ θ                rootedGrad, with scaledL2 = √(1 - b₂) λ
 * m = b₁m + (1 - b₁) / √(1 - b₂) r               meanRatio = (1 - b₁) / √(1 - b₂)
 * v = b₂v + r²
 * θ = θ - (A m + B r) / (√(ν₂v + C r²) + ε)      meanLr A = lr ν₁, foldedGradLr B = lr (1 - ν₁) / √(1 - b₂),
 *                                                squareWeight ν₂, foldedSquareWeight C = (1 - ν₂) / (1 - b₂)
 * ```
 * Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps or weightDecay, and for betas outside
 * [0, 1); ν may be any finite number, as in the authors' code.
 *
 * Ma & Yarats, Quasi-hyperbolic momentum and Adam for deep learning, ICLR 2019, algorithm 2.
 *
 * @example
 * const opt = qhadam(model.parameters(), { lr: 1e-3, betas: [0.995, 0.999], nus: [0.7, 1] });
 */
export const qhadam = /* @__PURE__ */ optimizer<QhadamHyper, QhadamState>({
  name: "qhadam",
  paper: "Ma & Yarats 2019",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], nus: [1, 1], eps: 1e-8, weightDecay: 0, decoupled: false },
  check({ lr, betas, nus, eps, weightDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkPair("nus", nus, (name, x) => checkNumber(name, x, "a finite number", () => true));
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Weight: 0, beta2Weight: 0 }),
  prepare({ lr, betas, nus, eps, weightDecay, decoupled }, s, _, pass) {
    const nu1 = nus[0];
    const nu2 = nus[1];
    s.beta1Weight = 1 + betas[0] * s.beta1Weight;
    s.beta2Weight = 1 + betas[1] * s.beta2Weight;
    const oneMinusBeta1 = 1 / s.beta1Weight;
    const oneMinusBeta2 = 1 / s.beta2Weight;
    const sqrtOneMinusBeta2 = Math.sqrt(oneMinusBeta2);
    const scaledL2 = sqrtOneMinusBeta2 * (decoupled ? 0 : weightDecay);
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const beta1 = 1 - oneMinusBeta1;
    const meanRatio = oneMinusBeta1 / sqrtOneMinusBeta2;
    const beta2 = 1 - oneMinusBeta2;
    const meanLr = lr * nu1;
    const foldedGradLr = (lr * (1 - nu1)) / sqrtOneMinusBeta2;
    const squareWeight = nu2;
    const foldedSquareWeight = (1 - nu2) / oneMinusBeta2;
    pass.kernel = "qhadam";
    // biome-ignore format: one scalar after the other, as in the kernel
    pass.scalars(
      sqrtOneMinusBeta2, scaledL2, decayFactor, beta1, meanRatio, beta2, meanLr, foldedGradLr, squareWeight,
      foldedSquareWeight, eps,
    );
  },
  binaries: [binary],
  kernels: { qhadam: qhadamTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<QhadamHyper> = {
  variants: {
    "": {},
    mixed: { lr: 0.01, betas: [0.995, 0.999], nus: [0.7, 0.8], weightDecay: 0.1 },
    decoupled: { lr: 0.01, nus: [0.7, 0.8], weightDecay: 0.3, decoupled: true },
    "eps 0": { lr: 0.01, eps: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1, nus: [0.8, 1] }, rosenbrock: { lr: 0.05 } },
};
