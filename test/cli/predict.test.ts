import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { predict } from "../../src/cli/predict.js";
import { train } from "../../src/cli/train.js";
import { createEngine, dense, saveCheckpoint, sequential } from "../../src/index.js";
import { readCheckpoint } from "../../src/train/checkpoint.js";
import { called, calledJson, csv, inFolder, thalweg, thalwegJson } from "../support/command.js";

const rowsOf = (file: string): string[][] =>
  readFileSync(inFolder(file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));

/** A linear model computed from its file, on rows in their own units, with the scaling of the columns undone. */
function linear(file: string, features: number[][], training: number[][]): number[][] {
  const { tensors } = readCheckpoint(new Uint8Array(readFileSync(inFolder(file))));
  const [weight, bias] = [tensors.get("0.weight")!, tensors.get("0.bias")!];
  const columns = training[0].map((_, j) => training.map((row) => row[j]));
  const means = columns.map((column) => column.reduce((a, b) => a + b) / column.length);
  const deviations = columns.map((column, j) =>
    Math.sqrt(column.reduce((sum, x) => sum + (x - means[j]) ** 2, 0) / column.length),
  );
  const outputs = bias.data.length;
  return features.map((row) =>
    Array.from({ length: outputs }, (_, o) =>
      row.reduce(
        (sum, x, j) =>
          sum + (deviations[j] === 0 ? 0 : ((x - means[j]) / deviations[j]) * Number(weight.data[j * outputs + o])),
        Number(bias.data[o]),
      ),
    ),
  );
}

