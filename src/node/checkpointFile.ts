import { readdir, readFile, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isArgumentError } from "../check.js";
import type { Bytes } from "../host/hostTypes.js";
import { readCheckpoint } from "../train/checkpoint.js";
import { writeFileAtomic } from "./atomicWrite.js";
import { alive } from "./lock.js";

/** A file that a run saves its checkpoints to and resumes from. */
export interface CheckpointFile {
  /** Replaces the last checkpoint by a new one. */
  save(bytes: Uint8Array): Promise<void>;
  /** Reads and checks the bytes of the last checkpoint; undefined if there is no file. */
  load(): Promise<Bytes | undefined>;
}

/**
 * Keeps the checkpoints of a run in a file. Whatever happens during a save, power cuts included, the file is a complete
 * checkpoint: the last one or the new one.
 *
 * @throws RangeError from `load`, naming the path, for a file that is damaged or not a checkpoint
 * @example
 * const file = checkpointFile("run.safetensors");
 * await train(model, data, {
 *   optimizer, loss: mse, epochs: 50, batchSize: 32, checkpoint: { save: file.save }, resume: await file.load(),
 * });
 */
export function checkpointFile(path: string): CheckpointFile {
  let cleared = false;
  return {
    async save(bytes) {
      await writeFileAtomic(path, bytes);
      if (!cleared) await clear(path);
      cleared = true;
    },
    async load() {
      let bytes: Bytes;
      try {
        // Checked before it is opened: a pipe would wait for a writer, and a device may never end.
        const found = await stat(path);
        if (!found.isFile() && !found.isDirectory())
          throw new RangeError(`${path}: expected a checkpoint, got a pipe or a device`);
        bytes = new Uint8Array(await readFile(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
      try {
        readCheckpoint(bytes);
      } catch (error) {
        if (!isArgumentError(error)) throw error;
        throw new RangeError(`${path}: ${error.problem}`, { cause: error });
      }
      return bytes;
    },
  };
}

/**
 * A minute: by then a process of another machine on a shared disk, which looks dead from here, has renamed its file.
 */
const STALE = 60_000;

/** Removes the temporary files that killed processes have left beside a file. */
async function clear(path: string): Promise<void> {
  const name = basename(path);
  for (const other of await readdir(dirname(path))) {
    const pid = other.startsWith(`${name}.`) && /^(\d+)-\d+\.tmp$/.exec(other.slice(name.length + 1))?.[1];
    if (!pid || alive(Number(pid))) continue;
    const leftover = join(dirname(path), other);
    const age = await stat(leftover).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0, // removed by another at this moment
    );
    if (age > STALE) await unlink(leftover).catch(() => {});
  }
}
