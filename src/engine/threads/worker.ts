/**
 * What a worker thread runs: it waits for jobs and takes shares of them, until it is terminated. The build bundles this
 * file with what it imports into a string (`build/make.ts`), so that a bundler need not know of it.
 */
import type { Kernel } from "../wasm/call.js";
import { BINARIES, BINARY, type Control, controlOf, HELPED, JOB, SLEEPERS, type Start } from "./control.js";
import { Hand } from "./shareRunner.js";

/**
 * Milliseconds that a worker spins for the next job before it sleeps. Waking one costs the caller 5 to 10 µs and comes
 * some 50 µs late, spinning 1 µs; the pauses between the kernels of a training step are far below a millisecond.
 */
const SPIN = 1;
const LOOKS = 256; // between two looks at the clock

function start({ module, memory, control: shared, thread, threads }: Start): () => void {
  const kernels = new Kernels(module, memory);
  const control = controlOf(shared);
  const hand = new Hand(kernels.list, control, thread, threads);
  return () => work(control, hand, kernels);
}

function work(control: Control, hand: Hand, kernels: Kernels): void {
  const { words } = control;
  // The job that may be under way counts as new: a worker that replaces a lost one can still help.
  let job = (Atomics.load(words, JOB) - 1) | 0;
  for (;;) {
    job = next(words, job);
    kernels.catchUp(words);
    const taken = hand.take(job);
    if (taken > 0) Atomics.add(words, HELPED, taken);
  }
}

/** The kernels of this thread, counted as on every other: by binary, and in each in the order of its exports. */
class Kernels {
  readonly list: Kernel[] = [];
  readonly #memory: WebAssembly.Memory;
  #binaries = 0;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#instantiate(module);
  }

  /** Loads the binaries that have come since. */
  catchUp(words: Int32Array): void {
    while (this.#binaries < words[BINARIES]) {
      const at = BINARY + 2 * this.#binaries++;
      // A copy: no module is compiled from shared memory.
      const bytes = new Uint8Array(this.#memory.buffer, words[at] >>> 0, words[at + 1]).slice();
      this.#instantiate(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
    }
  }

  #instantiate(module: WebAssembly.Module): void {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.list.push(...(Object.values(exports) as Kernel[]));
  }
}

/** The number of the job after this one. */
function next(words: Int32Array, job: number): number {
  const end = performance.now() + SPIN;
  for (;;) {
    for (let i = 0; i < LOOKS; i++) {
      const found = Atomics.load(words, JOB);
      if (found !== job) return found;
    }
    if (performance.now() < end) continue;
    Atomics.add(words, SLEEPERS, 1);
    Atomics.wait(words, JOB, job);
    Atomics.sub(words, SLEEPERS, 1);
  }
}

// Node has its own workers; elsewhere this runs in a Web Worker.
const port = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
const begin = (data: Start): void => {
  const work = start(data);
  if (port) port.postMessage("ready");
  else postMessage("ready");
  work();
};
if (port) port.once("message", begin);
else addEventListener("message", ({ data }) => begin(data), { once: true });
