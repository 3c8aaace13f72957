import { checkOneOf, checkWhole, rangeError } from "../check.js";
import { warmup, wsd } from "./compose.js";
import { cosine, cosineRestarts } from "./cosine.js";
import { oneCycle } from "./cycle.js";
import { exponential, inverseSqrt, linear } from "./decay.js";
import { constant, multiStep } from "./piecewise.js";
import { checkFinite, checkOptions, type Schedule } from "./schedule.js";

type Shape = (peak: number, steps: number, to: number) => Schedule;

/** The shapes over the steps after a warm-up, by name. */
const shapes = {
  constant: (peak) => constant(peak),
  linear: (peak, steps, to) => linear(peak, { to, steps }),
  cosine: (peak, steps, to) => cosine(peak, { to, steps }),
  /** Three spans, each twice as long as the one before: 1 + 2 + 4 sevenths. */
  cosineRestarts: (peak, steps, to) => cosineRestarts(peak, { to, steps: Math.ceil(steps / 7), tMult: 2 }),
  /** A tenth at half and at three quarters of the run (He et al. 2016, section 4.2: 32k and 48k of 64k steps). */
  step: (peak, steps) => multiStep(peak, { milestones: [Math.ceil(steps / 2), Math.ceil(steps * 0.75)] }),
  /** To a hundredth. */
  exponential: (peak, steps) => exponential(peak, { gamma: 0.01, steps }),
} satisfies Record<string, Shape>;

/** The shapes of {@link overRun}. */
export type RunShape = keyof typeof shapes | "inverseSqrt" | "oneCycle" | "wsd";

export const runShapes: readonly RunShape[] = [
  ...(Object.keys(shapes) as (keyof typeof shapes)[]),
  "inverseSqrt",
  "oneCycle",
  "wsd",
];

/** Options of {@link overRun}. */
export interface RunOptions {
  /** The highest value. */
  peak: number;
  /** Steps of the whole run, warm-up included. */
  steps: number;
  /** Steps of the warm-up. Default 0; for inverseSqrt, which needs one, a tenth of the run. */
  warmup?: number;
  /** Where it ends. Default 0. Not for constant, step, exponential, inverseSqrt and oneCycle. */
  to?: number;
}

/**
 * The schedule of a whole run by the name of its shape, as on a command line.
 *
 * "constant", "linear", "cosine", "cosineRestarts" (three spans), "step" (a tenth at 50 % and at 75 %), "exponential"
 * (to a hundredth), "inverseSqrt", "oneCycle" (has its own rise) and "wsd" (decays over the last fifth).
 * @throws RangeError for an unknown shape, for a warm-up that is not shorter than the run, or for an option that the
 *   shape does not have
 * @example
 * const lr = schedules.overRun("cosine", { peak: 1e-3, steps: 1000, warmup: 100 });
 */
export function overRun(shape: RunShape, options: RunOptions): Schedule {
  checkOneOf("shape", shape, runShapes);
  checkOptions("overRun", options, ["peak", "steps", "warmup", "to"]);
  const { peak, steps, to = 0 } = options;
  checkFinite("peak", peak);
  checkWhole("steps", steps);
  const rise = options.warmup ?? (shape === "inverseSqrt" ? Math.floor(steps / 10) : 0);
  checkWhole("warmup", rise, 0);
  if (rise >= steps) throw rangeError("warmup", `fewer than the ${steps} steps of the run`, rise);
  checkFinite("to", to);
  if (options.to !== undefined && ENDLESS.includes(shape)) throw rangeError("to", `none for "${shape}"`, to);
  if (shape === "oneCycle") {
    if (rise > 0) return oneCycle(peak, { steps, pctStart: rise / steps });
    return oneCycle(peak, { steps });
  }
  if (shape === "inverseSqrt") return inverseSqrt(peak, { warmup: Math.max(1, rise) });
  if (shape === "wsd") {
    const decay = Math.min(steps - rise, Math.ceil(steps / 5));
    return wsd(peak, { warmup: rise, stable: steps - rise - decay, decay, to });
  }
  const body = shapes[shape](peak, steps - rise, to);
  return rise > 0 ? warmup(rise, body) : body;
}

const ENDLESS: readonly RunShape[] = ["constant", "step", "exponential", "inverseSqrt", "oneCycle"];
