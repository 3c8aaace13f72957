/**
 * The same bits for any number of threads: every update kernel, pass, sum and product, cut into shares of eight elements,
 * one block and one tile, of which the caller runs none but its own.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { extraKernels } from "../../src/engine/extraKernels.js";
import * as library from "../../src/index.js";
import { backends, helped, SPLIT_ALL, threaded } from "../support/backends.js";
import { awkward, difference, uniform } from "../support/numbers.js";
import { type AnyFactory, type Hyper, rows } from "../support/options.js";
import { LAYOUTS, transposed, tripleLoop } from "../support/products.js";
import { train } from "../support/training.js";

const js = backends.find(({ name }) => name === "js")!;
const ROWS = [2, 3, 4].map(threaded);
const engines: Engine[] = [];

beforeAll(async () => {
  for (const row of ROWS) engines.push(await row.create());
});
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

/** Runs on every number of threads, and fails where no worker took part. */
function onEach(run: (engine: Engine, name: string) => void): void {
  for (const [i, engine] of engines.entries()) {
    const before = helped(engine);
    run(engine, ROWS[i].name);
    expect(helped(engine), `${ROWS[i].name}: shares run by workers`).toBeGreaterThan(before);
    expect(engine.bytesInUse).toBe(0);
  }
}

it("has the threads that were asked for", () => {
  expect(engines.map(({ threads }) => threads)).toEqual([2, 3, 4]);
  for (const { threads, reason } of engines) expect(reason).toBe(`wasm, strict SIMD: asked for; ${threads} threads`);
});

const STEPS = 3;

/** Parameters and state after a few steps with awkward gradients. */
function trained(engine: Engine, factory: AnyFactory, hyper: Hyper): Float32Array[] {
  const tensors = [engine.tensor(203, awkward(203, 1)), engine.tensor([7, 13], uniform(7 * 13, 2))];
  const opt = factory(tensors, hyper);
  for (let t = 1; t <= STEPS; t++) {
    for (const [i, { grad, size }] of tensors.entries()) grad.set((i === 0 ? awkward : uniform)(size, 10 * t + i));
    opt.step(() => 0);
  }
  const state = tensors.flatMap((tensor) => Object.values(opt.state(tensor)));
  const found = [...tensors, ...state].map((tensor) => tensor.toArray());
  opt.dispose();
  for (const tensor of tensors) tensor.dispose();
  return found;
}

describe("steps", () => {
  it.each(rows)("$title", async ({ factory, hyper }) => {
    using one = await js.create();
    const want = trained(one, factory, hyper);
    onEach((engine, name) => {
      const got = trained(engine, factory, hyper);
      expect(got.length).toBe(want.length);
      for (const [i, array] of got.entries()) expect(difference(array, want[i]), `${name}, array ${i}`).toBeUndefined();
    });
  });
});

it("sums add up blocks in their order", async () => {
  using one = await js.create();
  using several = await library.createEngine({ simd: "strict", threads: 3, pool: { ...SPLIT_ALL, blocks: 2 } });
  for (const n of [4097, 8192, 5 * 4096 + 3, 100_001]) {
    const [x, y] = [uniform(n, n), uniform(n, n + 1)];
    const run = (engine: Engine) => {
      using a = engine.tensor(n, x);
      using b = engine.tensor(n, y);
      const { dot, sum, sumAbs } = engine.kernels;
      return [dot(n, a.ref, b.ref), sum(n, a.ref), sumAbs(n, a.ref)];
    };
    const want = run(one);
    onEach((engine, name) => expect(run(engine), `${name}, ${n} elements`).toEqual(want));
    expect(run(several)).toEqual(want);
  }
});

