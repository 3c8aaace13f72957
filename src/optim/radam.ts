import { checkBoolean, checkNonNegative, checkNumber, checkOneOf, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/radam.js";
import { add, div, mul, plus, sqrt, sub } from "../math/f32.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link radam}. */
export interface RadamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - lr λ before the step. Otherwise it is L2. */
  decoupled: boolean;
  /** "root": ε is added to the root itself, √v + ε. "denominator": to the bias-corrected root, √v̂ + ε, as in Optax. */
  epsPlacement: "root" | "denominator";
  /** The adaptive step is taken where ρ is above this, at least 4: 5 in PyTorch and Optax, 4 in the paper. */
  threshold: number;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface RadamState extends Counted {
  beta1Power: number;
  beta2Power: number;
}

const radamTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, scaledL2, decayFactor, beta1, oneMinusBeta1, beta2, squareRatio, denomScale, denomEps],
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
    p[i] = sub(mul(decayFactor, theta), div(mean, denom));
  }
};

/** Momentum alone: the second moment is kept, and does not reach the step. */
const radamEarlyTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, scaledL2, decayFactor, beta1, oneMinusBeta1, beta2, squareRatio, stepSize],
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
    p[i] = sub(mul(decayFactor, theta), mul(stepSize, mean));
  }
};

/**
 * RAdam: Adam whose step is scaled down while the second moment rests on few gradients and varies too much. At first
 * the step is momentum alone: for five steps with the default β₂ and threshold.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²
 * ρ∞ = 2 / (1 - β₂) - 1,  ρ = ρ∞ - 2t β₂^t / (1 - β₂^t)
 * r = √((ρ - 4)(ρ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρ))
 * θ = θ - lr m / (1 - β₁^t) r √(1 - β₂^t) / (√v + ε)     if ρ > threshold, otherwise
 * θ = θ - lr m / (1 - β₁^t)
 *
 * Folded:
 * w = (1 - β₁) g + (1 - β₁) λ θ                weightedGrad, with scaledL2 = (1 - β₁) λ
 * q = √(1 - β₂) / (1 - β₁) w                   rootedGrad = squareRatio w
 * v = β₂v + q²
 * m = β₁m + w
 * θ = (1 - lr λ) θ - m / (√v/A + ε/A)          denomScale 1/A and denomEps ε/A, with A = lr r √(1 - β₂^t) / (1 - β₁^t)
 * θ = (1 - lr λ) θ - A m                        momentum alone (radamEarly): stepSize A = lr / (1 - β₁^t)
 * ```
 * `decoupled`: scaledL2 = 0. Otherwise decayFactor 1 - lr λ is 1.
 *
 * With `epsPlacement: "denominator"` the denominator is √v / √(1 - β₂^t) + ε, as Optax has it. A lower threshold ends
 * the steps by momentum alone earlier: with the default β₂ after four steps at 4, the paper's, and after five at 5, that
 * of PyTorch and Optax. For ρ < 4, r may be imaginary: hence the least threshold. Weight decay is L2 unless `decoupled`. Throws a RangeError for
 * negative lr, eps or weightDecay, for betas outside [0, 1), for an unknown epsPlacement, and for a threshold below 4.
 *
 * Liu et al., On the variance of the adaptive learning rate and beyond, ICLR 2020, algorithm 2.
 *
 * @example
 * const opt = radam(model.parameters(), { lr: 1e-3 });
 */
export const radam = /* @__PURE__ */ optimizer<RadamHyper, RadamState>({
  name: "radam",
  paper: "Liu et al. 2020",
  follows: "PyTorch",
  hyper: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupled: false,
    epsPlacement: "root",
    threshold: 5,
  },
  check({ lr, betas, eps, weightDecay, decoupled, epsPlacement, threshold }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkOneOf("epsPlacement", epsPlacement, ["root", "denominator"]);
    checkNumber("threshold", threshold, "a finite number ≥ 4", (x) => x >= 4);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1, steps: 0 }),
  prepare({ lr, betas, eps, weightDecay, decoupled, epsPlacement, threshold }, s, _, pass) {
    const t = ++s.steps;
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const rhoInf = 2 / (1 - beta2) - 1;
    const rho = rhoInf - (2 * t * s.beta2Power) / (1 - s.beta2Power);
    const oneMinusBeta1 = 1 - beta1;
    const scaledL2 = decoupled ? 0 : oneMinusBeta1 * weightDecay;
    const decayFactor = decoupled ? 1 - lr * weightDecay : 1;
    const squareRatio = Math.sqrt(1 - beta2) / oneMinusBeta1;
    let stepSize = lr / (1 - s.beta1Power);
    if (rho <= threshold) {
      pass.kernel = "radamEarly";
      pass.scalars(scaledL2, decayFactor, beta1, oneMinusBeta1, beta2, squareRatio, stepSize);
      return;
    }
    const rectification = Math.sqrt(((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho));
    const rootBias = Math.sqrt(1 - s.beta2Power);
    stepSize *= rectification * rootBias;
    // √v̂ + ε is √v + ε √(1 - β₂^t), over √(1 - β₂^t), which is in the step size.
    const denomAdded = epsPlacement === "denominator" ? eps * rootBias : eps;
    const denomScale = rootOver(1, stepSize);
    const denomEps = epsOver(denomAdded, stepSize);
    pass.kernel = "radam";
    pass.scalars(scaledL2, decayFactor, beta1, oneMinusBeta1, beta2, squareRatio, denomScale, denomEps);
  },
  binaries: [binary],
  kernels: { radam: radamTwin, radamEarly: radamEarlyTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<RadamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.9], eps: 1e-4, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    decoupled: { lr: 0.01, weightDecay: 0.3, decoupled: true, epsPlacement: "denominator" },
    "paper's threshold": { lr: 0.01, threshold: 4 },
  },
  // Where slopes are hundreds, the first steps by momentum alone want a low lr.
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 4e-3, betas: [0.9, 0.99] } },
};
