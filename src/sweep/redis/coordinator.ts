import type { Queue, QueueEvents, Job as QueueJob } from "bullmq";
import { before } from "../checkpoints.js";
import type { Executor } from "../executor.js";
import type { Job, Outcome } from "../trial.js";
import { dropCheckpoint, dropCheckpoints, KEPT } from "./blobs.js";
import { type Connection, told } from "./connect.js";
import { idOf, isAnswer, queueOf, signed, type Work } from "./message.js";

/** How often the queue is looked through for what no event has told, in milliseconds: after a restart of the server. */
const LOOK = 2000;
/** Jobs in the queue at a time. */
const SLOTS = 64;
/** How often a job is tried that a worker could not run, for want of disk space say. */
const ATTEMPTS = 3;
/** How long a server that is away may hold up the end, in milliseconds. */
const PATIENCE = 2000;

export interface RedisExecutorOptions {
  connection: Connection;
  /** The secret that coordinator and workers share. */
  key: string;
  /** The sweep's hash. */
  sweep: string;
  work: Work;
  /** The version of this package. */
  version: string;
  /** Stores the table on the server, which may have lost it. */
  store?: () => Promise<void>;
  /** Called when no worker takes trials, and when one does again. */
  onAlone?: (alone: boolean) => void;
}

/** What BullMQ says of a job whose workers have ended under it. */
const STALLED = /^job stalled more than/;
/** What a worker says of a table that the server has lost, since it was flushed or is short of memory. */
const LOST = /^expected the table .* on the server, got none$/;
/** How often a table is stored again. */
const STORED_AGAIN = 5;

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
  /** Jobs for which the table was stored again. */
  #stored = 0;

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
    signal.throwIfAborted();
    const id = this.#id(job);
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#pending.set(id, { job, resolve, reject });
    });
    const abort = () => this.#pending.get(id)?.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      // A server that is away keeps neither of the two from ending.
      return await Promise.race([outcome, this.#begin(job).then(() => outcome)]);
    } catch (error) {
      throw signal.aborted ? error : told(error, this.#options.connection.place);
    } finally {
      signal.removeEventListener("abort", abort);
      this.#pending.delete(id);
      // One that a worker has at hand cannot be removed: its outcome waits for the next start.
      if (signal.aborted) await within(PATIENCE, this.#queue.remove(id));
    }
  }

  /** Takes a job out of the queue whose outcome is safe, and the checkpoint that it resumed from. */
  async settled(job: Job, signal: AbortSignal): Promise<void> {
    const { connection, sweep } = this.#options;
    const from = before(job);
    const work = Promise.all([
      this.#queue.remove(this.#id(job)),
      ...(from === undefined ? [] : [dropCheckpoint(connection.redis, sweep, from)]),
    ]);
    await untilAborted(work, signal);
  }

  async finished(): Promise<void> {
    const { connection, sweep } = this.#options;
    await within(PATIENCE, dropCheckpoints(connection.redis, sweep));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await within(PATIENCE, Promise.all([this.#events.close(), this.#queue.close()]));
    this.#options.connection.close();
  }

  #id(job: Job): string {
    return idOf(this.#options.sweep, job);
  }

  /** Adds a job; one that is there already stays as it is. */
  async #add(job: Job): Promise<void> {
    const { key, version, sweep, work } = this.#options;
    await this.#queue.add("trial", signed(key, { version, sweep, work, job }), {
      jobId: this.#id(job),
      attempts: ATTEMPTS,
      backoff: { type: "exponential", delay: 500 },
      // Of a sweep that nobody goes on with.
      removeOnComplete: { age: KEPT },
      removeOnFail: { age: KEPT },
    });
  }

  /** Puts a job into the queue, or takes what an earlier start has left of it there: an outcome, but no refusal. */
  async #begin(job: Job): Promise<void> {
    const id = this.#id(job);
    const found = (await this.#queue.getJob(id)) as QueueJob | undefined;
    if (found?.failedReason && !STALLED.test(found.failedReason)) await found.remove().catch(() => {});
    if (!found?.finishedOn || found.failedReason) await this.#add(job);
    await this.#settle(id);
  }

  /** Takes the outcome of a job, if it has one. */
  async #settle(id: string): Promise<void> {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const found = (await this.#queue.getJob(id)) as QueueJob | undefined;
    if (this.#pending.get(id) !== pending) return; // settled meanwhile, and removed
    if (found === undefined) return await this.#add(pending.job); // lost with the last second before a crash of the server
    if (found.finishedOn === undefined) return;
    if (found.failedReason) return await this.#failed(pending, found);
    if (isAnswer(this.#options.key, id, found.returnvalue)) return pending.resolve(found.returnvalue.outcome);
    // Not of a worker with the key: as if it had never been.
    await found.remove();
    await this.#add(pending.job);
  }

  async #failed({ job, resolve, reject }: Pending, found: QueueJob): Promise<void> {
    const { failedReason = "" } = found;
    const { store } = this.#options;
    if (store && LOST.test(failedReason) && this.#stored < STORED_AGAIN * SLOTS) {
      this.#stored++;
      await store();
      await found.remove().catch(() => {});
      return await this.#add(job);
    }
    if (STALLED.test(failedReason)) return resolve({ failed: `ended its worker again and again: ${failedReason}` });
    reject(new Error(`a worker: ${failedReason}`));
    await found.remove().catch(() => {}); // the next start tries it again
  }

  async #count(): Promise<void> {
    const { onAlone } = this.#options;
    if (onAlone && this.#pending.size > 0) onAlone((await this.#queue.getWorkersCount()) === 0);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      // Together, in one round trip; what fails, as the server is away, is done at the next look.
      await Promise.allSettled([...this.#pending.keys()].map((id) => this.#settle(id)));
      await this.#count().catch(() => {}); // a server can forbid to ask for its clients
    } finally {
      this.#looking = false;
    }
  }
}

/** Waits for work for so long, whether it succeeds or not. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => {}), patience]);
  clearTimeout(timer);
}

/** Waits for work, or, once it is aborted, a little for its end. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = () => resolve(within(PATIENCE, work));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