it("vector kernels pass over every element once", async () => {
  using one = await js.create();
  for (const n of [32, 1000, 5003]) {
    const run = (engine: Engine) => {
      using x = engine.tensor(n, awkward(n, n));
      using y = engine.tensor(n, uniform(n, 1));
      using z = engine.tensor(n);
      const whole = x.place.length;
      const kernels = { ...engine.kernels, ...extraKernels(engine) };
      const passes = [
        () => kernels.axpy(whole, x.ref, y.ref, 0.3),
        () => kernels.scale(whole, y.ref, -1.7),
        () => kernels.subtract(whole, x.ref, y.ref, z.ref),
        () => kernels.multiply(whole, z.ref, y.ref, z.ref),
        () => kernels.clamp(whole, z.ref, 2),
        () => kernels.lerp(whole, z.ref, y.ref, 0.1),
        () => kernels.axpySquare(whole, z.ref, y.ref, 0.5),
        () => kernels.swap(whole, y.ref, z.ref),
        () => kernels.clipRatios(whole, y.ref, z.ref, 0.01, 1e-3),
        () => kernels.flush(whole, x.ref),
        () => kernels.copy(whole, y.ref, x.ref),
        () => kernels.fill(whole, z.ref, 0.25),
      ];
      return passes.flatMap((pass) => {
        pass();
        return [x, y, z].map((tensor) => tensor.toArray());
      });
    };
    const want = run(one);
    onEach((engine, name) => {
      for (const [i, array] of run(engine).entries())
        expect(difference(array, want[i]), `${name}, ${n} elements, array ${i}`).toBeUndefined();
    });
  }
});

const { dense, l1, mse, huber, binaryCrossEntropyWithLogits, softmaxCrossEntropy } = library;
const LAYERS: Record<string, () => library.Layer> = {
  relu: library.relu,
  leakyRelu: library.leakyRelu,
  elu: library.elu,
  sigmoid: library.sigmoid,
  tanh: library.tanh,
  gelu: library.gelu,
  "gelu by tanh": () => library.gelu({ approximate: "tanh" }),
  silu: library.silu,
  softplus: library.softplus,
  mish: library.mish,
  dropout: () => library.dropout(0.3),
  layerNorm: () => library.layerNorm(10),
};
const LOSSES = { l1, mse, huber, binaryCrossEntropyWithLogits, softmaxCrossEntropy };

it.each(Object.entries(LAYERS))("a model with %s goes forward and back as on one thread", async (_, layer) => {
  using one = await js.create();
  const run = (engine: Engine) => {
    using model = library.sequential(engine, [dense(6, 10), layer(), dense(10, 5)], { seed: 1 });
    using x = engine.tensor([37, 6], uniform(37 * 6, 1));
    using target = engine.tensor([37, 5], uniform(37 * 5, 2));
    const found: Float32Array[] = [];
    for (const loss of Object.values(LOSSES)) {
      const y = model.forward(x);
      const { value, grad } = loss(y, target);
      found.push(y.toArray(), Float32Array.of(value), grad.toArray(), model.backward(grad)!.toArray());
      found.push(...model.parameters().map((p) => p.grad.slice()));
    }
    return found;
  };
  const want = run(one);
  onEach((engine, name) => {
    for (const [i, array] of run(engine).entries())
      expect(difference(array, want[i]), `${name}, array ${i}`).toBeUndefined();
  });
});

it("kernels over rows take whole rows", async () => {
  using one = await js.create();
  for (const [count, columns] of [
    [5, 1],
    [33, 7],
    [64, 10],
    [130, 3],
  ] as const) {
    const run = (engine: Engine) => {
      using x = engine.tensor([count, columns], uniform(count * columns, 1));
      using bias = engine.tensor(columns, uniform(columns, 2));
      using out = engine.tensor([count, columns]);
      using order = engine.tensor(count);
      const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % columns);
      engine.implementation.ints(order.ref, count).set(labels.map((_, i) => (i * 13) % count));
      const found: Float32Array[] = [];
      extraKernels(engine).gatherRows(count, columns, x.ref, engine.implementation.asInts(order.ref, count), out.ref);
      found.push(out.toArray());
      engine.kernels.addRow(count, columns, bias.ref, out.ref);
      found.push(out.toArray());
      const byClass = softmaxCrossEntropy(x, labels);
      found.push(Float32Array.of(byClass.value), byClass.grad.toArray());
      const byRow = softmaxCrossEntropy(x, out);
      found.push(Float32Array.of(byRow.value), byRow.grad.toArray());
      return found;
    };
    const want = run(one);
    onEach((engine, name) => {
      for (const [i, array] of run(engine).entries())
        expect(difference(array, want[i]), `${name}, ${count} x ${columns}, array ${i}`).toBeUndefined();
    });
  }
});

