/** A thread that runs jobs, one after the other. */
import { workerData } from "node:worker_threads";
import { folderStore } from "./checkpoints.js";
import { loadTask } from "./loadTask.js";
import type { TaskPlan } from "./plan.js";
import { runJob } from "./runJob.js";
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
process.exit = (code) => {
  throw new Error(`expected a task that returns, got process.exit(${code ?? ""})`);
};

export default async function run(job: Job): Promise<Outcome> {
  task ??= loadTask(plan);
  return await runJob(await task, job, { signal, checkpoints });
}
