import { argumentError, printable } from "../check.js";
import { plainCopy } from "../host/realm.js";
import type { CombinedState } from "../optim/core/optimizer.js";
import type { StateDict } from "../optim/core/state.js";
import { type RunState, runOf } from "../train/runState.js";
import { defined, withDefaults } from "./defaults.js";
import { hyperparameters, rateOf } from "./optimizer.js";
import { type Change, inFile, type SavedRun } from "./savedRun.js";
import type { Settings } from "./settings.js";

/** The settings that a resumed run may have other values of; each change is recorded in the file. */
const FREE: readonly string[] = [
  "lr",
  "schedule",
  "warmup",
  "weightDecay",
  "clip",
  "epochs",
  "earlyStop",
  "saveEvery",
  "simd",
];

/** Those of them that do not change the result, and are not recorded. */
const UNRECORDED: readonly string[] = ["saveEvery", "simd"];

/** The settings that set the learning rate of each step. */
const RATE: readonly string[] = ["lr", "schedule", "warmup"];

/**
 * The run to go on with and its settings: those of the file, except for what is given. A learning rate, schedule or weight
 * decay holds from the next step on; the schedule counts from the run's first step.
 *
 * @param source what messages call the file
 * @throws RangeError or TypeError naming a setting that must be as in the file
 */
export function resumedRun(
  saved: SavedRun,
  given: Partial<Settings>,
  source = "the file",
): { saved: SavedRun; settings: Settings } {
  const { settings: before, checkpoint, steps } = saved;
  checkSettingsOf(saved);
  const defaults = hyperparameters(before);
  const changes: Change[] = [];
  for (const [setting, to] of Object.entries(defined(given))) {
    const from = before[setting as keyof Settings] ?? defaults[setting];
    if (String(to) === String(from)) continue;
    if (!FREE.includes(setting))
      throw argumentError(setting, printable(`expected ${from ?? "none"}, as in ${source}, got ${to}`));
    if (!UNRECORDED.includes(setting)) changes.push({ step: steps, setting, from, to });
  }
  const settings = withDefaults({ ...before, ...defined(given) });
  if (changes.length === 0) return { saved, settings };
  const changed = new Set(changes.map(({ setting }) => setting));
  return {
    settings,
    saved: {
      ...saved,
      settings,
      changes: [...saved.changes, ...changes],
      checkpoint: { ...checkpoint, state: changedState(checkpoint.state, settings, changed) },
    },
  };
}

/** Refuses the settings of a file that contradict each other, or name an optimizer that there is not. */
function checkSettingsOf({ settings }: SavedRun): void {
  try {
    withDefaults(settings);
  } catch (error) {
    throw inFile(error);
  }
}

type State = SavedRun["checkpoint"]["state"];

/** The state of a run with changed settings: without this the values of the file would be restored. */
function changedState(state: State, settings: Settings, changed: ReadonlySet<string>): State {
  const optimizer = plainCopy(state.optimizer) as StateDict | CombinedState;
  const parts: readonly StateDict[] =
    typeof optimizer === "object" && optimizer && "parts" in optimizer ? optimizer.parts : [optimizer];
  const groups: unknown = Array.isArray(parts) ? parts.flatMap((part) => part?.groups) : undefined;
  if (!Array.isArray(groups) || groups.some((group) => typeof group?.hyper !== "object" || group.hyper === null))
    throw argumentError("bytes", "optimizer.groups: expected groups with their hyperparameters");
  for (const { hyper } of groups as StateDict["groups"]) {
    const rate = rateOf(settings);
    if (RATE.some((name) => changed.has(name)) && rate !== undefined) hyper.lr = rate;
    if (changed.has("weightDecay")) hyper.weightDecay = settings.weightDecay;
  }
  const run = state.run as RunState;
  return { ...state, optimizer, run: { ...run, over: over(run, settings) } };
}

/** Whether early stopping has ended the run, by the patience that it has now. */
function over({ best, batches }: RunState, { earlyStop }: Settings): boolean {
  return earlyStop !== undefined && best !== undefined && batches.epoch - 1 - best.epoch >= earlyStop;
}

/** Whether a run has no more steps to take, and why. */
export function doneBy({ checkpoint, epochs }: SavedRun, settings: Settings): "epochs" | "earlyStop" | undefined {
  const run = runOf(checkpoint)!;
  if (run.over) return "earlyStop";
  return epochs >= settings.epochs && run.batches.batch === 0 ? "epochs" : undefined;
}
