/** Runs on tables: resuming with other settings, starting from weights, balanced classes, and what is chosen unasked. */
import { describe, expect, it, vi } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { relu } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { defaultEpochs } from "../../src/tabular/defaults.js";
import { parseTable, trainTable } from "../../src/tabular/index.js";
import { lossesOf } from "../../src/tabular/network.js";
import { readSavedRun } from "../../src/tabular/savedRun.js";
import { loadWeights } from "../../src/train/weights.js";

const line = (i: number): string => {
  const [a, b] = [(i * 7) % 11, (i * 5) % 13];
  return `${a},${b},${a + b > 11 ? "high" : "low"}`;
};
const tableOf = (from: number, to: number) =>
  parseTable(["a,b,kind", ...Array.from({ length: to - from }, (_, i) => line(from + i))].join("\n"), "sums.csv");
const table = tableOf(0, 60);
const how = { target: "kind", hidden: [6], batch: 16, simd: "strict" } as const;
const settings = () => ({ ...how, hidden: [...how.hidden] });

/** Trains, and returns the bytes of the run at its end. */
async function saved(more: object): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const { model } = await trainTable(table, { ...settings(), ...more, save: (last) => void (bytes = last) });
  model.dispose();
  return bytes!;
}
const parametersOf = (bytes: Uint8Array) =>
  [...readSavedRun(bytes).checkpoint.tensors].map(([name, { data }]) => [name, [...data]]);

describe("a resumed run", () => {
  it("takes a changed learning rate, weight decay and schedule from the next step on, and the file says so", async () => {
    const before = await saved({ epochs: 2, optimizer: "sgd", lr: 0.1 });
    const resumed = await saved({
      resume: before,
      epochs: 3,
      lr: 0,
      target: undefined,
      hidden: undefined,
      batch: undefined,
      simd: undefined,
    });
    // With a learning rate of 0 nothing moves.
    expect(parametersOf(resumed)).toEqual(parametersOf(before));
    const { changes, settings: now } = readSavedRun(resumed);
    expect(changes).toEqual([
      { step: 8, setting: "epochs", from: 2, to: 3 },
      { step: 8, setting: "lr", from: 0.1, to: 0 },
    ]);
    expect(now).toMatchObject({ epochs: 3, lr: 0, optimizer: "sgd" });
    const again = await saved({ resume: resumed, epochs: 4, lr: 0.1, schedule: "cosine" });
    expect(parametersOf(again)).not.toEqual(parametersOf(resumed));
    expect(readSavedRun(again).changes.map(({ setting }) => setting)).toEqual([
      "epochs",
      "lr",
      "epochs",
      "lr",
      "schedule",
    ]);
  });

  it("with a constant rate in place of a schedule is the run whose rate it is", async () => {
    const scheduled = await saved({ epochs: 2, optimizer: "sgd", lr: 0.1, schedule: "constant" });
    const changed = await saved({ resume: scheduled, epochs: 4 });
    expect(parametersOf(changed)).toEqual(parametersOf(await saved({ epochs: 4, optimizer: "sgd", lr: 0.1 })));
  });

  it("refuses what must stay, and other data", async () => {
    const before = await saved({ epochs: 1 });
    await expect(trainTable(table, { resume: before, activation: "tanh" })).rejects.toThrow(
      "activation: expected relu, as in the file, got tanh",
    );
    await expect(trainTable(tableOf(1, 61), { resume: before })).rejects.toThrow(
      /sums\.csv: expected .*, as in the data of/,
    );
  });
});

