import { checkBoolean, checkNonNegative, checkNumber, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/sgdp.js";
import { add, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { projected, projectionScratch } from "./shared/projection.js";

/** Hyperparameters of {@link sgdp}. */
export interface SgdpHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate μ of the momentum buffer. */
  momentum: number;
  /** 1 minus the weight of the gradient in the momentum buffer. */
  dampening: number;
  /** Decoupled: θ is multiplied by 1 - lr λ / (1 - μ) before the step; λ is scaled by wdRatio if the step was projected. */
  weightDecay: number;
  /** Step by g + μb instead of b. */
  nesterov: boolean;
  /** Added to the norms of the weights. */
  eps: number;
  /** A matrix counts as scale-invariant where the cosine of gradient and weights is below this over √n. */
  delta: number;
  /** Factor of weight decay where the step was projected. */
  wdRatio: number;
}

const sgdpTwin: Twin = (
  n,
  p,
  g,
  [b],
  [gradScale, momentum, newestWeight, bufferStepSize, gradStepSize, bufferDecayFactor],
) => {
  const newestScale = mul(gradScale, newestWeight);
  const stepScale = mul(gradScale, gradStepSize);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const velocity = add(mul(momentum, b[i]), mul(newestScale, rawGrad));
    b[i] = velocity;
    p[i] = sub(mul(bufferDecayFactor, p[i]), add(mul(bufferStepSize, velocity), mul(stepScale, rawGrad)));
  }
};

const sgdpDirection: Twin = (n, _p, g, [b, u], [gradScale, momentum, newestWeight, bufferWeight, gradWeight]) => {
  const newestScale = mul(gradScale, newestWeight);
  const directScale = mul(gradScale, gradWeight);
  for (let i = 0; i < n; i++) {
    const rawGrad = g[i];
    const velocity = add(mul(momentum, b[i]), mul(newestScale, rawGrad));
    b[i] = velocity;
    u[i] = add(mul(bufferWeight, velocity), mul(directScale, rawGrad));
  }
};

const sgdpProducts: Twin = (n, p, g, [, u, up, gp, gg, pp], [gradScale]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = mul(gradScale, g[i]);
    up[i] = mul(u[i], theta);
    gp[i] = mul(grad, theta);
    gg[i] = mul(grad, grad);
    pp[i] = mul(theta, theta);
  }
};

const sgdpProject: Twin = (n, p, _g, [, u, k]) => {
  for (let i = 0; i < n; i++) u[i] = sub(u[i], mul(k[i], p[i]));
};

/**
 * SGDP: momentum that removes from the step its component along the weights where weights are scale-invariant, as
 * {@link adamp} does.
 *
 * ```
 * b = μb + (1 - dampening) g
 * u = nesterov ? g + μb : b
 * u = u - (u·θ) θ / (‖θ‖ + ε)²                      as in AdamP; without nesterov the buffer itself is projected
 * θ = θ - lr λ r / (1 - μ) θ                       r = wdRatio where u was projected, otherwise 1
 * θ = θ - lr u
 * ```
 * Folded: b = μb + newestWeight g with newestWeight = 1 - dampening, and u = bufferWeight b + gradWeight g with weights μ
 * and 1 for nesterov, 1 and 0 otherwise. Parameters of one dimension take the step at once, with
 * bufferStepSize = lr bufferWeight, gradStepSize = lr gradWeight and bufferDecayFactor = 1 - lr λ / (1 - μ).
 *
 * The projection stays in the buffer, as in the authors' code. Rows are the first dimension of a shape; parameters of
 * one dimension are never projected. Weight decay is decoupled. Throws a RangeError for negative lr, eps, weightDecay,
 * delta or wdRatio, for momentum outside [0, 1), and for nesterov without momentum or with dampening.
 *
 * Heo et al., AdamP: slowing down the slowdown for momentum optimizers on scale-invariant weights, ICLR 2021,
 * algorithm 1.
 *
 * @example
 * const opt = sgdp(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 1e-5 });
 */
export const sgdp = /* @__PURE__ */ optimizer<SgdpHyper, object>({
  name: "sgdp",
  paper: "Heo et al. 2021",
  follows: "authors",
  hyper: { lr: 0.05, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, eps: 1e-8, delta: 0.1, wdRatio: 0.1 },
  check({ lr, momentum, dampening, weightDecay, nesterov, eps, delta, wdRatio }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNumber("dampening", dampening, "a finite number", () => true);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("nesterov", nesterov);
    checkNonNegative("eps", eps);
    checkNonNegative("delta", delta);
    checkNonNegative("wdRatio", wdRatio);
    if (nesterov && momentum === 0) throw rangeError("nesterov", "a momentum above 0 with it", momentum);
    if (nesterov && dampening !== 0) throw rangeError("nesterov", "a dampening of 0 with it", dampening);
  },
  slots: (_, shape) => ({ momentumBuffer: shape }),
  scratch: ({ nesterov }, shape) =>
    shape.length < 2 ? {} : { ...(nesterov && { u: shape }), ...projectionScratch(shape) },
  averages: () => ["momentumBuffer"],
  step(c) {
    const { lr, momentum, dampening, weightDecay, nesterov, wdRatio } = c.hyper;
    const decay = (lr * weightDecay) / (1 - momentum);
    const newestWeight = 1 - dampening;
    const bufferWeight = nesterov ? momentum : 1;
    const gradWeight = nesterov ? 1 : 0;
    const bufferStepSize = lr * bufferWeight;
    const gradStepSize = lr * gradWeight;
    const bufferDecayFactor = 1 - decay;
    for (const member of c.tensors) {
      const { p, slots } = member;
      if (p.shape.length < 2) {
        c.run("sgdp", [momentum, newestWeight, bufferStepSize, gradStepSize, bufferDecayFactor], member);
        continue;
      }
      const u = nesterov ? c.scratch("u", p.shape) : slots.momentumBuffer;
      c.run("sgdpDirection", [momentum, newestWeight, bufferWeight, gradWeight], member, [u]);
      const ratio = projected(c, member, u, "sgdpProducts", "sgdpProject") ? wdRatio : 1;
      if (weightDecay !== 0) c.ops.scale(p, 1 - decay * ratio);
      c.ops.axpy(-lr, u, p);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { sgdp: sgdpTwin, sgdpDirection, sgdpProducts, sgdpProject },
});

/** What tests and benches run it with. */
export const trials: Trials<SgdpHyper> = {
  variants: {
    "": {},
    momentum: { lr: 0.01, momentum: 0.9, dampening: 0.1, weightDecay: 0.1, delta: 1, wdRatio: 0.5 },
    "rows are projected": { lr: 0.01, momentum: 0.9, weightDecay: 0.3, delta: 100 },
    nesterov: { lr: 0.01, momentum: 0.9, weightDecay: 0.1, nesterov: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.05 }, rosenbrock: { lr: 1e-3, momentum: 0.9 } },
};
