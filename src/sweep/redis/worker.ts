import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Job as QueueJob, Worker } from "bullmq";
import { writeFileAtomic } from "../../node/atomicWrite.js";
import { before, type CheckpointStore, folderStore } from "../checkpoints.js";
import type { Executor } from "../executor.js";
import { contentOf } from "../loadTask.js";
import type { TaskPlan } from "../plan.js";
import { threads } from "../threads.js";
import type { Job, Outcome } from "../trial.js";
import { loadCheckpoint, loadTable, storeCheckpoint } from "./blobs.js";
import type { Connection } from "./connect.js";
import { type Answer, answer, idOf, isMessage, type Message, queueOf, type Work } from "./message.js";

/** How often a job may lose its worker before it has failed: one that ends every process it runs in must not go on. */
const LOST = 20;
/** How long a server may be away before the jobs at hand are given up at an end, in milliseconds. */
const PATIENCE = 3000;
/** Tables whose threads are kept. */
const KEPT = 2;

export interface WorkerOptions {
  connection: Connection;
  /** The secret that coordinator and workers share. */
  key: string;
  /** The version of this package: sweeps of another are refused. */
  version: string;
  /** Jobs at a time, each on a thread. */
  count: number;
  /** Modules on this machine's disk, by the SHA-256 of their bytes. */
  modules: ReadonlyMap<string, string>;
  /** A folder for tables and checkpoints. */
  cache: string;
  /** Milliseconds after which the jobs of a silent worker are given to others. */
  stalledAfter: number;
  /** Called after each job. */
  onJob?: (work: Work, job: Job, outcome: Outcome) => void;
}

/**
 * Takes trials from the queue, and runs them on threads. It runs no code that comes through the queue: a job that no
 * coordinator with the key has signed is refused, a table is checked by its hash, and a module is one of this machine's own.
 *
 * @returns a function that ends it when the jobs at hand are done; while the server is away, which cannot take their outcomes,
 *   it gives them up after a few seconds, and says how many
 */
export function startWorker(options: WorkerOptions): () => Promise<{ away: boolean; left: number }> {
  const { connection, modules, count, stalledAfter } = options;
  const { bullmq, another } = connection;
  const desk = new Desk(options);
  void sweepUp(join(options.cache, "checkpoints")).catch(() => {});
  const names = [
    queueOf({ table: "", content: "" }),
    ...[...modules.keys()].map((content) => queueOf({ module: true, content })),
  ];
  const workers = names.map((name): Worker => {
    const worker = new bullmq.Worker(name, (job: QueueJob) => desk.process(job), {
      connection: another(),
      concurrency: count,
      lockDuration: stalledAfter,
      stalledInterval: Math.ceil(stalledAfter / 2),
      maxStalledCount: LOST,
    });
    worker.on("error", () => {}); // it connects again
    return worker;
  });
  return async () => {
    const gone = away(connection);
    const closed = Promise.all(workers.map((worker) => worker.close())).then(() => false);
    const isAway = await Promise.race([closed, gone.promise]);
    gone.stop();
    const left = desk.running;
    if (isAway) closed.catch(() => {}); // cut off below
    await desk.close();
    connection.close();
    return { away: isAway, left };
  };
}

/** Resolves when a server has not answered for some time: nobody is there, or nothing comes through. */
function away({ redis }: Connection): { promise: Promise<boolean>; stop: () => void } {
  let answered = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const ask = () => {
    const pong = () => {
      answered = performance.now();
    };
    redis.ping().then(pong, () => {});
  };
  const promise = new Promise<boolean>((resolve) => {
    timer = setInterval(() => {
      if (performance.now() - answered > PATIENCE) resolve(true);
      else ask();
    }, 250);
  });
  ask();
  return { promise, stop: () => clearInterval(timer) };
}

