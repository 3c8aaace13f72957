import { checkBoolean, checkNonNegative, checkPositive, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/prodigy.js";
import { add, div, mul, plus, sqrt, sub } from "../f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkGrowth, checkPair } from "./shared/checks.js";
import { along, total } from "./shared/totals.js";

/** Hyperparameters of {@link prodigy}. */
export interface ProdigyHyper {
  /** Multiplies the rate d that is found; 1, or a schedule from 1 to 0. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Decay rate of the sums that d is found from; null is √β₂. */
  beta3: number | null;
  /** Added to the root of the second moment, times d. */
  eps: number;
  weightDecay: number;
  /** Weight decay apart from the gradient: θ shrinks by η λ. Otherwise L2. */
  decoupled: boolean;
  /** Adam's bias correction, as a factor of the rate. */
  biasCorrection: boolean;
  /** Leave lr and bias correction out of the sum that d is divided by, for long warm-ups. */
  safeguardWarmup: boolean;
  /** First estimate of the distance to the solution. */
  d0: number;
  /** Multiplies the estimates of d. */
  dCoef: number;
  /** The most that d may grow by in a step, as a factor. */
  growthRate: number;
}

/** The estimate of the distance, with its numerator, is one for all groups; the powers are the group's. */
export interface ProdigyState {
  d: number;
  dMax: number;
  numerator: number;
  beta1Power: number;
  beta2Power: number;
}
type Context = StepContext<ProdigyHyper, ProdigyState>;

const prodigyMoments: Twin = (n, p, g, [, s, m, v], [gradScale, l2, b1, intake, b2, toRoot, b3, weight]) => {
  const scale = mul(gradScale, toRoot);
  for (let i = 0; i < n; i++) {
    const root = plus(mul(scale, g[i]), l2, p[i]);
    s[i] = add(mul(b3, s[i]), mul(weight, root));
    m[i] = add(mul(b1, m[i]), mul(intake, root));
    v[i] = add(mul(b2, v[i]), mul(root, root));
  }
};

const prodigyTwin: Twin = (n, p, _, [, , m, v], [, keep, eta, eps]) => {
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(keep, p[i]), div(mul(eta, m[i]), add(sqrt(v[i]), eps)));
  }
};

/** η = d lr, with Adam's bias correction where asked for, as the step to come has it. */
function rate({ hyper: { lr, betas, biasCorrection }, state: s }: Context, d: number): number {
  if (!biasCorrection) return d * lr;
  return (d * lr * Math.sqrt(1 - s.beta2Power * betas[1])) / (1 - s.beta1Power * betas[0]);
}
const l2 = ({ hyper: { weightDecay, decoupled } }: Context): number => (decoupled ? 0 : weightDecay);

/**
 * Prodigy: Adam with a rate found on the way, from an estimate d of the distance from the start to the solution. Leave
 * lr at 1, or on a schedule that falls from 1 to 0.
 *
 * ```
 * g = g + λθ                                  (decoupled: θ = θ - ηλθ instead)
 * η = d lr                                    (biasCorrection: · √(1 - β₂^t) / (1 - β₁^t))
 * r = β₃r + d/d₀ η ⟨g, θ₀ - θ⟩
 * s = β₃s + d/d₀ η g                          (safeguardWarmup: d/d₀ d g)
 * m = β₁m + (1 - β₁) d g
 * v = β₂v + (1 - β₂) d² g²
 * d = the largest dCoef r / ‖s‖₁ so far, no more than growthRate d
 * θ = θ - η m / (√v + d ε)                    η from the old d, ε times the new one
 * ```
 * d is one for all groups: r and ‖s‖₁ go over all tensors, and d0, beta3, dCoef and growthRate are the first group's
 * there. A group with an lr of 0 stands still. A tensor whose sums are not finite is left out of them. Weight decay is
 * decoupled, or L2 with `decoupled: false`. Throws a RangeError for a negative lr or weightDecay, betas or beta3 outside
 * [0, 1), eps, d0 or dCoef that are not above 0, and a growthRate below 1. Groups may differ in lr, where the authors'
 * code takes but one and 0.
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
    const beta3 = (c: Context) => c.hyper.beta3 ?? Math.sqrt(c.hyper.betas[1]);

    // θ₀ - θ is never formed: sums in f64 of f32 products lose nothing that counts.
    const progress = total(groups, (c, m) => {
      const from = along(c, m, l2(c), m.slots.p0);
      return gain * rate(c, d) * (from - along(c, m, l2(c), m.p));
    });
    const numerator = beta3(all[0]) * shared.numerator + progress;
    for (const c of groups) {
      const [b1, b2] = c.hyper.betas;
      const weight = gain * (c.hyper.safeguardWarmup ? d : rate(c, d));
      const toRoot = d * Math.sqrt(1 - b2);
      const intake = (d * (1 - b1)) / toRoot;
      c.run("prodigyMoments", [toRoot * l2(c), b1, intake, b2, toRoot, beta3(c), weight / toRoot]);
    }
    const denominator = total(groups, ({ ops }, { slots }) => ops.sumAbs(slots.s));
    // No gradients yet but zeros.
    if (denominator === 0) return undefined;

    const old = d;
    const found = (h.dCoef * numerator) / denominator;
    if (d === h.d0) d = Math.max(d, found);
    dMax = Math.max(dMax, found);
    d = Math.min(dMax, d * h.growthRate);
    for (const c of groups) {
      const eta = rate(c, old);
      const { decoupled, weightDecay, eps } = c.hyper;
      c.run("prodigy", [decoupled ? 1 - eta * weightDecay : 1, eta, d * eps]);
      c.state.beta1Power *= c.hyper.betas[0];
      c.state.beta2Power *= c.hyper.betas[1];
    }
    for (const { state } of all) Object.assign(state, { d, dMax, numerator });
    return undefined;
  },
  codes: [code],
  kernels: { prodigy: prodigyTwin, prodigyMoments },
});

/** What tests and benches run it with. */
export const trials: Trials<ProdigyHyper> = {
  variants: {
    "": {},
    // The gradients of the parity test reach 2^125 and would have d no smaller, and decay overflow.
    decay: { d0: 1e-3, weightDecay: 0.1, dCoef: 1e-35 },
    growth: { d0: 1e-3, growthRate: 1.02 },
    safeguard: { d0: 1e-3, dCoef: 2, safeguardWarmup: true, beta3: 0.9 },
    "L2, bias correction": { d0: 1e-3, weightDecay: 0.1, decoupled: false, biasCorrection: true },
  },
  descend: { bowl: {}, ravine: {}, rosenbrock: {} },
};
