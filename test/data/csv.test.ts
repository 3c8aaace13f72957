import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCsv, readCsv } from "../../src/data/csv.js";
import { type PrepareOptions, prepare } from "../../src/data/prepare.js";
import { columnOf, numberIn } from "../../src/data/table.js";
import { digits } from "../support/digits.js";

const table = (text: string, header?: boolean) => parseCsv(text, "f.csv", { header });
const prepared = (text: string, options: Partial<PrepareOptions> = {}) =>
  prepare(table(text), { target: "y", ...options });

describe("parseCsv", () => {
  it("reads quoted cells with commas, quotes and line breaks, and trims the others", () => {
    const { rows } = table('1, 2 ,"a,b"\n3,4,"say ""x"""\n5,6,"two\nlines"\n');
    expect(rows).toEqual([
      ["1", "2", "a,b"],
      ["3", "4", 'say "x"'],
      ["5", "6", "two\nlines"],
    ]);
  });

  it.each([
    ["LF", "a,b\n1,2\n\n3,4\n", [2, 4]],
    ["CRLF", "a,b\r\n1,2\r\n\r\n3,4\r\n", [2, 4]],
    ["a byte order mark and blanks before the header", "\ufeffa,b\n  \n1,2\n3,4", [3, 4]],
    ["line breaks inside quotes", 'a,b\n1,"x\ny"\n\n3,4\n', [2, 5]],
    ["CRLF inside quotes", 'a,b\r\n1,"x\r\ny"\r\n3,4\r\n', [2, 4]],
  ])("counts lines of the file from 1, with %s", (_, text, lines) => {
    const { names, lines: found } = table(text, true);
    expect(names).toEqual(["a", "b"]);
    expect(found).toEqual(lines);
  });

  it.each([
    ["words over numbers", "a,b\n1,2\n", true],
    ["numbers alone", "1,2\n3,4\n", false],
    ["a text column without names", "1,u\n2,v\n", false],
    ["a text column with names", "x,y\n1,u\n2,v\n", true],
    ["an unnamed index column", ",0,1,y\n0,1,2,3\n1,4,5,6\n", true],
    ["one slip further down", "a,b\n1,2\n3,4\nx,5\n", true],
    ["a missing value first", "?,1\n2,3\n4,5\n", false],
    ["NaN first", "nan,1\n2,3\n4,5\n", false],
  ])("detects a header: %s", (_, text, header) => {
    expect(table(text).names !== undefined).toBe(header);
  });

  it("follows the option header", () => {
    expect(table("1,2\n3,4\n", true)).toMatchObject({ names: ["1", "2"], rows: [["3", "4"]], lines: [2] });
    expect(table("a,b\n3,4\n", false)).toMatchObject({ names: undefined, lines: [1, 2] });
  });

  it.each([
    ["", "f.csv: expected rows of data, got an empty file"],
    ["\n \n", "f.csv: expected rows of data, got an empty file"],
    ["a,b,y\n", "f.csv: expected rows of data, got only a header"],
    ["1,2\n\n3\n", "f.csv, row 3: expected 2 columns, as in row 1, got 1"],
    ['1,2\n"3\n3",4\n5,6,7\n', "f.csv, row 4: expected 2 columns, as in row 1, got 3"],
    ['1,2\n3,"4\n5,6\n', "f.csv, row 2: expected a closing quote, got the end of the file"],
  ])("refuses %j", (text, message) => {
    expect(() => table(text)).toThrow(new RangeError(message));
  });

  it("reports a path that is not a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "thalweg-"));
    expect(() => readCsv(join(folder, "none.csv"))).toThrow(/none\.csv: expected a CSV file, got no such file$/);
    expect(() => readCsv(folder)).toThrow(/expected a CSV file, got a directory$/);
    writeFileSync(join(folder, "a.csv"), "1,2\n");
    expect(readCsv(join(folder, "a.csv")).rows).toEqual([["1", "2"]]);
  });

  it.each([
    ["1", 1],
    ["-1.5e3", -1500],
    [".5", 0.5],
    ["5.", 5],
    ["+2", 2],
    ["", Number.NaN],
    ["0x10", Number.NaN],
    ["1,5", Number.NaN],
    ["1 2", Number.NaN],
    ["Infinity", Number.NaN],
  ])("takes %j for %d", (cell, value) => {
    expect(numberIn(cell)).toBe(value);
  });

  it("finds columns by name first, then by index", () => {
    const named = table("x,2,y\n1,2,3\n4,5,6\n");
    expect([columnOf(named, "y"), columnOf(named, "2"), columnOf(named, "0")]).toEqual([2, 1, 0]);
    expect(() => columnOf(named, "z")).toThrow('f.csv: expected the target column as one of "x", "2", "y" or 0 to 2');
    expect(() => columnOf(named, "3")).toThrow('got "3"');
    expect(() => columnOf(table("1,2\n3,4\n"), "y")).toThrow("an index, 0 to 1 (no header)");
    expect(() => columnOf(table("y,y\n3,4\n"), "y")).toThrow("two of that name");
  });
});

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
    expect(prepared(numbers(6, (i) => [10, 9, "1.0"][i % 3])).classes).toEqual(["1", "9", "10"]);
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
    const { test } = prepared(text, { test: parseCsv("c,y,a\n7,v,4\n5,u,1\n", "t.csv") });
    expect([...test!.x]).toEqual([3, 0, 0, 0]);
    expect([...test!.y]).toEqual([1, 0]);
  });

  it.each([
    ["a,y\n1,u\n2,w\n", 't.csv, row 3, column "y": expected one of the 2 classes trained on (u, v), got "w"'],
    ["a,b\n1,2\n2,3\n", 't.csv: expected one column "y", as in f.csv, got none of that name'],
    ["1,u,3\n2,v,3\n", "t.csv: expected 2 columns, as in f.csv, got 3"],
    ["a,y\n1,u\nq,v\n3,u\n", 't.csv, row 3, column "a": expected a number, got "q"'],
  ])("refuses the test file %j", (text, message) => {
    const test = parseCsv(text, "t.csv");
    expect(() => prepared("a,y\n0,u\n2,v\n", { test })).toThrow(new RangeError(message));
  });

  it.each([
    ["a,b,y\n1,2,0\n3,x,1\n5,6,0\n7,8,1\n", 'f.csv, row 3, column "b": expected a number, got "x"'],
    ["a,b,y\n1,2,0\n\n3,,1\n5,6,0\n7,8,1\n", 'f.csv, row 4, column "b": expected a number, got an empty cell'],
    ["a,b,y\n1,2,0\n3,inf,1\n5,6,0\n7,8,1\n", 'f.csv, row 3, column "b": expected a finite number, got "inf"'],
    ["a,y\n1,0\n1e999,1\n1,0\n2,1\n", 'f.csv, row 3, column "a": expected a number up to 3.4e38, got "1e999"'],
    ["a,y\n1,0\n2,\n1,0\n2,1\n", 'f.csv, row 3, column "y": expected a class or a number, got an empty cell'],
    ["a,y\n1,0.5\n2,1.5\n3,q\n", 'f.csv, row 4, column "y": expected a number, as in other rows, got "q"'],
    ["a,y\n1,u\n2,u\n", 'f.csv, column "y": expected at least two classes, got "u" alone'],
    ["y\n1\n2\n", "f.csv: expected columns besides the target, got only the target"],
  ])("refuses %j", (text, message) => {
    expect(() => prepared(text)).toThrow(new RangeError(message));
  });

  it("reads the digits: 3,823 rows, 64 features, constant columns among them, 10 classes", () => {
    const { train, inputs, classes } = prepare(readCsv(digits("train.csv")), { target: "64" });
    expect([train.rows, inputs, classes?.join("")]).toEqual([3823, 64, "0123456789"]);
    expect(train.x.every(Number.isFinite)).toBe(true);
  });
});
