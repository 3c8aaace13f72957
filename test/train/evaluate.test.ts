/** evaluate() and predict(). */
import { describe, expect, it } from "vitest";
import { dense, dropout, evaluate, halfMse, predict, sequential, softmaxCrossEntropy } from "../../src/index.js";
import { backends } from "../support/backends.js";

describe.each(backends)("evaluate and predict on $name", ({ create }) => {
  it("count a confusion matrix with a row per class and a column per prediction", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(3, 3, { bias: false })]);
    model.parameters()[0].copyFrom([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const one = (i: number) => [0, 1, 2].map((j) => Number(i === j));
    const predicted = [0, 1, 1, 2, 2, 2, 0];
    const y = Int32Array.of(0, 1, 2, 2, 2, 0, 0);
    const data = { x: predicted.map(one), y };
    for (const batchSize of [1, 3, 100]) {
      const { confusion, accuracy } = evaluate(model, data, { loss: softmaxCrossEntropy, batchSize });
      expect(confusion).toEqual([
        [2, 0, 1],
        [0, 1, 0],
        [0, 1, 2],
      ]);
      expect(accuracy).toBe(5 / 7);
    }
    const without = evaluate(model, data, { loss: softmaxCrossEntropy, confusion: false });
    expect(Object.keys(without)).toEqual(["loss", "accuracy"]);
    expect(Object.keys(evaluate(model, { x: data.x, y: data.x }, { loss: halfMse }))).toEqual(["loss"]);
    const wrong = { x: data.x, y: y.map((label, i) => (i === 5 ? 7 : label)) };
    expect(() => evaluate(model, wrong, { loss: softmaxCrossEntropy, batchSize: 2 })).toThrow(
      /^data\.y\[5\]: .*got 7$/,
    );
    expect(() => evaluate(model, data, undefined as never)).toThrow(/^options: /);
  });

  it("give all outputs for any batch size, with dropout off", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 3), dropout(0.5)], { seed: 1 });
    const x = Array.from({ length: 7 }, (_, i) => [i, -i / 3]);
    using tensor = engine.tensor([7, 2], x.flat());
    model.eval();
    const expected = model.forward(tensor).toArray();
    model.train();
    const before = engine.bytesInUse;
    for (const batchSize of [1, 3, 7, 1000]) expect(predict(model, x, { batchSize })).toEqual(expected);
    expect(predict(model, tensor)).toEqual(expected);
    expect([model.training, tensor.disposed, engine.bytesInUse]).toEqual([true, false, before]);
    expect(() => predict(model, [[1]])).toThrow(/^x: expected 2 columns, got "1 columns"$/);
    expect(() => predict(model, x, { batchSize: 0 })).toThrow(/^batchSize: /);
    expect(() => predict({} as never, x)).toThrow(/^model: /);
    expect(() => predict(model, 1 as never)).toThrow(/^x: expected a tensor \[rows, columns\], or an array of rows/);
    expect(engine.bytesInUse).toBe(before);
  });
});
