/** How threads begin and end: refusals, hosts without them, a process that can go, workers that are lost. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { cores } from "../../src/engine/detect.js";
import type { Engine } from "../../src/engine/engine.js";
import { CLAIMS } from "../../src/engine/threads/control.js";
import { sharedBuild } from "../../src/engine/threads/sharedBuild.js";
import { adamw, createEngine } from "../../src/index.js";
import { helped, SPLIT_ALL } from "../support/backends.js";
import { built } from "../support/built.js";
import { difference, uniform } from "../support/numbers.js";
import { tripleLoop } from "../support/products.js";

/** Runs a module in a Node of its own, with `createEngine` and `cpu()`, milliseconds of all its threads; gives what it printed as JSON. */
async function child(body: string, flags: string[] = []) {
  const script = `
    const { createEngine, adam, sgd } = await import(${JSON.stringify(built("bundled/index.js").href)});
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    ${body}`;
  const run = promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", script], {
    timeout: 30_000,
  });
  return JSON.parse((await run).stdout);
}

test("threads beyond four a core, below one, or broken are refused by name", async () => {
  const most = 4 * cores();
  await expect(createEngine({ threads: most + 1 })).rejects.toThrow(RangeError);
  await expect(createEngine({ threads: most + 1 })).rejects.toThrow(
    `threads: expected at most ${most}, 4 for each core, got ${most + 1}`,
  );
  for (const threads of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    await expect(createEngine({ threads }), `${threads}`).rejects.toThrow(
      /^threads: expected a whole number ≥ 1, got /,
    );
});

test('"auto" takes the cores, and js says that it has one thread', async () => {
  using engine = await createEngine({ threads: "auto" });
  expect(engine.threads).toBe(Math.min(cores(), 16));
  using js = await createEngine({ threads: 2, backend: "js" });
  expect(js).toMatchObject({ threads: 1, reason: "js: asked for; one thread: js has no more" });
});

test("a host without shared memory takes one thread, and says so", async () => {
  const found = await child(
    `delete globalThis.SharedArrayBuffer;
     const { threads, backend, reason } = await createEngine({ threads: 2, simd: "strict" });
     console.log(JSON.stringify({ threads, backend, reason }));`,
  );
  expect(found).toEqual({
    threads: 1,
    backend: "wasm",
    reason: "wasm, strict SIMD: asked for; one thread: the host has no shared memory",
  });
});

test("a binary may be given as for one thread; one that is compiled must be for shared memory", async () => {
  const bytes = (name: string) => {
    const url = JSON.stringify(built(`wasm/${name}.wasm`).href);
    return `(await import("node:fs")).readFileSync(new URL(${url}))`;
  };
  const modules = [
    bytes("strict"),
    bytes("strict-shared"),
    `await WebAssembly.compile(${bytes("strict-shared")})`,
    `await WebAssembly.compile(${bytes("strict")})`,
  ];
  const found = await child(
    `const reports = [];
     for (const module of [${modules}]) {
       const engine = await createEngine({ threads: 2, module });
       const { threads, simd, reason } = engine;
       reports.push({ threads, simd, reason });
       engine.dispose();
     }
     console.log(JSON.stringify(reports));`,
  );
  const alone = found.pop();
  const two = { threads: 2, simd: "strict", reason: "wasm, strict SIMD: the module given; 2 threads" };
  expect(found).toEqual([two, two, two]);
  expect(alone).toMatchObject({ threads: 1, simd: "strict" });
  expect(alone.reason).toMatch(/^wasm, strict SIMD: the module given; one thread: .*shared/);
});

test("the build for shared memory differs in its import alone", () => {
  for (const variant of ["strict", "relaxed"]) {
    const plain = readFileSync(built(`wasm/${variant}.wasm`));
    const made = sharedBuild(plain);
    expect(made).toEqual(new Uint8Array(readFileSync(built(`wasm/${variant}-shared.wasm`))));
    expect(sharedBuild(made)).toEqual(made);
    // Limits: a minimum of 1 page becomes shared, from 1 to 65,536.
    const at = plain.indexOf("env\x06memory\x02\x00\x01", 0, "latin1");
    expect(at).toBeGreaterThan(0);
    const limits = at + "env\x06memory\x02".length;
    const size = at - 3; // of the section: one byte before the count of imports and the length of "env"
    expect(plain[size] + 3).toBe(made[size]);
    const back = [...made.slice(0, limits), 0, 1, ...made.slice(limits + 5)];
    back[size] -= 3;
    expect([...made.slice(limits, limits + 5)]).toEqual([3, 1, 0x80, 0x80, 4]);
    expect(Buffer.from(back).equals(plain)).toBe(true);
  }
  for (const wrong of [Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), new Uint8Array(0), Uint8Array.of(1, 2, 3)])
    expect(() => sharedBuild(wrong)).toThrow(/^not a Thalweg binary/);
});

test("a process ends by itself, with its engine disposed or not", async () => {
  for (const end of ["engine.dispose();", ""]) {
    const found = await child(
      `const engine = await createEngine({ threads: 2, pool: { least: 0, grain: 16, lazy: true } });
       const x = engine.tensor(1000); x.grad.fill(1); adam([x]).step(); ${end}
       console.log(JSON.stringify(engine.threads));`,
    );
    expect(found).toBe(2);
  }
});

test("idle workers cost nothing", async () => {
  const { busy, idle, idleOf } = await child(
    `const engine = await createEngine({ threads: 2, pool: { least: 0, grain: 16, lazy: true } });
     const x = engine.tensor(1000); x.grad.fill(1);
     const opt = adam([x]);
     let from = cpu();
     for (const end = performance.now() + 100; performance.now() < end; ) opt.step();
     const busy = cpu() - from;
     await sleep(100); // workers spin for 1 ms; V8 compiles in the background for longer
     from = cpu();
     await sleep(400);
     console.log(JSON.stringify({ busy, idle: cpu() - from, idleOf: 400 }));`,
  );
  expect(busy).toBeGreaterThan(20);
  // A worker that spins would take all of it. What is left, some 2 ms, is the test's own and the clock's.
  expect(idle).toBeLessThan(0.1 * idleOf);
});

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

test("a worker lost in the midst of a call makes the engine throw, and refuse what comes after", async () => {
  const { engine, workers } = await withWorkers({ pool: { ...SPLIT_ALL, patience: 200 }, tile: 4 });
  const size = 1200; // some 50 ms a share: the worker is far from done when it is gone
  const [a, b] = [engine.tensor([size, size]), engine.tensor([size, size])];
  const out = engine.tensor([size, size]);
  const { pool } = (
    engine.memory as unknown as { threaded: { pool: { kernels: unknown[]; control: { words: Int32Array } } } }
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
    /^a worker thread was lost in the midst of a call, and .* make a new engine$/,
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
  expect(engine.memory.stale(view)).toBe(true);
  const before = helped(engine);
  engine.kernels.copy(5000, small.ref, engine.memory.at(big.ref, (4 << 20) - 5000, 5000));
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
     const update = engine.memory.update("sgd", undefined, sgd.rule.codes);
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
     console.log(JSON.stringify({ ...bytes, helped: engine.memory.threaded.pool.helped }));`,
    ["--expose-gc"],
  );
  const { helped: by, ...bytes } = found;
  expect(by).toBeGreaterThan(0); // on a busy machine the caller runs most shares itself
  // A look at the clock is 16 bytes: one where the caller waits long for a worker.
  for (const [name, each] of Object.entries(bytes)) expect(each, name).toBeLessThan(LEAST);
});
