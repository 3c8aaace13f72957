import { checkBoolean, checkNumber, checkPositive, checkWhole } from "../check.js";
import { pow } from "../math/f64.js";
import { between, halfCosine } from "./anneal.js";
import { brief, checkFinite, checkOptions, plural, type Schedule, schedule } from "./schedule.js";

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** The steps that it takes, above 0; they need not be whole. */
  steps: number;
  /** Where it ends. Default 0. */
  to?: number;
  /** Power of the half wave: above 1 it falls sooner, below 1 later. Default 1. */
  exponent?: number;
  /** Stay at the end. Otherwise it swings up and down for ever, as PyTorch's does. Default true. */
  clamp?: boolean;
}

/**
 * Half a cosine wave from one value to another: flat, steep, flat.
 *
 * f(t) = to + (from - to) ((1 + cos(π min(t / steps, 1))) / 2)^exponent
 *
 * Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5. Optax's
 * cosine_decay_schedule; with `clamp: false` PyTorch's CosineAnnealingLR.
 * @throws RangeError unless steps and exponent are above 0
 * @example
 * const lr = schedules.cosine(1e-3, { steps: 900 }); // to 0
 * console.log(lr(450)); // 5e-4
 */
export function cosine(from: number, options: CosineOptions): Schedule {
  checkFinite("from", from);
  checkOptions("cosine", options, ["steps", "to", "exponent", "clamp"]);
  const { steps, to = 0, exponent = 1, clamp = true } = options;
  checkPositive("steps", steps);
  checkFinite("to", to);
  checkPositive("exponent", exponent);
  checkBoolean("clamp", clamp);
  const power = exponent === 1 ? "" : `, exponent ${brief(exponent)}`;
  const swing = clamp ? "" : ", and back";
  return schedule(`cosine(${brief(from)} → ${brief(to)} over ${plural(steps)}${power}${swing})`, (step) => {
    const t = clamp ? Math.min(step, steps) : step;
    if (exponent === 1) return between(from, to, t, steps, halfCosine);
    const share = halfCosine((steps - t) / steps);
    const rest = share === 0 ? 0 : pow(share, exponent); // pow takes no 0
    return from * rest + to * (1 - rest);
  });
}

/** Options of {@link cosineRestarts}. */
export interface CosineRestartsOptions {
  /** Steps of the first span. */
  steps: number;
  /** Each span is this many times as long as the one before, at least 1; it need not be whole. Default 1. */
  tMult?: number;
  /** Each span starts at this many times the value of the one before. Default 1. */
  peakMult?: number;
  /** Where each span ends. Default 0. */
  to?: number;
}

/**
 * Cosine decay with warm restarts at the top (SGDR).
 *
 * f(t) = to + (fromᵢ - to) (1 + cos(π tᵢ / Tᵢ)) / 2, with tᵢ the steps into span i, Tᵢ = steps · tMultⁱ,
 * fromᵢ = from · peakMultⁱ
 *
 * Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5. PyTorch's
 * CosineAnnealingWarmRestarts; Keras's CosineDecayRestarts, whose m_mul is `peakMult` where `to` is 0 (with an alpha,
 * Keras multiplies the height above the end).
 * @throws RangeError for a step count that is not a whole number ≥ 1, tMult < 1, or peakMult ≤ 0
 * @example
 * const lr = schedules.cosineRestarts(0.1, { steps: 10, tMult: 2 }); // restarts at steps 10, 30, 70 …
 */
export function cosineRestarts(from: number, options: CosineRestartsOptions): Schedule {
  checkFinite("from", from);
  checkOptions("cosineRestarts", options, ["steps", "tMult", "peakMult", "to"]);
  const { steps, tMult = 1, peakMult = 1, to = 0 } = options;
  checkWhole("steps", steps);
  checkNumber("tMult", tMult, "a finite number ≥ 1", (x) => x >= 1);
  checkPositive("peakMult", peakMult);
  checkFinite("to", to);
  const longer = tMult === 1 ? "" : `, × ${brief(tMult)}`;
  const peaks = peakMult === 1 ? "" : `, peaks × ${brief(peakMult)}`;
  const words = `${brief(from)} → ${brief(to)} over ${plural(steps)}${longer}, again and again${peaks}`;
  return schedule(`cosineRestarts(${words})`, (t) => {
    if (tMult === 1) {
      const peak = peakMult === 1 ? from : from * pow(peakMult, Math.floor(t / steps));
      return between(peak, to, t % steps, steps, halfCosine);
    }
    let start = 0;
    let span = steps;
    let peak = from;
    for (; t - start >= span; span *= tMult) {
      start += span;
      peak *= peakMult;
    }
    return between(peak, to, t - start, span, halfCosine);
  });
}
