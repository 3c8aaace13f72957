/** Options that train() refuses, with nothing changed. */
import { describe, expect, it } from "vitest";
import { dense, mse, sequential, sgd, softmaxCrossEntropy, train } from "../../src/index.js";
import { backends } from "../support/backends.js";
import { counted } from "../support/counted.js";

describe.each(backends)("train on $name", ({ create }) => {
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
    ["averages of another kind", { averages: {} }, /^averages: expected an object with stateDict/],
    [
      "averages without a swap",
      { averages: { ...averages, swapIn: 1 } },
      /^averages\.swapIn: expected a function, got 1$/,
    ],
    ["a state under the averages' name", { averages, stateful: { averages } }, /^stateful: /],
    ["state of another kind", { stateful: { a: 1 } }, /^stateful\.a: /],
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
    ["a hook that is not a function", { onStep: 1 }, /^onStep: /],
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

  it("refuses to split a single row, and accuracy of targets that are not classes", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1)]);
    using optimizer = sgd(model.parameters());
    const options = { optimizer, loss: mse, epochs: 1, batchSize: 1, validation: 0.5 };
    await expect(train(model, counted(1), options)).rejects.toThrow(/^data\.x: expected at least two rows/);
    const earlyStopping = { patience: 1, metric: "accuracy" } as const;
    await expect(train(model, counted(2), { ...options, earlyStopping })).rejects.toThrow(/^earlyStopping\.metric: /);
  });
});
