import { checkBoolean, checkNonNegative, checkPositive, checkRate, checkWhole, rangeError } from "../check.js";
import { pow } from "../math/f64.js";
import { between, straight } from "./anneal.js";
import { brief, checkFinite, checkOptions, plural, type Schedule, schedule } from "./schedule.js";

/** Options of {@link exponential}. */
export interface ExponentialOptions {
  /** The factor by which it changes in `steps` steps. */
  gamma: number;
  /** The steps to which `gamma` applies. Default 1. */
  steps?: number;
  /** Change only every `steps` steps, all at once. Default false. */
  staircase?: boolean;
  /** Where it stops. Default: it does not. */
  to?: number;
}

/**
 * Exponential decay.
 *
 * f(t) = from γ^(t / steps), no further than `to`
 *
 * PyTorch's ExponentialLR (and MultiplicativeLR with a constant factor); Optax's exponential_decay; Keras's
 * ExponentialDecay.
 * @throws RangeError for gamma ≤ 0, a step count below 1, or a `to` in the other direction
 * @example
 * const lr = schedules.exponential(0.1, { gamma: 0.5, steps: 1000, to: 1e-4 }); // halves every 1,000 steps
 */
export function exponential(from: number, options: ExponentialOptions): Schedule {
  checkFinite("from", from);
  checkOptions("exponential", options, ["gamma", "steps", "staircase", "to"]);
  const { gamma, steps = 1, staircase = false, to } = options;
  checkPositive("gamma", gamma);
  checkWhole("steps", steps);
  checkBoolean("staircase", staircase);
  const falls = gamma < 1 === from >= 0;
  if (to !== undefined) {
    checkFinite("to", to);
    if (falls ? to > from : to < from) throw rangeError("to", `a number ${falls ? "≤" : "≥"} ${from}`, to);
  }
  const each = steps === 1 ? "" : ` every ${plural(steps)}${staircase ? " at once" : ""}`;
  const end = to === undefined ? "" : ` → ${brief(to)}`;
  const limit = falls ? Math.max : Math.min;
  return schedule(`exponential(${brief(from)}${end}, × ${brief(gamma)}${each})`, (t) => {
    const value = from * pow(gamma, staircase ? Math.floor(t / steps) : t / steps);
    return to === undefined ? value : limit(value, to);
  });
}

/** Options of {@link inverseTime}. */
export interface InverseTimeOptions {
  /** Decay rate. */
  rate: number;
  /** The steps to which `rate` applies. Default 1. */
  steps?: number;
  /** Change only every `steps` steps, all at once. Default false. */
  staircase?: boolean;
}

/**
 * Inverse-time decay, the Robbins–Monro kind: its sum diverges, the sum of its squares does not.
 *
 * f(t) = from / (1 + rate · t / steps)
 *
 * Keras's InverseTimeDecay.
 * @throws RangeError for a negative rate or a step count below 1
 * @example
 * const lr = schedules.inverseTime(0.1, { rate: 0.5, steps: 1000 });
 */
export function inverseTime(from: number, options: InverseTimeOptions): Schedule {
  checkFinite("from", from);
  checkOptions("inverseTime", options, ["rate", "steps", "staircase"]);
  const { rate, steps = 1, staircase = false } = options;
  checkNonNegative("rate", rate);
  checkWhole("steps", steps);
  checkBoolean("staircase", staircase);
  return schedule(
    `inverseTime(${brief(from)}, rate ${brief(rate)} every ${plural(steps)})`,
    (t) => from / (1 + rate * (staircase ? Math.floor(t / steps) : t / steps)),
  );
}

/** Options of {@link linear}. */
export interface LinearOptions {
  /** The steps that it takes, above 0; they need not be whole. The last value stays. */
  steps: number;
  /** Where it ends. Default 0. */
  to?: number;
}

/**
 * A straight line from one value to another, up or down.
 *
 * f(t) = from + (to - from) min(t / steps, 1)
 *
 * PyTorch's LinearLR, in values instead of factors; Optax's linear_schedule.
 * @throws RangeError unless steps is above 0
 * @example
 * const lr = schedules.linear(2e-5, { steps: 3000 }); // to 0
 * const beta3 = schedules.linear(0.9, { to: 0.9999, steps: 10_000 });
 */
export function linear(from: number, options: LinearOptions): Schedule {
  checkFinite("from", from);
  checkOptions("linear", options, ["steps", "to"]);
  const { steps, to = 0 } = options;
  checkPositive("steps", steps);
  checkFinite("to", to);
  return schedule(`linear(${brief(from)} → ${brief(to)} over ${plural(steps)})`, (t) =>
    between(from, to, Math.min(t, steps), steps, straight),
  );
}

