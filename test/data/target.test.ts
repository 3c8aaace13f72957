import { describe, expect, it } from "vitest";
import { predictable } from "../../src/data/encode.js";
import { parseTable } from "../../src/data/parseTable.js";
import { type PrepareOptions, prepare } from "../../src/data/prepare.js";
import { ownUnits } from "../../src/data/schema.js";
import { majorityShare } from "../../src/data/target.js";

const table = (cells: readonly string[], file = "f.csv") =>
  parseTable(["x|y", ...cells.map((cell, i) => `${i}.5|${cell}`)].join("\n"), file, { delimiter: "|", header: true });
const over = (cells: readonly string[], rows = 24) => Array.from({ length: rows }, (_, i) => cells[i % cells.length]);
const prepared = (cells: readonly string[], options: Partial<PrepareOptions> = {}) =>
  prepare(table(cells), { target: "y", ...options });

describe("a target", () => {
  it.each([
    [
      ["1234567890123456788", "1234567890123456789", "7"],
      ["7", "1234567890123456788", "1234567890123456789"],
    ],
    [
      ["1E2", "100", "2E2"],
      ["100", "1E2", "2E2"],
    ],
    [
      ["02139", "10001", "94103"],
      ["02139", "10001", "94103"],
    ],
    [
      ["1.0", "2.0"],
      ["1.0", "2.0"],
    ],
    [
      ["10", "9"],
      ["9", "10"],
    ],
    [
      ["yes", "no"],
      ["no", "yes"],
    ],
    [
      ["None", "Insomnia"],
      ["Insomnia", "None"],
    ],
    [
      ["1", "2", "3+"],
      ["1", "2", "3+"],
    ],
  ])("of labels keeps them as they are spelt: %j", (cells, classes) => {
    const { classes: found, train } = prepared(over(cells));
    expect(found).toEqual(classes);
    expect(Array.from(train.y, (label) => classes[label])).toEqual(over(cells));
  });

  it.each(["NA", "", "?", "null", "NaN", "-", "N/A", "None"])(
    "that is missing, as %j, is no class: its row is left out",
    (cell) => {
      const { classes, train, warnings } = prepared([...over(["0", "1"]), cell]);
      expect([classes, train.rows]).toEqual([["0", "1"], 24]);
      expect(warnings).toEqual(['f.csv, column "y": 1 row is left out, without a target']);
    },
  );

  it.each([
    ["thousands", ['"1,000"', '"2,500"', "700"], [1000, 2500, 700]],
    ["currency", ["$10.00", '"$1,012.50"'], [10, 1012.5]],
    ["percent", ["3%", "4.5%"], [3, 4.5]],
  ])("of numbers with %s is a regression in its own units", (_, cells, values) => {
    const { schema, train, task } = prepared(over(cells, 24));
    expect(task).toBe("regression");
    const own = ownUnits(schema, train.y as Float32Array);
    for (const [i, value] of over(values.map(String)).entries()) expect(own[i]).toBeCloseTo(Number(value), 3);
  });

  it.each([
    [
      "numbers with a few odd cells",
      [...over(["0", "1"]), "x"],
      'row 26, column "y": expected a number, as in other rows, got "x"; correct',
    ],
    [
      "measurements with an odd cell",
      Array.from({ length: 24 }, (_, i) => (i === 3 ? "q" : `${i}.5`)),
      'got "q"; correct these cells',
    ],
    [
      "names",
      Array.from({ length: 24 }, (_, i) => `name ${i}`),
      "expected numbers, or classes that occur repeatedly, got 24 different values in 24 rows",
    ],
    [
      "dates",
      Array.from({ length: 24 }, (_, i) => `2020-01-${i + 1}`),
      "got 24 different values in 24 rows; --task classification",
    ],
    ["one class", over(["u"]), 'expected at least two classes, got "u" alone'],
  ])("of %s is refused with the remedy", (_, cells, message) => {
    expect(() => prepared(cells)).toThrow(message);
  });

  it.each<[readonly string[], Partial<PrepareOptions>, string]>([
    [["3", "4", "5"], {}, "3 classes: whole numbers, 3 values; --task regression predicts the value"],
    [["3", "4", "5"], { task: "classification" }, "3 classes"],
    [["3", "4", "5"], { task: "regression" }, "numbers"],
    [["0", "1"], {}, "2 classes"],
    [["02139", "10001", "94103"], {}, "3 classes"],
    [["1", "2", "3+"], {}, "3 classes"],
    [["2WD", "4WD"], {}, "2 classes"],
    [["8.5 kg", "12 kg"], {}, "numbers, with the unit kg"],
  ])("of %j, asked for as %j, says why it is what it is", (cells, options, why) => {
    expect(prepared(over(cells), options).summary.find(({ as }) => as === "target")!.why).toBe(why);
  });

  it("takes every label as a class if asked", () => {
    expect(prepared([...over(["0", "1"]), "x"], { task: "classification" }).classes).toEqual(["0", "1", "x"]);
  });

  it("matches labels of other tables by text, else by number; what may be two classes is a warning", () => {
    const test = table(["1.0", "0"], "t.csv");
    expect([...prepared(over(["0", "1"]), { test }).test!.y]).toEqual([1, 0]);
    expect(prepared(over(["1", "1.0", "Yes", "yes"])).warnings).toEqual([
      'column "y": "1" and "1.0" are two classes; spell them alike if they are one',
      'column "y": "Yes" and "yes" are two classes; spell them alike if they are one',
    ]);
  });

  it("is looked for in rows to predict, which may lack it", () => {
    const { schema } = prepared(over(["u", "v"]));
    const found = predictable(schema, table(["v", "NA", "u"], "new.csv"));
    expect([found.rows, found.y, found.labelled!.rows, ...found.labelled!.y]).toEqual([3, undefined, 2, 1, 0]);
    expect([...found.labelled!.x]).toEqual([found.x[0], found.x[2]]);
    expect(predictable(schema, parseTable("x\n1.5\n2.5\n", "new.csv", { header: true }))).toMatchObject({
      rows: 2,
      labelled: undefined,
    });
  });
});

