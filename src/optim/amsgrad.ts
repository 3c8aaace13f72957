import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/amsgrad.js";
import { add, div, mul, pmax, sqrt, sub } from "../f32.js";
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
  /** Divide the first moment by 1 - β₁^t, so that the first steps are not short of it. */
  biasCorrection: boolean;
}

/** β₁^t as a running product: `Math.pow` differs between engines. */
export interface AmsgradState {
  beta1Power: number;
}

const amsgradTwin: Twin = (n, p, g, [m, v, top], [gradScale, l2, b1, intake, b2, toRoot, stepSize, eps]) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const root = add(mul(scale, g[i]), mul(l2, theta));
    const mean = add(mul(b1, m[i]), mul(intake, root));
    const square = add(mul(b2, v[i]), mul(root, root));
    const largest = pmax(square, top[i]);
    m[i] = mean;
    v[i] = square;
    top[i] = largest;
    p[i] = sub(theta, div(mul(stepSize, mean), add(sqrt(largest), eps)));
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
 * θ = θ - lr m / (√v̂ + ε)          (biasCorrection: m / (1 - β₁^t))
 * ```
 * The second moment is not corrected: the first steps are long, lr (1 - β₁) / √(1 - β₂) at first, three times lr.
 * PyTorch's and Keras' AMSGrad, with both moments corrected, is `adam({ amsgrad: true })`. Weight decay is L2. Throws a
 * RangeError for negative lr, eps or weightDecay, and for betas outside [0, 1).
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
    s.beta1Power *= betas[0];
    const stepSize = biasCorrection ? lr / (1 - s.beta1Power) : lr;
    pass.kernel = "amsgrad";
    const toRoot = Math.sqrt(1 - betas[1]);
    const intake = (1 - betas[0]) / toRoot;
    pass.scalars(toRoot * weightDecay, betas[0], intake, betas[1], toRoot, stepSize, eps);
  },
  codes: [code],
  kernels: { amsgrad: amsgradTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<AmsgradHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    "bias correction": { lr: 0.01, betas: [0.9, 0.9], biasCorrection: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.3 } },
};
