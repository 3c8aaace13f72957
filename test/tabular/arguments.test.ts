/** Wrong arguments of thalweg/data: each is refused by our own error with a name, before anything is made. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import type { Engine } from "../../src/engine/engine.js";
import {
  checkSchema,
  examplesOf,
  inputNames,
  loadModel,
  parseTable,
  prepare,
  type TableModel,
  tableOf,
  trainTable,
} from "../../src/tabular/index.js";
import { seal, unseal } from "../../src/train/sealedFile.js";

const table = parseTable(
  ["a,b,c,y", ...Array.from({ length: 24 }, (_, i) => `${i},${i % 5},${"uvw"[i % 3]},${"xy"[i % 2]}`)].join("\n"),
  "t.csv",
);
const how = { target: "y", epochs: 1, hidden: [2], simd: "strict" } as const;

const changed = (row: unknown) => table.rows.map((cells, r) => (r === 3 ? row : cells)) as string[][];

/** Values that no argument may have; some arguments allow the first ones. */
const WRONG: readonly unknown[] = [
  ...[undefined, [], {}, "", "x", 0, 1, true],
  ...[null, -1.5, Number.NaN, 1e300, 10n, Symbol("s"), new Date(Number.NaN), [null], new Array(2), [{}], new Map()],
  ...[new Float64Array(3), Object.create(null)],
];
const refused = WRONG.slice(8);

/** An error of ours, in one line; those of the language tell of the inside. */
const OURS = /^[\w.,[\] ]+: [^\n]*expected [^\n]+$/;
const FOREIGN = /Cannot|is not (a function|iterable)|Invalid array|Do not know|of (null|undefined)\b.*reading/;

let engine: Engine;
let model: TableModel;
beforeAll(async () => {
  engine = await createEngine({ backend: "js" });
  ({ model } = await trainTable(table, { ...how, engine, hidden: [2] }));
});
afterAll(() => engine.dispose());

/** Calls with a value; returns whether it was refused, by an error that is ours. */
async function isRefused(call: (value: never) => unknown, value: unknown): Promise<boolean> {
  try {
    await call(value as never);
    return false;
  } catch (error) {
    expect(error).toSatisfy((found) => found instanceof TypeError || found instanceof RangeError);
    const { message } = error as Error;
    expect(message).toMatch(OURS);
    expect(message).not.toMatch(FOREIGN);
    return true;
  }
}

const PREPARATION = ["target", "task", "ignore", "features", "numeric", "categorical", "dates", "missing", "indicator"];
const READING = ["header", "delimiter", "decimal", "skip", "comment", "encoding"];
const HOOKS = ["test", "save", "resume", "weights", "onStep", "onEpoch", "signal"];

const option = (name: string, call: (options: never) => unknown): [string, (value: never) => unknown] => [
  name,
  (value) => call({ ...how, hidden: [2], engine, [name]: value } as never),
];

describe.each<[string, readonly (readonly [string, (value: never) => unknown])[]]>([
  [
    "a table",
    [
      ["prepare", (value) => prepare(value, { target: "y" })],
      ["examplesOf", (value) => examplesOf(model.schema, value)],
      ["measure", (value) => model.measure(value)],
      ["trainTable", (value) => trainTable(value, { ...how, hidden: [2], engine })],
      ["parseTable", (value) => parseTable(value, "f.csv")],
      ["a row", (value) => prepare({ ...table, rows: changed(value) }, { target: "y" })],
      ["a cell", (value) => model.measure({ ...table, rows: changed([value, "1", "u", "x"]) })],
      ...(["width", "rows", "lines"] as const).map(
        (name) => [name, (value: never) => prepare({ ...table, [name]: value }, { target: "y" })] as const,
      ),
    ],
  ],
  [
    "a schema",
    [
      ["examplesOf", (value) => examplesOf(value, table)],
      ["inputNames", inputNames],
      ["checkSchema", (value) => checkSchema(value)],
      ["features", (value) => checkSchema({ ...model.schema, features: value })],
    ],
  ],
  [
    "options",
    [
      ...[...PREPARATION, "validation", "seed", "test"].map(
        (name) => [`prepare ${name}`, (value: never) => prepare(table, { target: "y", [name]: value })] as const,
      ),
      ...READING.map(
        (name) => [`parseTable ${name}`, (value: never) => parseTable("a,b\n1,2\n", "f", { [name]: value })] as const,
      ),
      ...[...PREPARATION, ...HOOKS].map((name) => option(name, (options) => trainTable(table, options))),
      ["prepare", (value) => prepare(table, value)],
      ["trainTable", (value) => trainTable(table, value)],
      ["loadModel", (value) => loadModel(value)],
    ],
  ],
])("%s that is none", (_, calls) => {
  it.each(calls)("%s", async (_name, call) => {
    const before = engine.bytesInUse;
    for (const value of refused) expect([value, await isRefused(call, value)]).toEqual([value, true]);
    for (const value of WRONG.slice(0, 8)) {
      if (!(await isRefused(call, value).catch((error) => Promise.reject(error)))) break; // one that is allowed
    }
    expect(engine.bytesInUse - before).toBeLessThan(4096); // of the models that the allowed ones made
  });
});

