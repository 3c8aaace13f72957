import { checkBoolean, checkNonNegative, checkNumber, checkOneOf, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/rmsprop.js";
import { add, div, mul, plus, pmax, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { rootShare } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link rmsprop}. */
export interface RmspropHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate of the average of g² and, with `centered`, of the average of g. */
  alpha: number;
  /** Keeps the divisor above 0; `epsPlacement` says where it is added. */
  eps: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Decay rate of the momentum buffer; 0 for none. */
  momentum: number;
  /** Divide by the root of the variance of g, and not of its second moment. */
  centered: boolean;
  /** Step by u + μb, and not by b. */
  nesterov: boolean;
  /** "denominator": √v + ε. "square": √(v + ε), as in Keras, Optax and TensorFlow. */
  epsPlacement: "denominator" | "square";
  /**
   * The momentum buffer holds steps that are already multiplied by lr, as in Keras, Optax and TensorFlow: a new lr then
   * does not change the share of past steps.
   */
  lrInMomentum: boolean;
  /** Initial value of the average of g²; TensorFlow 1 has 1. */
  initialAccumulatorValue: number;
}

const rmspropTwin: Twin = (n, p, g, [s], [gradScale, scaledL2, alpha, sqrtOneMinusAlpha, epsSquare, eps, foldedLr]) => {
  const rootScale = mul(gradScale, sqrtOneMinusAlpha);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = add(mul(rootScale, g[i]), mul(scaledL2, theta));
    const square = add(mul(alpha, s[i]), mul(rootedGrad, rootedGrad));
    const denom = add(sqrt(add(square, epsSquare)), eps);
    s[i] = square;
    p[i] = sub(theta, div(mul(foldedLr, rootedGrad), denom));
  }
};

const rmspropCentered: Twin = (
  n,
  p,
  g,
  [s, m],
  [gradScale, scaledL2, alpha, sqrtOneMinusAlpha, epsSquare, eps, foldedLr],
) => {
  const rootScale = mul(gradScale, sqrtOneMinusAlpha);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = add(mul(rootScale, g[i]), mul(scaledL2, theta));
    const square = add(mul(alpha, s[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(alpha, m[i]), mul(sqrtOneMinusAlpha, rootedGrad));
    const variance = pmax(sub(square, mul(mean, mean)), 0);
    const denom = add(sqrt(add(variance, epsSquare)), eps);
    s[i] = square;
    m[i] = mean;
    p[i] = sub(theta, div(mul(foldedLr, rootedGrad), denom));
  }
};

const rmspropMomentum: Twin = (
  n,
  p,
  g,
  [s, b],
  [gradScale, scaledL2, alpha, sqrtOneMinusAlpha, epsSquare, eps, foldedVelocityLr, momentum, updateLr, velocityLr],
) => {
  const rootScale = mul(gradScale, sqrtOneMinusAlpha);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = plus(mul(rootScale, g[i]), scaledL2, theta);
    const square = add(mul(alpha, s[i]), mul(rootedGrad, rootedGrad));
    const denom = add(sqrt(add(square, epsSquare)), eps);
    const update = div(mul(foldedVelocityLr, rootedGrad), denom);
    const velocity = add(mul(momentum, b[i]), update);
    s[i] = square;
    b[i] = velocity;
    p[i] = sub(theta, add(mul(updateLr, update), mul(velocityLr, velocity)));
  }
};

const rmspropCenteredMomentum: Twin = (
  n,
  p,
  g,
  [s, m, b],
  [gradScale, scaledL2, alpha, sqrtOneMinusAlpha, epsSquare, eps, foldedVelocityLr, momentum, updateLr, velocityLr],
) => {
  const rootScale = mul(gradScale, sqrtOneMinusAlpha);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = plus(mul(rootScale, g[i]), scaledL2, theta);
    const square = add(mul(alpha, s[i]), mul(rootedGrad, rootedGrad));
    const mean = add(mul(alpha, m[i]), mul(sqrtOneMinusAlpha, rootedGrad));
    const variance = pmax(sub(square, mul(mean, mean)), 0);
    const denom = add(sqrt(add(variance, epsSquare)), eps);
    const update = div(mul(foldedVelocityLr, rootedGrad), denom);
    const velocity = add(mul(momentum, b[i]), update);
    s[i] = square;
    m[i] = mean;
    b[i] = velocity;
    p[i] = sub(theta, add(mul(updateLr, update), mul(velocityLr, velocity)));
  }
};

