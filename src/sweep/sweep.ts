import { setMaxListeners } from "node:events";
import { checkKeys } from "../check.js";
import type { HostAbortSignal } from "../host/hostTypes.js";
import type { Executor } from "./executor.js";
import { Journal } from "./journal.js";
import { checkPlan, planHash, type SweepPlan, searchOf, type TaskIdentity, valueIn } from "./plan.js";
import type { Search } from "./search.js";
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
  /** In the order in which the jobs were decided on; none with `onRow`. */
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
  signal?: HostAbortSignal | undefined;
  /**
   * Called with each row, in the order of the results, which then have no rows: with a million of them memory stays as it is.
   */
  onRow?: ((row: SweepRow) => void) | undefined;
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
  checkKeys("sweep", options, ["executor", "content", "journal", "signal", "onRow", "onProgress"]);
  checkPlan(plan);
  const identity: TaskIdentity = { task: plan.task, content: options.content };
  if (options.journal === undefined) return await new Sweep(plan, identity, options, undefined, new Map()).run();
  const { journal, known } = await Journal.open(options.journal, planHash(plan, identity));
  try {
    return await new Sweep(plan, identity, options, journal, known).run();
  } finally {
    await journal.close();
  }
}

/** Jobs of earlier starts that are settled at a time. */
const SETTLED_AT_ONCE = 64;

class Sweep {
  readonly #plan: SweepPlan;
  readonly #identity: TaskIdentity;
  readonly #options: SweepOptions;
  readonly #journal: Journal | undefined;
  /** Of earlier starts; what has been taken from it is removed. */
  readonly #known: Map<string, Outcome>;
  readonly #rows: SweepRow[] = [];
  readonly #queue: RowQueue;
  readonly #progress: SweepProgress;
  #search: Search | undefined;
  readonly #valueOf: ReturnType<typeof valueIn>;
  readonly #running = new Set<Promise<void>>();
  readonly #settling = new Set<Promise<void>>();
  /** Resolves the wait for the end of a job. */
  #wake: () => void = () => {};
  #failure: { error: unknown } | undefined;
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
    this.#queue = new RowQueue(options.onRow ?? ((row) => this.#rows.push(row)));
    this.#progress = { done: 0, running: 0, most: 0, resumed: 0, failed: 0, best: undefined };
  }

  async run(): Promise<SweepResults> {
    setMaxListeners(0, this.#stop.signal); // each job that runs listens to it
    const { executor, signal } = this.#options;
    const search = searchOf(this.#plan, this.#identity);
    this.#search = search;
    this.#progress.most = search.most;
    const abort = () => this.#stop.abort(signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    let complete = false;
    try {
      complete = await this.#follow(search);
      await Promise.all([...this.#running, ...this.#settling]);
      if (complete && !this.#failure) await executor.finished?.();
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    if (this.#failure && !signal?.aborted) throw this.#failure.error;
    this.#queue.flush();
    this.#choose(); // of the jobs that came last, too
    return { version: 1, plan: this.#plan, rows: this.#rows, best: this.#progress.best, complete };
  }

  /** Runs all jobs that there are; false when it was aborted before. */
  async #follow(search: Search): Promise<boolean> {
    const { executor } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const job = this.#running.size < executor.slots ? search.next() : "wait";
      if (job === undefined && this.#running.size === 0) return true;
      if (job === undefined || job === "wait") {
        // Not a race of those that run: each race would leave something at a trial that runs for long.
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const row = this.#rowOf(job);
      this.#queue.push(row);
      const record = (outcome: Outcome) => {
        Object.assign(row, outcome);
        search.record(job, outcome);
        this.#ended(row, outcome);
      };
      const known = this.#known.get(job.id);
      if (known === undefined) this.#start(this.#run(job, record));
      else {
        this.#known.delete(job.id);
        this.#progress.resumed++;
        record(known);
        if (executor.settled) await this.#settleAgain(job);
      }
    }
    return false;
  }

  #start(work: Promise<void>): void {
    const running: Promise<void> = work
      .catch((error) => {
        this.#failure ??= { error };
        this.#stop.abort(error);
      })
      .finally(() => {
        this.#running.delete(running);
        this.#wake();
      });
    this.#running.add(running);
    this.#report();
  }

  async #run(job: Job, record: (outcome: Outcome) => void): Promise<void> {
    const { executor } = this.#options;
    const outcome = await executor.run(job, this.#stop.signal);
    await this.#journal?.append({ job: job.id, outcome });
    await executor.settled?.(job, this.#stop.signal);
    record(outcome);
  }

  /** Settles a job of an earlier start, which may have been killed before it did; many at a time, as each is a round trip. */
  async #settleAgain(job: Job): Promise<void> {
    const settling: Promise<void> = this.#options.executor.settled!(job, this.#stop.signal)
      .catch((error) => {
        this.#failure ??= { error };
        this.#stop.abort(error);
      })
      .finally(() => this.#settling.delete(settling));
    this.#settling.add(settling);
    if (this.#settling.size >= SETTLED_AT_ONCE) await Promise.all(this.#settling);
  }

  #rowOf({ trial, until }: Job): SweepRow {
    const { id, number, settings } = trial;
    return { id, trial: number, settings, ...(until !== undefined && { until }) };
  }

  #ended(row: SweepRow, outcome: Outcome): void {
    const progress = this.#progress;
    progress.done++;
    if ("failed" in outcome) progress.failed++;
    if (this.#search?.best) this.#choose();
    else if (this.#better(row, progress.best)) progress.best = row;
    this.#queue.advance();
    this.#report();
  }

  /** Takes the row that wins from a search that says which. */
  #choose(): void {
    const best = this.#search?.best?.();
    if (best !== undefined) this.#progress.best = { ...this.#rowOf(best.job), ...best.outcome };
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
    const { onProgress, executor } = this.#options;
    if (onProgress === undefined) return;
    this.#progress.running = Math.min(this.#running.size, executor.atOnce ?? executor.slots);
    onProgress({ ...this.#progress });
  }
}

/** Gives rows on in the order in which they were decided on, each when it and all before it have ended. */
class RowQueue {
  readonly #take: (row: SweepRow) => void;
  #waiting: SweepRow[] = [];
  #given = 0;

  constructor(take: (row: SweepRow) => void) {
    this.#take = take;
  }

  push(row: SweepRow): void {
    this.#waiting.push(row);
  }

  /** Gives on what can be. */
  advance(): void {
    while (this.#given < this.#waiting.length && hasEnded(this.#waiting[this.#given]))
      this.#take(this.#waiting[this.#given++]);
    if (this.#given < 64 || 2 * this.#given < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#given);
    this.#given = 0;
  }

  /** Gives on what has ended, over the gaps that an abort has left. */
  flush(): void {
    for (const row of this.#waiting.slice(this.#given)) if (hasEnded(row)) this.#take(row);
    this.#waiting = [];
    this.#given = 0;
  }
}

const hasEnded = ({ measures, failed }: SweepRow): boolean => measures !== undefined || failed !== undefined;