describe("a row to predict", () => {
  it("may be a typed array, and may not be what has no fields by name", () => {
    const numbers = tableOf(Array.from({ length: 12 }, (_, i) => ({ a: i, b: i % 3, y: i % 2 ? "x" : "y" })));
    return trainTable(numbers, { ...how, hidden: [2], engine }).then(({ model: two }) => {
      expect(two.predict([new Float64Array([1, 2])])).toEqual(two.predict([[1, 2]]));
      for (const row of [new Map([["a", 1]]), new Date(), new DataView(new ArrayBuffer(8)), "12", [1]])
        expect(() => two.predict([row as never])).toThrow(/rows, row 1: expected/);
      expect(() => two.predict([{ A: 1, B: 2 }])).toThrow(
        'rows, row 1: expected fields such as "a", "b", got none of them: "A", "B"',
      );
      // biome-ignore lint/suspicious/noSparseArray: which map would pass over
      expect(() => two.predict([[1, 2], , [1, 2]] as never)).toThrow("rows, row 2: expected an object");
    });
  });

  it("by name is refused where two columns have the name: both would get one value", async () => {
    const twins = parseTable(
      ["a,a,y", ...Array.from({ length: 12 }, (_, i) => `${i},${i % 3},${i % 2}`)].join("\n"),
      "twins.csv",
    );
    const { model: two } = await trainTable(twins, { ...how, hidden: [2], engine });
    const all = twins.rows.map((row) => [...row]);
    expect(two.predict(all)).toEqual(two.measure(twins).predictions);
    expect(two.predict(all.map((row) => row.slice(0, 2)))).toEqual(two.measure(twins).predictions);
    expect(() => two.predict([{ a: 1 }])).toThrow('expected an array, as two columns are called "a", got an object');
  });
});

describe("columns of one name", () => {
  const twins = parseTable(
    ["y,a,y", ...Array.from({ length: 12 }, (_, i) => `${i % 3},${i},${"xz"[i % 2]}`)].join("\n"),
    "twins.csv",
  );
  it("leave the target where it was in training", async () => {
    const { model: two, train } = await trainTable(twins, { ...how, hidden: [2], engine, target: "2", test: twins });
    expect(two.measure(twins).score).toEqual(train);
  });
  it("are refused in another order, where the target may be either", async () => {
    const { model: two } = await trainTable(twins, { ...how, hidden: [2], engine, target: "2" });
    const other = parseTable("a,y,y\n1,2,x\n3,4,z\n", "other.csv");
    expect(() => two.measure(other)).toThrow(
      'other.csv: expected one column "y", as in twins.csv, got two of that name',
    );
  });
});

it("an unknown class is refused in one line, whatever the classes are called", async () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({ a: i, y: i % 2 ? "x\ny" : "z" }));
  const { model: two } = await trainTable(tableOf(rows), { ...how, hidden: [2], engine });
  expect(() => two.measure(tableOf([{ a: 1, y: "w" }]))).toThrow(
    'rows, row 1, column "y": expected one of the 2 classes trained on (x\\ny, z), got "w"',
  );
});

describe("a foreign run is refused before it is resumed", () => {
  it.each<[string, (state: { extra: { settings: object }; optimizer: object }) => void, RegExp]>([
    [
      "for an optimizer that is none",
      ({ extra }) => Object.assign(extra.settings, { optimizer: "nosuch" }),
      /^bytes: optimizer: expected one of/,
    ],
    [
      "for groups that are none",
      ({ optimizer }) => Object.assign(optimizer, { groups: 3 }),
      /^bytes: optimizer\.groups: expected groups/,
    ],
    [
      "for groups without hyperparameters",
      ({ optimizer }) => Object.assign(optimizer, { groups: [null] }),
      /^bytes: optimizer\.groups: expected groups/,
    ],
  ])("%s", async (_, change, message) => {
    let bytes = new Uint8Array();
    await trainTable(table, { ...how, hidden: [2], engine, save: (run) => void (bytes = run) });
    const { tensors, metadata } = unseal(bytes);
    const state = JSON.parse(metadata.get("state")!);
    change(state);
    const own = Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, data }]));
    const resume = seal("checkpoint", own, { state: JSON.stringify(state) });
    const before = engine.bytesInUse;
    await expect(trainTable(table, { resume, engine, epochs: 2, lr: 0.5 } as never)).rejects.toThrow(message);
    expect(engine.bytesInUse).toBe(before);
  });
});

it("a schema with numbers that no table has is refused", () => {
  const { features } = model.schema;
  const far = { ...model.schema, features: [{ ...features[0], deviation: 1e300 }, ...features.slice(1)] };
  expect(() => checkSchema(far)).toThrow("schema.features[0].deviation: expected a finite number up to 3.4e38");
});

it("a row of 10,000 columns is predicted at once", async () => {
  const names = Array.from({ length: 10_000 }, (_, j) => `c${j}`);
  const rows = Array.from({ length: 4 }, (_, i) => names.map((_, j) => (i * j) % 7));
  const wide = tableOf(rows.map((row) => Object.fromEntries(names.map((name, j) => [name, row[j]]))));
  const { model: two } = await trainTable(wide, { ...how, hidden: [2], engine, target: "c9999", task: "regression" });
  two.predict([rows[0]]);
  const start = performance.now();
  two.predict([rows[0]]);
  expect(performance.now() - start).toBeLessThan(300); // about 10 ms; 1,100 ms when each name was searched for
});
