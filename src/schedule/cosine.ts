import { checkBoolean, checkPositive, checkWhole } from "../check.js";
import { pow } from "../f64.js";
import { between, halfCosine } from "./anneal.js";
import { brief, checkFinite, checkOptions, plural, type Schedule, schedule } from "./schedule.js";

/** {@link cosine} beyond its first value. */
export interface CosineOptions {
  /** The steps that it takes. */
  steps: number;
  /** Where it ends. Default 0. */
  to?: number;
  /** Stay at the end. Without, it swings back, up and down for ever, as PyTorch's does. Default true. */
  clamp?: boolean;
}

/**
 * Half a wave of a cosine from one value to another: flat, steep, flat.
 *
 * f(t) = to + (from - to) (1 + cos(π min(t / steps, 1))) / 2
 *
 * Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5. Optax's
 * cosine_decay_schedule; with `clamp: false` PyTorch's CosineAnnealingLR.
 * @throws RangeError for a step count that is not a whole number ≥ 1
 * @example
 * const lr = schedules.cosine(1e-3, { steps: 900 }); // to 0
 * console.log(lr(450)); // 5e-4
 */
export function cosine(from: number, options: CosineOptions): Schedule {
  checkFinite("from", from);
  checkOptions("cosine", options, ["steps", "to", "clamp"]);
  const { steps, to = 0, clamp = true } = options;
  checkWhole("steps", steps);
  checkFinite("to", to);
  checkBoolean("clamp", clamp);
  const swing = clamp ? "" : ", and back";
  return schedule(`cosine(${brief(from)} → ${brief(to)} over ${plural(steps)}${swing})`, (t) =>
    between(from, to, clamp ? Math.min(t, steps) : t, steps, halfCosine),
  );
}

/** {@link cosineRestarts} beyond its first value. */
export interface CosineRestartsOptions {
  /** Steps of the first span. */
  steps: number;
  /** Each span is so many times as long as the one before. Default 1. */
  tMult?: number;
  /** Each span starts at so many times the value of the one before. Default 1. */
  peakMult?: number;
  /** Where each span ends. Default 0. */
  to?: number;
}

/**
 * Cosine decay that starts anew at the top, again and again (SGDR).
 *
 * f(t) = to + (fromᵢ - to) (1 + cos(π tᵢ / Tᵢ)) / 2, with tᵢ the steps into span i, Tᵢ = steps · tMultⁱ,
 * fromᵢ = from · peakMultⁱ
 *
 * Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5. PyTorch's
 * CosineAnnealingWarmRestarts; Keras's CosineDecayRestarts, which has `peakMult` as m_mul.
 * @throws RangeError for a step count or tMult that is not a whole number ≥ 1, or peakMult ≤ 0
 * @example
 * const lr = schedules.cosineRestarts(0.1, { steps: 10, tMult: 2 }); // anew at steps 10, 30, 70 …
 */
export function cosineRestarts(from: number, options: CosineRestartsOptions): Schedule {
  checkFinite("from", from);
  checkOptions("cosineRestarts", options, ["steps", "tMult", "peakMult", "to"]);
  const { steps, tMult = 1, peakMult = 1, to = 0 } = options;
  checkWhole("steps", steps);
  checkWhole("tMult", tMult);
  checkPositive("peakMult", peakMult);
  checkFinite("to", to);
  const longer = tMult === 1 ? "" : `, × ${tMult}`;
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
