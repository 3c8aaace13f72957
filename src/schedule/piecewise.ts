import { checkPositive, checkWhole, rangeError, typeError } from "../check.js";
import { pow } from "../math/f64.js";
import { brief, checkFinite, checkOptions, plural, type Schedule, schedule } from "./schedule.js";

/**
 * The same value at every step.
 *
 * f(t) = value
 * @throws TypeError or RangeError for a value that is not a finite number
 * @example
 * const opt = adamw(model.parameters(), { lr: schedules.constant(3e-4) });
 */
export function constant(value: number): Schedule {
  checkFinite("value", value);
  return schedule(`constant(${brief(value)})`, () => value);
}

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** Steps between two drops. */
  steps: number;
  /** Factor of each drop. Default 0.1. */
  gamma?: number;
}

/**
 * Drops by a factor every so many steps.
 *
 * f(t) = from γ^⌊t / steps⌋
 *
 * PyTorch's StepLR.
 * @throws RangeError for a steps that is not a whole number ≥ 1, or gamma ≤ 0
 * @example
 * const lr = schedules.stepDecay(0.1, { steps: 30, gamma: 0.1 });
 * console.log(lr(29), lr(30)); // 0.1 0.01
 */
export function stepDecay(from: number, options: StepDecayOptions): Schedule {
  checkFinite("from", from);
  checkOptions("stepDecay", options, ["steps", "gamma"]);
  const { steps, gamma = 0.1 } = options;
  checkWhole("steps", steps);
  checkPositive("gamma", gamma);
  return schedule(
    `stepDecay(${brief(from)}, × ${brief(gamma)} every ${plural(steps)})`,
    (t) => from * pow(gamma, Math.floor(t / steps)),
  );
}

/** Options of {@link multiStep}. */
export interface MultiStepOptions {
  /** The steps at which it drops, in order; twice the same step is two drops. */
  milestones: readonly number[];
  /** The factor of each drop, or one for each milestone. Default 0.1. */
  gamma?: number | readonly number[];
}

/**
 * Drops by a factor at given steps.
 *
 * f(t) = from Π γᵢ over the milestones mᵢ ≤ t
 *
 * PyTorch's MultiStepLR; with a list of gammas, Optax's piecewise_constant_schedule.
 * @throws RangeError for milestones that are not whole numbers ≥ 0 in order, for gamma ≤ 0, or a list of gammas of
 *   another length
 * @example
 * const lr = schedules.multiStep(0.1, { milestones: [30_000, 60_000], gamma: 0.1 });
 */
export function multiStep(from: number, options: MultiStepOptions): Schedule {
  checkFinite("from", from);
  checkOptions("multiStep", options, ["milestones", "gamma"]);
  const { milestones, gamma = 0.1 } = options;
  if (!Array.isArray(milestones)) throw typeError("milestones", "an array of steps", milestones);
  milestones.forEach((milestone, i) => {
    checkWhole(`milestones[${i}]`, milestone, 0);
    if (i > 0 && milestone < milestones[i - 1]!) {
      throw rangeError(`milestones[${i}]`, `a step from ${milestones[i - 1]} on, as they go up`, milestone);
    }
  });
  const gammas: readonly number[] = typeof gamma === "number" ? milestones.map(() => gamma) : gamma;
  if (!Array.isArray(gammas)) throw typeError("gamma", "a number, or an array of one for each milestone", gamma);
  if (gammas.length !== milestones.length) throw rangeError("gamma", `${milestones.length} factors`, gamma);
  if (typeof gamma === "number") checkPositive("gamma", gamma);
  else gammas.forEach((factor, i) => void checkPositive(`gamma[${i}]`, factor));
  const steps = [...milestones];
  const levels = [from];
  for (const factor of gammas) levels.push(levels[levels.length - 1] * factor);
  const drops = typeof gamma === "number" ? brief(gamma) : gammas.map(brief).join(", ");
  return schedule(`multiStep(${brief(from)}, × ${drops} at ${steps.join(", ")})`, (t) => {
    let passed = 0;
    while (passed < steps.length && steps[passed]! <= t) passed++;
    return levels[passed];
  });
}
