/** A model from its file: raw rows in, the numbers of the trained network out. */
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { parseTable, type TableModel, trainTable } from "../../src/tabular/index.js";
import { loadModel } from "../../src/tabular/loadModel.js";
import { readCheckpoint } from "../../src/train/checkpoint.js";
import { predict } from "../../src/train/evaluate.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/safetensors.js";
import { seal, unseal } from "../../src/train/sealedFile.js";

// biome-ignore lint/suspicious/noExplicitAny: whatever a file may say
type Extra = Record<string, any>;

/** Flowers whose kind is told by width + height, and prices of 100 + 20·size. */
const flowers = parseTable(
  ["width,height,kind", ...Array.from({ length: 60 }, (_, i) => row(i))].join("\n"),
  "flowers.csv",
);
function row(i: number): string {
  const [width, height] = [(i * 7) % 10, (i * 3) % 11];
  return `${width},${height},${width + height > 9 ? "tulip" : "rose"}`;
}
const prices = parseTable(
  ["size,price", ...Array.from({ length: 40 }, (_, i) => `${i},${100 + 20 * i + (i % 3)}`)].join("\n"),
  "prices.csv",
);

const how = { epochs: 40, lr: 0.02, hidden: [8], simd: "strict" } as const;
let run: Uint8Array;
let trained: TableModel;
let values: TableModel;

beforeAll(async () => {
  const options = { ...how, hidden: [8], target: "kind", dropout: 0.1, ema: 0.9 };
  ({ model: trained } = await trainTable(flowers, { ...options, save: (bytes) => void (run = bytes) }));
  ({ model: values } = await trainTable(prices, { ...how, hidden: [8], target: "price" }));
});

