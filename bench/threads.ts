/**
 * All threads over one, for products, optimizer steps and training steps: each in turns on an engine of one thread and on
 * one with a thread for each core. And what the machine gives at best: as many products at once, in threads that share
 * nothing.
 */
import { adam, createEngine, type Engine } from "thalweg";
import { least } from "../src/math/extremes.js";
import { type Effort, measure, median, type Task } from "./harness.js";
import { findTile, productTask } from "./products.js";
import { nets, step } from "./training.js";

export interface ThreadRow {
  name: string;
  /** Milliseconds on one thread and on all. */
  one: number;
  all: number;
  /** Of the rounds: the median and the least. */
  speedup: number;
  worst: number;
}

export interface ThreadResults {
  threads: number;
  /** Products that run at once in threads of their own, as a multiple of one alone. */
  ceiling: number | undefined;
  rows: ThreadRow[];
}

const squares = [64, 128, 256, 512, 1024].map((n) => ({ m: n, k: n, n }));
const layer = { m: 128, k: 784, n: 512 };
const vectors = [1024, 4096].map((n) => ({ m: 1, k: n, n }));

/** Undefined on a host that gives one thread. */
export async function benchThreads(effort: Effort): Promise<ThreadResults | undefined> {
  const all = await createEngine({ backend: "wasm", threads: globalThis.navigator?.hardwareConcurrency ?? 2 });
  if (all.threads === 1) {
    all.dispose();
    return undefined;
  }
  const one = await createEngine({ backend: "wasm" });
  for (const engine of [one, all]) findTile(engine);
  const rows: ThreadRow[] = [];
  const compare = async (name: string, make: (engine: Engine) => Task) => {
    const times = await measure({ one: make(one), all: make(all) }, effort);
    const ratios = times.one.map((t, i) => t / times.all[i]);
    rows.push({
      ...{ name, one: median(times.one), all: median(times.all) },
      ...{ speedup: median(ratios), worst: least(ratios) },
    });
  };
  for (const { m, k, n } of [...squares, layer, ...vectors]) {
    for (const [layout, transposed] of [
      ["NN", {}],
      ["NT", { transposeB: true }],
      ["TN", { transposeA: true }],
    ] as const)
      await compare(`${m}×${k}×${n} ${layout}`, (engine) => productTask(engine, { m, k, n, ...transposed }, 1));
  }
  for (const n of [2 ** 16, 2 ** 20, 2 ** 24]) await compare(`adam ${n}`, (engine) => update(engine, n));
  for (const { widths, batch } of nets)
    await compare(`step ${widths.join("-")} ×${batch}`, (engine) => step(engine, widths, batch));
  const { threads } = all;
  all.dispose();
  const ceiling = await atOnce(one, threads, effort);
  one.dispose();
  return { threads, ceiling, rows };
}

function update(engine: Engine, n: number): Task {
  const p = engine.tensor(n);
  p.grad.fill(0.01);
  const opt = adam([p]);
  return () => opt.step();
}

/** Multiplies until the first word is 2; rests while it is 0. */
const BESIDE = `
const { workerData } = require("node:worker_threads");
import(workerData.library).then(async ({ createEngine }) => {
  const state = new Int32Array(workerData.state);
  const engine = await createEngine({ backend: "wasm" });
  const [a, b, out] = Array.from({ length: 3 }, () => engine.tensor([256, 256]));
  for (let i = 0; i < 2000; i++) engine.matmul(a, b, { out });
  Atomics.add(state, 1, 1);
  while (Atomics.load(state, 0) !== 2) {
    if (Atomics.load(state, 0) === 0) Atomics.wait(state, 0, 0, 1);
    else engine.matmul(a, b, { out });
  }
});`;

/** Node alone: a page would have to be given the code of a worker. */
async function atOnce(engine: Engine, threads: number, effort: Effort): Promise<number | undefined> {
  const node = (globalThis as { process?: typeof process }).process?.getBuiltinModule?.("node:worker_threads");
  if (!node) return undefined;
  const state = new Int32Array(new SharedArrayBuffer(8));
  const workerData = { library: import.meta.resolve("thalweg"), state: state.buffer };
  const workers = Array.from({ length: threads - 1 }, () => new node.Worker(BESIDE, { eval: true, workerData }));
  while (Atomics.load(state, 1) < workers.length) await new Promise((done) => setTimeout(done, 10));
  const product = productTask(engine, { m: 256, k: 256, n: 256 }, 1);
  const within = (busy: number) => () => {
    if (Atomics.exchange(state, 0, busy) !== busy) Atomics.notify(state, 0);
    product();
  };
  const times = await measure({ alone: within(0), beside: within(1) }, effort);
  Atomics.store(state, 0, 2);
  Atomics.notify(state, 0);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return threads * median(times.alone.map((t, i) => t / times.beside[i]));
}
