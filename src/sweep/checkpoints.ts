import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { typeError } from "../check.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import type { TaskContext } from "./task.js";
import type { Job } from "./trial.js";

/** Where trials leave their states between the rungs of halving. */
export interface CheckpointStore {
  load(id: string): Promise<Uint8Array | undefined>;
  save(id: string, bytes: Uint8Array): Promise<void>;
  drop(id: string): Promise<void>;
  /** Drops all of them. */
  clear(): Promise<void>;
}

/** A folder with a file for each. */
export function folderStore(folder: string): CheckpointStore {
  const path = (id: string) => join(folder, `${id.replace("@", "-")}.bin`);
  return {
    async load(id) {
      try {
        return new Uint8Array(await readFile(path(id)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(id, bytes) {
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(path(id), bytes);
    },
    drop: (id) => rm(path(id), { force: true }),
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A store that cannot be read or written, for want of disk space say: no fault of the trial, whose outcome it must not be. */
export class CheckpointError extends Error {}

/** The part of a task's context that resumes it, and its end. */
export interface TrialCheckpoint {
  context: NonNullable<TaskContext["checkpoint"]>;
  /**
   * Waits for saves that the task has not waited for; those that come later are refused, since the next rung may have begun.
   *
   * @throws CheckpointError if one of the calls failed by the store, whatever the task has made of it
   */
  end(): Promise<void>;
}

/**
 * From the state at `from`, to that at `until`. A state that is missing is no fault: the trial runs from its beginning, to the
 * same bits.
 */
export function checkpointOf(job: Job, store: CheckpointStore): TrialCheckpoint {
  const from = before(job);
  const saves: Promise<void>[] = [];
  let fault: CheckpointError | undefined;
  let ended = false;
  const noted = (error: unknown): never => {
    fault ??= new CheckpointError(`checkpoint: ${(error as Error).message}`, { cause: error });
    throw fault;
  };
  return {
    context: {
      load: async () => (from === undefined ? undefined : await store.load(from).catch(noted)),
      save: async (bytes) => {
        if (!(bytes instanceof Uint8Array)) throw typeError("checkpoint.save", "a Uint8Array", bytes);
        if (ended) throw new Error("checkpoint.save: expected a call before the trial ends, got one after it");
        const save = store.save(job.id, bytes).catch(noted);
        saves.push(save);
        await save;
      },
    },
    async end() {
      ended = true;
      await Promise.allSettled(saves);
      if (fault) throw fault;
    },
  };
}

/** The id of the state that a job resumes from, which is needed no more when its own outcome is safe. */
export const before = ({ trial, from }: Job): string | undefined =>
  from === undefined ? undefined : `${trial.id}@${from}`;