describe("a run that starts from weights", () => {
  it("keeps the columns and classes, and takes other rows", async () => {
    const { model } = await trainTable(table, { ...settings(), epochs: 60, lr: 0.02, simd: "strict" });
    const more = tableOf(0, 90);
    const {
      model: next,
      train,
      settings: now,
    } = await trainTable(more, { weights: model, optimizer: "sgd", lr: 0, epochs: 1, simd: "strict" });
    expect(next.schema).toEqual(model.schema);
    expect(now).toMatchObject({ target: "kind", hidden: [6], activation: "relu" });
    // At a learning rate of 0 it is the model that it started from.
    expect(next.predict([[3, 4]])).toEqual(model.predict([[3, 4]]));
    expect(train.accuracy).toBe(model.measure(more).score!.accuracy);
    expect(train.classification!.classes.reduce((sum, { support }) => sum + support, 0)).toBe(90);
  });

  it("refuses classes and widths that the weights do not have", async () => {
    const { model } = await trainTable(table, { ...settings(), epochs: 1 });
    const third = parseTable("a,b,kind\n1,2,low\n3,4,middle\n", "third.csv");
    await expect(trainTable(third, { weights: model, epochs: 1 })).rejects.toThrow(
      /third\.csv, row 3, column "kind": expected one of the 2 classes .*, got "middle"/,
    );
    await expect(trainTable(table, { weights: model, hidden: [7] })).rejects.toThrow(
      "hidden: expected 6, as in the model, got 7",
    );
  });
});

it("balanced classes weigh n / (k·n_c), and are refused of a regression", async () => {
  using engine = await createEngine({ backend: "js" });
  const { model } = await trainTable(table, { ...settings(), epochs: 1, classWeights: "balanced" });
  const { training, reported } = lossesOf({ classWeights: "balanced" }, model.schema, [0, 0, 0, 1]);
  const logits = engine.tensor([2, 2], [0, 1, 0, 1]);
  const labels = Int32Array.of(0, 1);
  // PyTorch divides by the sum of the weights: (2/3·l₀ + 2·l₁) / (2/3 + 2).
  const [l0, l1] = [Math.log(1 + Math.E), Math.log(1 + Math.E) - 1];
  expect(training(logits, labels).value).toBeCloseTo(((2 / 3) * l0 + 2 * l1) / (2 / 3 + 2), 6);
  expect(reported(logits, labels).value).toBeCloseTo((l0 + l1) / 2, 6);
  const values = parseTable("x,y\n1,2.5\n2,3.5\n3,4.25\n", "values.csv");
  await expect(trainTable(values, { target: "y", epochs: 1, classWeights: "balanced" })).rejects.toThrow(
    "classWeights: expected classes to predict, got a regression",
  );
});

it("small tables get enough epochs for some thousands of steps, and large ones 30", async () => {
  expect([defaultEpochs(150, 32), defaultEpochs(10, 32), defaultEpochs(1e6, 32)]).toEqual([600, 1000, 30]);
  const { settings: chosen, history } = await trainTable(table, { ...settings() });
  expect([chosen.epochs, history.epochs.at(-1)!.steps]).toEqual([750, 3000]);
});

it("lbfgs gets all rows at once by default, and 30 epochs; batches if they are asked for", async () => {
  const asked = { target: "kind", simd: "strict", optimizer: "lbfgs" } as const;
  const { settings: chosen, history } = await trainTable(table, { ...asked, hidden: [6] });
  const rows = table.rows.length;
  expect([chosen.batch, chosen.epochs, history.epochs.at(-1)!.steps]).toEqual([rows, 30, 30]);
  const batched = await trainTable(table, { ...asked, hidden: [6], batch: 16, epochs: 2 });
  expect([batched.settings.batch, batched.history.epochs.at(-1)!.steps]).toEqual([16, 2 * Math.ceil(rows / 16)]);
});

describe("loadWeights", () => {
  it("warns of the preparation that it drops, unless told not to", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    try {
      const run = await saved({ epochs: 1 });
      const { model } = await trainTable(table, { ...settings(), epochs: 1 });
      using engine = await createEngine({ backend: "js" });
      const network = sequential(engine, [dense(2, 6), relu(), dense(6, 2)]);
      for (const bytes of [run, model.save()]) {
        loadWeights(network, bytes, { weightsOnly: true });
        expect(warn).toHaveBeenCalledTimes(0);
        loadWeights(network, bytes);
        expect(warn).toHaveBeenCalledTimes(1);
        expect(warn.mock.calls[0][0]).toMatch(
          /^loadWeights: the file also says how the columns .* loadModel of thalweg\/data/,
        );
        warn.mockClear();
      }
    } finally {
      warn.mockRestore();
    }
  });
});
