import type { HostAbortSignal } from "../host/hostTypes.js";
import type { Job, Outcome } from "./trial.js";

/** Runs jobs: in this thread, on worker threads, or on other machines. */
export interface Executor {
  /** Jobs to be given to it at a time. */
  readonly slots: number;
  /** How many of these run at a time, if not all: the others are at hand for when one has ended. */
  readonly atOnce?: number;
  /**
   * Runs a job. A job that fails by its settings resolves to that; what rejects ends the sweep. When the signal is aborted,
   * the job is given up.
   */
  run(job: Job, signal: HostAbortSignal): Promise<Outcome>;
  /**
   * Called when the outcome of a job is safe in the journal, or needs no journal: what it resumed from is needed no more.
   * Called again for jobs of an earlier start, which may have been killed before.
   */
  settled?(job: Job, signal: HostAbortSignal): Promise<void>;
  /** Called when all jobs of the sweep are settled: no checkpoint is needed any more. */
  finished?(): Promise<void>;
  close(): Promise<void>;
}
