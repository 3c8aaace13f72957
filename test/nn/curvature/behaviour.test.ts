/** What the products and estimates of curvature leave as it was, what they refuse, and what they do without memory. */
import { expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import type { Model, Tensor } from "../../../src/index.js";
import * as thalweg from "../../../src/index.js";
import type { Layer } from "../../../src/nn/layer.js";
import { backends } from "../../support/backends.js";
import { uniform } from "../../support/numbers.js";
import { everyRefusal, values } from "../../support/outOfMemory.js";

const { concat, dense, dropout, layerNorm, mse, relu, sequential, softmaxCrossEntropy, tanh } = thalweg;
const { gaussNewtonBartlett, gaussNewtonVectorProduct, hessianVectorProduct, hutchinson } = thalweg;

const ROWS = 5;
const layers = () => [
  dense(4, 16),
  relu(),
  layerNorm(16),
  dropout(0.3),
  concat([[dense(16, 3), tanh()], [dense(16, 2)]]),
  dense(5, 3),
];
const scene = (engine: Engine) => ({
  model: sequential(engine, layers(), { seed: 4 }),
  x: engine.tensor([ROWS, 4], uniform(ROWS * 4, 1)),
  y: Int32Array.of(0, 1, 2, 1, 0),
});
const like = (engine: Engine, model: Model): Tensor[] =>
  model.parameters().map(({ shape, size }, i) => engine.tensor(shape, uniform(size, 20 + i)));

/** Every function, with a batch, a direction and tensors for the result. */
type Call = (
  model: Model,
  x: Tensor,
  y: Int32Array | Tensor,
  v: Tensor[],
  out?: readonly Tensor[],
) => readonly Tensor[];
const given = (out: readonly Tensor[] | undefined) => (out ? { out } : {});
const calls: [string, Call][] = [
  [
    "hessianVectorProduct",
    (model, x, y, v, out) => hessianVectorProduct(model, softmaxCrossEntropy, { x, y }, v, given(out)),
  ],
  [
    "gaussNewtonVectorProduct",
    (model, x, y, v, out) => gaussNewtonVectorProduct(model, softmaxCrossEntropy, { x, y }, v, given(out)),
  ],
  [
    "hutchinson",
    (model, x, y, _, out) => hutchinson(model, softmaxCrossEntropy, { x, y }, { ...given(out), samples: 2 }),
  ],
  ["gaussNewtonBartlett", (model, x, _y, _v, out) => gaussNewtonBartlett(model, { x }, given(out))],
];
const both = backends.flatMap((backend) => calls.map(([name, call]) => ({ backend, name, call })));

test.each(both)(
  "$backend.name: $name leaves parameters, gradients and the model's own pass",
  async ({ backend, call }) => {
    using engine = await backend.create();
    const run = (between: (model: Model, x: Tensor, y: Int32Array) => void) => {
      const { model, x, y } = scene(engine);
      for (const { grad } of model.parameters()) grad.fill(0.25);
      const { grad } = softmaxCrossEntropy(model.forward(x), y);
      between(model, x, y);
      const dx = model.backward(grad)!;
      return [...model.parameters().flatMap((p) => [p.toArray(), p.grad.slice()]), dx.toArray()];
    };
    const got = run((model, _, y) => {
      const other = engine.tensor([ROWS + 2, 4], uniform(ROWS * 4 + 8, 9));
      call(model, other, Int32Array.of(...y, 1, 2), like(engine, model));
    });
    expect(got).toEqual(run(() => {}));
  },
);

test.each(both)("$backend.name: $name counts as a pass in training mode", async ({ backend, call }) => {
  using engine = await backend.create();
  const { model, x, y } = scene(engine);
  const v = like(engine, model);
  const first = call(model, x, y, v).map((one) => one.toArray());
  expect(model.generatorState).toEqual({ seed: 4, step: 1 });
  expect(call(model, x, y, v).map((one) => one.toArray())).not.toEqual(first);
  model.generatorState = { seed: 4, step: 0 };
  expect(call(model, x, y, v).map((one) => one.toArray())).toEqual(first);
  model.eval();
  call(model, x, y, v);
  expect(model.generatorState).toEqual({ seed: 4, step: 1 });
});

test.each(both)("$backend.name: $name fills the tensors given", async ({ backend, call }) => {
  using engine = await backend.create();
  const { model, x, y } = scene(engine);
  model.eval();
  const v = like(engine, model);
  const want = call(model, x, y, v).map((one) => one.toArray());
  const out = like(engine, model);
  const { bytesInUse } = engine;
  expect(call(model, x, y, v, out)).toBe(out);
  expect(out.map((one) => one.toArray())).toEqual(want);
  expect(engine.bytesInUse).toBe(bytesInUse);
});

test.each(both)("$backend.name: $name without memory changes nothing", async ({ backend, call }) => {
  const requests = await everyRefusal(backend, (engine) => {
    const { model, x, y } = scene(engine);
    const v = like(engine, model);
    const out = like(engine, model);
    return {
      act: () => call(model, x, y, v, out),
      state: () => [values([...model.parameters(), ...out]), model.generatorState, engine.bytesInUse],
    };
  });
  expect(requests).toBeGreaterThan(10);
});

test("the product along a direction is that of its parts", async () => {
  using engine = await backends[0].create();
  const { model, x, y } = scene(engine);
  model.eval();
  const product = (v: Tensor[]) =>
    hessianVectorProduct(model, softmaxCrossEntropy, { x, y }, v).flatMap(({ data }) => [...data]);
  const [v, w] = [like(engine, model), like(engine, model)];
  for (const { data } of w) data.set(data.map((value, i) => Math.cos(i) - value));
  const sum = like(engine, model);
  for (const [i, { data }] of sum.entries()) data.set(data.map((_, j) => v[i].data[j] + 2 * w[i].data[j]));
  const [hv, hw, hs] = [product(v), product(w), product(sum)];
  const largest = Math.max(...hs.map(Math.abs));
  for (const [i, value] of hs.entries()) expect(Math.abs(value - hv[i] - 2 * hw[i])).toBeLessThan(1e-5 * largest);
  // H is symmetric: w·Hv = v·Hw.
  const dot = (a: number[], b: Tensor[]) =>
    b.flatMap(({ data }) => [...data]).reduce((s, value, i) => s + value * a[i], 0);
  expect(dot(hv, w)).toBeCloseTo(dot(hw, v), 5);
});

const anyone = (value: unknown) => value as never;

test("they refuse what they cannot take, and change nothing", async () => {
  using engine = await backends[0].create();
  using other = await backends[0].create();
  const { model, x, y } = scene(engine);
  const v = like(engine, model);
  const batch = { x, y };
  const state = () => [values(model.parameters()), model.generatorState, engine.bytesInUse];
  const before = JSON.stringify(state());
  const custom: thalweg.Loss = (prediction, target) => softmaxCrossEntropy(prediction, target);
  const refused: [() => unknown, ErrorConstructor, string][] = [
    [() => hessianVectorProduct(anyone({}), mse, batch, v), TypeError, "model: expected a model made by sequential()"],
    [
      () => hessianVectorProduct(model, custom, batch, v),
      TypeError,
      "loss: expected a loss of the library, whose second derivative it knows, got a function",
    ],
    [() => hessianVectorProduct(model, anyone(3), batch, v), TypeError, "loss: expected a loss of the library"],
    [() => hessianVectorProduct(model, softmaxCrossEntropy, anyone(null), v), TypeError, "batch: expected { x, y }"],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, { x: v[0], y }, v),
      RangeError,
      "batch.x: expected shape [rows, 4], got [4, 16]",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, { x: anyone([1]), y }, v),
      TypeError,
      "batch.x: expected a tensor",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, { x, y: Int32Array.of(1) }, v),
      RangeError,
      "target: expected 5 class numbers",
    ],
    [() => hessianVectorProduct(model, mse, batch, v), TypeError, "target: expected a tensor of shape [5, 3] for mse"],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, anyone(v[0])),
      TypeError,
      "v: expected an array of tensors",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, v.slice(1)),
      RangeError,
      `v: expected ${v.length} tensors, one for each parameter`,
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, [v[1], ...v.slice(1)]),
      RangeError,
      "v[0]: expected shape [4, 16], as the parameter, got [16]",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, [anyone(1), ...v.slice(1)]),
      TypeError,
      "v[0]: expected a tensor, got 1",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, v, { out: v }),
      RangeError,
      "out[0]: expected a tensor of its own",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, v, { out: model.parameters() }),
      RangeError,
      "out[0]: expected a tensor of its own",
    ],
    [
      () => hessianVectorProduct(model, softmaxCrossEntropy, batch, v, anyone({ into: v })),
      RangeError,
      'hessianVectorProduct: expected options among out, got "into"',
    ],
    [
      () => hutchinson(model, softmaxCrossEntropy, batch, { samples: 0 }),
      RangeError,
      "samples: expected a whole number ≥ 1, got 0",
    ],
    [
      () => hutchinson(model, softmaxCrossEntropy, batch, { step: -1 }),
      RangeError,
      "step: expected a whole number ≥ 0, got -1",
    ],
    [
      () => hutchinson(model, softmaxCrossEntropy, batch, { seed: 0.5 }),
      RangeError,
      "seed: expected a whole number, got 0.5",
    ],
    [
      () => gaussNewtonBartlett(model, batch, anyone({ samples: 2 })),
      RangeError,
      'gaussNewtonBartlett: expected options among seed, step, out, got "samples"',
    ],
    [() => gaussNewtonBartlett(model, { x }, { out: v.slice(1) }), RangeError, "out: expected"],
  ];
  for (const [run, Kind, message] of refused) {
    let error: unknown;
    try {
      run();
    } catch (thrown) {
      error = thrown;
    }
    expect(error, message).toBeInstanceOf(Kind);
    expect((error as Error).message).toContain(message);
    expect(JSON.stringify(state()), message).toBe(before);
  }
  const [foreign] = like(other, sequential(other, layers()));
  expect(() => hessianVectorProduct(model, softmaxCrossEntropy, batch, [foreign, ...v.slice(1)])).toThrow(
    "v[0]: expected a tensor of this engine",
  );
  expect(() => hutchinson(sequential(engine, [relu()]), mse, { x, y: x })).toThrow(
    "model: expected a model with parameters",
  );
});

test("a layer that is not the library's is refused, also one that wraps one of them", async () => {
  using engine = await backends[0].create();
  const inner = tanh();
  const wrapped: Layer = { ...inner, bind: (...given) => ({ ...inner.bind(...given) }) };
  const model = sequential(engine, [dense(4, 3), concat([[wrapped], []], { inputs: 3 })]);
  const x = engine.tensor([2, 4]);
  const y = engine.tensor([2, 6]);
  expect(() => hessianVectorProduct(model, mse, { x, y }, like(engine, model))).toThrow(
    'layers[1].branches[0][0]: expected a layer of the library, whose derivatives it knows, got "tanh"',
  );
  expect(model.generatorState.step).toBe(0);
});
