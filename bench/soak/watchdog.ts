/** Ends the process, with the name of the operation, when the main thread has not begun another for two minutes. */
import { Worker } from "node:worker_threads";

const LENGTH = 64;
const shared = new SharedArrayBuffer(4 + LENGTH);
const count = new Int32Array(shared, 0, 1);
const letters = new Uint8Array(shared, 4);

/** Says that an operation of this name begins. */
export function beat(name: string): void {
  const bytes = new TextEncoder().encode(name.slice(0, LENGTH).padEnd(LENGTH));
  letters.set(bytes.subarray(0, LENGTH));
  Atomics.add(count, 0, 1);
}

const CODE = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const count = new Int32Array(workerData, 0, 1);
let last = -1, since = Date.now();
setInterval(() => {
  const now = Atomics.load(count, 0);
  if (now !== last) { last = now; since = Date.now(); return; }
  if (Date.now() - since < 120000) return;
  const name = Buffer.from(new Uint8Array(workerData, 4)).toString().trim();
  writeSync(2, "FAILED: a hang in operation " + (now - 1) + " (" + name + ")\\n");
  process.kill(process.pid, "SIGKILL");
}, 1000);
`;

/** Starts to watch. */
export function watch(): { stop(): void } {
  const worker = new Worker(CODE, { eval: true, workerData: shared, name: "watchdog" });
  worker.unref();
  return { stop: () => void worker.terminate() };
}
