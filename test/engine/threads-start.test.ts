/** How threads begin: refusals, hosts without them, their binaries; and a process that ends, idle or done. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cores } from "../../src/engine/threads/host.js";
import { sharedBuild } from "../../src/engine/threads/sharedBuild.js";
import { createEngine } from "../../src/index.js";
import { built } from "../support/built.js";
import { child } from "../support/childProcess.js";

test("threads beyond four a core, below one, or broken are refused by name", async () => {
  const most = 4 * (await cores())!;
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
  expect(engine.threads).toBe(Math.min((await cores())!, 16));
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

test("a Node without process.getBuiltinModule, as before 20.16, has threads and reads files", async () => {
  const file = JSON.stringify(built("wasm/strict.wasm").href);
  const found = await child(
    `delete process.getBuiltinModule;
     const engine = await createEngine({ threads: 2, module: ${file}, pool: { least: 0, grain: 16, lazy: true } });
     const { threads, reason } = engine;
     const x = engine.tensor(1000); x.grad.fill(1); adam([x]).step();
     const { helped } = engine.implementation.threaded.pool;
     engine.dispose();
     console.log(JSON.stringify({ threads, reason, helped }));`,
  );
  expect(found).toMatchObject({ threads: 2, reason: "wasm, strict SIMD: the module given; 2 threads" });
  expect(found.helped).toBeGreaterThan(0);
});

test('"auto" that ends with one thread says why', async () => {
  const reason = (before: string) =>
    child(`${before}
      const engine = await createEngine({ threads: "auto", simd: "strict" });
      console.log(JSON.stringify(engine.reason));`);
  const os = 'process.getBuiltinModule?.("node:os") ?? (await import("node:os")).default';
  expect(await reason(`(${os}).availableParallelism = () => 1;`)).toMatch(/; one thread: the host has one core$/);
  const silent = `(${os}).availableParallelism = () => { throw new Error("not here"); };`;
  expect(await reason(silent)).toMatch(/; one thread: the host does not say how many cores it has$/);
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
