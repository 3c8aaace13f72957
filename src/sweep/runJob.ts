import type { HostAbortSignal } from "../host/hostTypes.js";
import { before, type CheckpointStore, checkpointOf } from "./checkpoints.js";
import type { Executor } from "./executor.js";
import type { Measures, Task } from "./task.js";
import type { Job, Outcome } from "./trial.js";

/**
 * Runs a job of a task. What the task throws, and measures that are no finite numbers, are outcomes: the sweep goes on. The
 * reason of an aborted signal is thrown.
 */
export async function runJob(
  task: Task,
  job: Job,
  { signal, checkpoints }: { signal: HostAbortSignal; checkpoints: CheckpointStore | undefined },
): Promise<Outcome> {
  signal.throwIfAborted();
  const { trial, until } = job;
  let measures: Measures;
  try {
    measures = await task.run(trial.settings, {
      signal,
      ...(until !== undefined && { until }),
      ...(checkpoints && until !== undefined && { checkpoint: checkpointOf(job, checkpoints) }),
    });
  } catch (error) {
    signal.throwIfAborted();
    return { failed: error instanceof Error ? error.message : String(error) };
  }
  signal.throwIfAborted();
  return checked(measures);
}

function checked(measures: unknown): Outcome {
  if (typeof measures !== "object" || measures === null)
    return { failed: `expected measures, numbers by name, got ${measures}` };
  for (const [name, value] of Object.entries(measures)) {
    if (typeof value !== "number") return { failed: `${name}: expected a number, got ${value}` };
    if (!Number.isFinite(value)) return { failed: `${name} is ${value}` };
  }
  return { measures: { ...measures } };
}

/** Runs jobs one after the other in this thread. */
export const inThisThread = (task: Task, checkpoints?: CheckpointStore): Executor => ({
  slots: 1,
  run: (job, signal) => runJob(task, job, { signal, checkpoints }),
  async settled(job) {
    const from = before(job);
    if (from !== undefined) await checkpoints?.drop(from);
  },
  finished: async () => checkpoints?.clear(),
  close: async () => {},
});
