import { expect, test } from "vitest";
import * as thalweg from "../../src/index.js";
import type { Layer } from "../../src/nn/layer.js";
import { backends } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

const { concat, dense, dropout, gelu, gradcheck, layerNorm, mse, relu, sequential, softmaxCrossEntropy, tanh } =
  thalweg;

/** dense, with a mistake in its backward pass. */
function wrong(
  mistake: (grads: { w: thalweg.Tensor; b: thalweg.Tensor; dx: thalweg.Tensor | undefined }) => void,
): Layer {
  const layer = dense(4, 3);
  return {
    ...layer,
    bind(engine, parameters, pass) {
      const bound = layer.bind(engine, parameters, pass);
      const [w, b] = parameters as [thalweg.Tensor, thalweg.Tensor];
      return {
        ...bound,
        backward(x, y, dy, dx) {
          bound.backward(x, y, dy, dx);
          mistake({ w, b, dx });
        },
      };
    },
  };
}

for (const backend of backends) {
  test(`${backend.name}: correct gradients pass, those of dropout and branches included, and everything is restored`, async () => {
    using engine = await backend.create();
    const layers = [
      dense(4, 12, { init: "heNormal" }),
      layerNorm(12),
      gelu(),
      dropout(0.3),
      concat([[dense(12, 4), tanh()], []]),
      dropout(0.2),
      dense(16, 3),
    ];
    using model = sequential(engine, layers, { seed: 8 });
    const x = engine.tensor([9, 4], uniform(36, 1, 2));
    const labels = Int32Array.from({ length: 9 }, (_, r) => r % 3);
    model.forward(x);
    const state = { values: [], grads: [] } as { values: Float32Array[]; grads: Float32Array[] };
    model.parameters().forEach((p, i) => {
      p.grad.fill(i);
      state.values.push(p.toArray());
      state.grads.push(p.grad.slice());
    });
    const { generatorState } = model;
    const result = gradcheck(model, softmaxCrossEntropy, x, labels);
    // Measured: 1.2e-4, for a bias whose gradients are below 0.0084.
    expect(result.error, JSON.stringify(result)).toBeLessThan(3e-4);
    expect(result.error).toBeGreaterThan(0);
    expect(model.generatorState).toEqual(generatorState);
    expect(difference(x.data, uniform(36, 1, 2))).toBeUndefined();
    for (const [i, p] of model.parameters().entries()) {
      expect(difference(p.data, state.values[i])).toBeUndefined();
      expect(difference(p.grad, state.grads[i])).toBeUndefined();
    }
    const few = gradcheck(model, softmaxCrossEntropy, x, labels, { samples: 3, step: 1 / 16 });
    expect(few.error).toBeLessThan(3e-4);
  });

  test(`${backend.name}: wrong gradients are found and located`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([5, 4], uniform(20, 2));
    const target = engine.tensor([5, 2], uniform(10, 3));
    const check = (layer: Layer) =>
      gradcheck(sequential(engine, [layer, tanh(), dense(3, 2)], { seed: 1 }), mse, x, target);
    expect(check(wrong(() => {})).error).toBeLessThan(2e-4);
    const doubled = check(wrong(({ w }) => w.grad.set(w.grad.map((v) => 1.05 * v))));
    expect(doubled.name).toBe("0.weight");
    expect(doubled.error).toBeGreaterThan(0.04);
    expect(doubled.analytic / doubled.numeric).toBeCloseTo(1.05, 2);
    const one = check(wrong(({ b }) => void (b.grad[1] = 0)));
    expect(one).toMatchObject({ name: "0.bias", index: 1, analytic: 0 });
    const missing = check(wrong(({ dx }) => dx?.data.fill(Number.NaN)));
    expect(missing).toMatchObject({ name: "x", error: Number.POSITIVE_INFINITY });
  });

  test(`${backend.name}: any function of tensors`, async () => {
    using engine = await backend.create();
    const a = engine.tensor(3, [1, -2, 0.5]);
    const b = engine.tensor(3, [0.3, 4, -1]);
    a.grad.fill(9);
    // Σ aᵢ² bᵢ
    const f = (factor: number) => () => {
      let sum = 0;
      for (let i = 0; i < 3; i++) {
        const [x, y] = [a.data[i], b.data[i]];
        sum += x * x * y;
        a.grad[i] += factor * x * y;
        b.grad[i] += x * x;
      }
      return sum;
    };
    expect(gradcheck(f(2), [a, b]).error).toBeLessThan(1e-5);
    expect(gradcheck(f(1), [a, b])).toMatchObject({ name: "tensors[0]", index: 1 });
    expect(gradcheck(f(1), [a, b]).error).toBeCloseTo(0.5, 4);
    expect([...a.grad, ...a.data]).toEqual([9, 9, 9, 1, -2, 0.5]);
    const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
      expect(run).toThrow(message);
      expect(run).toThrow(type);
    };
    refused(() => gradcheck(f(2), []), RangeError, /^tensors: /);
    refused(() => gradcheck(f(2), [1] as never), TypeError, /^tensors\[0\]: /);
    refused(() => gradcheck(f(2), [a], { samples: 0 }), RangeError, /^samples: .*got 0/);
    refused(() => gradcheck(f(2), [a], { eps: 1 } as object), RangeError, /eps/);
    refused(() => gradcheck(() => Number.NaN, [a]), RangeError, /^f: .*got NaN/);
    refused(() => gradcheck({} as never, [a]), TypeError, /^gradcheck: /);
    using model = sequential(engine, [dense(2, 1), relu()]);
    refused(() => gradcheck(model, "mse" as never, a, b), TypeError, /^loss: /);
    refused(() => gradcheck(model, mse, engine.tensor(2), b), RangeError, /^x: expected 2 dimensions/);
  });
}
