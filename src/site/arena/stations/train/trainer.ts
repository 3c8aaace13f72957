/** A run in a worker: what has come of it so far, as signals. A new one ends the one before. */
import { batch, signal } from "@preact/signals-core";
import { started } from "../../lab/workers.js";
import { shown } from "../../state/fields.js";
import type { Asked, Columns, Epoch, Order, Progress, Result, Said } from "./messages.js";

type Heard = (said: Said, worker: Worker) => void;

function ask(asked: Asked, heard: Heard): Worker {
  const worker = started(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));
  worker.addEventListener("message", ({ data }: MessageEvent<Said>) => heard(data, worker));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    heard({ problem: event.message || "The worker that trains could not be started" }, worker);
  });
  worker.postMessage(asked);
  return worker;
}

/** What is in a file; a browser gives a folder that was let fall as a file too. */
export const bytesOf = async (file: File): Promise<Uint8Array> => {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Error(`${shown(file.name, 60)}: expected a file that can be read; a folder is none`);
  }
};

/** One answer of a worker of its own. */
export const columnsOf = (read: { file: string; table: Uint8Array | string }): Promise<Columns> =>
  new Promise((resolve, reject) =>
    ask({ read }, (said, worker) => {
      worker.terminate();
      if ("columns" in said) resolve(said.columns);
      else reject(new Error("problem" in said ? said.problem : "no columns"));
    }),
  );

/** A run of its own, for its result alone. */
export const resultOf = (train: Order): Promise<Result> =>
  new Promise((resolve, reject) =>
    ask({ train }, (said, worker) => {
      if ("progress" in said) return;
      worker.terminate();
      if ("done" in said) resolve(said.done);
      else reject(new Error("problem" in said ? said.problem : "no result"));
    }),
  );

export class Trainer {
  readonly epochs = signal<readonly Epoch[]>([]);
  readonly progress = signal<Omit<Progress, "epochs"> | undefined>(undefined);
  readonly result = signal<Result | undefined>(undefined);
  readonly problem = signal("");
  readonly running = signal(false);
  /** Rows a second of the last whole run, by backend. */
  readonly speeds = signal<Readonly<Record<string, number>>>({});
  #worker: Worker | undefined;
  #over = false;

  /** Ends the run, and with it all that may still be asked for: a table may arrive when the station has been left. */
  dispose(): void {
    this.#over = true;
    this.stop();
  }

  start(train: Order): void {
    if (this.#over) return;
    this.stop();
    batch(() => {
      this.epochs.value = [];
      this.progress.value = undefined;
      this.result.value = undefined;
      this.problem.value = "";
      this.running.value = true;
    });
    try {
      this.#worker = ask({ train }, (said, worker) => {
        if (worker === this.#worker) batch(() => this.#hear(said));
      });
    } catch (error) {
      this.running.value = false; // a page that may have no workers
      throw error;
    }
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.running.value = false;
  }

  #hear(said: Said): void {
    if ("progress" in said) {
      const { epochs, ...rest } = said.progress;
      this.epochs.value = [...this.epochs.peek(), ...epochs];
      this.progress.value = rest;
      return;
    }
    if ("done" in said) {
      this.result.value = said.done;
      const progress = this.progress.peek();
      if (progress) this.speeds.value = { ...this.speeds.peek(), [progress.backend]: progress.speed };
    } else if ("problem" in said) this.problem.value = said.problem.replaceAll("NaN", "not a number");
    this.stop();
  }
}