describe("loadModel", () => {
  it("names file and row of a prediction that is not finite", async () => {
    using model = await loadModel(run);
    const last = model.network.parameters().at(-2)!;
    last.data.fill(3e38);
    const table = parseTable("width,height\n1,2\n1e15,1e15\n", "new.csv");
    expect(() => model.measure(table)).toThrow(
      /^new\.csv, row \d: expected values that the model has a finite prediction for, got (-?Infinity|NaN)$/,
    );
  });

  it("predicts from raw rows what the network gives for the standardised ones", async () => {
    using model = await loadModel(run);
    // (x − mean) / deviation by hand, over the training rows.
    const columns = [0, 1].map((j) => flowers.rows.map((cells) => Number(cells[j])));
    const standard = columns.map((column) => {
      const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
      const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length);
      return (x: number) => (x - mean) / deviation;
    });
    const rows = [
      { width: 1, height: 2 },
      { width: 8, height: 9 },
    ];
    const logits = predict(
      model.network,
      rows.map(({ width, height }) => [standard[0](width), standard[1](height)]),
    );
    const found = model.predict(rows);
    for (const [r, { label, probabilities }] of (
      found as { label: string; probabilities: Record<string, number> }[]
    ).entries()) {
      expect(label).toBe(["rose", "tulip"][r]);
      expect(Object.keys(probabilities)).toEqual(["rose", "tulip"]);
      const [a, b] = [logits[2 * r], logits[2 * r + 1]];
      expect(probabilities.tulip).toBeCloseTo(1 / (1 + Math.exp(a - b)), 12);
      expect(probabilities.rose + probabilities.tulip).toBeCloseTo(1, 14);
    }
  });

  it("is the trained model, from a run's file and from save()'s, on both backends", async () => {
    const rows = [
      { width: 3, height: 4 },
      { width: "9", height: 9n },
    ];
    const expected = trained.predict(rows);
    const small = trained.save();
    expect(small.length).toBeLessThan(run.length / 3);
    for (const bytes of [run, small, small.buffer]) {
      for (const backend of ["wasm", "js"] as const) {
        using model = await loadModel(bytes, { backend });
        expect(model.engine.backend).toBe(backend);
        expect(model.predict(rows)).toEqual(expected);
      }
    }
  });

  it("is printed as what it predicts from which columns, in one line or a few", () => {
    const wanted =
      "{ task: 'classification', target: 'kind', classes: [ 'rose', 'tulip' ], inputs: [ 'width', 'height' ] }";
    const breakLength = Number.POSITIVE_INFINITY;
    expect(inspect(trained, { breakLength })).toBe(`TableModel ${wanted}`);
    expect(inspect({ deep: { in: { it: trained } } }, { breakLength, depth: 1 })).not.toContain("task");
    expect(inspect(values, { breakLength })).toContain("classes: null");
  });

  it("gives values in the units of the target", async () => {
    using model = await loadModel(values.save());
    expect([model.task, model.classes]).toEqual(["regression", null]);
    const [{ value }] = model.predict([[20]]) as { value: number }[];
    expect(Math.abs(value - 500)).toBeLessThan(20);
    const { score } = model.measure(prices);
    const squares = prices.rows.map(([size, price], i) => {
      const { value } = model.predict([{ size, i }])[0] as { value: number };
      return (value - Number(price)) ** 2;
    });
    expect(score!.loss / (squares.reduce((sum, x) => sum + x, 0) / 40)).toBeCloseTo(1, 5);
  });

  it("takes arrays with and without the target, fields in any order, and ignores others", async () => {
    using model = await loadModel(run);
    const [expected] = model.predict([{ width: 2, height: 7 }]);
    const rows = [[2, 7], [2, 7, "tulip"], [" 2 ", "7", undefined], { height: 7, width: 2, colour: "red", kind: 3 }];
    expect(model.predict(rows)).toEqual(rows.map(() => expected));
    expect(model.predict([])).toEqual([]);
  });

  it("uses an engine that is given, and leaves it alive", async () => {
    using engine = await createEngine({ backend: "js" });
    const model = await loadModel(run, { engine });
    expect(model.engine).toBe(engine);
    model.dispose();
    expect(engine.tensor(1).data).toHaveLength(1);
    const own = await loadModel(run, { backend: "js" });
    own.dispose();
    expect(() => own.predict([[1, 2]])).toThrow();
    expect(() => own.engine.tensor(1)).toThrow();
  });

  it.each<[string, unknown, string]>([
    [
      "text for a number",
      [
        { width: 1, height: 2 },
        { width: "wide", height: 2 },
      ],
      'rows, row 2, column "width": expected a number, got "wide"',
    ],
    [
      "an object in a field",
      [{ width: {}, height: 2 }],
      'rows, row 1, column "width": expected text, a number, true or false, or a date, got an Object',
    ],
    [
      "an infinite number",
      [{ width: 1 / 0, height: 2 }],
      'rows, row 1, column "width": expected a finite number, got "Infinity"',
    ],
    [
      "a number that is too far",
      [[-3.4028234663852886e38, 2]],
      'rows, row 1, column "width": expected a number within',
    ],
    ["too few values", [[1, 2], [1]], "rows, row 2: expected 2 values, or 3 with the target, as in flowers.csv, got 1"],
    ["a number for a row", [5], "rows, row 1: expected an object by column name, or an array of values, got 5"],
    ["one row alone", { width: 1, height: 2 }, "rows: expected an array of objects or of arrays, got an Object"],
  ])("refuses %s by row and column", async (_, rows, message) => {
    using model = await loadModel(run);
    expect(() => model.predict(rows as never)).toThrow(message);
  });
});

