/** The file of a run on a table: a checkpoint whose extra data are the columns and the settings of the run. */
import { argumentError } from "../check.js";
import type { Schema } from "../data/schema.js";
import { BestEpoch } from "../train/bestEpoch.js";
import { type Checkpoint, loadCheckpoint, readCheckpoint } from "../train/checkpoint.js";
import { runOf } from "../train/runState.js";
import { type Parts, settle } from "./parts.js";
import type { Settings } from "./settings.js";

/** The extra data of a run's checkpoints. */
export interface Extra {
  program: typeof PROGRAM;
  settings: Settings;
  schema: Schema;
  /** Number of rows trained on. */
  rows: number;
}

export const PROGRAM = "thalweg train 1";

/** A run as read from the bytes of its file. */
export interface SavedRun extends Extra {
  checkpoint: Checkpoint;
  /** Steps taken, and epochs completed. */
  steps: number;
  epochs: number;
}

/**
 * Reads the bytes of a saved run.
 *
 * @throws RangeError for bytes that are damaged or not those of a run
 */
export function readSavedRun(bytes: Uint8Array | ArrayBuffer): SavedRun {
  const checkpoint = readCheckpoint(bytes);
  const extra = checkpoint.extra as Extra | undefined;
  if (extra?.program !== PROGRAM)
    throw argumentError("bytes", `expected a run of "thalweg train", got another program's checkpoint`);
  const { stepCount } = checkpoint.state.optimizer as { stepCount: number };
  const { epoch } = runOf(checkpoint)!.batches;
  return { ...extra, checkpoint, steps: stepCount, epochs: epoch };
}

/** Refuses data other than those that a run was trained on; `file` is the run's. */
export function checkData({ schema, rows }: SavedRun, file: string, now: Schema, nowRows: number): void {
  const differ = (what: string, before: unknown, after: unknown) => {
    if (`${before}` === `${after}`) return;
    throw new RangeError(`${now.file}: expected ${what} ${before}, as in the data of ${file}, got ${after}`);
  };
  differ("columns", schema.names ?? schema.width, now.names ?? now.width);
  differ("target column", schema.target, now.target);
  if (rows !== nowRows)
    throw new RangeError(`${now.file}: expected ${rows} rows to train on, as in the data of ${file}, got ${nowRows}`);
  differ("classes", schema.classes, now.classes);
  // The means and deviations of the columns reveal almost any change of a number in the file.
  const of = ({ names, target }: Schema, j: number) => names?.[j < target ? j : j + 1] ?? (j < target ? j : j + 1);
  for (const [j, mean] of schema.scaling.means.entries()) {
    differ(`column ${of(schema, j)} to have the mean`, mean, now.scaling.means[j]);
    differ(`column ${of(schema, j)} to have the deviation`, 1 / schema.scaling.factors[j], 1 / now.scaling.factors[j]);
  }
  differ("the target's mean", schema.targetScaling?.means, now.targetScaling?.means);
}

/**
 * Loads a run for predictions: the model as it was measured, of the best epoch if the run stops early, with the
 * optimizer in evaluation mode and the averages of the weights swapped in.
 */
export function loadForUse({ checkpoint, settings }: SavedRun, { model, optimizer, averages }: Parts): void {
  loadCheckpoint(checkpoint, { model, optimizer, stateful: averages ? { averages } : {} });
  if (settings.earlyStop !== undefined) {
    const best = new BestEpoch({ patience: settings.earlyStop }, model, optimizer, averages);
    best.load(runOf(checkpoint)!.best);
    best.restore();
  }
  settle({ optimizer, averages });
}
