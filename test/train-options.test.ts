import { describe, expect, it } from "vitest";
import {
  type Data,
  dense,
  dropout,
  type EpochReport,
  evaluate,
  halfMse,
  type Model,
  mse,
  predict,
  relu,
  sam,
  scheduleFreeSgd,
  sequential,
  sgd,
  softmaxCrossEntropy,
  type TrainOptions,
  train,
} from "../src/index.js";
import { backends } from "./support/backends.js";

/** Targets 0, 1 … n − 1, each with itself as input. */
const counted = (n: number): Data => {
  const rows = Array.from({ length: n }, (_, i) => [i]);
  return { x: rows, y: rows };
};
const squares = (n: number) => (n * (n - 1) * (2 * n - 1)) / 6;

describe.each(backends)("train on $name", ({ create }) => {
  it("gives optimizers that take gradients at several points a closure over the batch", async () => {
    using engine = await create();
    const data = {
      x: [
        [0.5, 1],
        [-1, 0.25],
        [2, -0.5],
      ],
      y: [[1], [2], [3]],
    };
    const network = () => sequential(engine, [dense(2, 3), relu(), dense(3, 1)], { seed: 4 });
    using trained = network();
    const losses: number[] = [];
    await train(trained, data, {
      ...{
        optimizer: sam(sgd(trained.parameters(), { lr: 0.05 })),
        loss: mse,
        epochs: 5,
        batchSize: 3,
        shuffle: false,
      },
      onStep: ({ loss }) => losses.push(loss),
    });
    using model = network();
    const optimizer = sam(sgd(model.parameters(), { lr: 0.05 }));
    const [x, y] = [engine.tensor([3, 2], data.x.flat()), engine.tensor([3, 1], data.y.flat())];
    const expected = losses.map(() =>
      optimizer.step(() => {
        optimizer.zeroGrad();
        const { value, grad } = mse(model.forward(x), y);
        model.backward(grad);
        return value;
      }),
    );
    expect(losses).toHaveLength(5);
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[i]!, 12);
    for (const [i, p] of model.parameters().entries()) expect(trained.parameters()[i]!.data).toEqual(p.data);
    const all = { optimizer, loss: mse, epochs: 1, batchSize: 1 };
    await expect(train(model, data, { ...all, accumulate: 2 })).rejects.toThrow(
      "accumulate: expected 1 with sam, which takes gradients at several points, got 2",
    );
  });

  it("sets rows aside by a fraction: each row trains or validates, chosen by the seed", async () => {
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
        expect(validation!.loss).toBeCloseTo(held.at(-1)!.reduce((sum, i) => sum + i * i, 0) / 6, 4);
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

  it("validates on data of their own as evaluate does, with dropout off, and goes on training", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 6), relu(), dropout(0.5), dense(6, 2)], { seed: 1 });
    using optimizer = sgd(model.parameters(), { lr: 0.1 });
    const x = Array.from({ length: 9 }, (_, i) => [i % 3, (i * 5) % 4]);
    const data = { x, y: Int32Array.from(x, ([a, b]) => Number(a! > b!)) };
    const other = { x: x.map(([a, b]) => [a! + 1, b!]), y: data.y };
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
    expect(reports[0]!.validation!.confusion!.flat().reduce((sum, n) => sum + n, 0)).toBe(9);
  });

  it("accumulates: k batches are one of k times the size, and the last of an epoch are averaged as many as they are", async () => {
    using engine = await create();
    const run = async (options: object, n: number) => {
      using model = sequential(engine, [dense(1, 2), relu(), dense(2, 1)], { seed: 4 });
      using optimizer = sgd(model.parameters(), { lr: 0.01, momentum: 0.9 });
      const x = Array.from({ length: n }, (_, i) => [Math.sin(i)]);
      const y = x.map(([a]) => [2 * a! - 1]);
      const rows: number[] = [];
      const reported: number[] = [];
      const history = await train(
        model,
        { x, y },
        {
          ...{ optimizer, loss: mse, epochs: 3, shuffle: false, batchSize: 1, ...options },
          onStep(step) {
            rows.push(step.rows);
            reported.push(step.loss);
            expect(step.steps).toBe(3 * Math.ceil(n / 6));
          },
        },
      );
      const parameters = model.parameters().flatMap((tensor) => [...tensor.data]);
      return { rows, reported, parameters, steps: optimizer.stepCount, losses: history.epochs.map(({ loss }) => loss) };
    };
    for (const n of [12, 16]) {
      const whole = await run({ batchSize: 6 }, n);
      const parts = await run({ batchSize: 2, accumulate: 3 }, n);
      expect([parts.rows, parts.steps]).toEqual([whole.rows, whole.steps]);
      expect(parts.rows).toEqual(Array.from({ length: 3 }, () => (n === 12 ? [6, 6] : [6, 6, 4])).flat());
      // Sums in another order: f32 rounding alone.
      whole.parameters.forEach((value, i) => void expect(parts.parameters[i]).toBeCloseTo(value, 5));
      whole.reported.forEach((value, i) => void expect(parts.reported[i]).toBeCloseTo(value, 5));
      whole.losses.forEach((value, i) => void expect(parts.losses[i]).toBeCloseTo(value, 5));
    }
  });

  /** A run of one step an epoch whose weight is put to each of these values in turn: its validation loss is their square. */
  async function along(weights: number[], options: Partial<TrainOptions>) {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { bias: false })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const history = await train(
      model,
      { x: [[1]], y: [[0]] },
      {
        ...{ optimizer, loss: mse, epochs: weights.length, batchSize: 1, validation: { x: [[1]], y: [[0]] } },
        onStep: ({ epoch }) => void (model.parameters()[0]!.data[0] = weights[epoch]!),
        ...options,
      },
    );
    return { epochs: history.epochs.length, best: history.best, weight: model.parameters()[0]!.data[0] };
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
    // The best of a run that ends by itself is restored too.
    expect(await along([1, 2], { earlyStopping: { patience: 5 } })).toEqual({
      epochs: 2,
      best: { epoch: 0, value: 1 },
      weight: 1,
    });
    expect(await along([1, 2], {})).toEqual({ epochs: 2, best: undefined, weight: 2 });
    // Equal is no better, and anything is better than NaN.
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
    const set = (epoch: number) => model.parameters()[0]!.copyFrom([0, weights[epoch]!]);
    const history = await train(model, data, {
      ...options,
      validation: { x: [[1]], y: Int32Array.of(1) },
      earlyStopping: { patience: 2, metric: "accuracy" },
      onStep: ({ epoch }) => void set(epoch),
    });
    expect(history.best).toEqual({ epoch: 1, value: 1 });
    expect(model.parameters()[0]!.data[1]).toBe(1);
    const plain = await train(model, data, { ...options, epochs: 9, earlyStopping: { patience: 3 } });
    expect(plain.epochs).toHaveLength(4); // at lr 0 nothing gets better than the first
  });

  it("validates with the averages in the model's place, and updates them after each step", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { bias: false, init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const calls: string[] = [];
    const [weight] = model.parameters();
    const averages = {
      update: () => calls.push("update"),
      swapIn() {
        calls.push("in");
        weight!.copyFrom([5]);
      },
      swapOut() {
        calls.push("out");
        weight!.copyFrom([0]);
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
    // An error on the way takes them out again.
    const fails: TrainOptions["loss"] = (p, t) => {
      if (p.data[0] === 10) throw new Error("mine");
      return mse(p, t);
    };
    await expect(train(model, data, { ...options, loss: fails, validation: { x: [[2]], y: [[1]] } })).rejects.toThrow(
      "mine",
    );
    expect(calls.at(-1)).toBe("out");
  });

  it("validates where a Schedule-Free rule wants the model evaluated, and leaves the best epoch's model there", async () => {
    using engine = await create();
    const x = Array.from({ length: 8 }, (_, i) => [Math.sin(i), 1]);
    const data = { x, y: x.map(([a]) => [3 * a! + 1]) };
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
    // By one rounding of x = … back and forth.
    history.epochs.forEach(({ validation }, i) => void expect(validation!.loss).toBeCloseTo(seen[i]!, 5));
    expect(evaluate(model, data, { loss: mse }).loss).toBe(history.best!.value);
    expect(history.best!.value).toBe(Math.min(...history.epochs.map(({ validation }) => validation!.loss)));
  });

  it("ends in an error before the step whose loss is not finite, with the model as it was", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 2), dropout(0.5), dense(2, 1)], { seed: 1 });
    using optimizer = sgd(model.parameters(), { lr: 0.01 });
    const x = Array.from({ length: 7 }, (_, i) => [i]);
    const data = { x, y: x.map((_, i) => [i === 4 ? Number.NaN : 1]) };
    let before: unknown;
    const state = () => [
      model.parameters().map((tensor) => tensor.toArray()),
      model.generatorState,
      optimizer.stateDict(),
    ];
    const options = { optimizer, loss: mse, epochs: 3, batchSize: 1, shuffle: false };
    const onStep = () => {
      before = state();
    };
    const message = /^training diverged at step 5 \(epoch 1\): the loss is NaN; .* The step was not taken$/;
    await expect(train(model, data, { ...options, onStep })).rejects.toThrow(message);
    expect(optimizer.stepCount).toBe(4);
    expect(state()).toEqual(before);
    // Of batches 4 and 5 the first was good: it is taken back.
    await expect(train(model, data, { ...options, accumulate: 3, onStep })).rejects.toThrow(/at step 2 \(epoch 1\)/);
    expect(state()).toEqual(before);
    for (const tensor of model.parameters()) expect([...tensor.grad].every((g) => g === 0)).toBe(true);
    const { epochs } = await train(model, data, { ...options, onNonFiniteLoss: "propagate", epochs: 1 });
    expect(epochs[0]!.loss).toBeNaN();
  });

  it("saves when it is told to", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1)]);
    using optimizer = sgd(model.parameters(), { lr: 0.001 });
    const saves = async (every: object | undefined, o: object = {}) => {
      const ats: string[] = [];
      const checkpoint = {
        ...(every && { every }),
        save: async (_: unknown, at: object) => void ats.push(Object.values(at).join()),
      };
      await train(model, counted(6), {
        ...{ optimizer, loss: mse, epochs: 4, batchSize: 2, checkpoint: checkpoint as never },
        ...o,
      });
      return ats;
    };
    expect(await saves(undefined)).toEqual(["1,3", "2,6", "3,9", "4,12"]);
    expect(await saves({ epochs: 3 })).toEqual(["3,9", "4,12"]);
    expect(await saves({ steps: 5 })).toEqual(["1,5", "3,10", "4,12"]);
    expect(await saves({ steps: 3 })).toEqual(["1,3", "2,6", "3,9", "4,12"]);
    const fails = { save: () => Promise.reject(new Error("disk full")) };
    await expect(saves(undefined, { checkpoint: fails })).rejects.toThrow("disk full");
  });

  const averages = { update() {}, swapIn() {}, swapOut() {}, stateDict() {}, loadStateDict() {} };
  it.each<[string, object, RegExp]>([
    ["a fraction of 0", { validation: 0 }, /^validation: expected a fraction between 0 and 1, or data, got 0$/],
    ["a fraction of 1", { validation: 1 }, /^validation: .*got 1$/],
    ["a fraction of NaN", { validation: Number.NaN }, /^validation: .*got NaN$/],
    ["validation by name", { validation: "some" }, /^validation: .*got "some"$/],
    [
      "validation of another width",
      { validation: { x: [[1, 2]], y: Int32Array.of(0) } },
      /^validation\.x: expected 1 columns, as data\.x/,
    ],
    [
      "validation of another kind",
      { validation: { x: [[1]], y: [[1]] } },
      /^validation\.y: expected an Int32Array, as data\.y/,
    ],
    [
      "a class to validate that there is not",
      { validation: { x: [[1], [1]], y: Int32Array.of(0, 3) } },
      /^validation\.y\[1\]: expected a class from 0 to 1, got 3$/,
    ],
    [
      "uneven validation",
      { validation: { x: [[1]], y: Int32Array.of(0, 1) } },
      /^validation\.y: expected 1 rows, as validation\.x/,
    ],
    ["no patience", { earlyStopping: {} }, /^earlyStopping\.patience: expected a whole number ≥ 1, got undefined$/],
    ["a negative minDelta", { earlyStopping: { patience: 1, minDelta: -1 } }, /^earlyStopping\.minDelta: .*got -1$/],
    ["another metric", { earlyStopping: { patience: 1, metric: "f1" } }, /^earlyStopping\.metric: .*got "f1"$/],
    [
      "accuracy without validation",
      { earlyStopping: { patience: 1, metric: "accuracy" } },
      /^earlyStopping\.metric: expected "loss" without validation/,
    ],
    ["a word for early stopping", { earlyStopping: true }, /^earlyStopping: expected an object/],
    ["a misspelt option of it", { earlyStopping: { patience: 1, delta: 1 } }, /delta/],
    ["accumulation of 0", { accumulate: 0 }, /^accumulate: .*got 0$/],
    ["averages that are none", { averages: {} }, /^averages: expected an object with stateDict/],
    [
      "averages without a swap",
      { averages: { ...averages, swapIn: 1 } },
      /^averages\.swapIn: expected a function, got 1$/,
    ],
    ["a state under the averages' name", { averages, stateful: { averages } }, /^stateful: /],
    ["a state that is none", { stateful: { a: 1 } }, /^stateful\.a: /],
    ["a checkpoint without save", { checkpoint: {} }, /^checkpoint\.save: expected a function, got undefined$/],
    ["a path for a checkpoint", { checkpoint: "run.safetensors" }, /^checkpoint: expected an object \{ every, save \}/],
    ["a number for every", { checkpoint: { every: 5, save() {} } }, /^checkpoint\.every: expected \{ steps: n \} or/],
    ["every nothing", { checkpoint: { every: {}, save() {} } }, /^checkpoint\.every: /],
    [
      "every half a step",
      { checkpoint: { every: { steps: 0.5 }, save() {} } },
      /^checkpoint\.every\.steps: .*got 0\.5$/,
    ],
    ["both", { checkpoint: { every: { steps: 1, epochs: 1 }, save() {} } }, /^checkpoint\.every: /],
    [
      "an unknown way out",
      { onNonFiniteLoss: "skip" },
      /^onNonFiniteLoss: expected "throw" or "propagate", got "skip"$/,
    ],
    ["a hook that is no function", { onStep: 1 }, /^onStep: /],
    ["a shuffle of 1", { shuffle: 1 }, /^shuffle: /],
    ["a dropLast of 1", { dropLast: 1 }, /^dropLast: /],
    ["a confusion of 1", { confusion: 1 }, /^confusion: /],
  ])("refuses %s, with nothing changed or left behind", async (_, options, message) => {
    using engine = await create();
    const model = sequential(engine, [dense(1, 2)], { seed: 1 });
    const before = model.parameters().map((tensor) => tensor.toArray());
    const optimizer = sgd(model.parameters());
    const all = { optimizer, loss: softmaxCrossEntropy, epochs: 2, batchSize: 5, ...options };
    await expect(train(model, { x: [[1], [2]], y: Int32Array.of(0, 1) }, all as never)).rejects.toThrow(message);
    expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
    optimizer.dispose();
    model.dispose();
    expect(engine.bytesInUse).toBe(0);
  });

  it("refuses to split a single row, and accuracy of what are no classes", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1)]);
    using optimizer = sgd(model.parameters());
    const options = { optimizer, loss: mse, epochs: 1, batchSize: 1, validation: 0.5 };
    await expect(train(model, counted(1), options)).rejects.toThrow(/^data\.x: expected at least two rows/);
    const earlyStopping = { patience: 1, metric: "accuracy" } as const;
    await expect(train(model, counted(2), { ...options, earlyStopping })).rejects.toThrow(/^earlyStopping\.metric: /);
  });
});

describe.each(backends)("evaluate and predict on $name", ({ create }) => {
  it("count a confusion matrix: rows the class, columns what was predicted", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(3, 3, { bias: false })]);
    model.parameters()[0]!.copyFrom([1, 0, 0, 0, 1, 0, 0, 0, 1]);
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

  it("give all outputs, whatever the batch, with dropout off", async () => {
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
