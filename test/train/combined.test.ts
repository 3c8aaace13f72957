/** Training runs that combine several features, and what they refuse. */
import { describe, expect, it } from "vitest";
import {
  accumulate,
  adamw,
  type Data,
  dense,
  ema,
  evaluate,
  mse,
  predict,
  sequential,
  sgd,
  softmaxCrossEntropy,
  swa,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { backends } from "../support/backends.js";

const y = Int32Array.from({ length: 21 }, (_, i) => i % 3);
const x = Array.from(y, (label, i) => [label - 1 + (i % 5) / 9, ((i * 7) % 11) / 11]);
const options = { loss: softmaxCrossEntropy, epochs: 1, batchSize: 5 };

describe.each(backends)("train on $name", ({ create }) => {
  it("validates with the present weights until swa has begun", async () => {
    using engine = await create();
    const losses = async (averaged: boolean) => {
      using model = sequential(engine, [dense(2, 3)], { seed: 1 });
      const optimizer = adamw(model.parameters(), { lr: 0.05 });
      const averages = swa(model.parameters(), { start: 9 });
      const o: TrainOptions = { ...options, optimizer, epochs: 4, validation: 0.3 };
      const { epochs } = await train(model, { x, y }, averaged ? { ...o, averages } : o);
      return epochs.map(({ validation }) => validation!.loss);
    };
    const [with_, without] = [await losses(true), await losses(false)]; // 3 steps an epoch: one point at the third's end
    expect(with_.slice(0, 3)).toEqual(without.slice(0, 3));
    expect(with_[3]).not.toBe(without[3]);
  });

  it("averages only the weights of steps that were taken", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 3)], { seed: 1 });
    const averages = ema(model.parameters(), { decay: 0.5 });
    const waiting = accumulate(sgd(model.parameters(), { lr: 0.05 }), 3);
    await train(model, { x, y }, { ...options, optimizer: waiting, averages, epochs: 3 });
    expect([waiting.stepCount, averages.updates]).toEqual([5, 5]); // of 15 batches
    const spoilt = x.map((row, i) => (i === 4 ? [Number.POSITIVE_INFINITY, 0] : row));
    const skipping = sgd(model.parameters(), { lr: 0.05, onNonFinite: "skip" });
    const all = { ...options, optimizer: skipping, averages, onNonFiniteLoss: "propagate" } as const;
    await train(model, { x: spoilt, y }, all);
    expect([skipping.skippedSteps, averages.updates]).toEqual([1, 5 + 4]);
  });

  it("restores the averages of the best epoch, with the metric that it had", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 3)], { seed: 1 });
    const averages = ema(model.parameters(), { decay: 0.8 });
    const validation = { x: x.slice(0, 6), y: y.map((label) => (label + 1) % 3).slice(0, 6) }; // gets worse soon
    const { best, epochs } = await train(
      model,
      { x, y },
      {
        ...options,
        ...{ optimizer: sgd(model.parameters(), { lr: 0.5 }), averages, validation, epochs: 20 },
        earlyStopping: { patience: 3 },
      },
    );
    expect(best!.epoch).toBe(epochs.length - 4);
    averages.swapIn();
    expect(evaluate(model, validation, { loss: softmaxCrossEntropy }).loss).toBe(best!.value);
  });

  it("refuses data, a loss and an optimizer that do not fit, with nothing changed", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 1)], { seed: 1 });
    const optimizer = sgd(model.parameters(), { lr: 0.1 });
    const before = model.parameters().map((tensor) => tensor.toArray());
    const refused = (data: unknown, o: Partial<TrainOptions> = {}) =>
      expect(train(model, data as Data, { ...options, loss: mse, optimizer, ...o })).rejects;
    const rows = "expected a tensor [rows, columns], or an array of rows such as [[1, 2], [3, 4]]";
    await refused({ x: [1, 2], y: [[1], [2]] }).toThrow(`data.x: ${rows}, got [1, 2]`);
    for (const [targets, shown] of [
      [[1], "[1]"],
      [Float32Array.of(1), "a Float32Array of 1"],
      [Uint8Array.of(1), "a Uint8Array of 1"],
    ] as const)
      await refused({ x: [[1, 2]], y: targets }).toThrow(
        `data.y: ${rows}, or an Int32Array of class numbers, got ${shown}`,
      );
    await refused({ x: [null], y: [[1]] }).toThrow("data.x[0]: expected an array of numbers, got null");
    await refused({ x: [[1, 2], 3], y: [[1], [2]] }).toThrow("data.x[1]: expected an array of numbers, got 3");
    await refused({ x: [[1, "2"]], y: [[1]] }).toThrow('data.x[0][1]: expected a number, got "2"');
    await refused({ x: [[]], y: [[1]] }).toThrow("data.x[0]: expected at least one number, got []");
    await refused({ x: [[1, 2]], y: Int32Array.of(0) }).toThrow("for mse, got an Int32Array of 1");
    const loss = (() => 3) as never;
    await refused({ x: [[1, 2]], y: [[1]] }, { loss }).toThrow(
      "loss: expected a function that returns { value, grad }, value a number, got undefined",
    );
    using other = sequential(engine, [dense(2, 1)], { seed: 1 });
    await refused({ x: [[1, 2]], y: [[1]] }, { optimizer: sgd(other.parameters(), { lr: 1 }) }).toThrow(
      "optimizer: expected one over parameters of this model, got one over other tensors only",
    );
    const averages = ema(model.parameters());
    averages.swapIn();
    await refused({ x: [[1, 2]], y: [[1]] }, { averages }).toThrow("averages: expected swapOut() before a run");
    expect(() => predict(model, [1, 2] as never)).toThrow(`x: ${rows}, got [1, 2]`);
    expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
  });
});
