import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { relu, sigmoid, tanh } from "../../src/nn/activation.js";
import { softmaxCrossEntropy } from "../../src/nn/crossEntropy.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { halfMse, mse } from "../../src/nn/squaredError.js";
import { backends } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

const stack = () => [dense(4, 6), tanh(), dense(6, 3)];
const input = (engine: Engine, rows: number, width = 4) => engine.tensor([rows, width], uniform(rows * width, rows));

for (const backend of backends) {
  test(`${backend.name}: parameters have names, shapes and a fixed order`, async () => {
    using engine = await backend.create();
    const model = sequential(engine, [dense(4, 6), relu(), dense(6, 5, { bias: false }), sigmoid(), dense(5, 3)]);
    expect(model.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
      ["0.weight", [4, 6]],
      ["0.bias", [6]],
      ["2.weight", [6, 5]],
      ["4.weight", [5, 3]],
      ["4.bias", [3]],
    ]);
    expect(model.parameters()).toEqual(model.namedParameters().map(([, tensor]) => tensor));
    expect(model.inputs).toBe(4);
    expect(sequential(engine, [relu()]).parameters()).toEqual([]);
  });

  test(`${backend.name}: a smaller last batch reuses the buffers of the larger one`, async () => {
    using engine = await backend.create();
    using model = sequential(engine, stack(), { seed: 1 });
    const step = (rows: number) => {
      using x = input(engine, rows);
      const y = model.forward(x);
      expect(y.shape).toEqual([rows, 3]);
      const labels = new Int32Array(rows);
      model.backward(softmaxCrossEntropy(y, labels).grad);
      return y;
    };
    const large = step(32);
    const used = engine.bytesInUse;
    const at = large.data.byteOffset;
    for (const rows of [5, 32, 1, 31, 5]) {
      const y = step(rows);
      expect(engine.bytesInUse).toBe(used);
      expect(y.data.byteOffset).toBe(at);
      expect(y.data.buffer).toBe(large.data.buffer);
    }
    expect(step(32)).toBe(large);
    // A larger batch moves them; earlier outputs are then refused, not wrong.
    expect(step(64).shape).toEqual([64, 3]);
    expect(engine.bytesInUse).toBeGreaterThan(used);
    expect(() => large.data).toThrow(/disposed/);
    const grown = engine.bytesInUse;
    step(32);
    expect(engine.bytesInUse).toBe(grown);
  });

  test(`${backend.name}: a row has the same bits alone and in a batch`, async () => {
    using engine = await backend.create({ simd: "strict" });
    using model = sequential(engine, stack(), { seed: 1 });
    const all = input(engine, 9);
    const together = model.forward(all).toArray();
    for (let r = 0; r < 9; r++) {
      using one = engine.tensor([1, 4], all.data.slice(4 * r, 4 * r + 4));
      if (backend.exact)
        expect(difference(model.forward(one).toArray(), together.slice(3 * r, 3 * r + 3))).toBeUndefined();
    }
  });

  test(`${backend.name}: backward adds to the gradients, the same with and without that of the input`, async () => {
    using engine = await backend.create();
    using model = sequential(engine, stack(), { seed: 1 });
    const x = input(engine, 5);
    const gradOut = engine.tensor([5, 3], uniform(15, 9));
    const pass = (o?: { inputGrad?: boolean }) => {
      model.forward(x);
      return model.backward(gradOut, o);
    };
    expect(pass()?.shape).toEqual([5, 4]);
    const once = model.parameters().map((p) => p.grad.slice());
    expect(once.every((grad) => grad.some((v) => v !== 0))).toBe(true);
    expect(pass({ inputGrad: false })).toBeUndefined();
    for (const [i, p] of model.parameters().entries()) {
      expect(
        difference(
          p.grad.slice(),
          once[i].map((v) => 2 * v),
        ),
      ).toBeUndefined();
    }
  });

  test(`${backend.name}: backward leaves the caller's gradient, input and target alone`, async () => {
    using engine = await backend.create();
    for (const last of [[], [sigmoid()], [tanh(), relu()]]) {
      using model = sequential(engine, [relu(), ...stack(), ...last], { seed: 1 });
      const x = input(engine, 5);
      const gradOut = engine.tensor([5, 3], uniform(15, 9));
      const before = x.toArray();
      const y = model.forward(x);
      const output = y.toArray();
      model.backward(gradOut);
      expect(difference(gradOut.data, uniform(15, 9))).toBeUndefined();
      expect(difference(x.data, before)).toBeUndefined();
      expect(difference(y.data, output)).toBeUndefined();
      const target = engine.tensor([5, 3], uniform(15, 8));
      model.backward(mse(model.forward(x), target).grad);
      expect(difference(target.data, uniform(15, 8))).toBeUndefined();
    }
  });

  test(`${backend.name}: a model without a fixed width accepts different widths in turn`, async () => {
    using engine = await backend.create();
    using model = sequential(engine, [relu()]);
    const guards = [engine.tensor(64, new Array(64).fill(7))];
    for (const width of [3, 50, 2, 50]) {
      using x = engine.tensor([4, width], uniform(4 * width, width));
      const y = model.forward(x);
      guards.push(engine.tensor(64, new Array(64).fill(7)));
      expect(y.shape).toEqual([4, width]);
      expect(
        difference(
          y.data,
          x.data.map((v) => Math.max(v, 0)),
        ),
      ).toBeUndefined();
      using gradOut = engine.tensor([4, width], new Array(4 * width).fill(1));
      expect(
        difference(
          model.backward(gradOut)!.data,
          x.data.map((v) => (v > 0 ? 1 : 0)),
        ),
      ).toBeUndefined();
    }
    for (const guard of guards) expect(guard.data.every((v) => v === 7)).toBe(true);
  });

  test(`${backend.name}: dispose frees everything, and the model's tensors are refused from then on`, async () => {
    using engine = await backend.create();
    const x = input(engine, 5);
    const target = engine.tensor([5, 3]);
    const before = engine.bytesInUse;
    const model = sequential(engine, stack(), { seed: 1 });
    const y = model.forward(x);
    const { grad } = halfMse(y, target);
    const dx = model.backward(grad)!;
    const [weight] = model.parameters();
    expect(engine.bytesInUse).toBeGreaterThan(before);
    expect(() => weight.dispose()).toThrow(/belongs to a model/);
    expect(() => y.dispose()).toThrow(/belongs to a model/);
    expect(() => dx.dispose()).toThrow(/belongs to a model/);
    model.dispose();
    model.dispose();
    expect(engine.bytesInUse).toBe(before);
    for (const tensor of [y, grad, dx, weight]) expect(() => tensor.data).toThrow(/disposed/);
    for (const use of [() => model.forward(x), () => model.backward(target)]) {
      expect(use).toThrow(/model: expected a live model/);
    }
    {
      using scoped = sequential(engine, stack());
      scoped.forward(x);
    }
    expect(engine.bytesInUse).toBe(before);
  });

  test(`${backend.name}: wrong arguments are refused by name, and nothing changes`, async () => {
    using engine = await backend.create();
    using model = sequential(engine, stack(), { seed: 1 });
    const x = input(engine, 5);
    const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
      expect(run).toThrow(message);
      expect(run).toThrow(type);
    };
    refused(() => model.backward(x), TypeError, /backward: expected a forward pass before it/);
    refused(() => model.forward(input(engine, 5, 3)), RangeError, /^x: expected shape \[rows, 4\], got \[5, 3\]/);
    refused(() => model.forward(engine.tensor(4)), RangeError, /^x: expected 2 dimensions, got \[4\]/);
    refused(() => model.forward([1, 2] as never), TypeError, /^x: expected a tensor, got \[1, 2\]/);
    const attached = engine.attach(new Float32Array(4), { shape: [1, 4] });
    refused(() => model.forward(attached), TypeError, /^x: .*attached/);
    const y = model.forward(x);
    const gradOut = engine.tensor([5, 3], uniform(15, 2));
    refused(() => model.backward(engine.tensor([5, 4])), RangeError, /^gradOut: expected shape \[5, 3\], got \[5, 4\]/);
    refused(() => model.backward(engine.tensor([3, 5])), RangeError, /^gradOut: /);
    refused(() => model.backward(gradOut, { inputGrads: false } as object), RangeError, /inputGrads/);
    refused(() => model.backward(gradOut, { inputGrad: 0 as never }), TypeError, /^inputGrad: .*got 0/);
    // The model overwrites its output: as its own input it would be read and written at once.
    using square = sequential(engine, [dense(3, 3)], { seed: 1 });
    const own = square.forward(engine.tensor([2, 3]));
    refused(() => square.forward(own), RangeError, /^x: expected a tensor that is not the model's own/);
    x.dispose();
    refused(() => model.backward(gradOut), TypeError, /^x: .*disposed/);
    for (const p of model.parameters()) expect(p.grad.every((v) => v === 0)).toBe(true);
    expect(y.shape).toEqual([5, 3]);
  });

  test(`${backend.name}: layers that do not fit each other are refused by name, and use no memory`, async () => {
    using engine = await backend.create();
    const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
      expect(run).toThrow(message);
      expect(run).toThrow(type);
    };
    refused(
      () => sequential(engine, [dense(4, 6), relu(), dense(5, 3)]),
      RangeError,
      /^layers\[2\]: expected a layer that takes the 6 outputs before it, got "dense of 5 inputs"/,
    );
    refused(() => sequential(engine, []), RangeError, /^layers: expected at least one layer/);
    refused(() => sequential(engine, [relu as never]), TypeError, /^layers\[0\]: expected a layer .*got a function/);
    refused(() => sequential(engine, dense(1, 1) as never), TypeError, /^layers: expected an array of layers/);
    refused(() => sequential({} as never, [relu()]), TypeError, /^engine: expected an engine/);
    refused(() => sequential(engine, [relu()], { seed: 0.5 }), RangeError, /^seed: .*got 0.5/);
    refused(() => sequential(engine, [relu()], { Seed: 1 } as object), RangeError, /Seed/);
    refused(() => dense(0, 3), RangeError, /^inputs: .*got 0/);
    refused(() => dense(3, 1.5), RangeError, /^outputs: .*got 1.5/);
    refused(() => dense(3, 2, { bias: 1 as never }), TypeError, /^bias: .*got 1/);
    refused(() => dense(3, 2, { init: "he" as never }), RangeError, /^init: .*"heNormal".*got "he"/);
    refused(() => dense(3, 2, { init: { uniform: -1 } }), RangeError, /^init: /);
    refused(() => dense(3, 2, { Bias: false } as object), RangeError, /Bias/);
    expect(engine.bytesInUse).toBe(0);
  });
}
