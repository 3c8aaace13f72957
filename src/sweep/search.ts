import type { Job, Outcome } from "./trial.js";

/**
 * Decides which jobs a sweep has. What it decides follows from the plan and the outcomes, and not from the order in which
 * they come: so a sweep has the same jobs on one thread and on many machines.
 */
export interface Search {
  /** The next job; "wait" for one that depends on outcomes still to come; undefined when there are no more. */
  next(): Job | "wait" | undefined;
  /** Takes the outcome of a job. */
  record(job: Job, outcome: Outcome): void;
  /** The most jobs that there can be. */
  readonly most: number;
  /** The job that wins, of a search that does not rank by how far jobs went and what they measured alone. */
  best?(): { job: Job; outcome: Outcome } | undefined;
}

/** Jobs that are known from the start, one for each number below `count`. */
export function allOf(count: number, job: (number: number) => Job): Search {
  let issued = 0;
  return {
    most: count,
    next: () => (issued < count ? job(issued++) : undefined),
    record() {},
  };
}
