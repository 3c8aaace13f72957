import { checkBoolean, checkNumber, checkOneOf, checkPositive, checkWhole, rangeError } from "../check.js";
import { pow } from "../math/f64.js";
import { between, halfCosine, type Share, straight } from "./anneal.js";
import { brief, checkFinite, checkOptions, plural, type Schedule, schedule } from "./schedule.js";

/** A schedule of the learning rate, together with that of the momentum (or β₁). */
export interface CycleSchedule extends Schedule {
  /** High where the learning rate is low, and low where it is high. A schedule like any other. */
  readonly momentum: Schedule;
}

const withMomentum = (lr: Schedule, momentum: Schedule): CycleSchedule => Object.assign(lr, { momentum });

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** Steps of the whole run. */
  steps: number;
  /** The share of the run in which it rises. Default 0.3. */
  pctStart?: number;
  /** The curve of the rise and of the fall. Default "cosine". */
  shape?: "linear" | "cosine";
  /** It starts at peak / divFactor. Default 25. */
  divFactor?: number;
  /** It ends at peak / divFactor / finalDivFactor. Default 10,000. */
  finalDivFactor?: number;
  /** Fall back to the start in as many steps as the rise, then to the end. Default false. */
  threePhase?: boolean;
  /** Momentum at the peak. Default 0.85. */
  baseMomentum?: number;
  /** Momentum at the start and at the end. Default 0.95. */
  maxMomentum?: number;
  /** Stay at the end. Otherwise the last curve continues, as in PyTorch, which allows one such step. Default true. */
  clamp?: boolean;
}

const ONE_CYCLE = ["steps", "pctStart", "shape", "divFactor", "finalDivFactor", "threePhase"];
const MOMENTA = ["baseMomentum", "maxMomentum"];

/**
 * One cycle: up to a peak, then down to far below the start, while momentum does the opposite.
 *
 * f = peak / divFactor → peak at step pctStart · steps - 1 → peak / divFactor / finalDivFactor at step steps - 1;
 * `momentum` = maxMomentum → baseMomentum → maxMomentum
 *
 * Smith & Topin, Super-convergence: very fast training of neural networks using large learning rates, 2018 (arXiv
 * 1708.07120). PyTorch's OneCycleLR.
 * @throws RangeError for a step count that is not a whole number ≥ 1, pctStart outside [0, 1] (0.5 with threePhase), or
 *   factors ≤ 0
 * @example
 * const cycle = schedules.oneCycle(0.1, { steps: 2000 });
 * const opt = sgd(model.parameters(), { lr: cycle, momentum: cycle.momentum });
 */