describe("a split", () => {
  const cells = [...over(["a"], 50), ...over(["b"], 30), ...over(["c"], 5), "d", "d"];

  it("holds out the same share of every class, at least one row of each, by the seed", () => {
    const count = (y: ArrayLike<number>) => {
      const counts = [0, 0, 0, 0];
      for (const label of Array.from(y)) counts[label]++;
      return counts;
    };
    for (let seed = 0; seed < 20; seed++) {
      const { train, validation } = prepared(cells, { validation: 0.2, seed });
      // 20 % of 87 rows are 17, of which 10, 6 and 1 would be of the first classes: the largest gives one to the last.
      expect(count(validation!.y)).toEqual([9, 6, 1, 1]);
      expect(count(train.y)).toEqual([41, 24, 4, 1]);
    }
    const x = (seed: number) => prepared(cells, { validation: 0.2, seed }).validation!.x.join();
    expect(x(1)).toBe(x(1));
    expect(x(1)).not.toBe(x(2));
  });

  it("warns of a class that one side lacks, and of a class above 90 %", () => {
    const { warnings } = prepared([...over(["a"], 50), "b", ...over(["a"], 9)], { validation: 0.2 });
    expect(warnings).toEqual([
      'column "y": 97.9 % of the rows are "a", so accuracy says little; look at the other classes (--class-weights balanced gives them weight)',
      'column "y": no row of "b" among the 12 rows for validation',
    ]);
  });

  it("learns scaling and values from the training rows alone", () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 ? "u" : "v"}`);
    const { schema, train } = prepare(parseTable(["x,y", ...rows].join("\n"), "f.csv"), {
      target: "y",
      validation: 0.25,
      seed: 3,
    });
    const mean = train.x.reduce((sum, x) => sum + x, 0) / train.rows;
    const squares = train.x.reduce((sum, x) => sum + x * x, 0) / train.rows;
    expect([mean, squares]).toEqual([expect.closeTo(0, 6), expect.closeTo(1, 6)]);
    expect(schema.features[0]).not.toMatchObject({ mean: 19.5 });
  });

  it("gives the majority's share", () => {
    expect(majorityShare(Int32Array.of(0, 1, 1, 2, 1))).toBe(0.6);
  });
});
