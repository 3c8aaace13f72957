import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSchema } from "../../src/data/checkSchema.js";
import { difference } from "../../src/data/difference.js";
import { examplesOf, predictable } from "../../src/data/encode.js";
import { inputNames } from "../../src/data/inputNames.js";
import { parseTable } from "../../src/data/parseTable.js";
import { prepare } from "../../src/data/prepare.js";
import { inputsOf } from "../../src/data/schema.js";

const lines = Array.from({ length: 40 }, (_, i) =>
  [
    i,
    `${i % 5}.5`,
    ["red", "blue", ""][i % 3],
    `2020-0${1 + (i % 9)}-1${i % 9}`,
    `name ${i}`,
    i % 2 ? "u" : "v",
  ].join(),
);
const table = parseTable([",size,color,day,name,kind", ...lines].join("\n"), "f.csv");
const { schema, train } = prepare(table, { target: "kind", indicator: true });
const put = (path: readonly (string | number)[], value: unknown) => (changed: ReturnType<typeof copy>) => {
  path.slice(0, -1).reduce((at, key) => at[key], changed)[path.at(-1)!] = value;
  return changed;
};
const copy = () => JSON.parse(JSON.stringify(schema));

describe("a schema", () => {
  it("is plain JSON that converts rows to the same bits after it", () => {
    const restored = checkSchema(copy());
    expect(restored).toEqual(schema);
    expect(examplesOf(restored, table)).toEqual(train);
    expect(difference(schema, restored)).toBeUndefined();
  });

  it("names as many inputs as there are", () => {
    expect(inputNames(schema)).toEqual([
      "size",
      "color=blue",
      "color=red",
      "color is missing",
      "day.dayOfYear.sin",
      "day.dayOfYear.cos",
    ]);
    expect(inputsOf(schema)).toBe(6);
    expect(train.x.length).toBe(40 * 6);
  });

  it("takes rows with other columns left out, in another order, or by position", () => {
    const { x } = predictable(
      schema,
      parseTable("color,day,size\nred,2020-01-10,0.5\nblue,2020-02-11,1.5\n", "new.csv"),
    );
    const same = predictable(
      schema,
      parseTable("7,0.5,red,2020-01-10,a\n8,1.5,blue,2020-02-11,b\n", "new.csv", { header: false }),
    );
    expect(same.x).toEqual(x);
    expect(() => predictable(schema, parseTable("1,2\n3,4\n", "new.csv"))).toThrow(
      "new.csv: expected 5 columns, or 6 with the target, as in f.csv, got 2",
    );
  });

  it("says what differs from another one", () => {
    const other = copy();
    other.features[0].mean = 7;
    expect(difference(schema, other)).toEqual({ what: 'column "size" to have the mean', before: "2.5", after: "7" });
  });

  it.each<[string, (s: ReturnType<typeof copy>) => unknown, string]>([
    [
      "another version",
      (s) => ({ ...s, version: 3 }),
      "schema.version: expected 2, the one that this release of thalweg reads and writes, got 3",
    ],
    ["the first version", ({ version: _, ...s }) => s, "schema.version: expected 2"],
    ["no object", () => null, "schema: expected an object, got null"],
    [
      "a huge width",
      (s) => ({ ...s, width: 1e9, names: null }),
      "schema.width: expected 6, the columns listed, got 1000000000",
    ],
    ["fewer names", (s) => ({ ...s, names: ["a"] }), "schema.names: expected 6 names"],
    ["no features", (s) => ({ ...s, features: [] }), "schema.features: expected at least one column"],
    [
      "a column twice",
      (s) => ({ ...s, left: [s.left[0], s.left[0]] }),
      "schema.left[1].column: expected a column that is used once, got 0",
    ],
    [
      "a column beyond",
      (s) => ({ ...s, target: { ...s.target, column: 6 } }),
      "schema.target.column: expected a whole number from 0 to 5, got 6",
    ],
    [
      "an unknown kind",
      put(["features", 0, "kind"], "image"),
      'schema.features[0].kind: expected "number" or "category" or "date"',
    ],
    ["a mean that is none", put(["features", 0, "mean"], "1"), "schema.features[0].mean: expected a finite number"],
    [
      "a negative deviation",
      put(["features", 0, "deviation"], -1),
      "schema.features[0].deviation: expected a number ≥ 0",
    ],
    [
      "a value twice",
      put(["features", 1, "values"], ["a", "a"]),
      "schema.features[1].values: expected names that differ",
    ],
    [
      "a filling that is no value",
      put(["features", 1, "fill"], "z"),
      "schema.features[1].fill: expected one of the values",
    ],
    ["an unknown part", put(["features", 2, "parts", 0, "part"], "week"), "schema.features[2].parts[0].part: expected"],
    ["one class", put(["target", "classes"], ["u"]), "schema.target.classes: expected at least two classes"],
  ])("with %s is refused", (_, change, message) => {
    expect(() => checkSchema(change(copy()))).toThrow(message);
  });

  it("that is any JSON is refused in one line, or accepted as one that converts rows", () => {
    const paths: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]) => {
      paths.push(path);
      if (typeof value === "object" && value !== null)
        for (const key of Object.keys(value)) walk(value[key as never], [...path, key]);
    };
    walk(schema, []);
    fc.assert(
      fc.property(
        fc.constantFrom(...paths.slice(1)),
        fc.oneof(fc.jsonValue(), fc.constantFrom(1e9, -1, 0.5, "", [], {}, null)),
        (path, value) => {
          const changed = put(path, value)(copy());
          let accepted: ReturnType<typeof checkSchema>;
          try {
            accepted = checkSchema(changed);
          } catch (error) {
            expect((error as Error).message).toMatch(/^schema[\w.[\]]*: expected [^\n]+$/);
            return;
          }
          expect(inputsOf(accepted)).toBe(inputNames(accepted).length);
        },
      ),
      { numRuns: 2000, seed: 12 },
    );
  });
});
