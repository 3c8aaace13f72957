/** The file of a run on a table (docs/model-file.md): a checkpoint whose extra data are the run's columns and settings. */
import { argumentError, checkKeys, checkWhole, isArgumentError, show } from "../check.js";
import { checkSchema } from "../data/checkSchema.js";
import type { Schema } from "../data/schema.js";
import { type Checkpoint, readCheckpoint } from "../train/checkpoint.js";
import { runOf } from "../train/runState.js";
import { checkSavedSettings } from "./checkSettings.js";
import { checkTensors } from "./network.js";
import type { Settings } from "./settings.js";

/** A setting that a run was resumed with another value of: `from` or `to` is missing for one that was not set. */
export interface Change {
  /** The step after which the run goes on with the new value. */
  step: number;
  setting: string;
  from?: unknown;
  to?: unknown;
}

/** The extra data of a run's checkpoints. */
export interface Extra {
  program: typeof PROGRAM;
  settings: Settings;
  schema: Schema;
  /** Number of rows trained on. */
  rows: number;
  /** The settings that were changed when the run was resumed, in order. */
  changes: Change[];
}

/** The kind of file and the version of what this program writes into it. */
export const PROGRAM = "thalweg train 2";

/** A run as read from the bytes of its file. */
export interface SavedRun extends Extra {
  checkpoint: Checkpoint;
  /** Steps taken, and epochs completed. */
  steps: number;
  epochs: number;
}

/**
 * Reads the bytes of a saved run, and checks all that it says of its network against the tensors in it, before anything is
 * made from it.
 *
 * @throws RangeError or TypeError for bytes that are damaged, not those of a run, or of another version
 */
export function readSavedRun(bytes: Uint8Array | ArrayBuffer): SavedRun {
  const checkpoint = readCheckpoint(bytes);
  const extra = checkedExtra(checkpoint.extra);
  try {
    checkTensors("bytes", extra.settings, extra.schema, checkpoint.tensors);
    const { epoch } = runOf(checkpoint)?.batches ?? {};
    checkWhole("epoch", epoch, 0);
    const { stepCount } = (checkpoint.state.optimizer ?? {}) as { stepCount?: number };
    checkWhole("stepCount", stepCount, 0);
    return { ...extra, checkpoint, steps: stepCount!, epochs: epoch! };
  } catch (error) {
    throw inFile(error);
  }
}

function checkedExtra(extra: unknown): Extra {
  const { program } = (extra ?? {}) as { program?: unknown };
  if (program !== PROGRAM) throw argumentError("bytes", `expected ${THIS}, got ${described(program)}`);
  try {
    checkKeys("run", extra, ["program", "settings", "schema", "rows", "changes"]);
    const { settings, schema, rows, changes = [] } = extra as Partial<Extra>;
    checkSavedSettings(settings);
    checkWhole("rows", rows);
    if (!Array.isArray(changes)) throw argumentError("changes", "expected an array", TypeError);
    return { program: PROGRAM, settings, schema: checkSchema(schema), rows: rows!, changes };
  } catch (error) {
    throw inFile(error);
  }
}

const THIS = `a run of "thalweg train" that this version can read ("${PROGRAM}")`;

function described(program: unknown): string {
  if (typeof program !== "string" || !/^thalweg train \d+$/.test(program)) return "another program's checkpoint";
  const older = Number(program.slice(14)) < Number(PROGRAM.slice(14));
  return `${show(program)}, ${older ? "of an earlier version; train it again" : "of a later version"}`;
}

/** An error about a part of a file as one about its bytes. */
export const inFile = (error: unknown): unknown =>
  !isArgumentError(error) || error.argument === "bytes"
    ? error
    : argumentError("bytes", `${error.argument}: ${error.problem}`, error.constructor as ErrorConstructor);