/** Options of {@link polynomial}. */
export interface PolynomialOptions extends LinearOptions {
  /** The exponent: above 1 the end is flat, below 1 the beginning. Default 1. */
  power?: number;
  /** After the end, continue with a span of twice, three times … as many steps, with a rise at each seam. Default false. */
  cycle?: boolean;
}

/**
 * Polynomial decay.
 *
 * f(t) = to + (from - to) (1 - min(t / steps, 1))^power
 *
 * PyTorch's PolynomialLR; Optax's polynomial_schedule; Keras's PolynomialDecay, which has `cycle`.
 * @throws RangeError unless steps and power are above 0
 * @example
 * const lr = schedules.polynomial(0.1, { steps: 10_000, power: 2 });
 */
export function polynomial(from: number, options: PolynomialOptions): Schedule {
  checkFinite("from", from);
  checkOptions("polynomial", options, ["steps", "to", "power", "cycle"]);
  const { steps, to = 0, power = 1, cycle = false } = options;
  checkPositive("steps", steps);
  checkFinite("to", to);
  checkPositive("power", power);
  checkBoolean("cycle", cycle);
  const words = `power ${brief(power)}${cycle ? ", cycling" : ""}`;
  return schedule(`polynomial(${brief(from)} → ${brief(to)} over ${plural(steps)}, ${words})`, (t) => {
    const span = cycle ? steps * Math.max(1, Math.ceil(t / steps)) : steps;
    if (t >= span) return to;
    const rest = pow((span - t) / span, power);
    return from * rest + to * (1 - rest);
  });
}

/** Options of {@link inverseSqrt}. */
export interface InverseSqrtOptions {
  /** Steps up to the peak. */
  warmup: number;
}

/**
 * Up to a peak linearly, then down with the inverse square root of the step.
 *
 * f(t) = peak · min(s / warmup, √(warmup / s)), s = t + 1
 *
 * fairseq's inverse_sqrt. Vaswani et al., Attention is all you need, 2017, section 5.3, the same as {@link noam}.
 * @throws RangeError for a warmup that is not a whole number ≥ 1
 * @example
 * const lr = schedules.inverseSqrt(5e-4, { warmup: 4000 });
 */
export function inverseSqrt(peak: number, options: InverseSqrtOptions): Schedule {
  checkFinite("peak", peak);
  checkOptions("inverseSqrt", options, ["warmup"]);
  const { warmup } = options;
  checkWhole("warmup", warmup);
  return schedule(`inverseSqrt(${brief(peak)} after ${plural(warmup)})`, (t) => {
    const s = t + 1;
    return s < warmup ? (peak * s) / warmup : peak * Math.sqrt(warmup / s);
  });
}

/** Options of {@link noam}. */
export interface NoamOptions extends InverseSqrtOptions {
  /** The width of the model. */
  dModel: number;
  /** A factor on the whole schedule. Default 1. */
  scale?: number;
}

/**
 * The schedule of the first transformer, with a peak that depends on the model's width.
 *
 * f(t) = scale · dModel^-½ · min(s^-½, s · warmup^-³⁄²), s = t + 1
 *
 * Vaswani et al., Attention is all you need, 2017, section 5.3.
 * @throws RangeError for a dModel or warmup that is not a whole number ≥ 1
 * @example
 * const lr = schedules.noam({ dModel: 512, warmup: 4000 });
 */
export function noam(options: NoamOptions): Schedule {
  checkOptions("noam", options, ["dModel", "warmup", "scale"]);
  const { dModel, warmup, scale = 1 } = options;
  checkWhole("dModel", dModel);
  checkWhole("warmup", warmup);
  checkFinite("scale", scale);
  return inverseSqrt(scale / Math.sqrt(dModel * warmup), { warmup });
}

/**
 * Demon: momentum that falls so that the share of a gradient in later steps falls linearly to 0.
 *
 * f(t) = β r / ((1 - β) + β r), r = max(0, 1 - t / steps)
 *
 * Chen et al., Demon: improved neural network training with momentum decay, ICASSP 2022 (arXiv 1910.04952), equation 1.
 * @throws RangeError for beta outside [0, 1), or a step count that is not a whole number ≥ 1
 * @example
 * const opt = sgd(model.parameters(), { lr: 0.1, momentum: schedules.demon(0.9, { steps: 5000 }) });
 */
export function demon(beta: number, options: { steps: number }): Schedule {
  checkRate("beta", beta);
  checkOptions("demon", options, ["steps"]);
  const { steps } = options;
  checkWhole("steps", steps);
  return schedule(`demon(${brief(beta)} → 0 over ${plural(steps)})`, (t) => {
    const rest = (beta * Math.max(0, steps - t)) / steps;
    return rest / (1 - beta + rest);
  });
}
