/**
 * The code of a worker thread: waits for jobs and runs shares of them, until it is terminated. The build bundles this file
 * and its imports into a string (`build/make.ts`), so that a user's bundler need not handle workers.
 */
import type { Kernel } from "../wasm/call.js";
import { BINARIES, BINARY, type Control, controlOf, HELPED, JOB, SLEEPERS, type Start } from "./control.js";
import { ShareRunner } from "./shareRunner.js";

/**
 * Milliseconds that a worker spins for the next job before it sleeps. To wake one costs the caller 5 to 10 µs, and it starts
 * some 50 µs late; one that spins starts 1 µs late. Pauses between the kernels of a training step are far below a millisecond.
 */
const SPIN = 1;
const READS = 256; // reads of JOB between two reads of the clock

function start({ module, memory, control: shared, thread, threads }: Start): () => void {
  const kernels = new Kernels(module, memory);
  const control = controlOf(shared);
  const runner = new ShareRunner(kernels.list, control, thread, threads);
  return () => work(control, runner, kernels);
}

function work(control: Control, runner: ShareRunner, kernels: Kernels): void {
  const { words } = control;
  // A job that is under way counts as new, so that a worker that replaces a lost one helps with it.
  let job = (Atomics.load(words, JOB) - 1) | 0;
  for (;;) {
    job = next(words, job);
    kernels.catchUp(words);
    const count = runner.run(job);
    if (count > 0) Atomics.add(words, HELPED, count);
  }
}

/** The kernels of this thread, with the same index on every thread: by binary, then in the order of its exports. */
class Kernels {
  readonly list: Kernel[] = [];
  readonly #memory: WebAssembly.Memory;
  #binaries = 0;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#instantiate(module);
  }

  /** Loads the binaries that the caller has added since the last job. */
  catchUp(words: Int32Array): void {
    while (this.#binaries < words[BINARIES]) {
      const at = BINARY + 2 * this.#binaries++;
      // A copy, because modules cannot be compiled from shared memory.
      const bytes = new Uint8Array(this.#memory.buffer, words[at] >>> 0, words[at + 1]).slice();
      this.#instantiate(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
    }
  }

  #instantiate(module: WebAssembly.Module): void {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    for (const kernel of Object.values(exports)) this.list.push(kernel as Kernel);
  }
}

/** Waits for the job after this one, and returns its number. */
function next(words: Int32Array, job: number): number {
  const end = performance.now() + SPIN;
  for (;;) {
    for (let i = 0; i < READS; i++) {
      const found = Atomics.load(words, JOB);
      if (found !== job) return found;
    }
    if (performance.now() < end) continue;
    Atomics.add(words, SLEEPERS, 1);
    Atomics.wait(words, JOB, job);
    Atomics.sub(words, SLEEPERS, 1);
  }
}

// Node has its own workers; elsewhere this runs in a Web Worker. Node before 20.16 has `require` alone, for code from a string.
type Threads = typeof import("node:worker_threads") | undefined;
const host = globalThis as unknown as { process?: NodeJS.Process; require?: (name: string) => unknown };
const port = (
  (host.process?.getBuiltinModule?.("node:worker_threads") ?? host.require?.("node:worker_threads")) as Threads
)?.parentPort;
const begin = (data: Start): void => {
  const work = start(data);
  if (port) port.postMessage("ready");
  else postMessage("ready");
  work();
};
if (port) port.once("message", begin);
else addEventListener("message", ({ data }) => begin(data), { once: true });