it("products are the triple loop, whatever the blocks of C", () => {
  for (const [m, n, k] of [
    [1, 40, 9],
    [40, 1, 9],
    [4, 8, 1],
    [13, 17, 5],
    [33, 70, 40],
    [200, 50, 520],
    [50, 1030, 20],
  ] as const) {
    const [a, b, old] = [uniform(m * k, 1), uniform(k * n, 2), uniform(m * n, 3)];
    const want = [tripleLoop(m, n, k, a, b), tripleLoop(m, n, k, a, b, old)];
    onEach((engine, name) => {
      for (const { name: layout, transposeA, transposeB } of LAYOUTS) {
        using x = engine.tensor(transposeA ? [k, m] : [m, k], transposeA ? transposed(m, k, a) : a);
        using y = engine.tensor(transposeB ? [n, k] : [k, n], transposeB ? transposed(k, n, b) : b);
        for (const accumulate of [false, true]) {
          using out = engine.tensor([m, n], old);
          engine.matmul(x, y, { transposeA, transposeB, out, accumulate });
          const wrong = difference(out.data, want[accumulate ? 1 : 0]);
          if (wrong) expect.fail(`${name}: ${layout} ${m}x${n}x${k}${accumulate ? " accumulating" : ""}: ${wrong}`);
        }
      }
    });
  }
});

// One row has sums in another order there (assembly/gemm/vector.ts), which must not depend on where C is cut.
for (const relaxed of backends.filter(({ exact }) => !exact)) {
  it(`${relaxed.name}: products have the bits of one thread`, async () => {
    using one = await relaxed.create();
    using three = await relaxed.create({ threads: 3, pool: { ...SPLIT_ALL, lazy: true } });
    for (const [m, n, k] of [
      [1, 7, 40],
      [1, 50, 239],
      [1, 2050, 1728],
      [1, 1500, 2100],
      [40, 1, 300],
      [13, 26, 70], // a block of one row would be left over
      [25, 26, 70],
      [9, 10, 600],
    ] as const) {
      const [a, b, old] = [uniform(m * k, 1), uniform(k * n, 2), uniform(m * n, 3)];
      for (const { name, transposeA, transposeB } of LAYOUTS) {
        for (const accumulate of [false, true]) {
          const [want, got] = [one, three].map((engine) => {
            using x = engine.tensor(transposeA ? [k, m] : [m, k], a);
            using y = engine.tensor(transposeB ? [n, k] : [k, n], b);
            using out = engine.tensor([m, n], old);
            return engine.matmul(x, y, { transposeA, transposeB, out, accumulate }).toArray();
          });
          const wrong = difference(got, want);
          if (wrong) expect.fail(`${name} ${m}x${n}x${k}${accumulate ? " accumulating" : ""}: ${wrong}`);
        }
      }
    }
    expect(helped(three)).toBeGreaterThan(0);
  });
}

it("no share is run twice or left out, over thousands of jobs", async () => {
  using engine = await library.createEngine({ simd: "strict", threads: 4, pool: SPLIT_ALL });
  const n = 1000;
  const [ones, sum] = [engine.tensor(n, new Array(n).fill(1)), engine.tensor(n)];
  const { axpy, fill } = engine.kernels;
  for (let round = 0; round < 10; round++) {
    for (let i = 1; i <= 500; i++) axpy(i % 3 === 0 ? n : 8 * (1 + (i % 100)), ones.ref, sum.ref, 1);
    const want = Float32Array.from({ length: n }, (_, at) => {
      let count = 0;
      for (let i = 1; i <= 500; i++) if (at < (i % 3 === 0 ? n : 8 * (1 + (i % 100)))) count++;
      return count;
    });
    expect(difference(sum.data, want)).toBeUndefined();
    fill(n, sum.ref, 0);
  }
  expect(helped(engine)).toBeGreaterThan(0);
});

it("training gives the bits of one thread", async () => {
  const { hash } = await train(library, { backend: "js" });
  for (const threads of [1, 2, 3, 4]) {
    const found = await train(library, { simd: "strict", threads, pool: { ...SPLIT_ALL, lazy: true } });
    expect(found).toMatchObject({ hash, threads, backend: "wasm" });
    if (threads > 1) expect(found.helped).toBeGreaterThan(100);
  }
}, 240_000); // four threads on a core that is not theirs alone took 37 s
