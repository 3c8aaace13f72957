import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
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

/**
 * The part of a task's context that resumes it: from the state at `from`, to that at `until`. A state that is missing is no
 * fault: the trial runs from its beginning, to the same bits.
 */
export function checkpointOf(job: Job, store: CheckpointStore): NonNullable<TaskContext["checkpoint"]> {
  const from = before(job);
  return {
    load: async () => (from === undefined ? undefined : await store.load(from)),
    save: (bytes) => store.save(job.id, bytes),
  };
}

/** The id of the state that a job resumes from, which is needed no more when its own outcome is safe. */
export const before = ({ trial, from }: Job): string | undefined =>
  from === undefined ? undefined : `${trial.id}@${from}`;
