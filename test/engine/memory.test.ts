import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { relu } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { mse } from "../../src/nn/squaredError.js";
import { backends, threaded } from "../support/backends.js";
import { difference, numbers, uniform } from "../support/numbers.js";

const MIB = 2 ** 18; // elements

/** Bytes of WebAssembly memory that an engine holds; nothing to tell on js. */
function held(engine: Engine): number {
  if (engine.backend === "js") return 0;
  using probe = engine.tensor(1);
  return probe.data.buffer.byteLength;
}

for (const backend of [...backends, threaded(2)]) {
  test(`${backend.name}: tensors survive the growth of memory, and their views are made afresh`, async () => {
    using engine = await backend.create();
    const values = uniform(1008, 1);
    const t = engine.tensor(1008, values);
    t.grad.set(values);
    const view = t.data;
    const before = held(engine);
    const big = Array.from({ length: 6 }, (_, i) => engine.tensor(4 * MIB, uniform(4 * MIB, i)));
    expect(engine.bytesInUse).toBe(2 * 4032 + 6 * 4 * MIB * 4);
    expect(difference(t.data, values)).toBeUndefined();
    expect(difference(t.grad, values)).toBeUndefined();
    for (const [i, b] of big.entries()) expect(difference(b.data, uniform(4 * MIB, i))).toBeUndefined();
    if (engine.backend === "js") return;
    expect(held(engine)).toBeGreaterThan(before + 23 * 2 ** 20);
    // The old view is detached, so that nothing can be written past the growth unseen; shared memory stays where it was.
    expect(view.length).toBe(engine.threads > 1 ? 1008 : 0);
    expect(t.data).toBe(t.data); // and a view is made once a growth, not once a look
  });

  test(`${backend.name}: memory grows in the midst of a product and of a model's pass`, async () => {
    using engine = await backend.create();
    const [m, n, k] = engine.backend === "js" ? [3, 60, 70] : [300, 600, 700];
    const a = engine.tensor([m, k], uniform(m * k, 1));
    const b = engine.tensor([k, n], uniform(k * n, 2));
    const first = engine.matmul(a, b).toArray(); // its working memory does not fit before growth
    expect(difference(engine.matmul(a, b).data, first)).toBeUndefined();
    using model = sequential(engine, [dense(k, n), relu(), dense(n, 3)], { seed: 1 });
    const target = engine.tensor([m, 3]);
    const step = () => {
      const loss = mse(model.forward(a), target);
      for (const p of model.parameters()) p.grad.fill(0);
      model.backward(loss.grad);
      return { value: loss.value, grad: model.parameters()[0].grad.slice() };
    };
    const once = step();
    const again = step();
    expect(again.value).toBe(once.value);
    expect(difference(again.grad, once.grad)).toBeUndefined();
  });

  test(`${backend.name}: memory that is used again is zeros`, async () => {
    using engine = await backend.create();
    for (let i = 0; i < 20; i++) {
      using t = engine.tensor(1000 + i);
      expect(t.data.every((x) => Object.is(x, 0))).toBe(true);
      expect(t.grad.every((x) => Object.is(x, 0))).toBe(true);
      t.data.fill(Number.NaN);
      t.grad.fill(Number.NaN);
    }
  });

  test(`${backend.name}: round after round of making and disposing leaves nothing behind`, async () => {
    using engine = await backend.create();
    // On threads each pass waits for a worker; and the heap, which is the caller's alone, is the same.
    const rounds = engine.threads > 1 ? 100 : 1000;
    const x = engine.tensor([5, 7], uniform(35, 3));
    const target = engine.tensor([5, 3]);
    const before = engine.bytesInUse;
    let steady = 0;
    for (let round = 0; round < rounds; round++) {
      const next = numbers(round % 10); // the same ten rounds over and over, so that memory can come to rest
      using t = engine.tensor(1 + Math.floor(5000 * next()));
      t.grad.fill(1);
      using model = sequential(engine, [dense(7, 1 + Math.floor(40 * next())), relu()], { seed: round });
      using head = sequential(engine, [dense(model.layers[0].outputs!, 3)], { seed: round });
      head.backward(mse(head.forward(model.forward(x)), target).grad);
      engine.attach(new Float32Array(9)).dispose();
      if (round === Math.min(99, rounds / 2 - 1)) steady = held(engine);
    }
    expect(engine.bytesInUse).toBe(before);
    expect(held(engine)).toBe(steady);
  });

  test(`${backend.name}: tensors made and freed at random keep their numbers`, async () => {
    using engine = await backend.create();
    const next = numbers(7);
    const live: { t: Tensor; values: Float32Array }[] = [];
    for (let i = 0; i < 3000; i++) {
      if (live.length > 40 || (live.length > 0 && next() < 0.45)) {
        const { t, values } = live.splice(Math.floor(next() * live.length), 1)[0];
        expect(difference(t.data, values)).toBeUndefined();
        t.dispose();
      } else {
        const values = uniform(1 + Math.floor(next() ** 4 * 20000), i);
        live.push({ t: engine.tensor(values.length, values), values });
      }
    }
    for (const { t, values } of live) expect(difference(t.data, values)).toBeUndefined();
    for (const { t } of live) t.dispose();
    expect(engine.bytesInUse).toBe(0);
  });

  test(`${backend.name}: past its limit an engine refuses, naming request, use and limit, and works on`, async () => {
    using engine = await backend.create({ maxMemoryMiB: 8 });
    const t = engine.tensor(MIB, uniform(MIB, 1));
    const message = /out of memory: a request of 16\.00 MiB with 1\.00 MiB in use and a limit of 8\.00 MiB/;
    expect(() => engine.tensor(16 * MIB)).toThrow(RangeError);
    expect(() => engine.tensor(16 * MIB)).toThrow(message);
    expect(engine.bytesInUse).toBe(4 * MIB);
    {
      using long = engine.tensor([2048, 1]);
      using wide = engine.tensor([1, 2048]);
      expect(() => engine.matmul(long, wide)).toThrow(/a request of 16\.00 MiB with 1\.02 MiB in use/);
    }
    // Many small ones, until there is no room: every one of them is whole, and all can be given back.
    const small: Tensor[] = [];
    expect(() => {
      for (;;) small.push(engine.tensor(10000, new Array(10000).fill(small.length)));
    }).toThrow(RangeError);
    expect(small.length).toBeGreaterThan(150);
    for (const [i, s] of small.entries()) expect(s.data.every((x) => x === i)).toBe(true);
    for (const s of small) s.dispose();
    expect(difference(t.data, uniform(MIB, 1))).toBeUndefined();
    expect(engine.tensor(MIB).size).toBe(MIB);
  });

  test(`${backend.name}: a product or a model without room is refused in the same words, and leaves nothing behind`, async () => {
    using engine = await backend.create({ maxMemoryMiB: 2 });
    const a = engine.tensor([256, 512], uniform(MIB / 2, 1));
    const b = engine.tensor([512, 256], uniform(MIB / 2, 2));
    const before = engine.bytesInUse;
    const words = /out of memory: a request of \S+ MiB with \S+ MiB .* and a limit of 2\.00 MiB/;
    for (let i = 0; i < 3; i++) {
      // js needs no working memory for its products.
      if (engine.backend === "wasm") {
        expect(() => engine.matmul(a, b)).toThrow(RangeError);
        expect(() => engine.matmul(a, b)).toThrow(words);
      }
      expect(() => sequential(engine, [dense(1000, 1000)])).toThrow(RangeError);
      expect(() => sequential(engine, [dense(1000, 1000)])).toThrow(words);
      expect(engine.bytesInUse).toBe(before);
    }
    const c = engine.matmul(engine.tensor([2, 2], [1, 2, 3, 4]), engine.tensor([2, 2], [5, 6, 7, 8]));
    expect([...c.data]).toEqual([19, 22, 43, 50]);
  });

  test(`${backend.name}: a limit above what WebAssembly can address is no reason to do without it`, async () => {
    using engine = await backend.create({ maxMemoryMiB: 8192 });
    expect(engine.backend).toBe(backend.name === "js" ? "js" : "wasm");
    using tiny = await backend.create({ maxMemoryMiB: 0.25 });
    expect(tiny.tensor(100).size).toBe(100);
  });
}
