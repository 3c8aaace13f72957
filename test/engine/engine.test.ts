import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import type { EngineOptions } from "../../src/engine/select.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { backends } from "../support/backends.js";

for (const backend of backends) {
  test(`${backend.name}: an engine says what it is`, async () => {
    using engine = await backend.create();
    const [name, simd = "none"] = backend.name.split(" ");
    expect(engine.backend).toBe(name);
    expect(engine.simd).toBe(simd);
    expect(engine.threads).toBe(1);
    expect(engine.bytesInUse).toBe(0);
    expect(engine.reason).toMatch(name === "js" ? /^js: asked for$/ : new RegExp(`^wasm, ${simd} SIMD: asked for$`));
  });

  test(`${backend.name}: two engines live side by side`, async () => {
    using one = await backend.create();
    using two = await backend.create();
    const a = one.tensor(4, [1, 2, 3, 4]);
    const b = two.tensor(4, [5, 6, 7, 8]);
    expect([...a.data]).toEqual([1, 2, 3, 4]);
    expect([...b.data]).toEqual([5, 6, 7, 8]);
    expect([one.bytesInUse, two.bytesInUse]).toEqual([64, 64]);
    two.tensor(2 ** 20);
    one.dispose();
    expect([...b.data]).toEqual([5, 6, 7, 8]);
    using model = sequential(two, [dense(2, 2)], { seed: 1 });
    using three = await backend.create();
    expect(() => model.forward(three.tensor([1, 2]))).toThrow(
      /^x: expected a tensor of this engine, got another engine's/,
    );
  });

  test(`${backend.name}: a disposed engine refuses everything that would use it`, async () => {
    const engine = await backend.create();
    const t = engine.tensor([1, 2], [1, 2]);
    const model = sequential(engine, [dense(2, 2)], { seed: 1 });
    const attached = engine.attach(new Float32Array(2));
    model.forward(t);
    engine.dispose();
    engine.dispose();
    expect(engine.bytesInUse).toBe(0);
    const gone = /engine: expected a live engine, got one that has been disposed/;
    for (const use of [
      () => engine.tensor(1),
      () => engine.attach(new Float32Array(1)),
      () => engine.matmul(t, t),
      () => sequential(engine, [dense(2, 2)]),
      () => t.data,
      () => t.grad,
      () => t.toArray(),
      () => t.copyFrom([1, 2]),
      () => attached.data,
      () => model.forward(t),
      () => model.backward(t),
      () => model.parameters()[0].data,
    ]) {
      expect(use).toThrow(TypeError);
      expect(use).toThrow(gone);
    }
    t.dispose();
    model.dispose();
    attached.dispose();
    expect(engine.bytesInUse).toBe(0);
  });

  test(`${backend.name}: using disposes an engine`, async () => {
    let outer: Awaited<ReturnType<typeof backend.create>>;
    {
      using engine = await backend.create();
      outer = engine;
      outer.tensor(4);
    }
    expect(() => outer.tensor(1)).toThrow(/disposed/);
  });
}

test("options that no one reads, and values that make no sense, are refused by name", async () => {
  const refusals: [EngineOptions, typeof TypeError | typeof RangeError, RegExp][] = [
    [{ backends: "js" } as EngineOptions, RangeError, /createEngine: expected options among backend, .*got "backends"/],
    [{ backend: "webgpu" as "js" }, RangeError, /^backend: expected "auto" or "wasm" or "js", got "webgpu"/],
    [{ backend: 1 as never }, TypeError, /^backend: .*got 1/],
    [{ simd: "fast" as "auto" }, RangeError, /^simd: .*got "fast"/],
    [{ backend: "js", simd: "relaxed" }, RangeError, /^simd: .*got "relaxed"/],
    [{ threads: 0 }, RangeError, /^threads: .*got 0/],
    [{ threads: 1.5 }, RangeError, /^threads: .*got 1.5/],
    [{ threads: "all" as "auto" }, TypeError, /^threads: .*got "all"/],
    [{ maxMemoryMiB: 0 }, RangeError, /^maxMemoryMiB: .*got 0/],
    [{ maxMemoryMiB: -1 }, RangeError, /^maxMemoryMiB: .*got -1/],
    [{ maxMemoryMiB: Number.POSITIVE_INFINITY }, RangeError, /^maxMemoryMiB: .*got Infinity/],
    [{ maxMemoryMiB: "64" as never }, TypeError, /^maxMemoryMiB: .*got "64"/],
    [{ module: 5 as never }, TypeError, /^module: expected a WebAssembly.Module, .*got 5/],
    [{ module: null as never }, TypeError, /^module: .*got null/],
    [{ module: [0, 97, 115, 109] as never }, TypeError, /^module: .*got \[0, 97, 115, 109\]/],
    [{ tile: 8 as 4 }, RangeError, /^tile: expected 4 or 6, got 8/],
    [null as never, TypeError, /^options: expected an object, got null/],
  ];
  for (const [options, type, message] of refusals) {
    const attempt = createEngine(options);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toBeInstanceOf(type);
  }
});
