/** A thread that runs jobs, one after the other. */
import { AsyncLocalStorage } from "node:async_hooks";
import { workerData } from "node:worker_threads";
import { CheckpointError, folderStore } from "./checkpoints.js";
import { loadTask } from "./loadTask.js";
import type { TaskPlan } from "./plan.js";
import { reasonOf, runJob } from "./runJob.js";
import type { Task } from "./task.js";
import type { Job, Outcome } from "./trial.js";

/** What a thread is started with. */
export interface WorkerStart {
  task: TaskPlan;
  /** The folder of checkpoints, for halving. */
  checkpoints: string | undefined;
}

const [, { task: plan, checkpoints: folder }] = workerData as [unknown, WorkerStart]; // the pool's own data come first
const checkpoints = folder === undefined ? undefined : folderStore(folder);
const { signal } = new AbortController(); // a job is given up by ending the thread
let task: Promise<Task> | undefined;

// The pool waits for ever for a job whose thread has ended itself.
const exit = (code?: unknown): never => {
  throw new Error(`expected a task that returns, got process.exit(${code ?? ""})`);
};
Object.assign(process, { exit, reallyExit: exit });

// What tasks print must not come between the results: `--json` writes these to stdout.
Object.defineProperty(process, "stdout", { get: () => process.stderr });

/** Fails the trial that the code which runs belongs to. */
const current = new AsyncLocalStorage<(error: unknown) => void>();
let latest: ((error: unknown) => void) | undefined;

/**
 * What nobody catches, in a callback or a promise, fails the trial that it comes from, and no other: the same trials fail
 * whichever of them a thread has had before. After the trial's end it changes nothing.
 */
const stray = (error: unknown) => (current.getStore() ?? latest)?.(error);
process.on("uncaughtException", stray);
process.on("unhandledRejection", stray);

/** What comes back from a thread: an outcome, or why it cannot be told. */
export type Ended = Outcome | { fault: string };

export default async function run(job: Job): Promise<Ended> {
  task ??= loadTask(plan);
  const loaded = await task;
  return await new Promise<Ended>((resolve, reject) => {
    latest = (error) => resolve({ failed: reasonOf(error) });
    const outcome = current.run(latest, () => runJob(loaded, job, { signal, checkpoints }));
    outcome.then(resolve, (error) => {
      if (error instanceof CheckpointError) resolve({ fault: error.message });
      else reject(error);
    });
  });
}

/** Loads the task, so that what is wrong with it is known before the first job. */
export async function check(): Promise<void> {
  task ??= loadTask(plan);
  await task;
}
