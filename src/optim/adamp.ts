import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adamp.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { projected, projectionScratch } from "./shared/projection.js";

/** Hyperparameters of {@link adamp}. */
export interface AdampHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment, and to the norms of weights. */
  eps: number;
  /** Decoupled: θ shrinks by lr λ before the step, by lr λ wdRatio where the step was projected. */
  weightDecay: number;
  /** δ: a tensor of n weights, or rows of n, count as scale-invariant where |cos(g, θ)| < δ / √n. */
  delta: number;
  /** Factor of the weight decay where the step was projected. */
  wdRatio: number;
  /** Steps by β₁m + (1 - β₁) g in place of m. */
  nesterov: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdampState {
  beta1Power: number;
  beta2Power: number;
}

const adampTwin: Twin = (
  n,
  p,
  g,
  [m, v],
  [gradScale, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanStepSize, gradStepSize, rootCorrection, eps, decayFactor],
) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const mean = add(mul(beta1, m[i]), mul(oneMinusBeta1, grad));
    const square = add(mul(beta2, v[i]), mul(oneMinusBeta2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), rootCorrection), eps);
    m[i] = mean;
    v[i] = square;
    const step = div(add(mul(meanStepSize, mean), mul(gradStepSize, grad)), denom);
    p[i] = sub(mul(decayFactor, p[i]), step);
  }
};

const adampDirection: Twin = (
  n,
  _p,
  g,
  [m, v, u],
  [gradScale, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanWeight, gradWeight, rootCorrection, eps],
) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const mean = add(mul(beta1, m[i]), mul(oneMinusBeta1, grad));
    const square = add(mul(beta2, v[i]), mul(oneMinusBeta2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), rootCorrection), eps);
    m[i] = mean;
    v[i] = square;
    u[i] = div(add(mul(meanWeight, mean), mul(gradWeight, grad)), denom);
  }
};

const adampProducts: Twin = (n, p, g, [, , u, uTheta, gradTheta, gradSquare, thetaSquare], [gradScale]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = mul(gradScale, g[i]);
    uTheta[i] = mul(u[i], theta);
    gradTheta[i] = mul(grad, theta);
    gradSquare[i] = mul(grad, grad);
    thetaSquare[i] = mul(theta, theta);
  }
};

const adampProject: Twin = (n, p, _g, [, , u, k]) => {
  for (let i = 0; i < n; i++) {
    u[i] = sub(u[i], mul(k[i], p[i]));
  }
};

/**
 * AdamP: Adam that removes from the step of scale-invariant weights (those before a normalization) the part along the
 * weights, which would only make them longer and the effective learning rate smaller.
 *
 * ```
 * m = β₁m + (1 - β₁) g,  v = β₂v + (1 - β₂) g²
 * u = m / (√v / √(1 - β₂^t) + ε)                   (nesterov: β₁m + (1 - β₁) g in place of m)
 * u = u - (u·θ) θ / (‖θ‖ + ε)²                      for each row, if |cos(g, θ)| < δ / √columns in all of them;
 *                                                  for the tensor as a whole, if |cos(g, θ)| < δ / √size
 * θ = θ - lr λ r θ                                 r = wdRatio where u was projected, otherwise 1
 * θ = θ - lr u / (1 - β₁^t)
 *
 * Folded:
 * u = (a m + b g) / (R √v + ε)                     meanWeight a = 1, gradWeight b = 0 (nesterov: β₁ and 1 - β₁),
 *                                                  rootCorrection R = 1 / √(1 - β₂^t)
 * θ = (1 - lr λ) θ - (A a m + A b g) / (R √v + ε)  in one kernel where nothing is projected: meanStepSize A a and
 *                                                  gradStepSize A b, with A = lr / (1 - β₁^t)
 * ```
 * Rows are the first dimension of a shape: PyTorch keeps weights as [out, in], where a row has the weights of one
 * output; `dense` here keeps [in, out]. Parameters of one dimension are never projected. Sums over rows are f32 in
 * order, sums over tensors f64. Weight decay is decoupled. Throws a RangeError for negative lr, eps, weightDecay, delta or wdRatio,
 * and for betas outside [0, 1).
 *
 * Heo et al., AdamP: slowing down the slowdown for momentum optimizers on scale-invariant weights, ICLR 2021,
 * algorithm 2.
 *
 * @example
 * const opt = adamp(model.parameters(), { lr: 1e-3, weightDecay: 0.01 });
 */
export const adamp = /* @__PURE__ */ optimizer<AdampHyper, AdampState>({
  name: "adamp",
  paper: "Heo et al. 2021",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, delta: 0.1, wdRatio: 0.1, nesterov: false },
  check({ lr, betas, eps, weightDecay, delta, wdRatio, nesterov }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("delta", delta);
    checkNonNegative("wdRatio", wdRatio);
    checkBoolean("nesterov", nesterov);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  scratch: (_, shape) => (shape.length < 2 ? {} : { u: shape, ...projectionScratch(shape) }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  step(c) {
    const { ops, state: s } = c;
    const { lr, betas, eps, weightDecay, wdRatio, nesterov } = c.hyper;
    const beta1 = betas[0];
    const beta2 = betas[1];
    s.beta1Power *= beta1;
    s.beta2Power *= beta2;
    const stepSize = lr / (1 - s.beta1Power);
    const rootCorrection = 1 / Math.sqrt(1 - s.beta2Power);
    const oneMinusBeta1 = 1 - beta1;
    const oneMinusBeta2 = 1 - beta2;
    const decayFactor = 1 - lr * weightDecay;
    const meanWeight = nesterov ? beta1 : 1;
    const gradWeight = nesterov ? oneMinusBeta1 : 0;
    const meanStepSize = stepSize * meanWeight;
    const gradStepSize = stepSize * gradWeight;
    for (const member of c.tensors) {
      const { p } = member;
      if (p.shape.length < 2) {
        c.run(
          "adamp",
          [beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanStepSize, gradStepSize, rootCorrection, eps, decayFactor],
          member,
        );
        continue;
      }
      const u = c.scratch("u", p.shape);
      c.run(
        "adampDirection",
        [beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanWeight, gradWeight, rootCorrection, eps],
        member,
        [u],
      );
      const ratio = projected(c, member, u, "adampProducts", "adampProject") ? wdRatio : 1;
      if (weightDecay !== 0) ops.scale(p, 1 - lr * weightDecay * ratio);
      ops.axpy(-stepSize, u, p);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { adamp: adampTwin, adampDirection, adampProducts, adampProject },
});

/** Settings for tests and benches. */
export const trials: Trials<AdampHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], weightDecay: 0.1, delta: 1, wdRatio: 0.5 },
    "rows are projected": { lr: 0.01, weightDecay: 0.3, delta: 100 },
    nesterov: { lr: 0.01, weightDecay: 0.1, nesterov: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.05, nesterov: true } },
};
