import { checkNonNegative, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/dadaptSgd.js";
import { add, mul, sub } from "../f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkGrowth } from "./shared/checks.js";
import { along, alongSelf, total } from "./shared/totals.js";

/** Hyperparameters of {@link dadaptSgd}. */
export interface DadaptSgdHyper {
  /** Multiplies the rate d / ‖g₁‖ that is found; 1, or a schedule from 1 to 0. */
  lr: number;
  momentum: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** First estimate of the distance to the solution. */
  d0: number;
  /** The most that d may grow by in a step, as a factor. */
  growthRate: number;
}

/** One for all groups. `g0Norm` is 0 until there is a gradient that is not. */
export interface DadaptSgdState {
  d: number;
  numerator: number;
  g0Norm: number;
}
type Context = StepContext<DadaptSgdHyper, DadaptSgdState>;

const dadaptSgdSum: Twin = (n, p, g, [, s], [gradScale, l2, weight]) => {
  for (let i = 0; i < n; i++) {
    const grad = add(mul(gradScale, g[i]), mul(l2, p[i]));
    s[i] = add(s[i], mul(weight, grad));
  }
};

const dadaptSgdTwin: Twin = (n, p, _, [x0, s], [, momentum, intake]) => {
  for (let i = 0; i < n; i++) {
    p[i] = add(mul(momentum, p[i]), mul(intake, sub(x0[i], s[i])));
  }
};

/**
 * SGD by D-adaptation: with a rate found on the way, from a lower bound d of the distance from the start to the
 * solution. Leave lr at 1, or on a schedule that falls from 1 to 0.
 *
 * ```
 * g = g + λθ
 * η = d lr / ‖g₁‖                   the norm of the first gradient, over all tensors
 * r = r + η ⟨g, s⟩                  s of before this step
 * s = s + η g
 * d = max(d, min(2r / ‖s‖, growthRate d))
 * θ = μθ + (1 - μ)(θ₀ - s)
 * ```
 * d is one for all groups: ‖g₁‖, r and ‖s‖ go over all tensors, and growthRate is the first group's. A tensor whose sums
 * are not finite is left out of them, and nothing moves before the first gradient that is not zero. Weight decay is L2;
 * the authors' code adds it at the first step alone. Throws a RangeError for a negative lr or weightDecay, a momentum
 * outside [0, 1), a d0 that is not above 0, and a growthRate below 1.
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
    const decay = (c: Context) => c.hyper.weightDecay;
    const g0Norm = shared.g0Norm || Math.sqrt(total(groups, (c, m) => alongSelf(c, m, decay(c))));
    if (g0Norm === 0) return undefined;
    const rate = (c: Context) => (d * c.hyper.lr) / g0Norm;

    const numerator = shared.numerator + total(groups, (c, m) => rate(c) * along(c, m, decay(c), m.slots.s));
    for (const c of groups) c.run("dadaptSgdSum", [decay(c), rate(c)]);
    const sum = Math.sqrt(total(groups, ({ ops }, { slots }) => ops.dot(slots.s, slots.s)));
    for (const c of groups) c.run("dadaptSgd", [c.hyper.momentum, 1 - c.hyper.momentum]);
    const found = sum === 0 ? d : Math.max(d, Math.min((2 * numerator) / sum, d * h.growthRate));
    for (const { state } of groups) Object.assign(state, { d: found, numerator, g0Norm });
    return undefined;
  },
  codes: [code],
  kernels: { dadaptSgd: dadaptSgdTwin, dadaptSgdSum },
});

/** What tests and benches run it with. */
export const trials: Trials<DadaptSgdHyper> = {
  variants: {
    "": { d0: 1e-3 },
    momentum: { d0: 1e-3, momentum: 0.9 },
    "decay, slow growth": { d0: 1e-3, momentum: 0.5, weightDecay: 0.1, growthRate: 1.02 },
  },
  descend: { bowl: {}, ravine: {}, rosenbrock: { lr: 0.7, momentum: 0.9 } },
};