/**
 * RMSProp: divides the gradient by the root mean square of recent gradients.
 *
 * ```
 * g = g + λθ
 * s = αs + (1 - α) g²              s₀ = initialAccumulatorValue
 * m = αm + (1 - α) g               centered: v = max(s - m², 0), otherwise v = s
 * u = g / (√v + ε)                 (epsPlacement "square": g / √(v + ε))
 * b = μb + u                       (lrInMomentum: b = μb + lr u, and θ = θ - b)
 * θ = θ - lr b                     (nesterov: u + μb in place of b)
 *
 * Folded:
 * r = √(1 - α) g + √(1 - α) λ θ                rootedGrad, with scaledL2 = √(1 - α) λ
 * s = αs + r²
 * m = αm + √(1 - α) r
 * θ = θ - lr / √(1 - α) r / (√v + ε)           foldedLr = lr / √(1 - α); with momentum:
 * u = A r / (√v + ε)                           foldedVelocityLr A = 1 / √(1 - α), or foldedLr with lrInMomentum
 * b = μb + u
 * θ = θ - (B u + C b)                          updateLr B = 0 and velocityLr C = lr (nesterov: lr and lr μ), both with
 *                                              1 for lr with lrInMomentum
 * ```
 * Weight decay is L2. The variance is clamped at 0; PyTorch does not clamp it and can return NaN. Throws a RangeError
 * for a negative lr, eps, weightDecay, momentum or initialAccumulatorValue, for alpha outside [0, 1], for an unknown
 * epsPlacement, and for nesterov without momentum. Keras and Optax are
 * `{ lr: 1e-3, alpha: 0.9, eps: 1e-7, epsPlacement: "square", lrInMomentum: true }`, and TensorFlow 1 is the same with
 * `initialAccumulatorValue: 1`.
 *
 * Tieleman & Hinton, Lecture 6.5 of Neural networks for machine learning, 2012; Graves, Generating sequences with
 * recurrent neural networks, 2013, eq. 38–41 (centered, with momentum).
 *
 * @example
 * const opt = rmsprop(model.parameters(), { lr: 1e-3, alpha: 0.9, momentum: 0.9 });
 */
export const rmsprop = /* @__PURE__ */ optimizer<RmspropHyper, object>({
  name: "rmsprop",
  paper: "Tieleman & Hinton 2012; Graves 2013 (centered)",
  follows: "PyTorch",
  hyper: {
    ...{ lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, nesterov: false },
    ...{ epsPlacement: "denominator", lrInMomentum: false, initialAccumulatorValue: 0 },
  },
  check(h) {
    checkNonNegative("lr", h.lr);
    checkNumber("alpha", h.alpha, "a number in [0, 1]", (x) => x >= 0 && x <= 1);
    checkNonNegative("eps", h.eps);
    checkNonNegative("weightDecay", h.weightDecay);
    checkNonNegative("momentum", h.momentum);
    checkBoolean("centered", h.centered);
    checkBoolean("nesterov", h.nesterov);
    checkOneOf("epsPlacement", h.epsPlacement, ["denominator", "square"]);
    checkBoolean("lrInMomentum", h.lrInMomentum);
    checkNonNegative("initialAccumulatorValue", h.initialAccumulatorValue);
    if (h.nesterov && h.momentum === 0) throw rangeError("nesterov", "a momentum above 0 with it", h.momentum);
  },
  slots: (h, shape) => ({
    squareAvg: shape,
    ...(h.centered && { gradAvg: shape }),
    ...(h.momentum !== 0 && { momentumBuffer: shape }),
  }),
  averages: () => ["squareAvg", "gradAvg", "momentumBuffer"],
  start({ ops, tensors, hyper }) {
    for (const { slots } of tensors) ops.fill(slots.squareAvg, hyper.initialAccumulatorValue);
  },
  prepare(h, _s, _t, pass) {
    const { lr, alpha, weightDecay, momentum, centered, nesterov, lrInMomentum } = h;
    pass.slots = 1 + (centered ? 1 : 0) + (momentum === 0 ? 0 : 1);
    pass.kernel = `rmsprop${centered ? "Centered" : ""}${momentum === 0 ? "" : "Momentum"}`;
    const sqrtOneMinusAlpha = rootShare(1 - alpha);
    const scaledL2 = sqrtOneMinusAlpha * weightDecay;
    const epsSquare = h.epsPlacement === "square" ? h.eps : 0;
    const eps = h.eps - epsSquare;
    if (momentum === 0) {
      const foldedLr = lr / sqrtOneMinusAlpha;
      pass.scalars(scaledL2, alpha, sqrtOneMinusAlpha, epsSquare, eps, foldedLr);
    } else {
      const lrInside = lrInMomentum ? lr : 1;
      const lrOutside = lrInMomentum ? 1 : lr;
      const foldedVelocityLr = lrInside / sqrtOneMinusAlpha;
      const updateLr = nesterov ? lrOutside : 0;
      const velocityLr = nesterov ? lrOutside * momentum : lrOutside;
      // biome-ignore format: one scalar after the other, as in the kernel
      pass.scalars(
        scaledL2, alpha, sqrtOneMinusAlpha, epsSquare, eps, foldedVelocityLr, momentum, updateLr, velocityLr,
      );
    }
  },
  binaries: [binary],
  kernels: { rmsprop: rmspropTwin, rmspropCentered, rmspropMomentum, rmspropCenteredMomentum },
});

/** Settings for tests and benches. */
export const trials: Trials<RmspropHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, alpha: 0.9, eps: 1e-5, weightDecay: 0.1 },
    momentum: { momentum: 0.9 },
    nesterov: { momentum: 0.9, nesterov: true, weightDecay: 0.05 },
    centered: { centered: true },
    "centered momentum": { centered: true, momentum: 0.9, weightDecay: 0.1 },
    keras: { lr: 1e-3, alpha: 0.9, eps: 1e-7, momentum: 0.9, epsPlacement: "square", lrInMomentum: true },
    tensorflow: { alpha: 0.9, eps: 1e-7, centered: true, epsPlacement: "square", initialAccumulatorValue: 1 },
  },
  descend: {
    bowl: { lr: 0.1 },
    ravine: { lr: 0.05, centered: true, epsPlacement: "square", eps: 1e-6 },
    rosenbrock: { lr: 3e-3, momentum: 0.9 },
  },
};
