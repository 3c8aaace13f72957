import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { prepare } from "../../src/data/prepare.js";
import type { Engine } from "../../src/engine/engine.js";
import { dense, evaluate, relu, sequential, softmaxCrossEntropy, type Tensor, train } from "../../src/index.js";
import { readTable } from "../../src/node/tableFile.js";
import { optimizers } from "../../src/optim/table.js";
import { hyperparameters, recipe, recipes, tuning } from "../../src/train/recipes.js";
import { backends } from "../support/backends.js";
import { digits } from "../support/digits.js";
import { documented } from "../support/docs.js";

const all = Object.values(recipes);
/** Optimizers that the library does not have. */
const absent = all.filter(({ optimizer }) => !Object.hasOwn(optimizers, optimizer));
const present = all.filter((row) => !absent.includes(row));

const network = (engine: Engine, seed = 1) => {
  const layers = [dense(64, 64, { init: "heUniform" }), relu(), dense(64, 10, { init: "glorotUniform" })];
  return sequential(engine, layers, { seed });
};

/** The facts as the source documents give them: optimizer, learning rates, schedule, weight decays. */
const facts = {
  "language-model": ["adamw", [3e-4, 1e-3], "warmup cosine 0.1", [0.01, 0.1]],
  "fine-tuning": ["adamw", [1e-5, 5e-5], "warmup linear", [0.01, 0.01]],
  convnet: ["sgd", [0.1, 0.1], "cosine", [1e-4, 1e-4]],
  "vision-transformer": ["adamw", [1e-3, 1e-3], "warmup cosine", [0.05, 0.3]],
  gan: ["adam", [1e-4, 2e-4], "constant", [0, 0]],
  diffusion: ["adamw", [1e-4, 1e-4], "constant", [0.01, 0.01]],
  reinforcement: ["adam", [3e-4, 3e-4], "linear", [0, 0]],
  "memory-bound": ["lion", [3e-5, 3e-4], "warmup cosine 0.1", [0.1, 1]],
  "large-batch": ["lamb", [6e-4, 5e-3], "warmup linear", [0.01, 0.01]],
  sparse: ["adagrad", [0.01, 0.1], "constant", [0, 0]],
  recurrent: ["rmsprop", [1e-4, 1e-3], "constant", [0, 0]],
  baseline: ["sgd", [1e-3, 0.1], "constant", [0, 0]],
  "schedule-free": ["scheduleFreeAdamw", [2.5e-3, 2.5e-3], "constant", [0.01, 0.01]],
};

describe("the table", () => {
  it("agrees with the source documents", () => {
    const said = all.map(({ name, optimizer, lrRange, schedule: { warmup, shape, to }, weightDecayRange }) => [
      name,
      [optimizer, lrRange, [warmup && "warmup", shape, to].filter(Boolean).join(" "), weightDecayRange],
    ]);
    expect(Object.fromEntries(said)).toEqual(facts);
  });

  it.each(all.map((row) => [row.name, row] as const))(
    "%s is whole, and its defaults lie in its ranges",
    (name, row) => {
      expect(recipes[name]).toBe(row);
      const lies = (x: number, [low, high]: readonly [number, number]) => x >= low && x <= high;
      expect([lies(row.lr, row.lrRange), lies(row.weightDecay, row.weightDecayRange)]).toEqual([true, true]);
      expect(row.source).toMatch(/\b(19|20)\d\d\b/);
      expect(JSON.parse(JSON.stringify(row))).toEqual(row);
    },
  );

  it("has the ranges of the hyperparameters and the order of tuning", () => {
    expect(hyperparameters.map(({ name }) => name)).toEqual([
      "learning rate",
      "β₁",
      "β₂",
      "ε",
      "weight decay",
      "warm-up",
      "batch size",
    ]);
    expect(tuning.map(({ name }) => name)).toEqual([
      "learning rate",
      "weight decay",
      "batch size",
      "schedule",
      "β",
      "ε",
    ]);
  });
});

