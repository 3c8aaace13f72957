/** The file of a run of `thalweg train`: a checkpoint whose extra data are the columns and the options of the run. */
import { open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { checkSchema } from "../data/checkSchema.js";
import { type Difference, difference } from "../data/difference.js";
import type { Schema } from "../data/schema.js";
import { checkpointFile } from "../node/checkpointFile.js";
import { BestEpoch } from "../train/bestEpoch.js";
import { type Checkpoint, loadCheckpoint, readCheckpoint } from "../train/checkpoint.js";
import { runOf } from "../train/runState.js";
import { flagOf, UsageError } from "./args.js";
import { hyperparameters, type Parts, type Settings, withDefaults } from "./settings.js";

/** The extra data of a run's checkpoints. */
export interface Extra {
  program: typeof PROGRAM;
  settings: Settings;
  schema: Schema;
  /** Number of rows trained on. */
  rows: number;
}

export const PROGRAM = "thalweg train 1";

/** A run as read from its file. */
export interface SavedRun extends Extra {
  file: string;
  checkpoint: Checkpoint;
  /** Steps taken, and epochs completed. */
  steps: number;
  epochs: number;
}

/**
 * Reads the file of a run.
 * @throws RangeError or Error naming the file, if there is none, if it is damaged, or if another program wrote it
 */
export async function readSavedRun(file: string): Promise<SavedRun> {
  const bytes = await checkpointFile(file)
    .load()
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new Error(`${file}: expected a saved run, got ${FILE_ERRORS[error.code] ?? error.code}`);
    });
  if (bytes === undefined) throw new Error(`${file}: expected a saved run, got no such file`);
  const checkpoint = readCheckpoint(bytes);
  const extra = checkpoint.extra as Extra | undefined;
  if (extra?.program !== PROGRAM)
    throw new RangeError(`${file}: expected a run of "thalweg train", got another program's checkpoint`);
  checkSchema(extra.schema, `${file}: schema`);
  const { stepCount } = checkpoint.state.optimizer as { stepCount: number };
  const { epoch } = runOf(checkpoint)!.batches;
  return { ...extra, file, checkpoint, steps: stepCount, epochs: epoch };
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  EISDIR: "a directory",
  ENOENT: "no such folder",
  ENOTDIR: "a path through a file that is not a folder",
  EACCES: "a place without permission",
  EPERM: "a place without permission",
  EROFS: "a read-only file system",
};

/**
 * The settings of a resumed run: those of the file, except for the options that the command may change. Among these is
 * --hidden, because loading the tensors refuses other widths with a better message.
 * @throws UsageError if another option differs from the file
 */
export function resumed({ file, settings }: SavedRun, given: Partial<Settings>): Settings {
  const defaults = hyperparameters(settings);
  for (const [name, value] of Object.entries(given)) {
    const before = settings[name as keyof Settings] ?? defaults[name];
    if (FREE.includes(name) || String(value) === String(before)) continue;
    throw new UsageError(`${flagOf(name)}: expected ${before ?? "none"}, as in ${file}, got ${value}`);
  }
  return withDefaults({ ...settings, ...given });
}

const FREE = ["epochs", "earlyStop", "saveEvery", "simd", "hidden"];

/** Refuses data other than those that a run was trained on. */
export function checkData({ file, schema, rows }: SavedRun, now: Schema, nowRows: number): void {
  const differ = ({ what, before, after }: Difference) =>
    new RangeError(`${now.source}: expected ${what} ${before}, as in the data of ${file}, got ${after}`);
  if (rows !== nowRows) throw differ({ what: "rows to train on", before: `${rows}`, after: `${nowRows}` });
  const found = difference(schema, now);
  if (found) throw differ(found);
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

/** Prepares the model for measuring and predictions. */
export function settle({ optimizer, averages }: Pick<Parts, "optimizer" | "averages">): void {
  optimizer.eval();
  averages?.swapIn();
}

/** Refuses, before the run begins, a path that cannot be written to or a file that is not a checkpoint. */
export async function checkSavePath(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new Error(`${file}: expected a file to save to, got a directory`);
  if (file === "") throw new UsageError('--save: expected the name of a file, got ""');
  if (there !== undefined && !there.isFile())
    throw new Error(`${file}: expected a file to save to, got a pipe or a device`);
  if (there !== undefined) {
    try {
      readCheckpoint(new Uint8Array(await readFile(file)));
    } catch {
      throw new Error(`${file}: expected a new file or a checkpoint to save to, got a file that is neither`);
    }
  }
  await checkWritable(file);
}

/** Refuses a path in whose folder no file can be created. */
export async function checkWritable(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there && !there.isFile() && !there.isDirectory()) return; // a pipe or a device is written to as it is
  const probe = `${file}.${process.pid}-0.tmp`;
  try {
    await (await open(probe, "wx")).close();
    await unlink(probe);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: expected a path to write to, got ${FILE_ERRORS[code] ?? code} (${dirname(file)})`);
  }
}
