import { quoted, show } from "../check.js";
import type { HostAbortSignal } from "../host/hostTypes.js";
import { before, type CheckpointStore, checkpointOf } from "./checkpoints.js";
import type { Executor } from "./executor.js";
import type { Task } from "./task.js";
import type { Job, Outcome } from "./trial.js";

/** The most measures of a trial: each is a part of a line in the journal, and a column of the table. */
const MOST_MEASURES = 1000;
/** The longest name of a measure. */
const LONGEST_NAME = 200;
/** The longest reason that is kept, in characters: some errors quote all that they were given. */
const LONGEST_REASON = 1000;

/**
 * Runs a job of a task. What the task throws, and measures that are no finite numbers, are outcomes: the sweep goes on. The
 * reason of an aborted signal is thrown, and the fault of a store of checkpoints.
 */
export async function runJob(
  task: Task,
  job: Job,
  { signal, checkpoints }: { signal: HostAbortSignal; checkpoints: CheckpointStore | undefined },
): Promise<Outcome> {
  signal.throwIfAborted();
  const { trial, until } = job;
  const checkpoint = checkpoints && until !== undefined ? checkpointOf(job, checkpoints) : undefined;
  let outcome: Outcome;
  try {
    const measures = await task.run(trial.settings, {
      signal,
      ...(until !== undefined && { until }),
      ...(checkpoint && { checkpoint: checkpoint.context }),
    });
    outcome = checked(measures);
  } catch (error) {
    signal.throwIfAborted();
    outcome = { failed: reasonOf(error) };
  }
  await checkpoint?.end();
  signal.throwIfAborted();
  return outcome;
}

/** What a task has thrown, as text. */
export function reasonOf(error: unknown): string {
  let text = "an error that cannot be shown";
  try {
    if (typeof error === "string") text = error;
    else text = error instanceof Error ? error.message || error.name : `threw ${show(error)}`;
  } catch {
    // of an object whose properties throw
  }
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}…` : text;
}

function checked(measures: unknown): Outcome {
  if (typeof measures !== "object" || measures === null || Array.isArray(measures))
    return { failed: `expected measures, numbers by name, got ${show(measures)}` };
  const all = Object.entries(measures);
  if (all.length === 0) return { failed: "expected measures, numbers by name, got none" };
  if (all.length > MOST_MEASURES) return { failed: `expected at most ${MOST_MEASURES} measures, got ${all.length}` };
  for (const [name, value] of all) {
    if (name.length > LONGEST_NAME)
      return { failed: `expected names of measures of at most ${LONGEST_NAME} characters, got ${quoted(name)}` };
    if (typeof value !== "number") return { failed: `${name}: expected a number, got ${show(value)}` };
    if (!Number.isFinite(value)) return { failed: `${name} is ${value}` };
  }
  return { measures: Object.fromEntries(all) };
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
