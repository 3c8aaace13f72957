/** Arrays, buffers and modules of another realm, as a frame, a test runner's context or an extension hands them over. */
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { describe, expect, test } from "vitest";
import {
  adam,
  createEngine,
  decodeSafetensors,
  dense,
  encodeSafetensors,
  loadCheckpoint,
  type Optimizer,
  saveCheckpoint,
  sequential,
  sgd,
  softmaxCrossEntropy,
  train,
} from "../../src/index.js";
import { landscapes } from "../../src/landscape/index.js";
import { built } from "../support/built.js";

const other = vm.createContext({});
/** A value of the other realm. */
const foreign = (code: string) => vm.runInContext(code, other);

test("the other realm has classes of its own", () => {
  expect(foreign("new Float32Array(1)") instanceof Float32Array).toBe(false);
});

for (const backend of ["js", "wasm"] as const) {
  describe(backend, () => {
    test("an array and a gradient of another realm are attached and stepped", async () => {
      using engine = await createEngine({ backend });
      const data = foreign("Float32Array.of(1, 2, 3)");
      const grad = foreign("Float32Array.of(1, -1, 0)");
      sgd([engine.attach(data, { grad })], { lr: 0.5 }).step();
      expect([...data]).toEqual([0.5, 2.5, 3]);
    });

    test("saved state of another realm is loaded", async () => {
      using engine = await createEngine({ backend });
      const make = () => {
        const p = engine.tensor([3], [1, 2, 3]);
        p.grad.set([1, 2, 3]);
        return { p, opt: adam([p]) };
      };
      const a = make();
      a.opt.step();
      const saved = a.opt.stateDict();
      const convert = (value: unknown): unknown => {
        if (ArrayBuffer.isView(value)) return foreign("(a) => Float32Array.from(a)")(value);
        if (Array.isArray(value)) return foreign("(a) => Array.from(a)")(value.map(convert));
        if (typeof value !== "object" || value === null) return value;
        return foreign("(e) => Object.fromEntries(e)")(Object.entries(value).map(([k, v]) => [k, convert(v)]));
      };
      const b = make();
      b.opt.loadStateDict(convert(saved) as typeof saved);
      b.p.copyFrom(a.p.data);
      a.opt.step();
      b.opt.step();
      expect([...b.p.data]).toEqual([...a.p.data]);
    });

    test("labels, tensors and files of another realm are taken", async () => {
      using engine = await createEngine({ backend });
      const x = engine.tensor([2, 3], foreign("Float32Array.of(1, 2, 3, 4, 5, 6)"));
      const labels = foreign("Int32Array.of(0, 2)");
      expect(softmaxCrossEntropy(x, labels).value).toBe(softmaxCrossEntropy(x, Int32Array.of(0, 2)).value);
      const bytes = encodeSafetensors({ a: { shape: [2], data: foreign("Float64Array.of(-0, NaN)") } });
      for (const given of [
        foreign("(b) => new Uint8Array(b)")(bytes),
        foreign("(b) => new Uint8Array(b).buffer")(bytes),
      ])
        expect([...decodeSafetensors(given).tensors.get("a")!.data]).toEqual([-0, Number.NaN]);
      const model = sequential(engine, [dense(3, 3)], { seed: 1 });
      const opt: Optimizer = adam(model.parameters());
      const data = { x: foreign("[[1, 2, 3], [4, 5, 6]]"), y: labels };
      const { signal } = new AbortController();
      const strange = foreign(
        "(signal) => ({ aborted: false, reason: undefined, addEventListener() {}, removeEventListener() {} })",
      )(signal);
      await train(model, data, { optimizer: opt, loss: softmaxCrossEntropy, epochs: 2, batchSize: 2, signal: strange });
      expect(opt.stepCount).toBe(2);
      const saved = saveCheckpoint({ model, optimizer: opt }, foreign("({ note: { deep: [1, 'two', null] } })"));
      const extra = loadCheckpoint(foreign("(b) => new Uint8Array(b)")(saved), { model, optimizer: opt });
      expect(extra).toEqual({ note: { deep: [1, "two", null] } });
    });

    test("a gradient or an array whose buffer is gone is refused, and nothing changes", async () => {
      using engine = await createEngine({ backend });
      for (const gone of ["grad", "data"] as const) {
        const arrays = { data: Float32Array.of(1, 2), grad: Float32Array.of(1, 1) };
        const q = engine.tensor([2], [5, 6]);
        q.grad.fill(1);
        const opt = adam([q, engine.attach(arrays.data, { grad: arrays.grad })]);
        opt.step();
        const before = [...q.data];
        structuredClone(arrays[gone].buffer, { transfer: [arrays[gone].buffer] });
        expect(() => opt.step()).toThrow(
          `${gone}: expected the 2 numbers that were attached, got 0: its buffer was transf`,
        );
        expect(() => opt.step()).toThrow(TypeError);
        expect([...q.data]).toEqual(before);
        expect(opt.stepCount).toBe(1);
        if (gone === "grad") expect([...arrays.data]).toEqual([...engine.tensor([2], arrays.data).data]);
      }
    });
  });
}

test("a binary of another realm is taken: a module, bytes, a buffer, an address", async () => {
  const file = built("wasm/strict.wasm");
  const bytes = readFileSync(file);
  const given = [
    foreign("(b) => new WebAssembly.Module(b)")(bytes),
    foreign("(b) => Uint8Array.from(b)")(bytes),
    foreign("(b) => Uint8Array.from(b).buffer")(bytes),
    foreign("(href) => ({ href, [Symbol.toStringTag]: 'URL', toString: () => href })")(file.href),
  ];
  for (const module of given) {
    using engine = await createEngine({ module });
    expect(engine.reason).toBe("wasm, strict SIMD: the module given");
    const c = engine.matmul(engine.tensor([1, 2], [3, 4]), engine.tensor([2, 1], [5, 6]));
    expect([...c.data]).toEqual([39]);
  }
});

test("surfaces write to an array of another realm", () => {
  const out = foreign("new Float64Array(2)");
  landscapes.bowl!.gradient!([1, 2], out);
  expect([...out]).toEqual([...landscapes.bowl!.gradient!([1, 2], new Float64Array(2))]);
});
