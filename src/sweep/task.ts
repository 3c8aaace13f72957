import type { HostAbortSignal } from "../host/hostTypes.js";

/** What a task may use besides a trial's settings. */
export interface TaskContext {
  /** Aborted when the sweep ends early. */
  signal: HostAbortSignal;
  /** In halving: how far to go this time, in the resource of the plan. */
  until?: number;
  /** The trial's state where it ended the last time, to be resumed from, and where to leave it. */
  checkpoint?: {
    load(): Promise<Uint8Array | undefined>;
    save(bytes: Uint8Array): Promise<void>;
  };
}

/** Numbers by name: what is measured of a trial. */
export type Measures = Readonly<Record<string, number>>;

/**
 * What a trial does. The same settings have to give the same measures: trials are run again after a crash, and results of
 * earlier starts are kept.
 */
export interface Task {
  run(settings: Readonly<Record<string, unknown>>, context: TaskContext): Promise<Measures> | Measures;
}
