/** Which rows train() holds out, when it stops early, and which model it leaves. */
import { describe, expect, it } from "vitest";
import {
  dense,
  dropout,
  type EpochReport,
  evaluate,
  type Model,
  mse,
  relu,
  scheduleFreeSgd,
  sequential,
  sgd,
  softmaxCrossEntropy,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { backends } from "../support/backends.js";
import { counted, squares } from "../support/counted.js";

describe.each(backends)("train on $name", ({ create }) => {
  it("holds out a fraction of the rows: each row trains or validates, chosen by the seed", async () => {
    using engine = await create();
    // W = 0 and lr 0: the loss of a row is its square.
    using model = sequential(engine, [dense(1, 1, { init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const held: number[][] = [];
    for (const seed of [1, 1, 2]) {
      const trained: number[] = [];
      const { epochs } = await train(model, counted(20), {
        ...{ optimizer, loss: mse, epochs: 2, batchSize: 1, seed, validation: 0.3 },
        onStep: ({ loss }) => trained.push(Math.round(Math.sqrt(loss))),
      });
      const first = trained.slice(0, 14).sort((a, b) => a - b);
      expect(trained.slice(14).sort((a, b) => a - b)).toEqual(first);
      expect(new Set(first).size).toBe(14);
      held.push(Array.from({ length: 20 }, (_, i) => i).filter((i) => !first.includes(i)));
      for (const { loss, validation } of epochs) {
        expect(validation!.loss).toBeCloseTo(held.at(-1).reduce((sum, i) => sum + i * i, 0) / 6, 4);
        expect(14 * loss + 6 * validation!.loss).toBeCloseTo(squares(20), 3);
      }
    }
    expect(held[1]).toEqual(held[0]);
    expect(held[2]).not.toEqual(held[0]);
    const all = { optimizer, loss: mse, epochs: 1, batchSize: 9 };
    const rows = async (n: number, validation: number) => {
      let trained = 0;
      await train(model, counted(n), { ...all, validation, onStep: ({ rows }) => void (trained += rows) });
      return trained;
    };
    expect([await rows(2, 0.01), await rows(2, 0.99), await rows(3, 0.5)]).toEqual([1, 1, 1]);
    model.dispose();
    expect(engine.bytesInUse).toBe(0);
  });

  it("validates on separate data as evaluate does, with dropout off, and continues to train", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 6), relu(), dropout(0.5), dense(6, 2)], { seed: 1 });
    using optimizer = sgd(model.parameters(), { lr: 0.1 });
    const x = Array.from({ length: 9 }, (_, i) => [i % 3, (i * 5) % 4]);
    const data = { x, y: Int32Array.from(x, ([a, b]) => Number(a > b)) };
    const other = { x: x.map(([a, b]) => [a + 1, b]), y: data.y };
    const reports: EpochReport[] = [];
    const history = await train(model, data, {
      ...{ optimizer, loss: softmaxCrossEntropy, epochs: 3, batchSize: 4, validation: other, confusion: true },
      onEpoch(report) {
        reports.push(report);
        expect(report.validation).toEqual(evaluate(model, other, { loss: softmaxCrossEntropy }));
        expect(model.training).toBe(true);
      },
    });
    expect(history.epochs).toEqual(reports);
    expect(reports[0].validation!.confusion!.flat().reduce((sum, n) => sum + n, 0)).toBe(9);
  });

  /**
   * A run of one step per epoch whose weight is set to each of these values in turn; the validation loss is their
   * square.
   */
  async function along(weights: number[], options: Partial<TrainOptions>) {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { bias: false })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const history = await train(
      model,
      { x: [[1]], y: [[0]] },
      {
        ...{ optimizer, loss: mse, epochs: weights.length, batchSize: 1, validation: { x: [[1]], y: [[0]] } },
        onStep: ({ epoch }) => void (model.parameters()[0].data[0] = weights[epoch]),
        ...options,
      },
    );
    return { epochs: history.epochs.length, best: history.best, weight: model.parameters()[0].data[0] };
  }

  it("stops early, with the parameters of the best epoch", async () => {
    const weights = [3, 2, 1, 2, 2, 0];
    const stop = (earlyStopping: object, more: object = {}) =>
      along(weights, { earlyStopping: earlyStopping as never, ...more });
    expect(await stop({ patience: 2 })).toEqual({ epochs: 5, best: { epoch: 2, value: 1 }, weight: 1 });
    expect(await stop({ patience: 2, restoreBest: false })).toMatchObject({ epochs: 5, weight: 2 });
    expect(await stop({ patience: 3 })).toEqual({ epochs: 6, best: { epoch: 5, value: 0 }, weight: 0 });
    // From 4 to 1 is not better by more than 4.
    expect(await stop({ patience: 2, minDelta: 4 })).toEqual({ epochs: 4, best: { epoch: 1, value: 4 }, weight: 2 });
    expect(await stop({ patience: 2, minDelta: 3 })).toMatchObject({ best: { epoch: 1, value: 4 } });
    // The best epoch of a run that is not stopped early is restored too.
    expect(await along([1, 2], { earlyStopping: { patience: 5 } })).toEqual({
      epochs: 2,
      best: { epoch: 0, value: 1 },
      weight: 1,
    });
    expect(await along([1, 2], {})).toEqual({ epochs: 2, best: undefined, weight: 2 });
    // Equal is not better, and any number is better than NaN.
    expect(await along([1, -1, 1], { earlyStopping: { patience: 2 } })).toMatchObject({
      epochs: 3,
      best: { epoch: 0 },
    });
    const nan = await along([Number.NaN, 2, 3, 3], { earlyStopping: { patience: 2 }, onNonFiniteLoss: "propagate" });
    expect(nan).toEqual({ epochs: 4, best: { epoch: 1, value: 4 }, weight: 2 });
  });

  it("stops early by accuracy, or by the loss of the epochs without validation", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 2, { bias: false })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const data = { x: [[1], [1]], y: Int32Array.of(1, 0) };
    // Outputs (0, w): class 1 where w > 0. The accuracies on one row of class 1: 0, 1, 1, 0.
    const weights = [-1, 1, 2, -2];
    const options = { optimizer, loss: softmaxCrossEntropy, epochs: 4, batchSize: 2 };
    const set = (epoch: number) => model.parameters()[0].copyFrom([0, weights[epoch]]);
    const history = await train(model, data, {
      ...options,
      validation: { x: [[1]], y: Int32Array.of(1) },
      earlyStopping: { patience: 2, metric: "accuracy" },
      onStep: ({ epoch }) => void set(epoch),
    });
    expect(history.best).toEqual({ epoch: 1, value: 1 });
    expect(model.parameters()[0].data[1]).toBe(1);
    const plain = await train(model, data, { ...options, epochs: 9, earlyStopping: { patience: 3 } });
    expect(plain.epochs).toHaveLength(4); // at lr 0 no epoch is better than the first
  });

  it("validates with the averages swapped in, and updates them after each step", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { bias: false, init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const calls: string[] = [];
    const [weight] = model.parameters();
    const averages = {
      update: () => calls.push("update"),
      swapIn() {
        calls.push("in");
        weight.copyFrom([5]);
      },
      swapOut() {
        calls.push("out");
        weight.copyFrom([0]);
      },
      stateDict: () => ({}),
      loadStateDict() {},
    };
    const options = { optimizer, loss: mse, epochs: 2, batchSize: 2, averages };
    const data = { x: [[1], [1], [1]], y: [[0], [0], [0]] };
    const { epochs } = await train(model, data, { ...options, validation: { x: [[2]], y: [[1]] } });
    expect(epochs.map(({ validation }) => validation!.loss)).toEqual([81, 81]);
    expect(epochs.map(({ loss }) => loss)).toEqual([0, 0]);
    const epoch = ["update", "update", "in", "out"];
    expect(calls).toEqual([...epoch, ...epoch]);
    // An error in between swaps them out again.
    const fails: TrainOptions["loss"] = (p, t) => {
      if (p.data[0] === 10) throw new Error("mine");
      return mse(p, t);
    };
    await expect(train(model, data, { ...options, loss: fails, validation: { x: [[2]], y: [[1]] } })).rejects.toThrow(
      "mine",
    );
    expect(calls.at(-1)).toBe("out");
  });

  it("validates a Schedule-Free rule in evaluation mode, and leaves the best epoch's model so", async () => {
    using engine = await create();
    const x = Array.from({ length: 8 }, (_, i) => [Math.sin(i), 1]);
    const data = { x, y: x.map(([a]) => [3 * a + 1]) };
    const seen: number[] = [];
    const run = async (model: Model, o: Partial<TrainOptions>) => {
      using optimizer = scheduleFreeSgd(model.parameters(), { lr: 0.3 });
      return await train(model, data, {
        ...{ optimizer, loss: mse, epochs: 5, batchSize: 4, ...o },
        onEpoch() {
          optimizer.eval();
          seen.push(evaluate(model, data, { loss: mse }).loss);
          optimizer.train();
        },
      });
    };
    using model = sequential(engine, [dense(2, 1)], { seed: 1 });
    const history = await run(model, { validation: data, earlyStopping: { patience: 9 } });
    // Up to one rounding of x = … in each direction.
    history.epochs.forEach(({ validation }, i) => void expect(validation!.loss).toBeCloseTo(seen[i], 5));
    expect(evaluate(model, data, { loss: mse }).loss).toBe(history.best!.value);
    expect(history.best!.value).toBe(Math.min(...history.epochs.map(({ validation }) => validation!.loss)));
  });
});
