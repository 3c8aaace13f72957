/** The network of the family trees, learning in a worker: what has come of it so far, as signals. A new run ends the one before. */
import { batch, signal } from "@preact/signals-core";
import type { Point } from "../../../../experiments/familyTrees/experiment.js";

export const SWEEPS = 1500;

export type Said =
  | { readonly point: Point }
  /** From each person to the six units, at the end. */
  | { readonly weights: readonly (readonly number[])[] }
  | { readonly problem: string };

export class Learner {
  /** What has been learnt at some sweeps, up to the last. */
  readonly points = signal<readonly Point[]>([]);
  readonly weights = signal<readonly (readonly number[])[] | undefined>(undefined);
  readonly problem = signal("");
  #worker: Worker | undefined;

  start(seed: number): void {
    this.stop();
    batch(() => {
      this.points.value = [];
      this.weights.value = undefined;
      this.problem.value = "";
    });
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<Said>) => {
      if (worker !== this.#worker) return;
      if ("point" in data) this.points.value = [...this.points.peek(), data.point];
      else {
        if ("weights" in data) this.weights.value = data.weights;
        else this.problem.value = data.problem;
        this.stop();
      }
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (worker !== this.#worker) return;
      this.problem.value = event.message || "The worker that learns could not be started";
      this.stop();
    });
    worker.postMessage(seed);
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
