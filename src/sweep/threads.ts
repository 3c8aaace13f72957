import { Tinypool } from "tinypool";
import { checkWhole } from "../check.js";
import type { HostAbortSignal } from "../host/hostTypes.js";
import { before, folderStore } from "./checkpoints.js";
import type { Executor } from "./executor.js";
import type { WorkerStart } from "./sweepWorker.js";
import type { Job, Outcome } from "./trial.js";

/** How often a job is tried whose thread ends under it. */
const ATTEMPTS = 3;

/** Jobs for each thread: it has the next one while the journal brings the result of the last to the disk. */
const AHEAD = 2;

/**
 * Runs jobs on worker threads, one engine each. A job whose thread ends, for want of memory say, is tried again, three
 * times in all; then it has failed.
 */
export function threads(start: WorkerStart, count: number): Executor {
  checkWhole("threads", count);
  const store = start.checkpoints === undefined ? undefined : folderStore(start.checkpoints);
  const pool = new Tinypool({
    filename: new URL("./sweepWorker.js", import.meta.url).href,
    minThreads: count,
    maxThreads: count,
    workerData: start,
  });
  return {
    slots: AHEAD * count,
    atOnce: count,
    async run(job: Job, signal: HostAbortSignal): Promise<Outcome> {
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        try {
          return (await pool.run(job, { signal })) as Outcome;
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          const why = error instanceof Error ? error.message : String(error);
          if (attempt === ATTEMPTS) return { failed: `ended its thread ${ATTEMPTS} times: ${why}` };
        }
      }
    },
    async settled(job: Job): Promise<void> {
      const from = before(job);
      if (from !== undefined) await store?.drop(from);
    },
    finished: async () => store?.clear(),
    close: () => pool.destroy(),
  };
}
