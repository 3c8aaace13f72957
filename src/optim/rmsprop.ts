import { checkBoolean, checkNonNegative, checkNumber, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/rmsprop.js";
import { add, div, mul, plus, pmax, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { rootShare } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link rmsprop}. */
export interface RmspropHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate of the averages of g² and, where centered, of g. */
  alpha: number;
  /** Added to the root, or inside it with `epsInsideRoot`. */
  eps: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  momentum: number;
  /** Divide by the root of the variance in place of the second moment. */
  centered: boolean;
  /** Step by u + μb in place of b. */
  nesterov: boolean;
  /** Keras, Optax, TensorFlow: √(s + ε) in place of √s + ε. */
  epsInsideRoot: boolean;
  /** Keras, Optax, TensorFlow: the rate is inside the momentum buffer, where a new rate does not change past steps. */
  lrInMomentum: boolean;
  /** What the average of g² starts from: TensorFlow 1 has 1. */
  initialAccumulatorValue: number;
}

const rmspropTwin: Twin = (n, p, g, [s], [gradScale, l2, a, toRoot, epsRoot, eps, rate]) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const root = add(mul(scale, g[i]), mul(l2, theta));
    const square = add(mul(a, s[i]), mul(root, root));
    const denom = add(sqrt(add(square, epsRoot)), eps);
    s[i] = square;
    p[i] = sub(theta, div(mul(rate, root), denom));
  }
};

const rmspropCentered: Twin = (n, p, g, [s, m], [gradScale, l2, a, toRoot, epsRoot, eps, rate]) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const root = add(mul(scale, g[i]), mul(l2, theta));
    const square = add(mul(a, s[i]), mul(root, root));
    const mean = add(mul(a, m[i]), mul(toRoot, root));
    const variance = pmax(sub(square, mul(mean, mean)), 0);
    const denom = add(sqrt(add(variance, epsRoot)), eps);
    s[i] = square;
    m[i] = mean;
    p[i] = sub(theta, div(mul(rate, root), denom));
  }
};

const rmspropMomentum: Twin = (
  n,
  p,
  g,
  [s, b],
  [gradScale, l2, a, toRoot, epsRoot, eps, intake, momentum, fresh, ahead],
) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const root = plus(mul(scale, g[i]), l2, theta);
    const square = add(mul(a, s[i]), mul(root, root));
    const denom = add(sqrt(add(square, epsRoot)), eps);
    const scaled = div(mul(intake, root), denom);
    const buffer = add(mul(momentum, b[i]), scaled);
    s[i] = square;
    b[i] = buffer;
    p[i] = sub(theta, add(mul(fresh, scaled), mul(ahead, buffer)));
  }
};

const rmspropCenteredMomentum: Twin = (
  n,
  p,
  g,
  [s, m, b],
  [gradScale, l2, a, toRoot, epsRoot, eps, intake, momentum, fresh, ahead],
) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const root = plus(mul(scale, g[i]), l2, theta);
    const square = add(mul(a, s[i]), mul(root, root));
    const mean = add(mul(a, m[i]), mul(toRoot, root));
    const variance = pmax(sub(square, mul(mean, mean)), 0);
    const denom = add(sqrt(add(variance, epsRoot)), eps);
    const scaled = div(mul(intake, root), denom);
    const buffer = add(mul(momentum, b[i]), scaled);
    s[i] = square;
    m[i] = mean;
    b[i] = buffer;
    p[i] = sub(theta, add(mul(fresh, scaled), mul(ahead, buffer)));
  }
};

/**
 * RMSProp: steps by the gradient over the root mean square of the recent ones.
 *
 * ```
 * g = g + λθ
 * s = αs + (1 - α) g²              s₀ = initialAccumulatorValue
 * m = αm + (1 - α) g               centered: v = max(s - m², 0), otherwise v = s
 * u = g / (√v + ε)                 (epsInsideRoot: g / √(v + ε))
 * b = μb + u                       (lrInMomentum: b = μb + lr u, and θ = θ - b)
 * θ = θ - lr b                     (nesterov: u + μb in place of b)
 * ```
 * Weight decay is L2. PyTorch does not clamp the variance, and can give NaN. Throws a RangeError for a negative lr,
 * eps, weightDecay, momentum or initialAccumulatorValue, for alpha outside [0, 1], and for nesterov without momentum.
 * Keras and Optax are `{ lr: 1e-3, alpha: 0.9, eps: 1e-7, epsInsideRoot: true, lrInMomentum: true }`, and TensorFlow 1
 * the same with `initialAccumulatorValue: 1`.
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
    ...{ epsInsideRoot: false, lrInMomentum: false, initialAccumulatorValue: 0 },
  },
  check(h) {
    checkNonNegative("lr", h.lr);
    checkNumber("alpha", h.alpha, "a number in [0, 1]", (x) => x >= 0 && x <= 1);
    checkNonNegative("eps", h.eps);
    checkNonNegative("weightDecay", h.weightDecay);
    checkNonNegative("momentum", h.momentum);
    checkBoolean("centered", h.centered);
    checkBoolean("nesterov", h.nesterov);
    checkBoolean("epsInsideRoot", h.epsInsideRoot);
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
    const { lr, alpha, weightDecay, momentum, centered, nesterov } = h;
    const epsRoot = h.epsInsideRoot ? h.eps : 0;
    const eps = h.eps - epsRoot;
    pass.slots = 1 + (centered ? 1 : 0) + (momentum === 0 ? 0 : 1);
    pass.kernel = `rmsprop${centered ? "Centered" : ""}${momentum === 0 ? "" : "Momentum"}`;
    const toRoot = rootShare(1 - alpha);
    const decay = toRoot * weightDecay;
    if (momentum === 0) pass.scalars(decay, alpha, toRoot, epsRoot, eps, lr / toRoot);
    else {
      const intake = (h.lrInMomentum ? lr : 1) / toRoot;
      const rate = h.lrInMomentum ? 1 : lr;
      const fresh = nesterov ? rate : 0;
      const ahead = nesterov ? rate * momentum : rate;
      pass.scalars(decay, alpha, toRoot, epsRoot, eps, intake, momentum, fresh, ahead);
    }
  },
  codes: [code],
  kernels: { rmsprop: rmspropTwin, rmspropCentered, rmspropMomentum, rmspropCenteredMomentum },
});

/** What tests and benches run it with. */
export const trials: Trials<RmspropHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, alpha: 0.9, eps: 1e-5, weightDecay: 0.1 },
    momentum: { momentum: 0.9 },
    nesterov: { momentum: 0.9, nesterov: true, weightDecay: 0.05 },
    centered: { centered: true },
    "centered momentum": { centered: true, momentum: 0.9, weightDecay: 0.1 },
    keras: { lr: 1e-3, alpha: 0.9, eps: 1e-7, momentum: 0.9, epsInsideRoot: true, lrInMomentum: true },
    tensorflow: { alpha: 0.9, eps: 1e-7, centered: true, epsInsideRoot: true, initialAccumulatorValue: 1 },
  },
  descend: {
    bowl: { lr: 0.1 },
    ravine: { lr: 0.05, centered: true, epsInsideRoot: true, eps: 1e-6 },
    rosenbrock: { lr: 3e-3, momentum: 0.9 },
  },
};
