/**
 * Hosts that have less than a page or Node: contexts of node:vm with the globals of ECMAScript alone, as AudioWorklets, test
 * runners and edge hosts have them. The built package imports there, trains, and says what it has not.
 */
import { describe, expect, test } from "vitest";
import { built } from "../support/built.js";
import { inRealm } from "../support/inRealm.js";

/** A training run, whose `report` has the engine's reason and the bits of its parameters. */
const training = (options: string) => `
  const { createEngine, adamw, dense, mse, relu, sequential, tanh } = thalweg;
  const engine = await createEngine(${options});
  const model = sequential(engine, [dense(4, 8), relu(), dense(8, 3), tanh(), dense(3, 1)], { seed: 1 });
  const opt = adamw(model.parameters(), { lr: 0.01 });
  const x = engine.tensor([5, 4], Array.from({ length: 20 }, (_, i) => (i * 7) % 11 - 5));
  const y = engine.tensor([5, 1], [1, 0, -1, 0, 1]);
  for (let step = 0; step < 20; step++) {
    const { grad } = mse(model.forward(x), y);
    model.backward(grad);
    opt.step(undefined, { zeroGrad: true, clipNorm: 1 });
  }
  const saved = opt.stateDict();
  opt.loadStateDict(saved);
  const bits = model.parameters().flatMap((p) => [...new Int32Array(p.toArray().buffer)]);
  report = { bits, backend: engine.backend, threads: engine.threads, reason: engine.reason };`;

interface Report {
  bits: number[];
  backend: string;
  threads: number;
  reason: string;
}

/** The same run in this process. */
const here = (async () => {
  const thalweg = await import(built("index.js").href);
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (library: unknown) => Promise<Report>;
  const run = new AsyncFunction("thalweg", `let report; ${training('{ simd: "strict" }')} return report;`);
  return run(thalweg);
})();

const BARE = ["WebAssembly", "SharedArrayBuffer", "Atomics", "console", "Intl"];

describe("a context with the globals of ECMAScript alone", () => {
  test("imports the package, loads no loader, and trains on js to the same bits", async () => {
    const { report, modules } = await inRealm(training("{}"), { remove: BARE });
    const { bits } = await here;
    expect(report).toEqual({ bits, backend: "js", threads: 1, reason: "js: the host has no WebAssembly" });
    expect(modules.filter((url) => /assemblyscript/.test(url))).toEqual([]);
  });

  test("runs WebAssembly without the loader, which needs a TextDecoder", async () => {
    const { report, modules } = await inRealm(training('{ simd: "strict" }'));
    const { bits } = await here;
    expect(report).toEqual({ bits, backend: "wasm", threads: 1, reason: "wasm, strict SIMD: asked for" });
    expect(modules.some((url) => /assemblyscript\/loader/.test(url))).toBe(true);
  });

  test("says why threads are one", async () => {
    for (const threads of ["2", '"auto"']) {
      const { report } = await inRealm(training(`{ simd: "strict", threads: ${threads} }`));
      const { bits } = await here;
      const reason = "wasm, strict SIMD: asked for; one thread: the host has no workers";
      expect(report).toEqual({ bits, backend: "wasm", threads: 1, reason });
    }
    const { report } = await inRealm(training('{ threads: "auto", backend: "js" }'), { remove: BARE });
    expect((report as Report).reason).toBe("js: asked for; one thread: js has no more");
  });
});

test("frozen intrinsics keep neither the import nor WebAssembly away", async () => {
  const before = `
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name));
    for (const name of names) for (const each of [globalThis[name], globalThis[name]?.prototype]) Object.freeze(each);`;
  const { report } = await inRealm(training('{ simd: "strict" }'), { before, add: "{ TextDecoder, performance }" });
  const { bits } = await here;
  expect(report).toMatchObject({ bits, backend: "wasm", threads: 1 });
});

test("importing the package changes no global, and making a js engine neither", async () => {
  const body = `
    await thalweg.createEngine({ backend: "js" });
    report = { hasOwn: "hasOwn" in Object, globals: Object.getOwnPropertyNames(globalThis).length === globalsBefore };`;
  const before = `
    delete Object.hasOwn;
    globalThis.globalsBefore = Object.getOwnPropertyNames(globalThis).length + 1;`;
  const { report } = await inRealm(body, { before, add: "{ TextDecoder, performance }" });
  expect(report).toEqual({ hasOwn: false, globals: true });
});

// An edge host: what its process and navigator lack throws when it is read.
const EDGE = `
  const refuse = (name) => { throw new Error(name + " is not supported in this runtime"); };
  globalThis.process = new Proxy({ env: {} }, { get: (own, name) => name in own ? own[name] : refuse("process." + String(name)) });
  Object.defineProperty(globalThis, "navigator", { get: () => refuse("navigator") });`;

test("a host that throws when it is asked for its cores has an engine all the same", async () => {
  const { bits } = await here;
  for (const options of ["{}", '{ backend: "js" }', '{ threads: "auto" }', '{ threads: 2, backend: "js" }']) {
    const { report } = await inRealm(training(options), { before: EDGE, remove: ["WebAssembly"] });
    expect(report, options).toMatchObject({ bits, backend: "js", threads: 1 });
  }
  const { report } = await inRealm(training('{ simd: "strict", threads: "auto" }'), { before: EDGE });
  expect(report).toMatchObject({ bits, reason: expect.stringMatching(/; one thread: the host has no workers$/) });
});