describe("thalweg predict", () => {
  beforeAll(async () => {
    await calledJson(train, "flowers.csv --target kind --hidden none --epochs 20 --lr 0.05 --save flowers.safetensors");
    await calledJson(train, "prices.csv --target 2 --hidden none --epochs 60 --lr 0.05 --save prices.safetensors");
    const flowers = rowsOf("flowers.csv");
    csv(
      "turned.csv",
      flowers.map(([width, height, constant, kind]) => [kind, constant, height, width].join()),
    );
    csv(
      "unlabelled.csv",
      flowers.map((row) => row.slice(0, 3).join()),
    );
    csv(
      "nameless.csv",
      flowers.slice(1).map((row) => row.slice(0, 3).join()),
    );
    csv(
      "species.csv",
      flowers.map((row, i) => (i === 0 ? "width,height,constant,species" : row.join())),
    );
    csv(
      "narrow.csv",
      flowers.map((row) => row.slice(0, 2).join()),
    );
    csv("lilies.csv", ["width,height,constant,kind", "1,2,3,lily"]);
    csv(
      "short.csv",
      flowers.slice(1).map((row) => row.slice(0, 2).join()),
    );
  });

  it("gives each row its class and its probability, as computed from the weights in the file", () => {
    const flowers = rowsOf("flowers.csv").slice(1);
    const features = flowers.map((row) => row.slice(0, 3).map(Number));
    const expected = linear("flowers.safetensors", features, features).map(([rose, tulip]) => {
      const p = 1 / (1 + Math.exp(tulip - rose));
      return p >= 0.5 ? (["rose", p] as const) : (["tulip", 1 - p] as const);
    });
    const { status, stdout, stderr } = thalweg("predict flowers.safetensors flowers.csv");
    expect(status).toBe(0);
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toBe("prediction,probability");
    expect(lines.map((line) => line.split(",")[0])).toEqual(expected.map(([kind]) => kind));
    // The model computes in f32.
    for (const [r, line] of lines.entries()) expect(Number(line.split(",")[1])).toBeCloseTo(expected[r][1], 5);

    const right = expected.filter(([kind], r) => kind === flowers[r][3]).length;
    expect(stderr).toContain(`column "kind": loss `);
    expect(stderr).toContain(`accuracy ${((100 * right) / 60).toFixed(2)} %`);
    const count = (truth: string, kind: string) =>
      expected.filter(([predicted], r) => predicted === kind && flowers[r][3] === truth).length;
    const confusion = ["rose", "tulip"].map((truth) => ["rose", "tulip"].map((kind) => count(truth, kind)));
    for (const [c, [rose, tulip]] of confusion.entries())
      expect(stderr).toMatch(new RegExp(`^${["rose", "tulip"][c]} +${rose} +${tulip}$`, "m"));
    const json = thalwegJson("predict flowers.safetensors flowers.csv");
    expect(json).toMatchObject({ rows: 60, classes: ["rose", "tulip"], accuracy: right / 60, confusion });
    expect(json.predictions).toEqual(
      lines.map((line) => ({ class: line.split(",")[0], probability: Number(line.split(",")[1]) })),
    );
  });

  it("gives values in the target's own units", async () => {
    const rows = rowsOf("prices.csv").map((row) => row.map(Number));
    const features = rows.map((row) => row.slice(0, 2));
    const truth = rows.map((row) => row[2]);
    const mean = truth.reduce((a, b) => a + b) / 50;
    const deviation = Math.sqrt(truth.reduce((sum, y) => sum + (y - mean) ** 2, 0) / 50);
    const expected = linear("prices.safetensors", features, features).map(([y]) => y * deviation + mean);
    const { stdout, stderr } = await called(predict, "prices.safetensors prices.csv");
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toBe("prediction");
    for (const [r, line] of lines.entries())
      expect(Math.abs(Number(line) - expected[r]) / deviation).toBeLessThan(1e-6);
    const squares = expected.reduce((sum, y, r) => sum + (y - truth[r]) ** 2, 0) / 50;
    const { loss, accuracy, confusion } = await calledJson(predict, "prices.safetensors prices.csv");
    expect(loss / squares).toBeCloseTo(1, 4);
    expect([accuracy, confusion]).toEqual([null, null]);
    expect(stderr).toMatch(/^column 2: RMSE [\d.]+, MAE [\d.]+, R² [01]\.\d{4}\n$/);
  });

  it("finds columns by name, or by position without names, with or without the target", async () => {
    const whole = await called(predict, "flowers.safetensors flowers.csv");
    const named = await called(predict, "flowers.safetensors species.csv --target species");
    expect(await called(predict, "flowers.safetensors turned.csv")).toEqual(whole);
    expect([named.stdout, named.stderr]).toEqual([whole.stdout, whole.stderr]);
    for (const file of ["unlabelled.csv", "nameless.csv", "species.csv"])
      expect(await called(predict, `flowers.safetensors ${file}`)).toEqual({ ...whole, stderr: "" });
  });

  it("writes to a file, and reports the rest on stdout", async () => {
    const { stdout } = await called(predict, "flowers.safetensors flowers.csv");
    const printed = await called(predict, "flowers.safetensors flowers.csv --out out.csv");
    expect(readFileSync(inFolder("out.csv"), "utf8")).toBe(stdout);
    expect(printed).toMatchObject({ error: undefined, stderr: "" });
    expect(printed.stdout).toMatch(/^60 predictions in out\.csv\ncolumn "kind": loss /);
    expect(await calledJson(predict, "flowers.safetensors flowers.csv --out out.csv")).toMatchObject({
      out: "out.csv",
    });
  });

  // Each of these evaluates at a point other than that of training.
  it.each([
    "--ema 0.9",
    "--optimizer scheduleFreeAdamw --lr 0.02",
    "--early-stop 2 --validation 25% --lr 0.2",
    "--optimizer scheduleFreeSgd --ema 0.8 --early-stop 1 --dropout 0.3",
    "--label-smoothing 0.2 --activation gelu --hidden 8,4",
  ])("uses the model that was measured: %s", async (more) => {
    const { test } = await calledJson(
      train,
      `flowers.csv --target kind --test turned.csv --epochs 12 --simd strict ${more} --save used.safetensors`,
    );
    expect(await calledJson(predict, "used.safetensors turned.csv")).toMatchObject(test);
  });

  it.each<[string, number, string]>([
    ["", 2, "expected a saved run and a CSV file, got neither"],
    ["flowers.safetensors", 2, 'expected a CSV file after "flowers.safetensors", got none'],
    ["flowers.safetensors flowers.csv more.csv", 2, 'got "more.csv" as well'],
    ["flowers.safetensors flowers.csv --out flowers.csv", 2, "--out: expected a file other than the inputs"],
    ["flowers.safetensors flowers.csv --trget kind", 2, "unknown option --trget; did you mean --target?"],
    ["flowers.csv flowers.csv", 1, "flowers.csv: expected a whole safetensors file"],
    ["nowhere.safetensors flowers.csv", 1, "nowhere.safetensors: expected a saved run, got no such file"],
    ["flowers.safetensors nowhere.csv", 1, "nowhere.csv: expected a CSV file, got no such file"],
    ["flowers.safetensors narrow.csv", 1, 'narrow.csv: expected one column "constant", as in flowers.csv, got none'],
    [
      "flowers.safetensors short.csv",
      1,
      "short.csv: expected 3 columns, or 4 with the target, as in flowers.csv, got 2",
    ],
    ["flowers.safetensors lilies.csv", 1, 'lilies.csv, row 2, column "kind": expected one of the 2 classes trained on'],
    ["flowers.safetensors flowers.csv --target species", 1, 'got "species"'],
    ["flowers.safetensors flowers.csv --out nowhere/x.csv", 1, "nowhere/x.csv: expected a path to write to"],
  ])("refuses in one line: %s", async (words, code, message) => {
    const { stdout, error } = await called(predict, words);
    expect(error?.message).toContain(message);
    expect(error?.message).not.toContain("\n");
    expect([stdout, error instanceof UsageError ? 2 : 1]).toEqual(["", code]);
  });

  it("says what to do about a missing column, and it does it", async () => {
    const { error } = await called(predict, "flowers.safetensors narrow.csv");
    expect(error?.message).toMatch(/got none of that name; add an empty column of that name to have it filled in$/);
    const narrow = rowsOf("narrow.csv").map((row, i) => [...row, i === 0 ? "constant" : ""].join());
    csv("widened.csv", narrow);
    const { stdout, stderr, error: none } = await called(predict, "flowers.safetensors widened.csv");
    expect(none).toBeUndefined();
    expect(stdout.trim().split("\n")).toHaveLength(narrow.length);
    expect(stderr).toContain('column "constant": 60 missing cells filled in');
  });

  it("refuses a checkpoint of another program", async () => {
    using engine = await createEngine({ backend: "js" });
    writeFileSync(inFolder("own.safetensors"), saveCheckpoint({ model: sequential(engine, [dense(3, 2)]) }));
    const { error } = await called(predict, "own.safetensors flowers.csv");
    expect(error?.message).toMatch(
      /^own\.safetensors: expected a run of "thalweg train".*, got another program's checkpoint$/,
    );
  });

  it("gives the probabilities of all classes with --probabilities, which add up to 1", async () => {
    const { stdout } = await called(predict, "flowers.safetensors flowers.csv --probabilities");
    const [head, ...rows] = stdout
      .trim()
      .split("\n")
      .map((row) => row.split(","));
    expect(head).toEqual(["prediction", "probability", "rose", "tulip"]);
    for (const [label, probability, rose, tulip] of rows) {
      expect(label === "rose" ? rose : tulip).toBe(probability);
      expect(Number(rose) + Number(tulip)).toBeCloseTo(1, 5);
    }
    const { predictions } = await calledJson(predict, "flowers.safetensors flowers.csv --probabilities");
    expect(Object.keys(predictions[0].probabilities)).toEqual(["rose", "tulip"]);
  });

  it("says which cells it filled in, and which values the training rows did not have", async () => {
    csv("cities.csv", [
      "city,size,y",
      ...Array.from({ length: 24 }, (_, i) => `${i % 2 ? "Ulm" : "Bonn"},${i},${i}.5`),
    ]);
    await calledJson(train, "cities.csv --target y --hidden none --epochs 1 --save cities.safetensors");
    csv("elsewhere.csv", ["city,size", "Ulm,3", "Mainz,", "Trier,4"]);
    const { stdout, stderr } = await called(predict, "cities.safetensors elsewhere.csv");
    expect(stdout.trim().split("\n")).toHaveLength(4);
    expect(stderr).toContain('column "city": 2 cells with a rare or unseen value, such as "Mainz"');
    expect(stderr).toContain('column "size": 1 missing cell filled in with the median, 11.5');
  });
});
