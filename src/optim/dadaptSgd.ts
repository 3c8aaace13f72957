import { checkNonNegative, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/dadaptSgd.js";
import { add, mul, sub } from "../math/f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkGrowth } from "./shared/checks.js";
import { along, alongSelf, total } from "./shared/totals.js";

/** Hyperparameters of {@link dadaptSgd}. */
export interface DadaptSgdHyper {
  /** Multiplies the estimated learning rate d / ‖g₁‖: 1, or a schedule that falls from 1 to 0. */
  lr: number;
  /** μ, the weight of θ when it is averaged with the dual average θ₀ - s. */
  momentum: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** First estimate of the distance from the start to the solution. */
  d0: number;
  /** Largest factor by which d may grow in one step. */
  growthRate: number;
}

/** Shared by all groups. `g0Norm` stays 0 until the first gradient that is not zero. */
export interface DadaptSgdState {
  d: number;
  numerator: number;
  g0Norm: number;
}
type Context = StepContext<DadaptSgdHyper, DadaptSgdState>;

/** The largest f32: d lr / ‖g₁‖ of a tiny first gradient must not become infinite, and 0 times it NaN. */
const MAX_F32 = 3.4028234663852886e38;

const dadaptSgdSum: Twin = (n, p, g, [, s], [gradScale, l2, sumWeight]) => {
  for (let i = 0; i < n; i++) {
    const grad = add(mul(gradScale, g[i]), mul(l2, p[i]));
    s[i] = add(s[i], mul(sumWeight, grad));
  }
};

const dadaptSgdTwin: Twin = (n, p, _g, [x0, s], [_gradScale, momentum, oneMinusMomentum]) => {
  for (let i = 0; i < n; i++) {
    p[i] = add(mul(momentum, p[i]), mul(oneMinusMomentum, sub(x0[i], s[i])));
  }
};

/**
 * SGD by D-adaptation: estimates its learning rate while it trains, from a lower bound d on the distance from the start
 * to the solution. Leave lr at 1, or on a schedule that falls from 1 to 0.
 *
 * ```
 * η = d lr / ‖g₁‖                   norm of the first gradient over all tensors, without weight decay
 * g = g + λθ
 * r = r + η ⟨g, s⟩                  with s from before this step
 * s = s + η g
 * d = max(d, min(2r / ‖s‖, growthRate d))
 * θ = μθ + (1 - μ)(θ₀ - s)
 * ```
 * All groups share d: ‖g₁‖, r and ‖s‖ are taken over all tensors, and growthRate is that of the first group. A tensor
 * whose sums are not finite is left out of them, and no parameter moves before the first gradient that is not zero.
 * Weight decay is L2, and is in every g but the one of ‖g₁‖, as in the authors' code. Throws a RangeError for a
 * negative lr or weightDecay, a momentum outside [0, 1), a d0 that is not above 0, and a growthRate below 1.
 *
 * Defazio & Mishchenko, Learning-rate-free learning by D-adaptation, ICML 2023, algorithm 4.
 *
 * @example
 * const opt = dadaptSgd(model.parameters(), { momentum: 0.9 });
 */
export const dadaptSgd = /* @__PURE__ */ optimizer<DadaptSgdHyper, DadaptSgdState>({
  name: "dadaptSgd",
  paper: "Defazio & Mishchenko 2023",
  follows: "authors",
  hyper: { lr: 1, momentum: 0, weightDecay: 0, d0: 1e-6, growthRate: Number.POSITIVE_INFINITY },
  check({ lr, momentum, weightDecay, d0, growthRate }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNonNegative("weightDecay", weightDecay);
    checkPositive("d0", d0);
    checkGrowth("growthRate", growthRate);
  },
  slots: (_, shape) => ({ x0: shape, s: shape }),
  state: ({ d0 }) => ({ d: d0, numerator: 0, g0Norm: 0 }),
  start(c) {
    for (const { p, slots } of c.tensors) c.ops.copy(p, slots.x0);
  },
  stepAll(groups) {
    const [{ hyper: h, state: shared }] = groups as [Context];
    const { d } = shared;
    // Without weight decay, as in the authors' code.
    const g0Norm = shared.g0Norm || Math.sqrt(total(groups, (c, m) => alongSelf(c, m, 0)));
    if (g0Norm === 0) return undefined;
    const rate = (c: Context) => (d * c.hyper.lr) / g0Norm;

    const progress = total(groups, (c, m) => rate(c) * along(c, m, c.hyper.weightDecay, m.slots.s));
    const numerator = shared.numerator + progress;
    for (const c of groups) {
      const l2 = c.hyper.weightDecay;
      const sumWeight = Math.min(rate(c), MAX_F32);
      c.run("dadaptSgdSum", [l2, sumWeight]);
    }
    const sumNorm = Math.sqrt(total(groups, ({ ops }, { slots }) => ops.dot(slots.s, slots.s)));
    for (const c of groups) {
      const { momentum } = c.hyper;
      const oneMinusMomentum = 1 - momentum;
      c.run("dadaptSgd", [momentum, oneMinusMomentum]);
    }
    const newD = sumNorm === 0 ? d : Math.max(d, Math.min((2 * numerator) / sumNorm, d * h.growthRate));
    for (const { state } of groups) Object.assign(state, { d: newD, numerator, g0Norm });
    return undefined;
  },
  binaries: [binary],
  kernels: { dadaptSgd: dadaptSgdTwin, dadaptSgdSum },
});

/** Settings for tests and benches. */
export const trials: Trials<DadaptSgdHyper> = {
  variants: {
    "": { d0: 1e-3 },
    momentum: { d0: 1e-3, momentum: 0.9 },
    "decay, slow growth": { d0: 1e-3, momentum: 0.5, weightDecay: 0.1, growthRate: 1.02 },
  },
  descend: { bowl: {}, ravine: {}, rosenbrock: { lr: 0.7, momentum: 0.9 } },
};
