import { checkBoolean } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/lars.js";
import { add, mul, plus, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { bare, checkLayerwise, gradNorm, layerRatio, unitOf } from "./shared/layerwise.js";

/** Hyperparameters of {@link lars}. */
export interface LarsHyper {
  /** Learning rate, before the ratio: far larger than SGD's. */
  lr: number;
  /** μ, the decay rate of the velocity; 0 for none. */
  momentum: number;
  /** Share of the gradient that the velocity leaves out, after the first step. */
  dampening: number;
  /** λ of weight decay: λθ is added to the gradient, before the ratio. */
  weightDecay: number;
  /** Steps by the gradient plus μ times the velocity. */
  nesterov: boolean;
  /** κ, the trust coefficient. */
  trustCoefficient: number;
  /** Added to the denominator of the ratio; timm has 1e-8. */
  eps: number;
  /** Multiply the gradient by lr before it joins the velocity, as the paper. Otherwise the velocity by lr, as timm. */
  lrInMomentum: boolean;
  /** Divide by ‖g + λθ‖, as Optax, in place of ‖g‖ + λ‖θ‖. */
  normAfterDecay: boolean;
  /** Scale the step of each tensor by the ratio. False, for vectors, leaves the step of SGD. */
  layerAdaptation: boolean;
}

/** Steps with momentum, the first of which fills the buffer. */
export interface LarsState {
  momentumSteps: number;
}

const larsTwin: Twin = (n, p, g, _slots, [gradScale, gradUnit, unitWeight, scaledL2]) => {
  const scale = mul(gradScale, gradUnit);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    p[i] = sub(theta, plus(mul(unitWeight, mul(scale, g[i])), scaledL2, theta));
  }
};

const larsMomentum: Twin = (
  n,
  p,
  g,
  [b],
  [gradScale, gradUnit, unitWeight, scaledL2, momentum, updateLr, velocityLr],
) => {
  const scale = mul(gradScale, gradUnit);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = plus(mul(unitWeight, mul(scale, g[i])), scaledL2, theta);
    const velocity = add(mul(momentum, b[i]), weightedGrad);
    b[i] = velocity;
    p[i] = sub(theta, add(mul(updateLr, weightedGrad), mul(velocityLr, velocity)));
  }
};

/**
 * LARS: SGD with momentum whose learning rate is scaled, tensor by tensor, by the norm of the parameters over that of the
 * gradient. For large batches.
 *
 * ```
 * ρ = κ ‖θ‖ / (‖g‖ + λ‖θ‖ + ε)                    normAfterDecay: κ ‖θ‖ / (‖g + λθ‖ + ε); 1 where a norm is 0
 * u = lr ρ (g + λθ)                               lrInMomentum: false: u = ρ (g + λθ), and θ moves by lr times as much
 * v = u at the first step, then μv + (1 - dampening) u
 * θ = θ - (nesterov ? u + μv : v)
 *
 * Folded:
 * weightedGrad = W (2^k g) + wλθ                  gradUnit 2^k, near 1 / ‖g‖; unitWeight W = w / 2^k and scaledL2 = wλ,
 *                                                 with w = lr ρ, times 1 - dampening
 * ```
 * Norms are of each tensor, in f64. `layerAdaptation: false` takes SGD's step, ρ = 1, at the full lr: `layerGroups` makes
 * a group of vectors with it, which should have an lr of its own where that of the matrices is above SGD's. Without it a
 * vector that starts at zero takes that step once, as a norm is 0 there. Throws a RangeError for a negative lr, momentum,
 * weightDecay, trustCoefficient or eps, and for nesterov without momentum or with dampening.
 *
 * You, Gitman & Ginsburg, Large batch training of convolutional networks, 2017, algorithm 1.
 *
 * @example
 * const opt = lars(model.parameters(), { lr: 5, weightDecay: 1e-4 });
 */
export const lars = /* @__PURE__ */ optimizer<LarsHyper, LarsState>({
  name: "lars",
  paper: "You, Gitman & Ginsburg 2017",
  follows: "paper",
  hyper: {
    ...{ lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false, trustCoefficient: 1e-3, eps: 0 },
    ...{ lrInMomentum: true, normAfterDecay: false, layerAdaptation: true },
  },
  check(h) {
    checkLayerwise(h);
    checkBoolean("lrInMomentum", h.lrInMomentum);
  },
  slots: (h, shape) => (h.momentum === 0 ? ({} as Record<string, typeof shape>) : { momentumBuffer: shape }),
  averages: () => ["momentumBuffer"],
  state: () => ({ momentumSteps: 0 }),
  step(c) {
    const { lr, momentum, dampening, weightDecay, nesterov, lrInMomentum, layerAdaptation } = c.hyper;
    if (momentum !== 0) c.state.momentumSteps++;
    const outside = lrInMomentum ? 1 : lr;
    const newestWeight = momentum === 0 || c.state.momentumSteps === 1 ? 1 : 1 - dampening;
    const weight = newestWeight * (momentum === 0 || lrInMomentum ? lr : 1);
    const updateLr = nesterov ? outside : 0;
    const velocityLr = nesterov ? outside * momentum : outside;
    for (const member of c.tensors) {
      const norm = layerAdaptation ? gradNorm(c, member) : 1;
      const scaled = layerAdaptation ? weight * layerRatio(c, member, norm) : weight;
      const gradUnit = unitOf(norm);
      const unitWeight = scaled / gradUnit;
      const scaledL2 = scaled * weightDecay;
      if (momentum === 0) c.run("lars", [gradUnit, unitWeight, scaledL2], bare(member));
      else c.run("larsMomentum", [gradUnit, unitWeight, scaledL2, momentum, updateLr, velocityLr], member);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { lars: larsTwin, larsMomentum },
});

/** Settings for tests and benches. */
export const trials: Trials<LarsHyper> = {
  variants: {
    "": { lr: 1 },
    "decay, Nesterov": { lr: 1, weightDecay: 0.1, trustCoefficient: 0.02, nesterov: true, normAfterDecay: true },
    "no momentum": { lr: 1, momentum: 0, weightDecay: 0.1, trustCoefficient: 0.02 },
    "lr outside of the velocity": { lr: 1, lrInMomentum: false, dampening: 0.5, trustCoefficient: 0.02, eps: 1e-8 },
    "no ratio": { lr: 0.01, weightDecay: 0.1, layerAdaptation: false },
  },
  descend: {
    bowl: { lr: 10, momentum: 0 },
    ravine: { lr: 10, momentum: 0 },
    rosenbrock: { lr: 3 },
  },
};
