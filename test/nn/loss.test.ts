import { expect, test } from "vitest";
import * as thalweg from "../../src/index.js";
import { backends } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

const { binaryCrossEntropy, binaryCrossEntropyWithLogits, huber, l1, mse, smoothL1, softmaxCrossEntropy } = thalweg;

const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
  expect(run).toThrow(message);
  expect(run).toThrow(type);
};

for (const backend of backends) {
  test(`${backend.name}: losses worked by hand`, async () => {
    using engine = await backend.create();
    const y = engine.tensor([1, 4], [0, 3, -2, 1]);
    const t = engine.tensor([1, 4], [0, 1, 2, 1.5]);
    const of = (loss: thalweg.Loss) => {
      const { value, grad } = loss(y, t);
      return [value, ...grad.data];
    };
    // Errors 0, 2, -4, -0.5.
    expect(of(l1)).toEqual([6.5 / 4, 0, 0.25, -0.25, -0.25]);
    expect(of(huber)).toEqual([(0 + 1.5 + 3.5 + 0.125) / 4, 0, 0.25, -0.25, -0.125]);
    expect(of(huber.with({ delta: 4 }))).toEqual([(2 + 8 + 0.125) / 4, 0, 0.5, -1, -0.125]);
    expect(of(smoothL1)).toEqual(of(huber));
    expect(of(smoothL1.with({ beta: 4 }))).toEqual([(0.5 + 2 + 0.03125) / 4, 0, 0.125, -0.25, -0.03125]);
    expect(of(smoothL1.with({ beta: 0 }))).toEqual(of(l1));
    // Padding does not count: 4 elements are a whole vector, 3 and 5 are not.
    for (const size of [1, 3, 5, 6, 7]) {
      const a = engine.tensor([1, size], uniform(size, 1));
      const b = engine.tensor([1, size], uniform(size, 2));
      const want = a.data.reduce((sum, v, i) => sum + Math.abs(v - b.data[i]), 0) / size;
      expect(l1(a, b).value).toBeCloseTo(want, 6);
    }
  });

  test(`${backend.name}: the largest logits of f32 neither overflow nor cancel`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([1, 6], [200, -200, 3e38, -3e38, 20, 0]);
    const right = binaryCrossEntropyWithLogits(x, engine.tensor([1, 6], [1, 0, 1, 0, 1, 1]));
    expect(right.value).toBeCloseTo((Math.log1p(Math.exp(-20)) + Math.LN2) / 6, 8);
    expect([...right.grad.data.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    using one = engine.tensor([1, 1], [-30]);
    // Accurate to the last digits of e^-30, which ln(1 + e^-30) in f32 would lose.
    expect(binaryCrossEntropyWithLogits(one, engine.tensor([1, 1])).value / Math.exp(-30)).toBeCloseTo(1, 5);
    // Wrong probabilities of 0 and 1 cost 100, as in PyTorch, not infinity.
    const sure = binaryCrossEntropy(engine.tensor([1, 2], [0, 1]), engine.tensor([1, 2], [1, 0]));
    expect(sure.value).toBe(100);
    expect(sure.grad.data.every(Number.isFinite)).toBe(true);
  });

  test(`${backend.name}: neutral options leave the loss as it is, and weights of 0 exclude rows`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([6, 3], uniform(18, 1, 3));
    const labels = Int32Array.of(0, 2, 1, 1, 0, 2);
    const plain = softmaxCrossEntropy(x, labels);
    const [value, grad] = [plain.value, plain.grad.toArray()];
    for (const options of [{}, { labelSmoothing: 0 }, { classWeights: [1, 1, 1] }, { classWeights: [7, 7, 7] }]) {
      const same = softmaxCrossEntropy.with(options)(x, labels);
      expect(same.value).toBeCloseTo(value, 6);
      same.grad.data.forEach((v, i) => {
        expect(v).toBeCloseTo(grad[i], 7);
      });
    }
    // Class 2 has weight 0: the mean is that of the other rows.
    const others = softmaxCrossEntropy.with({ classWeights: [1, 1, 0] });
    const some = others(x, labels);
    const rows = [0, 2, 3, 4];
    const picked = engine.tensor(
      [4, 3],
      rows.flatMap((r) => [...x.data.slice(3 * r, 3 * r + 3)]),
    );
    const want = softmaxCrossEntropy(
      picked,
      Int32Array.from(rows, (r) => labels[r]),
    );
    expect(some.value).toBeCloseTo(want.value, 6);
    expect([...some.grad.data.slice(3, 6)]).toEqual([0, 0, 0].map((v) => v * -1 || 0));
    // All weights are 0: the loss is 0, not NaN, which would spoil the parameters.
    const none = others(x, new Int32Array(6).fill(2));
    expect(none.value).toBe(0);
    expect(none.grad.data.every((v) => v === 0)).toBe(true);
  });

  test(`${backend.name}: wrong arguments are refused by name, and the gradient stays as it was`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([3, 2], uniform(6, 1));
    x.grad.set([1, 2, 3, 4, 5, 6]);
    const smoothed = softmaxCrossEntropy.with({ labelSmoothing: 0.1 });
    for (const loss of [softmaxCrossEntropy, smoothed]) {
      refused(() => loss(x, Int32Array.of(0, 2, 1)), RangeError, /^target, row 1: expected a class from 0 to 1, got 2/);
      refused(() => loss(x, Int32Array.of(0, 1, -1)), RangeError, /^target, row 2: .*got -1/);
      refused(() => loss(x, Int32Array.of(0, 1)), RangeError, /^target: expected 3 class numbers/);
      refused(() => loss(x, [0, 1, 1] as never), TypeError, /^target: expected an Int32Array/);
      refused(() => loss(x, engine.tensor([2, 3])), RangeError, /^target: expected shape \[3, 2\], as the prediction/);
    }
    for (const [name, loss] of Object.entries({
      mse,
      l1,
      huber,
      smoothL1,
      binaryCrossEntropy,
      binaryCrossEntropyWithLogits,
      other: huber.with({ delta: 2 }),
    })) {
      const named = name === "other" ? "huber" : name;
      refused(
        () => loss(x, Int32Array.of(0, 1, 1)),
        TypeError,
        new RegExp(`^target: expected a tensor .* for ${named}`),
      );
      refused(() => loss(x, engine.tensor([2, 3])), RangeError, /^target: expected shape \[3, 2\]/);
      refused(() => loss([1] as never, x), TypeError, /^prediction: expected a tensor/);
    }
    const weighted = softmaxCrossEntropy.with({ classWeights: [1, 2, 3] });
    refused(() => weighted(x, Int32Array.of(0, 1, 1)), RangeError, /^classWeights: expected 2 weights, .*of 3/);
    expect([...x.grad]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test(`${backend.name}: losses give the same bits when called again, with other sizes and after memory has grown`, async () => {
    using engine = await backend.create();
    const weighted = softmaxCrossEntropy.with({ labelSmoothing: 0.2, classWeights: [1, 2, 0.5, 3] });
    const run = (rows: number) => {
      using x = engine.tensor([rows, 4], uniform(4 * rows, rows));
      const { value, grad } = weighted(
        x,
        Int32Array.from({ length: rows }, (_, r) => r % 4),
      );
      return [value, grad.toArray()] as const;
    };
    const [value, grad] = run(5);
    run(1000);
    engine.tensor(2 ** 20); // memory grows, and with it the copies of labels and weights move
    const again = run(5);
    expect(again[0]).toBe(value);
    expect(difference(again[1], grad)).toBeUndefined();
  });
}

test("bad options are refused by name", () => {
  refused(() => huber.with({ delta: 0 }), RangeError, /^delta: .*got 0/);
  refused(() => huber.with(undefined as never), TypeError, /^options: /);
  refused(() => huber.with({ Delta: 1 } as never), RangeError, /Delta/);
  refused(() => smoothL1.with({ beta: -1 }), RangeError, /^beta: .*got -1/);
  refused(() => softmaxCrossEntropy.with({ labelSmoothing: 1 }), RangeError, /^labelSmoothing: .*\[0, 1\), got 1/);
  refused(() => softmaxCrossEntropy.with({ smoothing: 0.1 } as object), RangeError, /smoothing/);
  refused(() => softmaxCrossEntropy.with({ classWeights: [1, -1] }), RangeError, /^classWeights\[1\]: .*got -1/);
  refused(() => softmaxCrossEntropy.with({ classWeights: ["1"] as never }), TypeError, /^classWeights\[0\]: /);
  refused(() => softmaxCrossEntropy.with({ classWeights: 3 as never }), TypeError, /^classWeights: /);
});
