import { checkBoolean, checkNonNegative, checkRate, checkWhole } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/yellowfin.js";
import { add, mul, sub } from "../math/f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { alongSelf, total } from "./shared/totals.js";
import { EPS, largest, type Measured, measure, measured, tune } from "./yellowfin/tuner.js";

/** Hyperparameters of {@link yellowfin}. */
export interface YellowfinHyper {
  /** Learning rate of the first step. */
  lr: number;
  /** Multiplies the learning rates that are found, and the first one. */
  lrFactor: number;
  /** Momentum of the first step. */
  momentum: number;
  /** Decay rate of the averages of what is measured. */
  beta: number;
  /** Number of steps in which the largest and the smallest curvature are looked for. */
  window: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Scale down gradients that are far larger than those before. */
  adaptClip: boolean;
}

/** Shared by all groups; `momentumSteps` counts steps with momentum, the first of which fills the buffer. */
export interface YellowfinState extends Measured {
  lr: number;
  momentum: number;
  momentumSteps: number;
}
type Context = StepContext<YellowfinHyper, YellowfinState>;

const yellowfinMean: Twin = (n, p, g, [, m], [gradScale, scaledL2, beta, oneMinusBeta]) => {
  const scale = mul(gradScale, oneMinusBeta);
  for (let i = 0; i < n; i++) {
    const weightedGrad = add(mul(scale, g[i]), mul(scaledL2, p[i]));
    m[i] = add(mul(beta, m[i]), weightedGrad);
  }
};

const yellowfinTwin: Twin = (n, p, g, [b], [gradScale, scaledL2, clipScale, momentum, lr]) => {
  const scale = mul(gradScale, clipScale);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(scale, g[i]), mul(scaledL2, theta));
    const velocity = add(mul(momentum, b[i]), grad);
    b[i] = velocity;
    p[i] = sub(theta, mul(lr, velocity));
  }
};

/** The factor that clips a gradient of this norm to the limit, as PyTorch's clip_grad_norm does. */
const clipTo = (limit: number, norm: number): number => Math.min(1, (limit + EPS) / (norm + EPS));

/**
 * YellowFin: SGD that tunes both its learning rate and its momentum, to those that suit a noisy quadratic.
 *
 * ```
 * g = g + λθ,  h = ‖g‖²                        over all tensors
 * hmin, hmax = e^E[log of the least and largest h of the window]
 * C = E[‖g‖²] - ‖E[g]‖²,  D = E[E‖g‖ / E[‖g‖²]]
 * μ = max(x², ((√κ - 1) / (√κ + 1))²)          κ = hmax / hmin, x the root of x D² hmin² / 2 = (1 - x)³ C
 * lr = (1 - √μ)² / hmin · min(1, t / (10 window))
 * b = μb + g
 * θ = θ - lrFactor lr b
 * ```
 * Folded: the step's gradient is clipScale (g + λθ), so scaledL2 = clipScale λ, and the average's share is
 * weightedGrad = (1 - β) (g + λθ), so scaledL2 = (1 - β) λ, times the scale of a gradient clipped before it is measured.
 *
 * E denotes averages with β, bias-corrected. The first step takes lr and momentum as given; later ones use lrFactor alone,
 * so a schedule belongs there. With `adaptClip`, a gradient whose norm exceeds 10√hmax is scaled to that before it is
 * measured, and one whose norm exceeds √hmax is scaled to that for the step. All groups are measured together: beta,
 * window and adaptClip are the first group's. A tensor whose norm is not finite is left out. Weight decay is L2. Throws a
 * RangeError for a negative lr, lrFactor, momentum or weightDecay, a beta outside [0, 1) and a window that is not whole.
 *
 * Zhang & Mitliagkas, YellowFin and the art of momentum tuning, MLSys 2019, algorithm 1 and eq. 15, with the slow start
 * of the authors' code, which applies μ and lr without smoothing them.
 *
 * @example
 * const opt = yellowfin(model.parameters(), { lr: 0.1 });
 */
