/**
 * Public tables as npm's vega-datasets has them, trained with nothing said but the target: what `prepare` makes of their
 * columns must do without a person. 64 hidden units, AdamW and the batches of the command, some 3,000 steps; on a fifth held
 * out by three seeds, of which the median counts.
 *
 * scikit-learn 1.9.1 with its defaults on the same tables, but by its own splits of a fifth (median of 5 seeds for penguins, cars
 * and weather's MLP, of 3 for the rest): medians and most frequent values filled in, StandardScaler, OneHotEncoder; names dropped and dates replaced by year and the sine and
 * cosine of the day by hand, which `prepare` does by itself.
 *
 *     penguins  Species            MLPClassifier 98.6 %, HistGradientBoostingClassifier 98.6 %, LogisticRegression 100 %
 *     cars      Miles_per_Gallon   MLPRegressor RMSE 2.76, HistGradientBoostingRegressor 2.56, LinearRegression 3.25
 *     weather   weather            MLPClassifier 82.9 %, HistGradientBoostingClassifier 85.6 %, LogisticRegression 79.5 %
 *     movies    IMDB Rating        MLPRegressor RMSE 0.89, HistGradientBoostingRegressor 0.75, LinearRegression 0.84
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";
import { type PrepareOptions, prepare } from "../../src/data/prepare.js";
import { createEngine } from "../../src/engine/create.js";
import type { Engine } from "../../src/engine/engine.js";
import { adamw, dense, evaluate, mse, relu, sequential, softmaxCrossEntropy, train } from "../../src/index.js";

const folder = fileURLToPath(new URL("../../node_modules/vega-datasets/data/", import.meta.url));
const load = (file: string) => parseTable(readFileSync(join(folder, file)), file);

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ simd: "strict" });
});

/** The accuracy, or the root mean squared error in the target's units, on the rows held out. */
async function measured(file: string, options: PrepareOptions): Promise<number> {
  const { seed = 1 } = options;
  const prepared = prepare(load(file), { validation: 0.2, ...options });
  const { inputs, classes, unit } = prepared;
  const hidden = dense(inputs, 64, { init: "heUniform" });
  const output = dense(64, classes?.length ?? 1, { init: "glorotUniform" });
  const model = sequential(engine, [hidden, relu(), output], { seed });
  const dataOf = ({ rows, x, y }: typeof prepared.train) => ({
    x: engine.tensor([rows, inputs], x),
    y: y instanceof Int32Array ? y : engine.tensor([rows, 1], y),
  });
  const loss = classes ? softmaxCrossEntropy : mse;
  const epochs = Math.ceil(3000 / Math.ceil(prepared.train.rows / 32));
  const optimizer = adamw(model.parameters());
  await train(model, dataOf(prepared.train), { optimizer, loss, epochs, batchSize: 32, seed });
  const { loss: value, accuracy } = evaluate(model, dataOf(prepared.validation!), { loss });
  return accuracy ?? Math.sqrt(value) * unit;
}

async function median(file: string, target: string): Promise<number> {
  const results: number[] = [];
  for (const seed of [1, 2, 3]) results.push(await measured(file, { target, seed }));
  return results.sort((a, b) => a - b)[1];
}

describe("public tables", () => {
  it("penguins: at least 98 % of the species", async () => {
    expect(await median("penguins.json", "Species")).toBeGreaterThanOrEqual(0.98);
  });

  it("cars: miles per gallon within 3.2", async () => {
    expect(await median("cars.json", "Miles_per_Gallon")).toBeLessThanOrEqual(3.2);
  });

  it("weather: at least 78 %", async () => {
    expect(await median("weather.csv", "weather")).toBeGreaterThanOrEqual(0.78);
  });

  it("movies: the rating within 1, whose deviation is 1.25", async () => {
    expect(await measured("movies.json", { target: "IMDB Rating" })).toBeLessThan(1);
  });

  it.each([
    ["penguins.json", "Species", "target:1 categories:2 number:4"],
    ["cars.json", "Miles_per_Gallon", "left out:1 target:1 number:5 date:1 categories:1"],
    ["weather.csv", "weather", "categories:1 date:1 number:4 target:1"],
    ["movies.json", "Worldwide Gross", "left out:2 number:7 target:1 date:1 categories:5"],
    ["birdstrikes.csv", "Effect Amount of damage", "categories:8 target:1 date:1 number:4"],
    ["airports.csv", "latitude", "left out:3 categories:2 target:1 number:1"],
    ["stocks.csv", "price", "categories:1 date:1 target:1"],
    ["github.csv", "count", "date:1 target:1"],
    ["gapminder.json", "life_expect", "number:4 categories:1 target:1"],
    ["barley.json", "yield", "target:1 categories:2 number:1"],
  ])("%s: each column becomes what it is", (file, target, kinds) => {
    const { summary, train } = prepare(load(file), { target });
    const counts = new Map<string, number>();
    for (const { as } of summary) counts.set(as, (counts.get(as) ?? 0) + 1);
    expect([...counts].map(([as, n]) => `${as}:${n}`).join(" "), JSON.stringify(summary, undefined, 1)).toBe(kinds);
    expect(train.x.every(Number.isFinite)).toBe(true);
  });
});
