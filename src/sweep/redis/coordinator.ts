import type { Queue, QueueEvents, Job as QueueJob } from "bullmq";
import type { Executor } from "../executor.js";
import type { Job, Outcome } from "../trial.js";
import type { Connection } from "./connect.js";
import { idOf, isAnswer, queueOf, signed, type Work } from "./message.js";

/** How often the queue is looked through for what no event has told, in milliseconds: after a restart of the server. */
const LOOK = 2000;
/** Jobs in the queue at a time. */
const SLOTS = 64;

export interface RedisExecutorOptions {
  connection: Connection;
  /** The secret that coordinator and workers share. */
  key: string;
  /** The sweep's hash. */
  sweep: string;
  work: Work;
}

interface Pending {
  job: Job;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/**
 * Puts jobs into a queue of BullMQ, from which workers on any machine take them. An outcome stays there until it is in the
 * journal: a coordinator that is killed finds it again.
 */
export class RedisExecutor implements Executor {
  readonly slots = SLOTS;
  readonly #options: RedisExecutorOptions;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #pending = new Map<string, Pending>();
  readonly #timer: NodeJS.Timeout;
  #looking = false;

  constructor(options: RedisExecutorOptions) {
    this.#options = options;
    const { bullmq, redis, another } = options.connection;
    const name = queueOf(options.work);
    this.#queue = new bullmq.Queue(name, { connection: redis });
    this.#events = new bullmq.QueueEvents(name, { connection: another() });
    this.#queue.on("error", () => {}); // it connects again
    this.#events.on("error", () => {});
    this.#events.on("completed", ({ jobId }) => void this.#settle(jobId).catch(() => {}));
    this.#events.on("failed", ({ jobId }) => void this.#settle(jobId).catch(() => {}));
    this.#timer = setInterval(() => void this.#look(), LOOK);
  }

  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    const id = this.#id(job);
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#pending.set(id, { job, resolve, reject });
    });
    const abort = () => this.#pending.get(id)?.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await this.#add(job);
      await this.#settle(id); // of an earlier start
      return await outcome;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#pending.delete(id);
      if (signal.aborted) await this.#queue.remove(id).catch(() => {});
    }
  }

  /** Takes a job out of the queue whose outcome is safe. */
  async settled(job: Job): Promise<void> {
    await this.#queue.remove(this.#id(job));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#events.close();
    await this.#queue.close();
    this.#options.connection.close();
  }

  #id(job: Job): string {
    return idOf(this.#options.sweep, job);
  }

  /** Adds a job; one that is there already stays as it is. */
  async #add(job: Job): Promise<void> {
    const { key, sweep, work } = this.#options;
    await this.#queue.add("trial", signed(key, { sweep, work, job }), { jobId: this.#id(job) });
  }

  /** Takes the outcome of a job, if it has one. */
  async #settle(id: string): Promise<void> {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const found = (await this.#queue.getJob(id)) as QueueJob | undefined;
    if (found === undefined) return await this.#add(pending.job); // lost with the last second before a crash of the server
    if (found.finishedOn === undefined) return;
    if (found.failedReason) return this.#failed(pending, found);
    if (isAnswer(this.#options.key, id, found.returnvalue)) return pending.resolve(found.returnvalue.outcome);
    // Not of a worker with the key: as if it had never been.
    await found.remove();
    await this.#add(pending.job);
  }

  #failed({ resolve, reject }: Pending, { failedReason = "" }: QueueJob): void {
    if (/stalled/.test(failedReason)) resolve({ failed: `ended its worker again and again: ${failedReason}` });
    else reject(new Error(`a worker: ${failedReason}`));
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const id of [...this.#pending.keys()]) await this.#settle(id);
    } catch {
      // the server is away: at the next look
    } finally {
      this.#looking = false;
    }
  }
}
