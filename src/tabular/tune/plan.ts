import { argumentError, checkKeys, checkOneOf, checkPositive, checkWhole, rangeError, typeError } from "../../check.js";
import { checkSavedSettings, checkSettings } from "../checkSettings.js";
import { withDefaults } from "../defaults.js";
import type { Settings } from "../settings.js";
import {
  STAGES,
  settingsOf,
  stageOf,
  type TuneChange,
  type TuneStage,
  type TuneStageName,
  USUAL_STAGES,
} from "./stages.js";

/** What to try, in which order, as plain JSON data: with the same table it gives the same results anywhere. */
export interface TunePlan {
  version: 1;
  /** The settings to start from. `seed` is that of every trial's weights and shuffling, and of the rows held out. */
  base: Settings;
  /** How trials are measured: on each of k folds by a network trained on the others, or on a share of the rows. */
  validation: { folds: number } | { share: number };
  stages: TuneStage[];
  /** The most trials; a rung that would exceed them is not begun. */
  trials?: number;
}

/** Options of {@link planTuning}. */
export interface TunePlanOptions {
  /** Rows of the table that have a target. */
  rows: number;
  task: "classification" | "regression";
  /** Default: 5 folds up to 5,000 rows, a fifth of the rows above. */
  folds?: number | undefined;
  /** The stages to go through. Default: all that make sense. */
  stages?: readonly TuneStageName[] | undefined;
  trials?: number | undefined;
}

/** Up to so many rows a share of them would measure too coarsely. */
const FEW_ROWS = 5000;

/**
 * Epochs of a search, in those of a run by default: what keeps a network from overfitting pays in longer runs only. On the
 * digits, the best of a search over 32 epochs has 98.05 % of the test rows right, over 60 epochs 98.27 %.
 */
const LONGER = 2;

/**
 * Plans the search for the best settings: one setting after the other in the documents' order of tuning (learning rate,
 * weight decay, batch size, schedule), then label smoothing, the widths with dropout, the learning rate and the schedule once
 * more, and the length of the run. In each stage successive halving over the epochs.
 *
 * @param given settings that stay as they are; all others are swept or have their defaults. `validation` is the share of
 *   the rows to measure on, in place of folds. Unless `simd` is given it is "strict", so that the results do not depend on
 *   the host
 * @throws RangeError or TypeError naming the setting or the option
 * @example
 * const plan = planTuning({ target: "species" }, { rows: 150, task: "classification", folds: 5 });
 */
export function planTuning(given: Partial<Settings>, options: TunePlanOptions): TunePlan {
  checkKeys("planTuning", options, ["rows", "task", "folds", "stages", "trials"]);
  const { rows, task, stages = USUAL_STAGES, trials } = options;
  checkWhole("rows", rows, 2);
  checkOneOf("task", task, ["classification", "regression"]);
  for (const [i, name] of stages.entries()) checkOneOf(`stages[${i}]`, name, STAGES);
  if (trials !== undefined) checkWhole("trials", trials);
  const validation = validationOf(given, options);
  const { validation: _, ...settings } = given;
  const trained = Math.floor("share" in validation ? rows * (1 - validation.share) : rows - rows / validation.folds);
  const base = withDefaults({ simd: "strict", ...settings }, Math.max(1, trained));
  if (given.epochs === undefined) base.epochs *= LONGER;
  const context = { given: settings, base, classes: task === "classification", rows: trained };
  const planned = stages.flatMap((name) => stageOf(name, context) ?? []);
  if (planned.length === 0)
    throw argumentError("stages", "expected a setting to sweep, got settings that are all given or do not apply");
  const first = settingsOf(planned[0], base).length;
  if (trials !== undefined && trials < first)
    throw rangeError("trials", `at least ${first}, those of the first rung of the stage ${planned[0].name}`, trials);
  return { version: 1, base, validation, stages: planned, ...(trials !== undefined && { trials }) };
}

function validationOf({ validation }: Partial<Settings>, { folds, rows }: TunePlanOptions): TunePlan["validation"] {
  if (validation !== undefined) {
    if (folds !== undefined) throw argumentError("folds", "expected folds or validation, got both");
    return { share: validation };
  }
  if (folds === undefined) return rows > FEW_ROWS ? { share: 0.2 } : { folds: Math.min(5, rows) };
  checkWhole("folds", folds, 2);
  if (folds > rows) throw rangeError("folds", `at most ${rows}, the number of rows`, folds);
  return { folds };
}

/** Checks a plan, for one that comes from elsewhere. */
export function checkPlan(plan: TunePlan): void {
  checkKeys("plan", plan, ["version", "base", "validation", "stages", "trials"]);
  if (plan.version !== 1) throw rangeError("version", "1, that of the plans this version can follow", plan.version);
  checkSavedSettings(plan.base);
  if (!Array.isArray(plan.stages) || plan.stages.length === 0) throw rangeError("stages", "at least one", plan.stages);
  for (const [i, stage] of plan.stages.entries()) checkStage(`stages[${i}]`, stage);
}

function checkStage(where: string, stage: TuneStage): void {
  checkKeys(where, stage, ["name", "candidates", "rungs"]);
  const { name, candidates, rungs } = stage;
  checkOneOf(`${where}.name`, name, STAGES);
  if (!Array.isArray(candidates)) throw typeError(`${where}.candidates`, "an array", candidates);
  if (!Array.isArray(rungs) || rungs.length === 0) throw typeError(`${where}.rungs`, "an array of at least one", rungs);
  for (const [i, change] of candidates.entries()) checkChange(`${where}.candidates[${i}]`, change);
  for (const [i, rung] of rungs.entries()) {
    checkKeys(`${where}.rungs[${i}]`, rung, ["count", "divisor"]);
    checkWhole(`${where}.rungs[${i}].divisor`, rung.divisor);
    checkWhole(`${where}.rungs[${i}].count`, rung.count);
  }
}

function checkChange(where: string, change: TuneChange): void {
  checkKeys(where, change, ["set", "times", "lrWithBatch"]);
  const { set = {}, times = {}, lrWithBatch = true } = change;
  checkSettings(set);
  checkKeys(`${where}.times`, times, ["lr", "epochs"]);
  for (const [name, factor] of Object.entries(times)) checkPositive(`${where}.times.${name}`, factor);
  if (lrWithBatch !== true) throw typeError(`${where}.lrWithBatch`, "true", lrWithBatch);
}
