/** The files of runs: which of them can be resumed with which options, and where one can be written. */
import { open, readFile, realpath, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isArgumentError } from "../check.js";
import { withDefaults } from "../tabular/defaults.js";
import { type LoadModelOptions, loadModel } from "../tabular/loadModel.js";
import { readSavedRun, type SavedRun } from "../tabular/savedRun.js";
import type { Settings } from "../tabular/settings.js";
import type { TableModel } from "../tabular/tableModel.js";
import { readCheckpoint } from "../train/checkpoint.js";
import { asUsageError, UsageError } from "./args.js";

/** A run and the file that it was read from. */
export interface RunFile extends SavedRun {
  file: string;
}

/**
 * Reads the file of a run.
 * @throws RangeError or Error naming the file, if there is none, if it is damaged, or if another program wrote it
 */
export async function readRunFile(file: string): Promise<RunFile> {
  const bytes = await readModelFile(file);
  return inFile(file, async () => ({ ...readSavedRun(bytes), file }));
}

/** Reads the bytes of a saved run or model. */
export async function readModelFile(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const found = await stat(file);
    // Checked before it is opened: a pipe would wait for a writer, and a device may never end.
    if (!found.isFile() && !found.isDirectory())
      throw new Error(`${file}: expected a saved run, got a pipe or a device`);
    return new Uint8Array(await readFile(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const got = READ_ERRORS[code] ?? FILE_ERRORS[code] ?? code;
    throw new Error(`${file}: expected a saved run, got ${got}`);
  }
}

/** Loads a model from its file. */
export async function loadModelFile(file: string, options: LoadModelOptions = {}): Promise<TableModel> {
  const bytes = await readModelFile(file);
  return inFile(file, () => loadModel(bytes, options));
}

/** Runs a function of the library whose errors about bytes are errors about a file. */
async function inFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isArgumentError(error)) throw error;
    throw new RangeError(`${file}: ${error.problem}`, { cause: error });
  }
}

/** What is wrong with a file that cannot be read, where that is something else than for one that cannot be written. */
const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "a file that may not be read (permission denied)",
  EPERM: "a file that may not be read (permission denied)",
};

const FILE_ERRORS: Readonly<Record<string, string>> = {
  EISDIR: "a directory",
  ENOENT: "no such folder",
  ENOTDIR: "a path through a file that is not a folder",
  EACCES: "a place without permission",
  EPERM: "a place without permission",
  EROFS: "a read-only file system",
};

/** Completes settings; refuses as wrong calls those that contradict each other. */
export const completed = (given: Partial<Settings>, rows?: number): Settings => asCall(() => withDefaults(given, rows));

/** Runs a function of the library whose errors about its settings are errors about options of the call. */
export function asCall<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asUsageError(error);
  }
}

/** Refuses, before the run begins, a path that cannot be written to or a file that is not a checkpoint. */
export async function checkSavePath(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new Error(`${file}: expected a file to save to, got a directory`);
  if (file === "") throw new UsageError('--save: expected the name of a file, got ""');
  if (there !== undefined && !there.isFile())
    throw new Error(`${file}: expected a file to save to, got a pipe or a device`);
  if (there !== undefined) {
    const expected = `${file}: expected a new file or a checkpoint to save to`;
    const bytes = await readFile(file).catch(({ code }: NodeJS.ErrnoException) => {
      throw new Error(
        `${expected}, got ${READ_ERRORS[code!] ?? FILE_ERRORS[code!] ?? `the error ${code} when reading it`}`,
      );
    });
    try {
      readCheckpoint(new Uint8Array(bytes));
    } catch {
      throw new Error(`${expected}, got a file that is neither`);
    }
  }
  await checkWritable(file);
}

/** Refuses a path in whose folder no file can be created. */
export async function checkWritable(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new Error(`${file}: expected a path to write to, got a directory`);
  if (there && !there.isFile()) return; // a pipe or a device is written to as it is
  // Beside the target of a link, where the file will be written.
  const probe = `${await realpath(file).catch(() => file)}.${process.pid}-0.tmp`;
  try {
    await (await open(probe, "wx")).close();
    await unlink(probe);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: expected a path to write to, got ${FILE_ERRORS[code] ?? code} (${dirname(file)})`);
  }
}
