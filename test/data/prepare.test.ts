import { describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";
import { type PrepareOptions, prepare } from "../../src/data/prepare.js";
import { readTable } from "../../src/node/tableFile.js";
import { digits } from "../support/digits.js";

const table = (text: string) => parseTable(text, "f.csv");
const prepared = (text: string, options: Partial<PrepareOptions> = {}) =>
  prepare(table(text), { target: "y", ...options });

describe("prepare", () => {
  const numbers = (n: number, f: (i: number) => unknown) =>
    `x,y\n${Array.from({ length: n }, (_, i) => `${i},${f(i)}`).join("\n")}\n`;

  it.each([
    ["text", numbers(6, (i) => "ab"[i % 2]), "classification"],
    ["few whole numbers", numbers(40, (i) => i % 20), "classification"],
    ["more than 20 whole numbers", numbers(42, (i) => i % 21), "regression"],
    ["whole numbers that hardly repeat", numbers(6, (i) => i % 4), "regression"],
    ["few fractions", numbers(40, (i) => (i % 2) + 0.5), "regression"],
  ])("detects the task: %s", (_, text, task) => {
    expect(prepared(text).task).toBe(task);
  });

  it("follows the option task", () => {
    expect(
      prepared(
        numbers(40, (i) => i % 2),
        { task: "regression" },
      ).classes,
    ).toBeUndefined();
    expect(
      prepared(
        numbers(6, (i) => i),
        { task: "classification" },
      ).classes,
    ).toHaveLength(6);
  });

  it("orders classes by value or by code units, whatever the locale", () => {
    expect(prepared(numbers(6, (i) => [10, 9, "1.0"][i % 3])).classes).toEqual(["1.0", "9", "10"]);
    expect(prepared(numbers(8, (i) => ["b", "ä", "a", "B"][i % 4])).classes).toEqual(["B", "a", "b", "ä"]);
    expect([...prepared(numbers(4, (i) => "ba"[i % 2])).train.y]).toEqual([1, 0, 1, 0]);
  });

  it("standardises features to mean 0 and deviation 1; constant columns become 0", () => {
    // The mean of three times 0.1 rounds to another number, and (x − mean) / deviation would be −1.
    const { train } = prepared("a,b,y\n1,0.1,u\n2,0.1,v\n6,0.1,u\n");
    const deviation = Math.sqrt((4 + 1 + 9) / 3);
    const expected = [-2, 0, -1, 0, 3, 0].map((x) => Math.fround(x / deviation));
    train.x.forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 6);
    });
    expect([train.x[1], train.x[3], train.x[5]]).toEqual([0, 0, 0]);
  });

  it("never makes NaN, not even of the largest and smallest numbers", () => {
    const { train } = prepared("a,b,y\n3e38,1e-300,1\n-3e38,2e-300,2\n3e38,3e-300,4\n", { task: "regression" });
    for (const x of [...train.x, ...train.y]) expect(Number.isFinite(x)).toBe(true);
  });

  it("standardises the target of a regression, and reports its unit", () => {
    const { train, unit } = prepared("x,y\n1,10\n2,30\n", { task: "regression" });
    expect([...train.y, unit]).toEqual([-1, 1, 10]);
    expect(prepared("x,y\n1,7\n2,7\n", { task: "regression" })).toMatchObject({ unit: 1 });
  });

  it("gives the test file the statistics and the classes of the training file", () => {
    const text = "a,c,y\n0,5,u\n2,5,v\n0,5,u\n2,5,v\n";
    const { test } = prepared(text, { test: parseTable("c,y,a\n7,v,4\n5,u,1\n", "t.csv") });
    expect([...test!.x]).toEqual([3, 0, 0, 0]);
    expect([...test!.y]).toEqual([1, 0]);
  });

  it.each([
    ["a,y\n1,u\n2,w\n", 't.csv, row 3, column "y": expected one of the 2 classes trained on (u, v), got "w"'],
    ["a,b\n1,2\n2,3\n", 't.csv: expected one column "y", as in f.csv, got none of that name'],
    ["1,u,3\n2,v,3\n", "t.csv: expected 2 columns, as in f.csv, got 3"],
    ["a,y\n1,u\nq,v\n3,u\n", 't.csv, row 3, column "a": expected a number, got "q"'],
  ])("refuses the test file %j", (text, message) => {
    const test = parseTable(text, "t.csv");
    expect(() => prepared("a,y\n0,u\n2,v\n", { test })).toThrow(new RangeError(message));
  });

  it.each([
    [
      "a,b,y\n1,2,0\n3,x,1\n5,6,0\n7,8,1\n",
      'f.csv, row 3, column "b": expected a number, as in other rows, got "x". Correct',
    ],
    ["a,b,y\n1,2,0\n3,inf,1\n5,6,0\n7,8,1\n", 'f.csv, row 3, column "b": expected a finite number, got "inf". Correct'],
    ["a,y\n1,0\n1e999,1\n1,0\n2,1\n", 'f.csv, row 3, column "a": expected a number up to 3.4e38, got "1e999". Correct'],
    ["a,y\n1,0.5\n2,1.5\n3,q\n", 'f.csv, row 4, column "y": expected a number, as in other rows, got "q"; correct'],
    ["a,y\n1,u\n2,u\n", 'f.csv, column "y": expected at least two classes, got "u" alone'],
    ["y\n1\n2\n", "f.csv: expected columns besides the target, got only the target"],
    ["a,y\n1,\n2,NA\n", 'f.csv, column "y": expected a target, got missing cells alone'],
  ])("refuses %j", (text, message) => {
    let said = "";
    try {
      prepared(text);
    } catch (error) {
      said = (error as RangeError).message;
    }
    expect(said.startsWith(message), said).toBe(true);
    expect(said).not.toContain("\n");
  });

  it("reads the digits: 3,823 rows, 64 features, constant columns among them, 10 classes", async () => {
    const { train, inputs, classes } = prepare(await readTable(digits("train.csv")), { target: "64" });
    expect([train.rows, inputs, classes?.join("")]).toEqual([3823, 64, "0123456789"]);
    expect(train.x.every(Number.isFinite)).toBe(true);
  });
});