/** What runs jobs, one pool of threads for each table and module. */
class Desk {
  readonly #options: WorkerOptions;
  readonly #pools = new Map<string, { executor: Executor; running: number }>();
  readonly #signal = new AbortController().signal; // aborted by nobody: a worker ends when its jobs are done

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async process({ id, data }: QueueJob): Promise<Answer> {
    const { key, version, onJob } = this.#options;
    if (!isMessage(key, data)) throw this.#refusal("expected a job that a coordinator with this key has signed");
    const { job, work, sweep } = data;
    // Else one that was signed could be put in the place of another, and its outcome be signed as the other's.
    if (id !== idOf(sweep, job)) throw this.#refusal("expected a job under the id that was signed with it");
    if (data.version !== version) throw this.#refusal(`expected a sweep of this worker's version ${version}`);
    const pool = await this.#pool(work);
    pool.running++;
    try {
      await this.#fetch(data);
      const outcome = await pool.executor.run(job, this.#signal);
      if (job.until !== undefined) await this.#offer(data);
      onJob?.(work, job, outcome);
      return answer(key, id!, outcome);
    } finally {
      pool.running--;
      await this.#forget(data);
    }
  }

  /** Jobs at hand. */
  get running(): number {
    return [...this.#pools.values()].reduce((sum, { running }) => sum + running, 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(({ executor }) => executor.close()));
    await this.#store.clear();
  }

  /** An error after which the queue does not try again. */
  #refusal(problem: string): Error {
    return new this.#options.connection.bullmq.UnrecoverableError(`${problem}, got another; it is refused`);
  }

  /** Of this process alone: two workers of a machine may have one trial, when the first was taken for dead. */
  get #checkpoints(): string {
    return join(this.#options.cache, "checkpoints", `${process.pid}`);
  }

  get #store(): CheckpointStore {
    return folderStore(this.#checkpoints);
  }

  get #server() {
    const { connection, key } = this.#options;
    return { redis: connection.redis, key };
  }

  async #pool(work: Work) {
    const { content } = work;
    let pool = this.#pools.get(content);
    if (pool === undefined) {
      const task = await this.#task(work);
      pool = this.#pools.get(content) ?? {
        executor: threads({ task, checkpoints: this.#checkpoints }, this.#options.count),
        running: 0,
      };
    }
    this.#pools.delete(content); // to the end: the one used last
    this.#pools.set(content, pool);
    for (const [old, { executor, running }] of this.#pools) {
      if (this.#pools.size <= KEPT || running > 0 || old === content) continue;
      this.#pools.delete(old);
      await executor.close();
    }
    return pool;
  }

  async #task(work: Work): Promise<TaskPlan> {
    const { connection, modules, cache } = this.#options;
    const { content } = work;
    if (!("table" in work)) {
      const module = modules.get(content);
      if (module === undefined)
        throw this.#refusal(`expected a module of this worker, ${[...modules.values()].join(", ")}`);
      return { module };
    }
    if (!/^[0-9a-f]{64}$/.test(content)) throw this.#refusal("expected a hash of 64 digits as the table's content");
    const path = join(cache, content, basename(work.table));
    // Of whatever has written it: a folder for temporary files is everybody's.
    if ((await contentOf({ table: path }).catch(() => "none")) === content) return { table: path };
    const bytes = await loadTable(connection.redis, content).catch((error: Error) => {
      throw this.#refusal(error.message);
    });
    if (bytes === undefined) throw new Error(`expected the table ${basename(work.table)} on the server, got none`);
    await mkdir(join(cache, content), { recursive: true });
    await writeFileAtomic(path, bytes);
    return { table: path };
  }

  /** Brings the checkpoint that a job resumes from. */
  async #fetch({ job, sweep }: Message): Promise<void> {
    const id = before(job);
    if (id === undefined) return;
    const bytes = await loadCheckpoint({ ...this.#server, sweep }, id);
    if (bytes) await this.#store.save(id, bytes);
  }

  /** Stores the checkpoint that a job has left, and keeps nothing of it here: the next rung may be another machine's. */
  async #offer({ job, sweep }: Message): Promise<void> {
    const bytes = await this.#store.load(job.id);
    if (bytes) await storeCheckpoint({ ...this.#server, sweep }, job.id, bytes);
  }

  async #forget({ job }: Message): Promise<void> {
    const from = before(job);
    if (from !== undefined) await this.#store.drop(from);
    if (job.until !== undefined) await this.#store.drop(job.id);
  }
}

/** Removes the checkpoints of workers with this cache that were killed. */
async function sweepUp(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(name);
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
