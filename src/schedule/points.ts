import { checkWhole, typeError } from "../check.js";
import { checkOptions, type Schedule } from "./schedule.js";

/** Options of {@link points}. */
export interface PointsOptions {
  /** Steps of the run. */
  steps: number;
  /** How many points, at most. Default 100. */
  count?: number;
}

/**
 * A schedule as points to plot: [step, value], at whole steps evenly spread from the first to the last of a run.
 *
 * tᵢ = round(i (steps - 1) / (count - 1))
 * @returns `count` points, or one for each step if there are fewer steps
 * @throws TypeError or RangeError for anything but a schedule, or counts that are not whole numbers (steps ≥ 1, count ≥ 2)
 * @example
 * for (const [step, lr] of schedules.points(schedules.cosine(1e-3, { steps: 900 }), { steps: 900, count: 10 })) {
 *   console.log(step, lr);
 * }
 */
export function points(of: Schedule, options: PointsOptions): [step: number, value: number][] {
  if (typeof of !== "function") throw typeError("of", "a schedule", of);
  checkOptions("points", options, ["steps", "count"]);
  const { steps, count = 100 } = options;
  checkWhole("steps", steps);
  checkWhole("count", count, 2);
  const n = Math.min(steps, count);
  return Array.from({ length: n }, (_, i) => {
    const step = n === 1 ? 0 : Math.round((i * (steps - 1)) / (n - 1));
    return [step, of(step)];
  });
}
