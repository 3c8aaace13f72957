/** The life of workers: lost and replaced, under memory that grows, without garbage, and ended with their engine. */
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { CLAIMS } from "../../src/engine/threads/control.js";
import { adamw, createEngine } from "../../src/index.js";
import { helped, SPLIT_ALL } from "../support/backends.js";
import { child } from "../support/childProcess.js";
import { difference, uniform } from "../support/numbers.js";
import { tripleLoop } from "../support/products.js";

/** The workers of an engine as Node has them: it tells of every one that starts. */
async function withWorkers(
  options: Parameters<typeof createEngine>[0],
): Promise<{ engine: Engine; workers: Worker[] }> {
  const workers: Worker[] = [];
  const note = (worker: Worker) => void workers.push(worker);
  process.on("worker", note);
  const engine = await createEngine({ simd: "strict", threads: 2, ...options });
  engine.tensor(1); // what comes later is noted too: `note` stays
  return { engine, workers };
}
const ended = (worker: Worker) => new Promise((resolve) => worker.once("exit", resolve));

test("disposing an engine ends its workers", async () => {
  const { engine, workers } = await withWorkers({ threads: 3 });
  expect(workers).toHaveLength(2);
  const both = Promise.all(workers.map(ended));
  engine.dispose();
  await both;
  expect(() => engine.tensor(1)).toThrow(/disposed/);
});

