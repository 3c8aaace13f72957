/** The file of a run of `thalweg train`: a checkpoint whose extra data says what the columns and the options were. */
import { open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Schema } from "../data/schema.js";
import { checkpointFile } from "../node/checkpointFile.js";
import { BestEpoch } from "../train/bestEpoch.js";
import { type Checkpoint, loadCheckpoint, readCheckpoint } from "../train/checkpoint.js";
import { runOf } from "../train/runState.js";
import { flagOf, UsageError } from "./args.js";
import { hyperparameters, type Parts, type Settings, withDefaults } from "./settings.js";

/** What a run adds to its checkpoints. */
export interface Extra {
  program: typeof PROGRAM;
  settings: Settings;
  schema: Schema;
  /** Rows trained on. */
  rows: number;
}

export const PROGRAM = "thalweg train 1";

/** A run as read from its file. */
export interface SavedRun extends Extra {
  file: string;
  checkpoint: Checkpoint;
  /** Steps taken, and epochs that are whole. */
  steps: number;
  epochs: number;
}

/**
 * Reads the file of a run.
 * @throws RangeError or Error, naming the file, when there is none, or it is damaged or another program's
 */
export async function readSavedRun(file: string): Promise<SavedRun> {
  const bytes = await checkpointFile(file)
    .load()
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new Error(`${file}: expected a run that was saved, got ${FILE_ERRORS[error.code] ?? error.code}`);
    });
  if (bytes === undefined) throw new Error(`${file}: expected a run that was saved, got no such file`);
  const checkpoint = readCheckpoint(bytes);
  const extra = checkpoint.extra as Extra | undefined;
  if (extra?.program !== PROGRAM)
    throw new RangeError(`${file}: expected a run of "thalweg train", got another program's checkpoint`);
  const { stepCount } = checkpoint.state.optimizer as { stepCount: number };
  const { epoch } = runOf(checkpoint)!.batches;
  return { ...extra, file, checkpoint, steps: stepCount, epochs: epoch };
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  EISDIR: "a directory",
  ENOENT: "no such folder",
  ENOTDIR: "a path through a file that is no folder",
  EACCES: "a place without permission",
  EPERM: "a place without permission",
  EROFS: "a read-only file system",
};

/**
 * The settings of a resumed run. Those that may change from one part of a run to the next are what the command says; a
 * network of other widths is found by the names of its tensors.
 * @throws UsageError when another option differs from the file's
 */
export function resumed({ file, settings }: SavedRun, said: Partial<Settings>): Settings {
  const defaults = hyperparameters(settings);
  for (const [name, value] of Object.entries(said)) {
    const before = settings[name as keyof Settings] ?? defaults[name];
    if (FREE.includes(name) || String(value) === String(before)) continue;
    throw new UsageError(`${flagOf(name)}: expected ${before ?? "none"}, as in ${file}, got ${value}`);
  }
  return withDefaults({ ...settings, ...said });
}

const FREE = ["epochs", "earlyStop", "saveEvery", "simd", "hidden"];

/** Refuses data other than what a run has been trained on. */
export function checkData({ file, schema, rows }: SavedRun, now: Schema, nowRows: number): void {
  const differ = (what: string, before: unknown, after: unknown) => {
    if (`${before}` === `${after}`) return;
    throw new RangeError(`${now.file}: expected ${what} ${before}, as in the data of ${file}, got ${after}`);
  };
  differ("columns", schema.names ?? schema.width, now.names ?? now.width);
  differ("target column", schema.target, now.target);
  if (rows !== nowRows)
    throw new RangeError(`${now.file}: expected ${rows} rows to train on, as in the data of ${file}, got ${nowRows}`);
  differ("classes", schema.classes, now.classes);
  // The means of all columns change with almost any number of the file.
  const of = ({ names, target }: Schema, j: number) => names?.[j < target ? j : j + 1] ?? (j < target ? j : j + 1);
  for (const [j, mean] of schema.scaling.means.entries()) {
    differ(`column ${of(schema, j)} to have the mean`, mean, now.scaling.means[j]);
    differ(`column ${of(schema, j)} to have the deviation`, 1 / schema.scaling.factors[j], 1 / now.scaling.factors[j]);
  }
  differ("the target's mean", schema.targetScaling?.means, now.targetScaling?.means);
}

/**
 * Loads a run for use: the model at its best epoch where the run stops early, at the point of evaluation, and with the
 * averages of the weights in place, as it was measured.
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

/** Moves the model to where it is measured and used. */
export function settle({ optimizer, averages }: Pick<Parts, "optimizer" | "averages">): void {
  optimizer.eval();
  averages?.swapIn();
}

/** Refuses, before anything is done, a path that cannot be written to or has what is no checkpoint. */
export async function checkSavePath(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new Error(`${file}: expected a file to save to, got a directory`);
  if (there !== undefined) {
    try {
      readCheckpoint(new Uint8Array(await readFile(file)));
    } catch {
      throw new Error(`${file}: expected a new file or a checkpoint to save to, got a file that is neither`);
    }
  }
  await checkWritable(file);
}

/** Refuses a path in whose folder no file can be made. */
export async function checkWritable(file: string): Promise<void> {
  const probe = `${file}.${process.pid}-0.tmp`;
  try {
    await (await open(probe, "wx")).close();
    await unlink(probe);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: expected a path to write to, got ${FILE_ERRORS[code] ?? code} (${dirname(file)})`);
  }
}
