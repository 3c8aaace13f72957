import { checkBoolean, checkNonNegative, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/prodigy.js";
import { add, div, mul, plus, sqrt, sub } from "../math/f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkGrowth, checkPair } from "./shared/checks.js";
import { allZero, along, total } from "./shared/totals.js";

/** Hyperparameters of {@link prodigy}. */
export interface ProdigyHyper {
  /** Multiplies the estimated learning rate d: 1, or a schedule that falls from 1 to 0. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Decay rate of the sums that d is estimated from; null for √β₂. */
  beta3: number | null;
  /** Multiplied by d and added to the root of the second moment. */
  eps: number;
  /** λ of weight decay, in the form that `decoupled` says. */
  weightDecay: number;
  /** Decoupled weight decay: θ is multiplied by 1 - ηλ. Otherwise L2: λθ is added to the gradient. */
  decoupled: boolean;
  /** Multiply the learning rate by Adam's bias correction. */
  biasCorrection: boolean;
  /** For long warm-ups: leave lr and the bias correction out of the sum s, whose norm d is divided by. */
  safeguardWarmup: boolean;
  /** First estimate of the distance from the start to the solution. */
  d0: number;
  /** Multiplies the estimates of d. */
  dCoef: number;
  /** Largest factor by which d may grow in one step. */
  growthRate: number;
}

/** d, dMax and numerator, the estimate of the distance, are shared by all groups; the powers are of each group. */
export interface ProdigyState {
  d: number;
  dMax: number;
  numerator: number;
  beta1Power: number;
  beta2Power: number;
}
type Context = StepContext<ProdigyHyper, ProdigyState>;

const prodigyMoments: Twin = (
  n,
  p,
  g,
  [, s, m, v],
  [gradScale, scaledL2, beta1, meanRatio, beta2, scaledSqrtOneMinusBeta2, beta3, foldedSumWeight],
) => {
  const scale = mul(gradScale, scaledSqrtOneMinusBeta2);
  for (let i = 0; i < n; i++) {
    const rootedGrad = plus(mul(scale, g[i]), scaledL2, p[i]);
    s[i] = add(mul(beta3, s[i]), mul(foldedSumWeight, rootedGrad));
    m[i] = add(mul(beta1, m[i]), mul(meanRatio, rootedGrad));
    v[i] = add(mul(beta2, v[i]), mul(rootedGrad, rootedGrad));
  }
};

const prodigyTwin: Twin = (n, p, _g, [, , m, v], [_gradScale, decayFactor, stepSize, scaledEps]) => {
  for (let i = 0; i < n; i++) {
    // Divided first: η m may overflow where m / √v does not.
    p[i] = sub(mul(decayFactor, p[i]), mul(stepSize, div(m[i], add(sqrt(v[i]), scaledEps))));
  }
};

/** η of the step that is about to be taken: d lr, with `biasCorrection` times √(1 - β₂^t) / (1 - β₁^t). */
function stepSizeOf({ hyper: { lr, betas, biasCorrection }, state: s }: Context, d: number): number {
  if (!biasCorrection) return d * lr;
  return (d * lr * Math.sqrt(1 - s.beta2Power * betas[1])) / (1 - s.beta1Power * betas[0]);
}
/** λ of L2 weight decay. */
const l2Of = ({ hyper: { weightDecay, decoupled } }: Context): number => (decoupled ? 0 : weightDecay);

/**
 * Prodigy: Adam that estimates its learning rate while it trains, from an estimate d of the distance from the start to
 * the solution. Leave lr at 1, or on a schedule that falls from 1 to 0.
 *
 * ```
 * g = g + λθ                                  (decoupled: θ = θ - ηλθ instead)
 * η = d lr                                    (biasCorrection: · √(1 - β₂^t) / (1 - β₁^t))
 * r = β₃r + d/d₀ η ⟨g, θ₀ - θ⟩
 * s = β₃s + d/d₀ η g                          (safeguardWarmup: d/d₀ d g)
 * m = β₁m + (1 - β₁) d g
 * v = β₂v + (1 - β₂) d² g²
 * d = the largest dCoef r / ‖s‖₁ so far, at most growthRate d
 * θ = θ - η m / (√v + d ε)                    η with the old d, d ε with the new one
 *
 * Folded:
 * q = d √(1 - β₂) (g + λθ)                    rootedGrad, with scaledSqrtOneMinusBeta2 = d √(1 - β₂) and
 *                                             scaledL2 = d √(1 - β₂) λ
 * s = β₃s + W q                               foldedSumWeight W = d/d₀ η / (d √(1 - β₂))
 * m = β₁m + (1 - β₁) / √(1 - β₂) q            meanRatio = (1 - β₁) / √(1 - β₂)
 * v = β₂v + q²
 * θ = θ - η m / (√v + d ε)                    stepSize η, scaledEps d ε
 * ```
 * All groups share d: r and ‖s‖₁ are taken over all tensors, with d0, beta3, dCoef and growthRate of the first group. A
 * group whose lr is 0 does not move. A tensor whose sums are not finite is left out of them. Weight decay is decoupled,
 * or L2 with `decoupled: false`. Throws a RangeError for a negative lr or weightDecay, betas or beta3 outside [0, 1),
 * eps, d0 or dCoef that are not above 0, and a growthRate below 1. The lr of a group may have any value, where the
 * authors' code allows one value for all groups, and 0.
 *
 * Mishchenko & Defazio, Prodigy: an expeditiously adaptive parameter-free learner, ICML 2024, algorithm 4.
 *
 * @example
 * const opt = prodigy(model.parameters(), { weightDecay: 0.01 });
 */
export const prodigy = /* @__PURE__ */ optimizer<ProdigyHyper, ProdigyState>({
  name: "prodigy",
  paper: "Mishchenko & Defazio 2024",
  follows: "authors",
  hyper: {
    ...{ lr: 1, betas: [0.9, 0.999], beta3: null, eps: 1e-8, weightDecay: 0, decoupled: true },
    ...{ biasCorrection: false, safeguardWarmup: false, d0: 1e-6, dCoef: 1, growthRate: Number.POSITIVE_INFINITY },
  },
  check(h) {
    checkNonNegative("lr", h.lr);
    checkPair("betas", h.betas, checkRate);
    if (h.beta3 !== null) checkRate("beta3", h.beta3);
    checkPositive("eps", h.eps);
    checkNonNegative("weightDecay", h.weightDecay);
    for (const flag of ["decoupled", "biasCorrection", "safeguardWarmup"] as const) checkBoolean(flag, h[flag]);
    checkPositive("d0", h.d0);
    checkPositive("dCoef", h.dCoef);
    checkGrowth("growthRate", h.growthRate);
  },
  slots: (_, shape) => ({ p0: shape, s: shape, expAvg: shape, expAvgSq: shape }),
  averages: () => ["s", "expAvg", "expAvgSq"],
  state: ({ d0 }) => ({ d: d0, dMax: d0, numerator: 0, beta1Power: 1, beta2Power: 1 }),
  start(c) {
    for (const { p, slots } of c.tensors) c.ops.copy(p, slots.p0);
  },
  stepAll(all) {
    const groups = all.filter(({ hyper }) => hyper.lr > 0);
    const [{ hyper: h, state: shared }] = all as [Context];
    let { d, dMax } = shared;
    const gain = d / h.d0;
    const beta3Of = (c: Context) => c.hyper.beta3 ?? Math.sqrt(c.hyper.betas[1]);

    // θ₀ - θ is never computed: the sums are in f64, and lose nothing that matters of their f32 products.
    const progress = total(groups, (c, m) => {
      const alongStart = along(c, m, l2Of(c), m.slots.p0);
      return gain * stepSizeOf(c, d) * (alongStart - along(c, m, l2Of(c), m.p));
    });
    const numerator = beta3Of(all[0]) * shared.numerator + progress;
    for (const c of groups) {
      const beta1 = c.hyper.betas[0];
      const beta2 = c.hyper.betas[1];
      const scaledSqrtOneMinusBeta2 = d * Math.sqrt(1 - beta2);
      const scaledL2 = scaledSqrtOneMinusBeta2 * l2Of(c);
      const meanRatio = (d * (1 - beta1)) / scaledSqrtOneMinusBeta2;
      const beta3 = beta3Of(c);
      const sumWeight = gain * (c.hyper.safeguardWarmup ? d : stepSizeOf(c, d));
      const foldedSumWeight = sumWeight / scaledSqrtOneMinusBeta2;
      // biome-ignore format: one scalar after the other, as in the kernel
      c.run("prodigyMoments", [scaledL2, beta1, meanRatio, beta2, scaledSqrtOneMinusBeta2, beta3, foldedSumWeight]);
    }
    const denominator = total(groups, ({ ops }, { slots }) => ops.sumAbs(slots.s));
    if (denominator === 0 && allZero(groups)) return undefined;

    const oldD = d;
    const estimate = denominator === 0 ? d : (h.dCoef * numerator) / denominator;
    if (d === h.d0) d = Math.max(d, estimate);
    dMax = Math.max(dMax, estimate);
    d = Math.min(dMax, d * h.growthRate);
    for (const c of groups) {
      const { decoupled, weightDecay, eps } = c.hyper;
      const stepSize = stepSizeOf(c, oldD);
      const decayFactor = decoupled ? 1 - stepSize * weightDecay : 1;
      const scaledEps = d * eps;
      c.run("prodigy", [decayFactor, stepSize, scaledEps]);
      c.state.beta1Power *= c.hyper.betas[0];
      c.state.beta2Power *= c.hyper.betas[1];
    }
    for (const { state } of all) Object.assign(state, { d, dMax, numerator });
    return undefined;
  },
  binaries: [binary],
  kernels: { prodigy: prodigyTwin, prodigyMoments },
});

/** Settings for tests and benches. */
export const trials: Trials<ProdigyHyper> = {
  variants: {
    "": {},
    // The parity test has gradients up to 2^125. They would make d as large, and the decay would overflow.
    decay: { d0: 1e-3, weightDecay: 0.1, dCoef: 1e-35 },
    growth: { d0: 1e-3, growthRate: 1.02 },
    safeguard: { d0: 1e-3, dCoef: 2, safeguardWarmup: true, beta3: 0.9 },
    "L2, bias correction": { d0: 1e-3, weightDecay: 0.1, decoupled: false, biasCorrection: true },
  },
  descend: { bowl: {}, ravine: {}, rosenbrock: {} },
};