test("a worker lost while idle is made up for at once, and replaced", async () => {
  const { engine, workers } = await withWorkers({ pool: SPLIT_ALL });
  const [a, b] = [uniform(64 * 32, 1), uniform(32 * 64, 2)];
  const want = tripleLoop(64, 64, 32, a, b);
  const [x, y] = [engine.tensor([64, 32], a), engine.tensor([32, 64], b)];
  const out = engine.tensor([64, 64]);
  const multiply = () => difference(engine.matmul(x, y, { out }).data, want);
  expect(multiply()).toBeUndefined();
  const gone = ended(workers[0]);
  void workers[0].terminate();
  for (let i = 0; i < 100; i++) expect(multiply()).toBeUndefined(); // before anyone can have told of it
  await gone;
  expect(multiply()).toBeUndefined();
  const before = helped(engine);
  const end = performance.now() + 10_000;
  while (helped(engine) === before && performance.now() < end) {
    expect(multiply()).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(helped(engine)).toBeGreaterThan(before);
  expect(workers).toHaveLength(2);
  engine.dispose();
});

test("workers load what an optimizer brings, and so do those that replace them", async () => {
  const { engine, workers } = await withWorkers({ pool: SPLIT_ALL });
  const alone = await createEngine({ simd: "strict" });
  const [mine, theirs] = [alone, engine].map((on) => {
    const p = on.tensor(4096, uniform(4096, 1));
    p.grad.set(uniform(4096, 2));
    const opt = adamw([p]);
    return () => {
      opt.step();
      return p.data;
    };
  }) as [() => Float32Array, () => Float32Array];
  const step = () => expect(difference(theirs(), mine())).toBeUndefined();
  const untilHelped = async () => {
    const before = helped(engine);
    const end = performance.now() + 10_000;
    while (helped(engine) === before && performance.now() < end) {
      step();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(helped(engine)).toBeGreaterThan(before);
  };
  await untilHelped();
  const gone = ended(workers[0]);
  void workers[0].terminate();
  await gone;
  await untilHelped();
  expect(workers).toHaveLength(2);
  engine.dispose();
  alone.dispose();
});

test("the engine says how many threads it has once one is lost for good, and why", async () => {
  const { engine, workers } = await withWorkers({ pool: SPLIT_ALL });
  expect(engine.threads).toBe(2);
  expect(engine.reason).toMatch(/; 2 threads$/);
  const [a, b] = [uniform(64 * 32, 1), uniform(32 * 64, 2)];
  const multiply = () => engine.matmul(engine.tensor([64, 32], a), engine.tensor([32, 64], b)).data;
  // Each replacement is ended as soon as it starts.
  process.on("worker", (worker) => void worker.terminate());
  void workers[0].terminate();
  const end = performance.now() + 10_000;
  while (engine.threads === 2 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  process.removeAllListeners("worker");
  expect(engine.threads).toBe(1);
  expect(engine.reason).toMatch(/; 2 threads, of which 1 lost for good: it ended$/);
  expect(difference(multiply(), tripleLoop(64, 64, 32, a, b))).toBeUndefined();
  engine.dispose();
});

test("a worker lost during a call makes the engine throw, and refuse what comes after", async () => {
  const { engine, workers } = await withWorkers({ pool: { ...SPLIT_ALL, patience: 200 }, tile: 4 });
  const size = 1200; // some 50 ms a share: the worker is far from done when it is gone
  const [a, b] = [engine.tensor([size, size]), engine.tensor([size, size])];
  const out = engine.tensor([size, size]);
  const { pool } = (
    engine.implementation as unknown as { threaded: { pool: { kernels: unknown[]; control: { words: Int32Array } } } }
  ).threaded;
  engine.matmul(engine.tensor([2, 2]), engine.tensor([2, 2])); // loads the kernel
  // The caller's own share: wait until the worker has taken the other, and end the worker.
  const { words } = pool.control;
  const index = pool.kernels.findIndex((kernel) => (kernel as { length: number }).length === 14);
  let claimed = false;
  pool.kernels[index] = () => {
    const end = performance.now() + 20_000;
    while (!claimed && performance.now() < end)
      claimed = (Atomics.load(words, CLAIMS) & Atomics.load(words, CLAIMS + 1) & 1) === 1;
    void workers[0].terminate();
  };
  expect(() => engine.matmul(a, b, { out })).toThrow(
    /^a worker thread was lost during a call, and .* make a new engine$/,
  );
  expect(claimed).toBe(true);
  const refusal = /^engine: a worker thread was lost/;
  expect(() => engine.matmul(a, b, { out })).toThrow(refusal);
  expect(() => engine.tensor(4)).toThrow(refusal);
  expect(() => a.data).toThrow(refusal);
  engine.dispose();
  using next = await createEngine({ threads: 2 });
  expect(next.threads).toBe(2);
});

test("memory grows under the workers, and its limit holds", async () => {
  const { engine } = await withWorkers({ pool: { ...SPLIT_ALL, lazy: true }, maxMemoryMiB: 32 });
  const values = uniform(5000, 1);
  const small = engine.tensor(5000, values);
  const view = small.data;
  const big = engine.tensor(4 << 20); // 16 MiB
  expect(engine.implementation.stale(view)).toBe(true);
  const before = helped(engine);
  // A worker that the machine has not woken in time leaves its share to the caller.
  for (let call = 0; call < 1000 && helped(engine) === before; call++)
    engine.kernels.copy(5000, small.ref, engine.implementation.at(big.ref, (4 << 20) - 5000, 5000));
  expect(helped(engine)).toBeGreaterThan(before);
  expect(difference(big.data.subarray((4 << 20) - 5000), values)).toBeUndefined();
  expect(() => engine.tensor(8 << 20)).toThrow(
    /out of memory: a request of 32.00 MiB with 16.02 MiB in use and a limit of 32.00 MiB/,
  );
  expect(difference(small.data, values)).toBeUndefined();
  engine.dispose();
});

test("handing work over leaves nothing for the garbage collector", async () => {
  const LEAST = 32;
  const found: Record<string, number> = await child(
    `const engine = await createEngine({ threads: 2, simd: "strict", pool: { least: 0, grain: 16 } });
     const n = 9000;
     const x = engine.tensor(n), y = engine.tensor(n);
     const a = engine.tensor([64, 64]), out = engine.tensor([64, 64]);
     const update = engine.implementation.update("sgd", undefined, sgd.rule.binaries);
     const [slots, scalars] = [[], new Float32Array(17)];
     const calls = {
       pass: () => engine.kernels.axpy(n, x.ref, y.ref, 0.5),
       sum: () => engine.kernels.dot(n, x.ref, y.ref),
       product: () => engine.product(false, false, 64, 64, 64, a.ref, a.ref, out.ref, false),
       update: () => update(n, x.ref, y.ref, slots, 0, scalars),
     };
     const bytes = {};
     for (const [name, call] of Object.entries(calls)) {
       for (let i = 0; i < 20000; i++) call();
       bytes[name] = Infinity;
       // The least of up to forty: a call leaves its own in each, V8's compilers some 300 kB in a window now and then, and
       // on a busy machine many a caller waits long.
       for (let w = 0; w < 40 && bytes[name] >= ${LEAST}; w++) {
         gc();
         const from = process.memoryUsage().heapUsed;
         for (let i = 0; i < 5000; i++) call();
         bytes[name] = Math.min(bytes[name], (process.memoryUsage().heapUsed - from) / 5000);
       }
     }
     console.log(JSON.stringify({ ...bytes, helped: engine.implementation.threaded.pool.helped }));`,
    ["--expose-gc"],
  );
  const { helped: by, ...bytes } = found;
  expect(by).toBeGreaterThan(0); // on a busy machine the caller runs most shares itself
  // A look at the clock is 16 bytes: one where the caller waits long for a worker.
  for (const [name, each] of Object.entries(bytes)) expect(each, name).toBeLessThan(LEAST);
});