export function oneCycle(peak: number, options: OneCycleOptions): CycleSchedule {
  checkFinite("peak", peak);
  checkOptions("oneCycle", options, [...ONE_CYCLE, ...MOMENTA, "clamp"]);
  const { steps, pctStart = 0.3, shape = "cosine", divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
  const { baseMomentum = 0.85, maxMomentum = 0.95, clamp = true } = options;
  checkWhole("steps", steps);
  checkBoolean("threePhase", threePhase);
  const most = threePhase ? 0.5 : 1;
  checkNumber("pctStart", pctStart, `a number from 0 to ${most}`, (x) => x >= 0 && x <= most);
  checkOneOf("shape", shape, ["linear", "cosine"]);
  checkPositive("divFactor", divFactor);
  checkPositive("finalDivFactor", finalDivFactor);
  checkFinite("baseMomentum", baseMomentum);
  checkFinite("maxMomentum", maxMomentum);
  checkBoolean("clamp", clamp);
  const start = peak / divFactor;
  const end = start / finalDivFactor;
  const up = pctStart * steps - 1;
  const last = steps - 1;
  const ends = threePhase ? [up, 2 * up, last] : [up, last];
  const share = shape === "cosine" ? halfCosine : straight;
  const text = (a: number, b: number, c: number) => `${brief(a)} → ${brief(b)} → ${brief(c)} over ${plural(steps)}`;
  const curve = (...values: number[]) => through(values, ends, share, clamp ? last : Number.POSITIVE_INFINITY);
  const back = threePhase ? [start, end] : [end];
  const rest = threePhase ? [maxMomentum, maxMomentum] : [maxMomentum];
  return withMomentum(
    schedule(`oneCycle(${text(start, peak, end)})`, curve(start, peak, ...back)),
    schedule(
      `oneCycle.momentum(${text(maxMomentum, baseMomentum, maxMomentum)})`,
      curve(maxMomentum, baseMomentum, ...rest),
    ),
  );
}

/** A curve through values: it reaches value i + 1 at step ends[i]. */
function through(values: readonly number[], ends: readonly number[], share: Share, last: number): Schedule {
  return (step) => {
    const t = Math.min(step, last);
    let i = 0;
    while (i < ends.length - 1 && t > ends[i]) i++;
    const from = i === 0 ? 0 : ends[i - 1];
    const n = ends[i] - from;
    // A phase may have no length: a rise in less than one step, or a run of one step.
    return n > 0 ? between(values[i], values[i + 1], t - from, n, share) : values[i + 1];
  };
}

/** Options of {@link cyclic}. */
export interface CyclicOptions {
  /** The highest value. */
  peak: number;
  /** Steps on the way up. Default 2000. */
  stepsUp?: number;
  /** Steps on the way down. Default: `stepsUp`. */
  stepsDown?: number;
  /** All cycles equal, each half as high as the one before, or falling by gamma at every step. Default "triangular". */
  variant?: "triangular" | "triangular2" | "expRange";
  /** For "expRange": the factor of each step. Default 1. */
  gamma?: number;
  /** Momentum at the first peak. Default 0.8. */
  baseMomentum?: number;
  /** Momentum at the bottom. Default 0.9. */
  maxMomentum?: number;
}

/**
 * Up and down between two values for ever, while momentum does the opposite.
 *
 * f(t) = base + (peak - base) h, h = x A, with x rising linearly from 0 to 1 and back and A = 1, 2^-cycle or γ^t;
 * `momentum` = maxMomentum - (maxMomentum - baseMomentum) h
 *
 * Smith, Cyclical learning rates for training neural networks, WACV 2017 (arXiv 1506.01186). PyTorch's CyclicLR.
 * @throws RangeError for step counts that are not whole numbers ≥ 1, gamma ≤ 0, or a gamma for another variant
 * @example
 * const cycle = schedules.cyclic(1e-3, { peak: 0.1, stepsUp: 500, variant: "triangular2" });
 * const opt = sgd(model.parameters(), { lr: cycle, momentum: cycle.momentum });
 */
export function cyclic(base: number, options: CyclicOptions): CycleSchedule {
  checkFinite("base", base);
  checkOptions("cyclic", options, ["peak", "stepsUp", "stepsDown", "variant", "gamma", ...MOMENTA]);
  const { peak, stepsUp: up = 2000, variant = "triangular", gamma, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
  const { stepsDown: down = up } = options;
  checkFinite("peak", peak);
  checkWhole("stepsUp", up);
  checkWhole("stepsDown", down);
  checkOneOf("variant", variant, ["triangular", "triangular2", "expRange"]);
  if (gamma !== undefined) checkPositive("gamma", gamma);
  if (gamma !== undefined && variant !== "expRange")
    throw rangeError("gamma", 'none but with variant "expRange"', gamma);
  checkFinite("baseMomentum", baseMomentum);
  checkFinite("maxMomentum", maxMomentum);
  const span = up + down;
  const height = (t: number): number => {
    const x = t % span;
    const h = x <= up ? x / up : (span - x) / down;
    if (variant === "triangular") return h;
    return h * (variant === "triangular2" ? pow(0.5, Math.floor(t / span)) : pow(gamma ?? 1, t));
  };
  const text = (a: number, b: number) =>
    `${brief(a)} ⇄ ${brief(b)}, ${plural(up)} up and ${down} down, ${variant}${gamma === undefined ? "" : ` ${brief(gamma)}`}`;
  return withMomentum(
    schedule(`cyclic(${text(base, peak)})`, (t) => between(base, peak, height(t), 1, straight)),
    schedule(`cyclic.momentum(${text(maxMomentum, baseMomentum)})`, (t) =>
      between(maxMomentum, baseMomentum, height(t), 1, straight),
    ),
  );
}