describe("a file that lies", () => {
  /** The file of the run with other extra data, its checksum right. */
  const resealed = (change: (extra: Extra) => void, from: Uint8Array = run): Uint8Array => {
    const { tensors, metadata } = unseal(from);
    const state = JSON.parse(metadata.get("state")!);
    change(state.extra);
    const own = Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, data }]));
    return seal("checkpoint", own, { state: JSON.stringify(state) });
  };

  it.each<[string, (extra: Extra) => void, RegExp]>([
    [
      "a million hidden layers",
      ({ settings }) => void (settings.hidden = new Array(1e6).fill(1)),
      /bytes: hidden: expected at most 1000 widths, got an array of 1000000/,
    ],
    [
      "a hundred hidden layers",
      ({ settings }) => void (settings.hidden = new Array(100).fill(8)),
      /bytes: expected 202 tensors, for 101 dense layers, got 4/,
    ],
    [
      "a schema of width 1e9",
      ({ schema }) => void (schema.width = 1e9),
      /bytes: schema.names: expected 1000000000 names, got/,
    ],
    [
      "a schema of version 1",
      ({ schema }) => void (schema.version = 1),
      /bytes: schema.version: expected 2, .*, got 1/,
    ],
    [
      "a width of 1e9",
      ({ settings }) => void (settings.hidden = [1e9]),
      /bytes: expected tensor "0.weight" of shape \[2, 1000000000\], got shape \[2, 8\]/,
    ],
    [
      "hidden that is no list",
      ({ settings }) => void (settings.hidden = "8"),
      /bytes: hidden: expected an array of widths, got "8"/,
    ],
    [
      "an activation that is none",
      ({ settings }) => void (settings.activation = "constructor"),
      /bytes: activation: expected .*, got "constructor"/,
    ],
    [
      "an optimizer that is none",
      ({ settings }) => void (settings.optimizer = "__proto__"),
      /bytes: optimizer: expected one of .*, got "__proto__"/,
    ],
    [
      "epochs of 1e300",
      ({ settings }) => void (settings.epochs = 1e300),
      /bytes: epochs: expected a whole number ≥ 1, got 1e\+300/,
    ],
    [
      "a setting of another version",
      ({ settings }) => void (settings.layers = 3),
      /bytes: settings: expected options among .*, got "layers"/,
    ],
    [
      "no settings",
      (extra) => void delete extra.settings,
      /bytes: settings: expected an object of options, got undefined/,
    ],
    ["no schema", (extra) => void delete extra.schema, /bytes: schema/],
    ["rows of −1", (extra) => void (extra.rows = -1), /bytes: rows: expected a whole number ≥ 1, got -1/],
    [
      "the version before",
      (extra) => void (extra.program = "thalweg train 1"),
      /bytes: expected a run of "thalweg train" that this version can read \("thalweg train 2"\), got "thalweg train 1", of an earlier version; train it again/,
    ],
    [
      "a later version",
      (extra) => void (extra.program = "thalweg train 3"),
      /got "thalweg train 3", of a later version/,
    ],
    ["another program", (extra) => void (extra.program = "else"), /got another program's checkpoint/],
  ])(
    "about %s is refused at once",
    async (_, change, message) => {
      const bytes = resealed(change);
      await expect(loadModel(bytes)).rejects.toThrow(message);
    },
    10_000,
  );

  it("without columns is named as what it is", async () => {
    const { tensors } = readCheckpoint(run);
    const weights = seal("weights", Object.fromEntries(tensors), {});
    await expect(loadModel(weights)).rejects.toThrow(/expected a model with its columns: .*, got weights alone/);
    const foreign = encodeSafetensors(Object.fromEntries(decodeSafetensors(weights).tensors), { format: "pt" });
    await expect(loadModel(foreign)).rejects.toThrow(/got another program's file/);
    await expect(loadModel(new Uint8Array(3))).rejects.toThrow(/expected a whole safetensors file/);
    await expect(loadModel(undefined as never)).rejects.toThrow(/expected/);
    await expect(loadModel(run, { engin: 1 } as never)).rejects.toThrow(/loadModel: expected options among engine/);
    await expect(loadModel(run, { engine: 1 as never })).rejects.toThrow(/engine: expected an engine, got 1/);
  });
});