export const yellowfin = /* @__PURE__ */ optimizer<YellowfinHyper, YellowfinState>({
  name: "yellowfin",
  paper: "Zhang & Mitliagkas 2019",
  follows: "authors",
  hyper: { lr: 1, lrFactor: 1, momentum: 0, beta: 0.999, window: 20, weightDecay: 0, adaptClip: true },
  check({ lr, lrFactor, momentum, beta, window, weightDecay, adaptClip }) {
    checkNonNegative("lr", lr);
    checkNonNegative("lrFactor", lrFactor);
    checkNonNegative("momentum", momentum);
    checkRate("beta", beta);
    checkWhole("window", window);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("adaptClip", adaptClip);
  },
  slots: (_, shape) => ({ momentumBuffer: shape, gradAvg: shape }),
  averages: () => ["momentumBuffer", "gradAvg"],
  state: ({ lr, momentum }) => ({ ...measured(), lr, momentum, momentumSteps: 0 }),
  stepAll(groups) {
    const [{ hyper: h, state: shared }] = groups as [Context];
    const s = { ...shared, curvatures: [...shared.curvatures] };
    const first = s.measured === 0;
    let norm = Math.sqrt(total(groups, (c, m) => alongSelf(c, m, c.hyper.weightDecay)));
    // An outlier would distort the averages for many steps.
    const outlierScale = h.adaptClip && s.measured > 1 ? clipTo(10 * Math.sqrt(largest(s)), norm) : 1;
    norm *= outlierScale;
    const limit = first ? Number.POSITIVE_INFINITY : Math.sqrt(largest(s));
    const clip = h.adaptClip && norm >= limit ? clipTo(limit, norm) : 1;

    measure(s, norm * norm, h.beta, h.window);
    const { beta } = h;
    const oneMinusBeta = 1 - beta;
    for (const c of groups) {
      const { gradScale } = c;
      const scaledL2 = oneMinusBeta * outlierScale * c.hyper.weightDecay;
      c.gradScale = outlierScale * gradScale;
      c.run("yellowfinMean", [scaledL2, beta, oneMinusBeta]);
      c.gradScale = gradScale;
    }
    if (!first) {
      const meanSquare = total(groups, ({ ops }, { slots }) => ops.dot(slots.gradAvg, slots.gradAvg));
      Object.assign(s, tune(s, meanSquare, h.window));
    }
    if ((first ? h.momentum : s.momentum) !== 0) s.momentumSteps++;
    const clipScale = outlierScale * clip;
    for (const c of groups) {
      const { lr: baseLr, momentum: baseMomentum } = first ? c.hyper : s;
      const scaledL2 = clipScale * c.hyper.weightDecay;
      const momentum = s.momentumSteps > 1 ? baseMomentum : 0;
      const lr = c.hyper.lrFactor * baseLr;
      c.run("yellowfin", [scaledL2, clipScale, momentum, lr]);
    }
    for (const { state } of groups) Object.assign(state, s, { curvatures: [...s.curvatures] });
    return undefined;
  },
  binaries: [binary],
  kernels: { yellowfin: yellowfinTwin, yellowfinMean },
});

/** What tests and benches run it with. */
export const trials: Trials<YellowfinHyper> = {
  variants: {
    "": { lr: 0.1 },
    "short window, decay": { lr: 0.1, beta: 0.9, window: 5, weightDecay: 0.1 },
    "no clipping, momentum": { lr: 0.1, beta: 0.99, momentum: 0.5, lrFactor: 0.5, adaptClip: false },
  },
  descend: {
    bowl: { lr: 0.01, lrFactor: 3 },
    ravine: { lr: 0.01, lrFactor: 3 },
    rosenbrock: { lr: 0.01, lrFactor: 0.2, beta: 0.998, window: 5 },
    constant: true,
  },
};