describe.each(backends)("on $name", ({ create }) => {
  it.each(present.map((row) => [row.name, row] as const))("%s builds and steps", async (name, row) => {
    using engine = await create();
    using model = network(engine);
    const before = model.parameters().map((tensor) => tensor.toArray());
    using optimizer = recipe(name).build(model.parameters(), { steps: 40 });
    expect(optimizer.rule.name).toBe(row.optimizer);
    const params = new Set(optimizer.groups.flatMap((group) => group.params));
    expect(params).toEqual(new Set(model.parameters()));
    const x = engine.tensor(
      [8, 64],
      Array.from({ length: 512 }, (_, i) => ((i * 37) % 64) / 32 - 1),
    );
    const y = Int32Array.from({ length: 8 }, (_, i) => i);
    const losses = [];
    for (let t = 0; t < 40; t++) {
      const { value, grad } = softmaxCrossEntropy(model.forward(x), y);
      losses.push(value);
      model.backward(grad);
      optimizer.step(undefined, { zeroGrad: true });
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    model.parameters().forEach((tensor, i) => void expect(tensor.toArray()).not.toEqual(before[i]));
  });

  it("the schedule spans the given number of steps", async () => {
    using engine = await create();
    const theta = engine.tensor([2, 2]);
    const rates = (name: string, steps: number, more = {}) => {
      theta.grad.fill(1);
      using optimizer = recipe(name).build([theta], { steps, ...more });
      return Array.from({ length: steps }, () => {
        optimizer.step();
        return optimizer.groups[0]!.lr as number;
      });
    };
    // 5 % of 100 steps is 5: a fifth of 1e-3 each; then half a cosine over 95.
    const vit = rates("vision-transformer", 100);
    [2e-4, 4e-4, 6e-4, 8e-4, 1e-3, 1e-3].forEach((want, t) => void expect(vit[t]).toBeCloseTo(want, 12));
    expect(vit[5 + 19]).toBeCloseTo(0.5e-3 * (1 + Math.cos(Math.PI / 5)), 12);
    expect(vit.at(-1)).toBeGreaterThan(0);
    expect(rates("vision-transformer", 50)[1]).toBeCloseTo(2e-3 / 3, 12); // 2.5 steps are 3
    // Down to a tenth of the peak that is given here.
    const lm = rates("language-model", 1000, { lr: 1e-2, warmup: 1 });
    expect(lm[0]).toBe(1e-2);
    expect(lm.at(-1)).toBeCloseTo(1e-3, 6);
    expect(rates("fine-tuning", 10)).toEqual([
      2e-5,
      ...Array.from({ length: 9 }, (_, k) => expect.closeTo((2e-5 * (9 - k)) / 9, 15)),
    ]);
    expect(rates("gan", 3)).toEqual([2e-4, 2e-4, 2e-4]);
    expect(rates("vision-transformer", 1)).toEqual([1e-3]);
  });

  it("biases are not decayed if the source does not decay them", async () => {
    using engine = await create();
    using model = network(engine);
    const decays = (name: string, more = {}) => {
      using optimizer = recipe(name).build(model.parameters(), { steps: 10, ...more });
      return optimizer.groups.map(({ params, weightDecay }) => [
        params.map(({ shape }: Tensor) => shape.length),
        weightDecay,
      ]);
    };
    expect(decays("vision-transformer")).toEqual([
      [[2, 2], 0.05],
      [[1, 1], 0],
    ]);
    expect(decays("vision-transformer", { weightDecay: 0.2 })[0][1]).toBe(0.2);
    expect(decays("vision-transformer", { weightDecay: 0 })).toEqual([[[2, 1, 2, 1], 0]]);
    expect(decays("convnet")).toEqual([[[2, 1, 2, 1], 1e-4]]);
    const bias = engine.tensor(3);
    using alone = recipe("fine-tuning").build([bias], { steps: 10 });
    expect(alone.groups.map(({ weightDecay }) => weightDecay)).toEqual([0]);
  });

  it("biases have no ratio under LAMB, with decay or without", async () => {
    using engine = await create();
    using model = network(engine);
    for (const weightDecay of [0.01, 0]) {
      using optimizer = recipe("large-batch").build(model.parameters(), { steps: 10, weightDecay });
      const groups = optimizer.groups as readonly {
        params: readonly Tensor[];
        weightDecay: number;
        layerAdaptation: boolean;
      }[];
      expect(
        groups.map((group) => [
          group.params.map(({ shape }) => shape.length),
          group.weightDecay,
          group.layerAdaptation,
        ]),
      ).toEqual([
        [[2, 2], weightDecay, true],
        [[1, 1], 0, false],
      ]);
    }
  });

  it("a missing optimizer is reported, and wrong options are refused", async () => {
    using engine = await create();
    using model = network(engine);
    const params = model.parameters();
    for (const { name, optimizer } of absent) {
      expect(() => recipe(name).build(params, { steps: 10 })).toThrow(
        `${name}: expected the optimizer ${optimizer}, which this version of thalweg does not have`,
      );
    }
    const { build } = recipe("vision-transformer");
    expect(() => recipe("resnet")).toThrow(/^name: expected one of language-model, .*got "resnet"$/);
    expect(() => recipe("toString")).toThrow(RangeError);
    expect(() => recipe(3 as never)).toThrow(TypeError);
    expect(() => build(params, undefined as never)).toThrow(/^options: expected an object { steps }, got undefined$/);
    expect(() => build(params, {} as never)).toThrow(/^steps: .*got undefined$/);
    expect(() => build(params, { steps: 0 })).toThrow(/^steps: expected a whole number ≥ 1, got 0$/);
    expect(() => build(params, { steps: 100, warmup: 100 })).toThrow(/^warmup: expected fewer than the 100 steps/);
    expect(() => build(params, { steps: 100, lr: -1 })).toThrow(/^lr: .*got -1$/);
    expect(() => build(params, { steps: 100, lr: Number.NaN })).toThrow(RangeError);
    expect(() => build(params, { steps: 100, weightDecay: -1 })).toThrow(/^weightDecay: .*got -1$/);
    expect(() => build(params, { steps: 100, epochs: 1 } as never)).toThrow(
      /^build: expected options among .*"epochs"$/,
    );
    expect(() => build([], { steps: 100 })).toThrow(/^params: expected at least one tensor/);
    expect(() => build([null as never], { steps: 100 })).toThrow(TypeError);
    expect(() => build(undefined as never, { steps: 100 })).toThrow(/^params: expected an array/);
  });
});

it.each([
  ["recipes", "recipes"],
  ["recipes", "recipe"],
  ["hyperparameterTable", "hyperparameters"],
  ["hyperparameterTable", "tuning"],
])("%s.ts documents %s with an example", (file, name) => {
  const source = readFileSync(new URL(`../../src/train/${file}.ts`, import.meta.url), "utf8");
  expect(documented(source, name)).toContain("@example");
});

it("the library has all of them", () => {
  expect(absent.map(({ optimizer }) => optimizer)).toEqual([]);
});

const rows = await readTable(digits("train.csv"));
const test = await readTable(digits("test.csv"));

// On wasm only, as in train.test.ts: vitest turns every word of the twin into a module look-up.
describe.each(backends.filter(({ name }) => name !== "js"))("digits on $name", ({ create }) => {
  const data = prepare(rows, { target: "64", test });
  const measured = all.filter((row) => row.digits !== undefined);
  it("three recipes state an accuracy", () => expect(measured).toHaveLength(3));

  it.each(measured.map((row) => [row.name, row.digits!] as const))(
    "%s reaches it",
    async (name, { epochs, accuracy }) => {
      using engine = await create();
      using model = network(engine);
      using x = engine.tensor([data.train.rows, 64], data.train.x);
      using others = engine.tensor([data.test!.rows, 64], data.test!.x);
      const loss = softmaxCrossEntropy;
      const batchSize = 32;
      const steps = epochs * Math.ceil(data.train.rows / batchSize);
      using optimizer = recipe(name).build(model.parameters(), { steps });
      await train(model, { x, y: data.train.y as Int32Array }, { optimizer, loss, epochs, batchSize, seed: 1 });
      expect(optimizer.stepCount).toBe(steps);
      optimizer.eval();
      const result = evaluate(model, { x: others, y: data.test!.y as Int32Array }, { loss });
      expect(result.accuracy).toBeGreaterThanOrEqual(accuracy);
    },
  );
});
