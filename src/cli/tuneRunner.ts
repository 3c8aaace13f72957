import { Worker } from "node:worker_threads";
import type { Examples } from "../data/encode.js";
import type { TuneRunner } from "../tabular/tune/runner.js";
import type { FailedTrial, TrialResult, TuneData } from "../tabular/tune/trial.js";

/** Runs trials on worker threads, each of which takes the next trial when it has finished one. */
export class WorkerRunner {
  readonly #count: number;
  #workers: Worker[] = [];
  #data: TuneData | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  readonly run: TuneRunner = async (trials, data, report, signal) => {
    signal?.throwIfAborted();
    if (trials.length === 0) return;
    if (this.#data !== data) this.dispose();
    this.#data = data;
    const shared = data.map((fold) => ({
      ...fold,
      train: inSharedMemory(fold.train),
      validation: fold.validation && inSharedMemory(fold.validation),
    }));
    while (this.#workers.length < Math.min(this.#count, trials.length))
      this.#workers.push(new Worker(new URL("./tuneWorker.js", import.meta.url), { workerData: shared }));
    const workers = this.#workers;
    let next = 0;
    let left = trials.length;
    await new Promise<void>((resolve, reject) => {
      const give = (worker: Worker) => {
        if (next < trials.length) worker.postMessage({ i: next, trial: trials[next++] });
      };
      const stop = (error: unknown) => {
        this.dispose();
        reject(error);
      };
      const aborted = () => stop(signal!.reason);
      signal?.addEventListener("abort", aborted, { once: true });
      for (const worker of workers) {
        worker.removeAllListeners();
        worker.on("message", ({ i, result }: { i: number; result: TrialResult | FailedTrial }) => {
          report(i, result);
          give(worker);
          if (--left > 0) return;
          signal?.removeEventListener("abort", aborted);
          resolve();
        });
        worker.on("error", stop);
        worker.on("exit", (code) => stop(new Error(`a worker thread has ended with code ${code}`)));
        give(worker);
      }
    });
  };

  /** Ends the threads. */
  dispose(): void {
    for (const worker of this.#workers) {
      worker.removeAllListeners();
      void worker.terminate();
    }
    this.#workers = [];
  }
}

/** The same examples in memory that all threads read, which a message does not copy. */
function inSharedMemory(examples: Examples): Examples {
  const x = new Float32Array(new SharedArrayBuffer(examples.x.byteLength));
  const bytes = new SharedArrayBuffer(examples.y.byteLength);
  const y = examples.y instanceof Int32Array ? new Int32Array(bytes) : new Float32Array(bytes);
  x.set(examples.x);
  y.set(examples.y);
  return { ...examples, x, y };
}
