import { checkBoolean, checkNonNegative, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/dadaptAdam.js";
import { add, div, mul, sqrt, sub } from "../f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkGrowth, checkPair } from "./shared/checks.js";
import { total } from "./shared/totals.js";

/** Hyperparameters of {@link dadaptAdam}. */
export interface DadaptAdamHyper {
  /** Multiplies the rate d that is found; 1, or a schedule from 1 to 0. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** L2: λθ is added to the gradient, unless `decoupled`. */
  weightDecay: number;
  /** Weight decay apart from the gradient: θ shrinks by η λ. */
  decoupled: boolean;
  /** Adam's bias correction, as a factor of the rate. */
  biasCorrection: boolean;
  /** First estimate of the distance to the solution. */
  d0: number;
  /** The most that d may grow by in a step, as a factor. */
  growthRate: number;
}

/** The estimate of the distance, with its numerator, is one for all groups; the powers are the group's. */
export interface DadaptAdamState {
  d: number;
  numerator: number;
  beta1Power: number;
  beta2Power: number;
}
type Context = StepContext<DadaptAdamHyper, DadaptAdamState>;

const dadaptAdamMoments: Twin = (n, p, g, [s, m, v, along], [gradScale, l2, b1, intake, b2, b2c, b3, weight, eps]) => {
  for (let i = 0; i < n; i++) {
    const grad = add(mul(gradScale, g[i]), mul(l2, p[i]));
    const sum = s[i];
    const square = v[i];
    along[i] = div(mul(grad, sum), add(sqrt(square), eps));
    s[i] = add(mul(b3, sum), mul(weight, grad));
    m[i] = add(mul(b1, m[i]), mul(intake, grad));
    v[i] = add(mul(b2, square), mul(b2c, mul(grad, grad)));
  }
};

const dadaptAdamTwin: Twin = (n, p, _, [, m, v], [, keep, eps]) => {
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(keep, p[i]), div(m[i], add(sqrt(v[i]), eps)));
  }
};

/** η = d lr, with Adam's bias correction where asked for, as the step to come has it. */
function rate({ hyper: { lr, betas, biasCorrection }, state: s }: Context, d: number): number {
  if (!biasCorrection) return d * lr;
  return (d * lr * Math.sqrt(1 - s.beta2Power * betas[1])) / (1 - s.beta1Power * betas[0]);
}

/**
 * Adam by D-adaptation: with a rate found on the way, from a lower bound d of the distance from the start to the
 * solution. Leave lr at 1, or on a schedule that falls from 1 to 0.
 *
 * ```
 * g = g + λθ                                  (decoupled: θ = θ - ηλθ instead)
 * η = d lr                                    (biasCorrection: · √(1 - β₂^t) / (1 - β₁^t))
 * r = √β₂ r + (1 - √β₂) η ⟨g, s / (√v + ε)⟩   s and v of before this step
 * s = √β₂ s + (1 - √β₂) η g
 * m = β₁m + (1 - β₁) η g
 * v = β₂v + (1 - β₂) g²
 * d = max(d, min(r / ((1 - √β₂) ‖s‖₁), growthRate d))
 * θ = θ - m / (√v + ε)
 * ```
 * d is one for all groups: r and ‖s‖₁ go over all tensors, and betas[1] and growthRate are the first group's there. A
 * group with an lr of 0 stands still. A tensor whose sums are not finite is left out of them. Weight decay is L2 unless
 * `decoupled`. Throws a RangeError for a negative lr, eps or weightDecay, betas outside [0, 1), a d0 that is not above
 * 0, and a growthRate below 1. Groups may differ in lr, where the authors' code takes but one and 0. Its layer_scale is
 * not offered.
 *
 * Defazio & Mishchenko, Learning-rate-free learning by D-adaptation, ICML 2023, algorithm 5.
 *
 * @example
 * const opt = dadaptAdam(model.parameters(), { weightDecay: 0.01, decoupled: true });
 */
export const dadaptAdam = /* @__PURE__ */ optimizer<DadaptAdamHyper, DadaptAdamState>({
  name: "dadaptAdam",
  paper: "Defazio & Mishchenko 2023",
  follows: "authors",
  hyper: {
    ...{ lr: 1, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupled: false, biasCorrection: false },
    ...{ d0: 1e-6, growthRate: Number.POSITIVE_INFINITY },
  },
  check({ lr, betas, eps, weightDecay, decoupled, biasCorrection, d0, growthRate }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkBoolean("biasCorrection", biasCorrection);
    checkPositive("d0", d0);
    checkGrowth("growthRate", growthRate);
  },
  slots: (_, shape) => ({ s: shape, expAvg: shape, expAvgSq: shape }),
  scratch: (_, shape) => ({ along: shape }),
  averages: () => ["s", "expAvg", "expAvgSq"],
  state: ({ d0 }) => ({ d: d0, numerator: 0, beta1Power: 1, beta2Power: 1 }),
  stepAll(all) {
    const groups = all.filter(({ hyper }) => hyper.lr > 0);
    const [{ hyper: h, state: shared }] = all as [Context];
    const { d } = shared;
    const b3 = Math.sqrt(h.betas[1]);

    const product = total(groups, (c, m) => {
      const { betas, eps, weightDecay, decoupled } = c.hyper;
      const [b1, b2] = betas;
      const eta = rate(c, d);
      const along = c.scratch("along", m.p.shape);
      const weights = [decoupled ? 0 : weightDecay, b1, eta * (1 - b1), b2, 1 - b2, b3, eta * (1 - b3), eps];
      c.run("dadaptAdamMoments", weights, m, [along]);
      return eta * c.ops.sum(along);
    });
    const numerator = b3 * shared.numerator + (1 - b3) * product;
    const denominator = (1 - b3) * total(groups, ({ ops }, { slots }) => ops.sumAbs(slots.s));
    // No gradients yet but zeros.
    if (denominator === 0) return undefined;

    for (const c of groups) {
      const { decoupled, weightDecay, eps, betas } = c.hyper;
      c.run("dadaptAdam", [decoupled ? 1 - rate(c, d) * weightDecay : 1, eps]);
      c.state.beta1Power *= betas[0];
      c.state.beta2Power *= betas[1];
    }
    const found = Math.max(d, Math.min(numerator / denominator, d * h.growthRate));
    for (const { state } of all) Object.assign(state, { d: found, numerator });
    return undefined;
  },
  codes: [code],
  kernels: { dadaptAdam: dadaptAdamTwin, dadaptAdamMoments },
});

/** What tests and benches run it with. */
export const trials: Trials<DadaptAdamHyper> = {
  variants: {
    "": {},
    "decoupled decay": { d0: 1e-3, weightDecay: 0.1, decoupled: true, growthRate: 1.02 },
    "bias correction, L2": { d0: 1e-3, biasCorrection: true, weightDecay: 0.1, growthRate: 1.02 },
    "slow moments": { d0: 1e-3, betas: [0.5, 0.9], eps: 1e-6 },
  },
  descend: { bowl: {}, ravine: {}, rosenbrock: {} },
};
