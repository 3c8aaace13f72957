import { checkBoolean } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/larc.js";
import { add, mul, plus, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { bare, checkLayerwise, gradNorm, layerRatio, unitOf } from "./shared/layerwise.js";

/** Hyperparameters of {@link larc}. */
export interface LarcHyper {
  /** Learning rate: with `trustClip` the largest that a tensor gets, otherwise before the ratio. */
  lr: number;
  /** μ, the decay rate of the momentum buffer; 0 for none. */
  momentum: number;
  /** Share of the gradient that the momentum buffer leaves out, after the first step. */
  dampening: number;
  /** λ of weight decay: λθ is added to the gradient, before the ratio. */
  weightDecay: number;
  /** Steps by the gradient plus μ times the buffer. */
  nesterov: boolean;
  /** κ, the trust coefficient. */
  trustCoefficient: number;
  /** Added to the denominator of the ratio. */
  eps: number;
  /** Clip: the learning rate of a tensor is min(κ ‖θ‖ / (‖g‖ + λ‖θ‖), lr). Otherwise scale: lr times that ratio. */
  trustClip: boolean;
  /** Divide by ‖g + λθ‖ in place of ‖g‖ + λ‖θ‖. */
  normAfterDecay: boolean;
  /** Scale the step of each tensor by the ratio. False, for vectors, leaves the step of SGD. */
  layerAdaptation: boolean;
}

/** Steps with momentum, the first of which fills the buffer. */
export interface LarcState {
  momentumSteps: number;
}

const larcTwin: Twin = (n, p, g, _slots, [gradScale, gradUnit, unitWeight, scaledL2]) => {
  const scale = mul(gradScale, gradUnit);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    p[i] = sub(theta, plus(mul(unitWeight, mul(scale, g[i])), scaledL2, theta));
  }
};

const larcMomentum: Twin = (
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
 * LARC: LARS whose learning rate for a tensor never exceeds lr, so that it needs no warm-up.
 *
 * ```
 * ρ = κ ‖θ‖ / (‖g‖ + λ‖θ‖ + ε)                    1 where a norm is 0
 * u = min(ρ / lr, 1) (g + λθ)                     trustClip: false: u = ρ (g + λθ)
 * b = u at the first step, then μb + (1 - dampening) u
 * θ = θ - lr (nesterov ? u + μb : b)
 *
 * Folded:
 * weightedGrad = W (2^k g) + wλθ                  gradUnit 2^k, near 1 / ‖g‖; unitWeight W = w / 2^k and scaledL2 = wλ,
 *                                                 with w = min(ρ / lr, 1), times 1 - dampening
 * ```
 * Norms are of each tensor, in f64. lr is outside of the momentum buffer, unlike LARS's. `layerAdaptation: false` takes
 * SGD's step: `layerGroups` makes a group of vectors with it. NVIDIA's code leaves tensors with a norm of 0 without decay
 * too; this is timm's form, which has it. Throws a RangeError for a negative lr, momentum, weightDecay, trustCoefficient
 * or eps, and for nesterov without momentum or with dampening.
 *
 * NVIDIA, apex.parallel.LARC, 2018, as timm has it: `Lars` with `trust_clip`.
 *
 * @example
 * const opt = larc(model.parameters(), { lr: 0.1, weightDecay: 1e-4 });
 */
export const larc = /* @__PURE__ */ optimizer<LarcHyper, LarcState>({
  name: "larc",
  paper: "NVIDIA 2018",
  follows: "authors",
  hyper: {
    ...{ lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false, trustCoefficient: 0.02, eps: 1e-8 },
    ...{ trustClip: true, normAfterDecay: false, layerAdaptation: true },
  },
  check(h) {
    checkLayerwise(h);
    checkBoolean("trustClip", h.trustClip);
  },
  slots: (h, shape) => (h.momentum === 0 ? ({} as Record<string, typeof shape>) : { momentumBuffer: shape }),
  averages: () => ["momentumBuffer"],
  state: () => ({ momentumSteps: 0 }),
  step(c) {
    const { lr, momentum, dampening, weightDecay, nesterov, trustClip, layerAdaptation } = c.hyper;
    if (momentum !== 0) c.state.momentumSteps++;
    const newestWeight = momentum === 0 || c.state.momentumSteps === 1 ? 1 : 1 - dampening;
    const updateLr = nesterov ? lr : 0;
    const velocityLr = nesterov ? lr * momentum : lr;
    for (const member of c.tensors) {
      const norm = layerAdaptation ? gradNorm(c, member) : 1;
      const ratio = layerAdaptation ? layerRatio(c, member, norm) : 1;
      // Written so that an lr of 0 gives 1.
      const clipped = layerAdaptation && trustClip && ratio < lr ? ratio / lr : 1;
      const scaled = newestWeight * (trustClip ? clipped : ratio) * (momentum === 0 ? lr : 1);
      const gradUnit = unitOf(norm);
      const unitWeight = scaled / gradUnit;
      const scaledL2 = scaled * weightDecay;
      if (momentum === 0) c.run("larc", [gradUnit, unitWeight, scaledL2], bare(member));
      else c.run("larcMomentum", [gradUnit, unitWeight, scaledL2, momentum, updateLr, velocityLr], member);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { larc: larcTwin, larcMomentum },
});

/** Settings for tests and benches. */
export const trials: Trials<LarcHyper> = {
  variants: {
    "": {},
    "decay, Nesterov": { lr: 0.01, weightDecay: 0.1, nesterov: true },
    "no momentum": { lr: 0.1, momentum: 0, weightDecay: 0.1 },
    scale: { lr: 0.1, trustClip: false, dampening: 0.5, weightDecay: 0.1, normAfterDecay: true },
    "no ratio": { lr: 0.01, weightDecay: 0.1, layerAdaptation: false },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.05 }, rosenbrock: { lr: 2e-3 } },
};
