import { describe, expect, it } from "vitest";
import { prepare } from "../../src/data/prepare.js";
import type { Engine } from "../../src/engine/engine.js";
import {
  adamw,
  type Data,
  dense,
  evaluate,
  type Model,
  mse,
  relu,
  sequential,
  sgd,
  softmaxCrossEntropy,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { readTable } from "../../src/node/tableFile.js";
import { backends } from "../support/backends.js";
import { digits } from "../support/digits.js";

/** 22 points of two classes that no line separates; batches of 5 leave a last one of 2. */
const x = Array.from({ length: 22 }, (_, i) => [(i % 5) - 2, ((i * 7) % 11) / 5 - 1, Math.sin(i)]);
const classes: Data = { x, y: Int32Array.from(x, ([a, b]) => Number(a * b > 0)) };
const values: Data = { x, y: x.map(([a, b]) => [a - b, a * b]) };

const network = (engine: Engine): Model =>
  sequential(engine, [dense(3, 8, { init: "heUniform" }), relu(), dense(8, 2)], { seed: 3 });

/** A run on a fresh model, which is disposed of at the end. */
async function run(engine: Engine, options: Partial<TrainOptions> = {}, data = classes) {
  using model = network(engine);
  using optimizer = adamw(model.parameters(), { lr: 0.02 });
  const loss = data.y instanceof Int32Array ? softmaxCrossEntropy : mse;
  const history = await train(model, data, { optimizer, loss, epochs: 4, batchSize: 5, ...options });
  return { history, parameters: model.parameters().map((tensor) => [...tensor.toArray()]) };
}

const losses = ({ history }: Awaited<ReturnType<typeof run>>) => history.epochs.map(({ loss }) => loss);

describe.each(backends)("train on $name", ({ create }) => {
  it("reports each epoch and each step, and reduces the loss", async () => {
    using engine = await create();
    const steps: { epoch: number; step: number; steps: number; rows: number; loss: number }[] = [];
    const epochs: number[] = [];
    const { history } = await run(engine, {
      epochs: 30,
      onStep: (step) => steps.push({ ...step }),
      onEpoch: async ({ epoch }) => void epochs.push(epoch),
    });
    expect(epochs).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual(epochs);
    expect(history.epochs.map(({ steps }) => steps)).toEqual(epochs.map((epoch) => (epoch + 1) * 5));
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    expect(steps.every(({ steps }) => steps === 150)).toBe(true);
    expect(steps.slice(0, 6).map(({ rows, epoch }) => [rows, epoch])).toEqual([
      [5, 0],
      [5, 0],
      [5, 0],
      [5, 0],
      [2, 0],
      [5, 1],
    ]);
    const first = steps.slice(0, 5).reduce((sum, { rows, loss }) => sum + rows * loss, 0) / 22;
    expect(history.epochs[0].loss).toBeCloseTo(first, 12);
    expect(history.epochs[29].loss).toBeLessThan(history.epochs[0].loss / 2);
    expect(history.epochs.every(({ seconds }) => seconds >= 0)).toBe(true);
  });

  it.each([
    ["classes", classes],
    ["values", values],
  ])("gives the same result for the same seed and another for another: %s", async (_, data) => {
    using engine = await create();
    const once = await run(engine, { seed: 7 }, data);
    const again = await run(engine, { seed: 7 }, data);
    const other = await run(engine, { seed: 8 }, data);
    expect(again.parameters).toEqual(once.parameters);
    expect(losses(again)).toEqual(losses(once));
    expect(other.parameters).not.toEqual(once.parameters);
  });

  it("takes every row once per epoch, in another order each time", async () => {
    using engine = await create();
    // The gradient of mse for W = 0, b = 0 fixed at lr 0: each step's loss is the mean of its rows' squares.
    using model = sequential(engine, [dense(1, 1, { init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: 0 });
    const targets = Array.from({ length: 16 }, (_, i) => [i]);
    const seen: number[] = [];
    await train(
      model,
      { x: targets, y: targets },
      { optimizer, loss: mse, epochs: 3, batchSize: 1, onStep: ({ loss }) => seen.push(Math.sqrt(loss)) },
    );
    const epochs = [seen.slice(0, 16), seen.slice(16, 32), seen.slice(32)];
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(targets.flat());
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[1]).not.toEqual(epochs[2]);
  });

  it("is full-batch descent with a batch of all rows or more", async () => {
    using engine = await create();
    const rows: number[] = [];
    await run(engine, { batchSize: 1000, epochs: 2, onStep: (step) => rows.push(step.rows) });
    expect(rows).toEqual([22, 22]);
  });

  it("gives the same as a loop written by hand", async () => {
    using engine = await create();
    const { parameters } = await run(engine, { batchSize: 22, epochs: 1 }, values);
    using model = network(engine);
    using optimizer = adamw(model.parameters(), { lr: 0.02 });
    using inputs = engine.tensor([22, 3], x.flat());
    using targets = engine.tensor([22, 2], (values.y as number[][]).flat());
    model.backward(mse(model.forward(inputs), targets).grad);
    optimizer.step();
    // Sums over rows run in another order, the shuffled one; a first step of Adam is ± lr wherever the gradient is.
    model.parameters().forEach((tensor, i) => {
      tensor.data.forEach((value, j) => {
        expect(value).toBeCloseTo(parameters[i][j], 4);
      });
    });
  });

  it("ends at an abort with the signal's reason, and frees its memory", async () => {
    using engine = await create();
    using model = network(engine);
    using optimizer = sgd(model.parameters(), { lr: 0.1 });
    const controller = new AbortController();
    let steps = 0;
    const options = { optimizer, loss: softmaxCrossEntropy, epochs: 100, batchSize: 5 };
    const onStep = () => {
      if (++steps === 7) controller.abort(new Error("enough"));
    };
    await expect(train(model, classes, { ...options, onStep, signal: controller.signal })).rejects.toThrow("enough");
    expect([steps, optimizer.stepCount]).toEqual([7, 7]);
    await expect(train(model, classes, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(optimizer.stepCount).toBe(7);
    // Neither way to end affects the next run.
    expect((await train(model, classes, { ...options, epochs: 1 })).epochs).toHaveLength(1);
    optimizer.dispose();
    model.dispose();
    expect(engine.bytesInUse).toBe(0);
  });

  it("lets timers run during a long run", async () => {
    using engine = await create();
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await run(engine, {
      epochs: 1,
      batchSize: 1,
      onStep: () => {
        const end = performance.now() + 20;
        while (performance.now() < end);
      },
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it("frees its memory, after errors too", async () => {
    using engine = await create();
    await run(engine);
    await run(engine, { epochs: 2, batchSize: 7 }, values);
    expect(engine.bytesInUse).toBe(0);
    const fails = () => {
      throw new Error("mine");
    };
    await expect(run(engine, { onStep: fails })).rejects.toThrow("mine");
    await expect(run(engine, { onEpoch: async () => fails() })).rejects.toThrow("mine");
    await expect(run(engine, { loss: mse })).rejects.toThrow(TypeError);
    expect(engine.bytesInUse).toBe(0);
    using mine = engine.tensor([22, 3], x.flat());
    const before = engine.bytesInUse;
    await run(engine, {}, { x: mine, y: classes.y });
    expect(engine.bytesInUse).toBe(before);
    expect(mine.disposed).toBe(false);
  });

  it.each<[string, Partial<TrainOptions>, Data, RegExp]>([
    ["no epochs", { epochs: 0 }, classes, /^epochs: expected a whole number ≥ 1, got 0$/],
    ["half a batch", { batchSize: 2.5 }, classes, /^batchSize: .*got 2\.5$/],
    ["a seed that is no whole number", { seed: 0.5 }, classes, /^seed: .*got 0\.5$/],
    ["a clip of 0", { clipNorm: 0 }, classes, /^clipNorm: .*got 0$/],
    ["an unknown option", { learningRate: 1 } as object, classes, /learningRate/],
    ["too few targets", {}, { x, y: Int32Array.of(1) }, /^data\.y: expected 22 rows, as data\.x, got "1 rows"$/],
    ["ragged rows", {}, { x: [[1, 2, 3], [1]], y: Int32Array.of(0, 1) }, /^data\.x\[1\]: expected 3 numbers/],
    ["another width", {}, { x: x.map(([a]) => [a]), y: classes.y }, /^x: expected shape \[rows, 3\]/],
    ["an unknown class", {}, { x, y: Int32Array.from(x, (_, i) => Number(i === 21) * 2) }, /^data\.y\[21\]: .*got 2$/],
  ])("refuses %s, and changes nothing", async (_, options, data, message) => {
    using engine = await create();
    using model = network(engine);
    using optimizer = sgd(model.parameters(), { lr: 0.1 });
    const before = model.parameters().map((tensor) => tensor.toArray());
    const all = { optimizer, loss: softmaxCrossEntropy, epochs: 2, batchSize: 5, ...options };
    await expect(train(model, data, all)).rejects.toThrow(message);
    expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
    expect(optimizer.stepCount).toBe(0);
  });

  it("clips by the global norm", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: 1 });
    // Gradient of (0 − 30)² by weight and bias at x = 4/3: −60 (4/3, 1), of norm 100, in the direction (0.8, 0.6).
    const data = { x: [[4 / 3]], y: [[30]] };
    await train(model, data, { optimizer, loss: mse, epochs: 1, batchSize: 1, clipNorm: 0.5 });
    const [w, b] = model.parameters();
    expect(w.data[0]).toBeCloseTo(0.4, 6);
    expect(b.data[0]).toBeCloseTo(0.3, 6);
  });
});

// On wasm only: vitest turns every word of f32.ts into a look-up in a module, and the twin takes minutes. The built
// js backend shows the same bits for this very run in cli.test.ts.
describe.each(backends.filter(({ name }) => name !== "js"))("the digits on $name", ({ create }) => {
  it("are classified at 96 % or more for other writers", async () => {
    using engine = await create();
    const { train: rows, test } = prepare(await readTable(digits("train.csv")), {
      target: "64",
      test: await readTable(digits("test.csv")),
    });
    const init = "heUniform";
    using model = sequential(engine, [dense(64, 64, { init }), relu(), dense(64, 10, { init: "glorotUniform" })], {
      seed: 1,
    });
    using optimizer = adamw(model.parameters());
    using inputs = engine.tensor([rows.rows, 64], rows.x);
    using others = engine.tensor([test!.rows, 64], test!.x);
    const loss = softmaxCrossEntropy;
    await train(model, { x: inputs, y: rows.y as Int32Array }, { optimizer, loss, epochs: 30, batchSize: 32, seed: 1 });
    const { accuracy } = evaluate(model, { x: others, y: test!.y as Int32Array }, { loss });
    expect(accuracy).toBeGreaterThanOrEqual(0.96);
  });
});

it("ends with the same bits on js and strict wasm, smaller last batches and clipping included", async () => {
  const results = [];
  for (const { exact, create } of backends) {
    if (!exact) continue;
    using engine = await create();
    const a = await run(engine, { seed: 5, epochs: 20 });
    const b = await run(engine, { seed: 5, epochs: 20, batchSize: 3, clipNorm: 0.1 }, values);
    results.push([a.parameters, losses(a), b.parameters, losses(b)]);
  }
  expect(results).toHaveLength(2);
  expect(results[1]).toEqual(results[0]);
});

describe.each(backends)("evaluate on $name", ({ create }) => {
  it("gives the mean loss and the fraction of correct rows for any batch size", async () => {
    using engine = await create();
    // y = x: the logits are the inputs.
    using model = sequential(engine, [dense(2, 2, { bias: false })]);
    model.parameters()[0].copyFrom([1, 0, 0, 1]);
    // biome-ignore format: one row per input
    const inputs = [[1, 0], [0, 1], [2, 1], [3, 3], [0, 5]];
    const y = Int32Array.of(0, 1, 1, 0, 0); // right, right, wrong, right (the first of equals), wrong
    const nll = inputs.map(([a, b], i) => Math.log(Math.exp(a) + Math.exp(b)) - [a, b][y[i]]);
    for (const batchSize of [1, 2, 3, 5, 100]) {
      const { loss, accuracy } = evaluate(model, { x: inputs, y }, { loss: softmaxCrossEntropy, batchSize });
      expect(loss).toBeCloseTo(nll.reduce((sum, l) => sum + l, 0) / 5, 6);
      expect(accuracy).toBe(0.6);
    }
    const regression = evaluate(model, { x: inputs, y: inputs.map(([a, b]) => [a + 1, b - 2]) }, { loss: mse });
    expect(regression.loss).toBeCloseTo(2.5, 6);
    expect(regression.accuracy).toBeUndefined();
  });

  it("changes neither parameters nor mode, and frees its memory", async () => {
    using engine = await create();
    const model = network(engine);
    const before = model.parameters().map((tensor) => tensor.toArray());
    evaluate(model, classes, { loss: softmaxCrossEntropy });
    expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
    expect(model.training).toBe(true);
    model.eval();
    evaluate(model, classes, { loss: softmaxCrossEntropy });
    expect(model.training).toBe(false);
    model.dispose();
    expect(engine.bytesInUse).toBe(0);
  });
});
