/**
 * What a worker thread runs: it waits for jobs and takes shares of them, until it is terminated. The build bundles this
 * file with what it imports into a string (`binaries/make.ts`), so that a bundler need not know of it.
 */
import type { Kernel } from "../call.js";
import { type Control, controlOf, HELPED, JOB, SLEEPERS, type Start } from "./control.js";
import { Hand } from "./hand.js";

/**
 * Milliseconds that a worker spins for the next job before it sleeps. Waking one costs the caller 5 to 10 µs and comes
 * some 50 µs late, spinning 1 µs; the pauses between the kernels of a training step are far below a millisecond.
 */
const SPIN = 1;
const LOOKS = 256; // between two looks at the clock

function start({ module, memory, control: shared, thread, threads }: Start): () => void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = kernelsOf(exports);
  const control = controlOf(shared);
  const hand = new Hand(kernels, control, thread, threads);
  return () => work(control, hand);
}

function work(control: Control, hand: Hand): void {
  const { words } = control;
  // The job that may be under way counts as new: a worker that replaces a lost one can still help.
  let job = (Atomics.load(words, JOB) - 1) | 0;
  for (;;) {
    job = next(words, job);
    const taken = hand.take(job);
    if (taken > 0) Atomics.add(words, HELPED, taken);
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

/** The exports in the order of the module, which is the same on every thread. */
function kernelsOf(exports: WebAssembly.Exports): Kernel[] {
  return Object.values(exports) as Kernel[];
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
