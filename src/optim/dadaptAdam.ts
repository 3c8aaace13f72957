import { checkBoolean, checkNonNegative, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/dadaptAdam.js";
import { add, div, mul, sqrt, sub } from "../math/f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkGrowth, checkPair } from "./shared/checks.js";
import { allZero, total } from "./shared/totals.js";

/** Hyperparameters of {@link dadaptAdam}. */
export interface DadaptAdamHyper {
  /** Multiplies the estimated learning rate d: 1, or a schedule that falls from 1 to 0. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** L2, unless `decoupled`: λθ is added to the gradient. */
  weightDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - ηλ. */
  decoupled: boolean;
  /** Multiply the learning rate by Adam's bias correction. */
  biasCorrection: boolean;
  /** First estimate of the distance from the start to the solution. */
  d0: number;
  /** Largest factor by which d may grow in one step. */
  growthRate: number;
}

/** d and numerator, the estimate of the distance, are shared by all groups; the powers are of each group. */
export interface DadaptAdamState {
  d: number;
  numerator: number;
  beta1Power: number;
  beta2Power: number;
}
type Context = StepContext<DadaptAdamHyper, DadaptAdamState>;

const dadaptAdamMoments: Twin = (
  n,
  p,
  g,
  [s, m, v, along],
  [gradScale, l2, beta1, scaledOneMinusBeta1, beta2, oneMinusBeta2, beta3, sumWeight, eps],
) => {
  for (let i = 0; i < n; i++) {
    const grad = add(mul(gradScale, g[i]), mul(l2, p[i]));
    const sum = s[i];
    const square = v[i];
    // Divided first: g s may overflow where s / √v does not.
    along[i] = mul(grad, div(sum, add(sqrt(square), eps)));
    s[i] = add(mul(beta3, sum), mul(sumWeight, grad));
    m[i] = add(mul(beta1, m[i]), mul(scaledOneMinusBeta1, grad));
    v[i] = add(mul(beta2, square), mul(oneMinusBeta2, mul(grad, grad)));
  }
};

const dadaptAdamTwin: Twin = (n, p, _g, [, m, v], [_gradScale, decayFactor, eps]) => {
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(decayFactor, p[i]), div(m[i], add(sqrt(v[i]), eps)));
  }
};

/** η of the step that is about to be taken: d lr, with `biasCorrection` times √(1 - β₂^t) / (1 - β₁^t). */
function stepSizeOf({ hyper: { lr, betas, biasCorrection }, state: s }: Context, d: number): number {
  if (!biasCorrection) return d * lr;
  return (d * lr * Math.sqrt(1 - s.beta2Power * betas[1])) / (1 - s.beta1Power * betas[0]);
}

/**
 * Adam by D-adaptation: estimates its learning rate while it trains, from a lower bound d on the distance from the
 * start to the solution. Leave lr at 1, or on a schedule that falls from 1 to 0.
 *
 * ```
 * g = g + λθ                                  (decoupled: θ = θ - ηλθ instead)
 * η = d lr                                    (biasCorrection: · √(1 - β₂^t) / (1 - β₁^t))
 * r = √β₂ r + (1 - √β₂) η ⟨g, s / (√v + ε)⟩   with s and v from before this step
 * s = √β₂ s + (1 - √β₂) η g
 * m = β₁m + (1 - β₁) η g
 * v = β₂v + (1 - β₂) g²
 * d = max(d, min(r / ((1 - √β₂) ‖s‖₁), growthRate d))
 * θ = θ - m / (√v + ε)
 *
 * Folded:
 * r = √β₂ r + (1 - √β₂) η Σ g s / (√v + ε)    the terms of the sum are along
 * s = √β₂ s + W g                             beta3 = √β₂, sumWeight W = (1 - √β₂) η
 * m = β₁m + M g                               scaledOneMinusBeta1 M = (1 - β₁) η
 * ```
 * All groups share d: r and ‖s‖₁ are taken over all tensors, with betas[1] and growthRate of the first group. A group
 * whose lr is 0 does not move. A tensor whose sums are not finite is left out of them. Weight decay is L2 unless
 * `decoupled`. Throws a RangeError for a negative lr, eps or weightDecay, betas outside [0, 1), a d0 that is not above
 * 0, and a growthRate below 1. The lr of a group may have any value, where the authors' code allows one value for all
 * groups, and 0. The authors' layer_scale is not offered.
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
    const beta3 = Math.sqrt(h.betas[1]);

    const progress = total(groups, (c, m) => {
      const { betas, eps, weightDecay, decoupled } = c.hyper;
      const beta1 = betas[0];
      const beta2 = betas[1];
      const stepSize = stepSizeOf(c, d);
      const l2 = decoupled ? 0 : weightDecay;
      const scaledOneMinusBeta1 = stepSize * (1 - beta1);
      const oneMinusBeta2 = 1 - beta2;
      const sumWeight = stepSize * (1 - beta3);
      const along = c.scratch("along", m.p.shape);
      // biome-ignore format: one scalar after the other, as in the kernel
      c.run(
        "dadaptAdamMoments", [l2, beta1, scaledOneMinusBeta1, beta2, oneMinusBeta2, beta3, sumWeight, eps], m, [along],
      );
      return stepSize * c.ops.sum(along);
    });
    const numerator = beta3 * shared.numerator + (1 - beta3) * progress;
    const denominator = (1 - beta3) * total(groups, ({ ops }, { slots }) => ops.sumAbs(slots.s));
    if (denominator === 0 && allZero(groups)) return undefined;

    for (const c of groups) {
      const { decoupled, weightDecay, eps, betas } = c.hyper;
      const decayFactor = decoupled ? 1 - stepSizeOf(c, d) * weightDecay : 1;
      c.run("dadaptAdam", [decayFactor, eps]);
      c.state.beta1Power *= betas[0];
      c.state.beta2Power *= betas[1];
    }
    const estimate = denominator === 0 ? d : numerator / denominator;
    const newD = Math.max(d, Math.min(estimate, d * h.growthRate));
    for (const { state } of all) Object.assign(state, { d: newD, numerator });
    return undefined;
  },
  binaries: [binary],
  kernels: { dadaptAdam: dadaptAdamTwin, dadaptAdamMoments },
});

/** Settings for tests and benches. */
export const trials: Trials<DadaptAdamHyper> = {
  variants: {
    "": {},
    "decoupled decay": { d0: 1e-3, weightDecay: 0.1, decoupled: true, growthRate: 1.02 },
    "bias correction, L2": { d0: 1e-3, biasCorrection: true, weightDecay: 0.1, growthRate: 1.02 },
    "slow moments": { d0: 1e-3, betas: [0.5, 0.9], eps: 1e-6 },
  },
  descend: { bowl: {}, ravine: {}, rosenbrock: {} },
};
