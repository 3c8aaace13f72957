/** The files of runs: which of them can be resumed with which options, and where one can be written. */
import { open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isArgumentError } from "../check.js";
import { checkpointFile } from "../node/checkpointFile.js";
import { withDefaults } from "../tabular/defaults.js";
import { hyperparameters } from "../tabular/optimizer.js";
import { readSavedRun, type SavedRun } from "../tabular/savedRun.js";
import type { Settings } from "../tabular/settings.js";
import { readCheckpoint } from "../train/checkpoint.js";
import { asUsageError, flagOf, UsageError } from "./args.js";

/** A run and the file that it was read from. */
export interface RunFile extends SavedRun {
  file: string;
}

/**
 * Reads the file of a run.
 * @throws RangeError or Error naming the file, if there is none, if it is damaged, or if another program wrote it
 */
export async function readRunFile(file: string): Promise<RunFile> {
  const bytes = await checkpointFile(file)
    .load()
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new Error(`${file}: expected a saved run, got ${FILE_ERRORS[error.code] ?? error.code}`);
    });
  if (bytes === undefined) throw new Error(`${file}: expected a saved run, got no such file`);
  try {
    return { ...readSavedRun(bytes), file };
  } catch (error) {
    if (!isArgumentError(error)) throw error;
    throw new RangeError(`${file}: ${error.problem}`, { cause: error });
  }
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
export function resumed({ file, settings }: RunFile, given: Partial<Settings>): Settings {
  const defaults = hyperparameters(settings);
  for (const [name, value] of Object.entries(given)) {
    const before = settings[name as keyof Settings] ?? defaults[name];
    if (FREE.includes(name) || String(value) === String(before)) continue;
    throw new UsageError(`${flagOf(name)}: expected ${before ?? "none"}, as in ${file}, got ${value}`);
  }
  return completed({ ...settings, ...given });
}

/** Completes settings; refuses as wrong calls those that contradict each other. */
export function completed(given: Partial<Settings>): Settings {
  try {
    return withDefaults(given);
  } catch (error) {
    throw asUsageError(error);
  }
}

const FREE = ["epochs", "earlyStop", "saveEvery", "simd", "hidden"];

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
