import { checkKeys } from "../check.js";
import type { Executor } from "./executor.js";
import { Journal } from "./journal.js";
import { checkPlan, planHash, type SweepPlan, searchOf, type TaskIdentity, valueIn } from "./plan.js";
import type { Job, Outcome, TrialSettings } from "./trial.js";

/** A job and what has come of it. */
export interface SweepRow {
  /** The trial's id and number. */
  id: string;
  trial: number;
  settings: TrialSettings;
  /** How far it went, in halving. */
  until?: number;
  measures?: Readonly<Record<string, number>>;
  /** Why there are no measures. */
  failed?: string;
}

/** What has come of a sweep, as plain JSON data: the same for the same plan, whoever ran it. */
export interface SweepResults {
  version: 1;
  plan: SweepPlan;
  /** In the order in which the jobs were decided on. */
  rows: SweepRow[];
  /** The row that won; of halving, among those that went furthest. */
  best: SweepRow | undefined;
  /** Whether all of the plan was done. */
  complete: boolean;
}

/** How a sweep stands. */
export interface SweepProgress {
  done: number;
  running: number;
  /** The most jobs that there can be. */
  most: number;
  /** Those that a journal had. */
  resumed: number;
  failed: number;
  best: SweepRow | undefined;
}

/** Options of {@link sweep}. */
export interface SweepOptions {
  executor: Executor;
  /** The hash of what the task reads. */
  content: string;
  /** The path of a journal to go on from and to add to. Default: none. */
  journal?: string | undefined;
  /** Ends the sweep; what was measured until then is returned. */
  signal?: AbortSignal | undefined;
  /** Called when a job begins or ends. */
  onProgress?: (progress: SweepProgress) => void;
}

/**
 * Follows a plan: runs its trials, as many at a time as the executor takes. The same plan, with the same data, gives the same
 * rows, whatever runs them and in whichever order they end.
 *
 * @throws RangeError or TypeError for a plan that contradicts itself; Error for the journal of another plan; rejects with
 *   what the executor rejects with, with everything that was measured in the journal
 * @example
 * const plan = { version: 1, task: { module: "./task.mjs" }, space: { lr: { from: 1e-4, to: 1, scale: "log", steps: 9 } },
 *   search: { kind: "grid" } };
 * const { best } = await sweep(plan, { executor: inThisThread(task), content: "1", journal: "sweep.jsonl" });
 */
export async function sweep(plan: SweepPlan, options: SweepOptions): Promise<SweepResults> {
  checkKeys("sweep", options, ["executor", "content", "journal", "signal", "onProgress"]);
  checkPlan(plan);
  const identity: TaskIdentity = { task: plan.task, content: options.content };
  if (options.journal === undefined) return await new Sweep(plan, identity, options, undefined, new Map()).run();
  const { journal, entries } = await Journal.open(options.journal, planHash(plan, identity));
  const known = new Map<string, Outcome>();
  // Of two lines of one job, which a coordinator may write that was taken for dead, the first counts: they are equal.
  for (const { job, outcome } of entries) if (!known.has(job)) known.set(job, outcome);
  try {
    return await new Sweep(plan, identity, options, journal, known).run();
  } finally {
    await journal.close();
  }
}

class Sweep {
  readonly #plan: SweepPlan;
  readonly #identity: TaskIdentity;
  readonly #options: SweepOptions;
  readonly #journal: Journal | undefined;
  readonly #known: Map<string, Outcome>;
  readonly #rows: SweepRow[] = [];
  readonly #progress: SweepProgress;
  readonly #valueOf: ReturnType<typeof valueIn>;
  readonly #running = new Set<Promise<void>>();
  /** Ends the jobs that run when one of them, or the journal, fails. */
  readonly #stop = new AbortController();

  constructor(
    plan: SweepPlan,
    identity: TaskIdentity,
    options: SweepOptions,
    journal: Journal | undefined,
    known: Map<string, Outcome>,
  ) {
    this.#plan = plan;
    this.#identity = identity;
    this.#options = options;
    this.#journal = journal;
    this.#known = known;
    this.#valueOf = valueIn(plan);
    this.#progress = { done: 0, running: 0, most: 0, resumed: 0, failed: 0, best: undefined };
  }

  async run(): Promise<SweepResults> {
    const { executor, signal } = this.#options;
    const search = searchOf(this.#plan, this.#identity);
    this.#progress.most = search.most;
    const abort = () => this.#stop.abort(signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    let failure: { error: unknown } | undefined;
    let complete = false;
    try {
      while (!this.#stop.signal.aborted) {
        const job = this.#running.size < executor.slots ? search.next() : "wait";
        if (job === undefined && this.#running.size === 0) {
          complete = true;
          break;
        }
        if (job === undefined || job === "wait") {
          await Promise.race(this.#running);
          continue;
        }
        const row = this.#rowOf(job);
        this.#rows.push(row);
        const record = (outcome: Outcome) => {
          Object.assign(row, outcome);
          search.record(job, outcome);
          this.#ended(row, outcome);
        };
        const known = this.#known.get(job.id);
        if (known !== undefined) {
          this.#progress.resumed++;
          record(known);
          await executor.settled?.(job); // a coordinator that was killed may have left it
          continue;
        }
        const running: Promise<void> = this.#run(job, record)
          .catch((error) => {
            failure ??= { error };
            this.#stop.abort(error);
          })
          .finally(() => {
            this.#running.delete(running);
          });
        this.#running.add(running);
        this.#report();
      }
      await Promise.all(this.#running);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    if (failure && !signal?.aborted) throw failure.error;
    const rows = this.#rows.filter((row) => row.measures !== undefined || row.failed !== undefined);
    return { version: 1, plan: this.#plan, rows, best: this.#progress.best, complete };
  }

  async #run(job: Job, record: (outcome: Outcome) => void): Promise<void> {
    const outcome = await this.#options.executor.run(job, this.#stop.signal);
    await this.#journal?.append({ job: job.id, outcome });
    await this.#options.executor.settled?.(job);
    record(outcome);
  }

  #rowOf({ trial, until }: Job): SweepRow {
    const { id, number, settings } = trial;
    return { id, trial: number, settings, ...(until !== undefined && { until }) };
  }

  #ended(row: SweepRow, outcome: Outcome): void {
    const progress = this.#progress;
    progress.done++;
    if ("failed" in outcome) progress.failed++;
    if (this.#better(row, progress.best)) progress.best = row;
    this.#report();
  }

  /** Whether a row wins over another: by how far it went, by its measure, then the one that was decided on first. */
  #better(row: SweepRow, best: SweepRow | undefined): boolean {
    const value = this.#value(row);
    if (value === undefined) return false;
    if (best === undefined) return true;
    const ahead = (row.until ?? 0) - (best.until ?? 0);
    const closer = this.#value(best)! - value;
    return ahead > 0 || (ahead === 0 && (closer > 0 || (closer === 0 && row.trial < best.trial)));
  }

  #value({ measures }: SweepRow): number | undefined {
    return measures && this.#valueOf({ measures });
  }

  #report(): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    this.#progress.running = this.#running.size;
    onProgress({ ...this.#progress });
  }
}
