import { Tinypool } from "tinypool";
import { checkWhole } from "../check.js";
import type { HostAbortSignal } from "../host/hostTypes.js";
import { before, folderStore } from "./checkpoints.js";
import type { Executor } from "./executor.js";
import type { TaskPlan } from "./plan.js";
import type { Ended, WorkerStart } from "./sweepWorker.js";
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
  const pool = poolOf(start, count);
  return {
    slots: AHEAD * count,
    atOnce: count,
    async run(job: Job, signal: HostAbortSignal): Promise<Outcome> {
      let ended: Ended;
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        try {
          ended = await pool.run(job, { signal });
          break;
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          const why = error instanceof Error ? error.message : String(error);
          if (attempt === ATTEMPTS) return { failed: `ended its thread ${ATTEMPTS} times: ${why}` };
        }
      }
      if ("fault" in ended) throw new Error(ended.fault);
      return ended;
    },
    async settled(job: Job): Promise<void> {
      const from = before(job);
      if (from !== undefined) await store?.drop(from);
    },
    finished: async () => store?.clear(),
    close: () => pool.destroy(),
  };
}

const poolOf = (start: WorkerStart, count: number): Tinypool =>
  new Tinypool({
    filename: new URL("./sweepWorker.js", import.meta.url).href,
    minThreads: count,
    maxThreads: count,
    workerData: start,
  });

/**
 * Refuses a task that cannot be loaded. In a thread of its own: what a module starts or ends when it is loaded is not
 * started or ended here.
 *
 * @throws Error naming the path
 */
export async function checkTask(task: TaskPlan): Promise<void> {
  const pool = poolOf({ task, checkpoints: undefined }, 1);
  try {
    await pool.run(undefined, { name: "check" });
  } finally {
    await pool.destroy();
  }
}
