/** Numbers that are not finite: in data, in parameters that the last step leaves, and in predictions. */
import { describe, expect, it } from "vitest";
import {
  batches,
  DivergedError,
  dense,
  evaluate,
  mse,
  predict,
  relu,
  sequential,
  sgd,
  softmaxCrossEntropy,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { backends } from "../support/backends.js";

const rows = Array.from({ length: 24 }, (_, i) => [i % 5, i % 7]);
const y = Int32Array.from(rows, ([a]) => a % 2);

describe.each(backends)("numbers that are not finite on $name", ({ create }) => {
  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e39])(
    "%d in data is refused with its row and column, and nothing has changed",
    async (bad) => {
      using engine = await create();
      using model = sequential(engine, [dense(2, 4), relu(), dense(4, 2)], { seed: 1 });
      using optimizer = sgd(model.parameters(), { lr: 0.1 });
      const before = model.parameters().map((tensor) => tensor.toArray());
      const x = rows.map((row, i) => (i === 23 ? [row[0], bad] : row));
      const options = { optimizer, loss: softmaxCrossEntropy, epochs: 2, batchSize: 8 };
      const got = `got ${bad}`.replace("+", "\\+");
      const at = (name: string) => new RegExp(`^${name}: expected a finite number, at most 3\\.4e38 in size, ${got}$`);
      await expect(train(model, { x, y }, options)).rejects.toThrow(at("data\\.x\\[23\\]\\[1\\]"));
      await expect(train(model, { x: rows, y }, { ...options, validation: { x, y } })).rejects.toThrow(
        at("validation\\.x\\[23\\]\\[1\\]"),
      );
      const targets = { x: rows, y: rows.map((_, i) => (i === 3 ? [0, bad] : [0, 0])) };
      await expect(train(model, targets, { ...options, loss: mse })).rejects.toThrow(at("data\\.y\\[3\\]\\[1\\]"));
      expect(() => evaluate(model, { x, y }, { loss: softmaxCrossEntropy })).toThrow(at("data\\.x\\[23\\]\\[1\\]"));
      expect(() => predict(model, x)).toThrow(at("x\\[23\\]\\[1\\]"));
      using tensor = engine.tensor([24, 2], x.flat());
      const inF32 = new RegExp(`^x\\[23\\]\\[1\\]: .*, got ${Math.fround(bad)}$`);
      expect(() => predict(model, tensor)).toThrow(inF32);
      expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
      // A loop of one's own may skip such a batch, and a run that lets its loss be NaN may have any data.
      using loader = batches(engine, { x, y }, { batchSize: 24 });
      expect([...loader]).toHaveLength(1);
      await train(model, { x, y }, { ...options, onNonFiniteLoss: "propagate" });
    },
  );

  it("are found in what the last step of a run leaves", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { bias: false })]);
    model.parameters()[0].data[0] = 1;
    // The gradient is 2 · 1e19 · 1e19, and the learning rate takes the weight beyond f32.
    using optimizer = sgd(model.parameters(), { lr: 100 });
    const data = { x: [[1e19]], y: [[0]] };
    const options = { optimizer, loss: mse, epochs: 1, batchSize: 1 };
    const end = await train(model, data, options).catch((error: unknown) => error);
    expect(end).toBeInstanceOf(DivergedError);
    expect(end).toMatchObject({
      step: 1,
      epoch: 0,
      loss: undefined,
      parameter: "0.weight",
      message:
        'training diverged at step 1 (epoch 1): it left -Infinity in "0.weight"; try a smaller lr or clipNorm: 1',
    });
    model.parameters()[0].data[0] = 1;
    const { epochs } = await train(model, data, { ...options, onNonFiniteLoss: "propagate" });
    expect(epochs).toHaveLength(1);
  });

  it("are no predictions: the row that they are of is refused", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 2)], { seed: 1 });
    model.parameters()[0].copyFrom([10, 0, 0, 1]);
    const x = [
      [1, 1],
      [2, 2],
      [-3.4e38, 0],
      [1, 0],
    ];
    expect(() => predict(model, x, { batchSize: 1 })).toThrow(
      /^x\[2\]: expected a row for which the outputs of the model are finite, got -Infinity$/,
    );
  });

  it("a run that lets its loss diverge resumes in the middle of an epoch", async () => {
    using engine = await create();
    const options = { loss: mse, epochs: 2, batchSize: 8, seed: 1, onNonFiniteLoss: "propagate" } as const;
    const data = { x: rows, y: rows.map(([a], i) => [i === 3 ? Number.NaN : a]) };
    const run = async (more: Partial<TrainOptions>) => {
      using model = sequential(engine, [dense(2, 4), relu(), dense(4, 1)], { seed: 1 });
      using optimizer = sgd(model.parameters(), { lr: 0.01 });
      await train(model, data, { ...options, optimizer, ...more });
      return model.parameters().map((tensor) => tensor.toArray());
    };
    const whole = await run({});
    let saved: Uint8Array | undefined;
    const abort = new AbortController();
    const aborted = run({
      signal: abort.signal,
      onStep: ({ step }) => step === 5 && abort.abort(new Error("stop")),
      checkpoint: { save: (bytes) => void (saved = bytes) },
    });
    await expect(aborted).rejects.toThrow("stop");
    expect(await run({ resume: saved! })).toEqual(whole);
  });
});
