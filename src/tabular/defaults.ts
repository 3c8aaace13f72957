import { argumentError } from "../check.js";
import type { PrepareOptions } from "../data/prepare.js";
import { checkSettings } from "./checkSettings.js";
import { checkHyper, checkOptimizer, rateOf } from "./optimizer.js";
import type { Settings } from "./settings.js";

/** The settings that are not given, except for the epochs. */
const DEFAULTS = { hidden: [64], activation: "relu", optimizer: "adamw", batch: 32, seed: 1 };

/** Optimizers that learn the curvature of one loss: batches drawn at random give them another at every step. */
const WHOLE: readonly string[] = ["lbfgs"];

/** Steps that a run takes at least by default, and the epochs that it takes at least and at most. */
const STEPS = 3000;
const EPOCHS = [30, 1000] as const;

/** Epochs by default: 30, and more for small tables, so that a run takes some thousands of steps. */
export function defaultEpochs(rows: number, batch: number): number {
  return Math.min(Math.max(Math.ceil(STEPS / Math.ceil(rows / batch)), EPOCHS[0]), EPOCHS[1]);
}

/**
 * Completes settings with the defaults.
 *
 * @param rows the number of rows to train on, which the defaults of the epochs and of some batches depend on
 * @throws RangeError or TypeError naming the setting, for an unknown name or for settings that contradict each other
 */
export function withDefaults(given: Partial<Settings>, rows = Number.POSITIVE_INFINITY): Settings {
  checkSettings(given);
  const settings: Settings = { target: "", simd: "auto", epochs: 0, ...DEFAULTS, ...defined(given) };
  const whole = WHOLE.includes(settings.optimizer);
  if (whole && given.batch === undefined && Number.isFinite(rows)) settings.batch = rows;
  // A step of theirs is many iterations: the fewest epochs will do.
  settings.epochs ||= whole ? EPOCHS[0] : defaultEpochs(rows, settings.batch);
  const { hidden, dropout, schedule, warmup, optimizer } = settings;
  checkOptimizer(optimizer);
  if (dropout !== undefined && hidden.length === 0)
    throw argumentError("dropout", "expected hidden layers, whose units it drops, got none");
  checkHyper(settings);
  if ((schedule ?? warmup) !== undefined && rateOf(settings) === undefined)
    throw argumentError("schedule", `expected an optimizer with a learning rate, got ${optimizer}`);
  return settings;
}

/** The settings that are given: one that is undefined is not. */
export const defined = (given: Partial<Settings>): Partial<Settings> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** What the preparation of a table takes of the settings. */
export function preparation(settings: Settings): PrepareOptions {
  const { target, task, ignore, features, numeric, categorical, dates, missing, indicator, validation, seed } =
    settings;
  return { target, task, ignore, features, numeric, categorical, dates, missing, indicator, validation, seed };
}
