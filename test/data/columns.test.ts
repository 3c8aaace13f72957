import { describe, expect, it } from "vitest";
import { checkSchema } from "../../src/data/checkSchema.js";
import { inputNames } from "../../src/data/inputNames.js";
import { rounded } from "../../src/data/numbers.js";
import { parseTable } from "../../src/data/parseTable.js";
import { type PrepareOptions, prepare } from "../../src/data/prepare.js";
import { rowsTable } from "../../src/tabular/rows.js";

/** A table whose column `c` has these cells over and over, beside a feature that differs and a target of two classes. */
const over = (cells: readonly string[], rows = 24) => Array.from({ length: rows }, (_, i) => cells[i % cells.length]);
const table = (name: string, cells: readonly string[]) =>
  parseTable(
    [`x|${name}|y`, ...cells.map((cell, i) => `${(i * 7) % 5}.5|${cell}|${"uv"[i % 2]}`)].join("\n"),
    "f.csv",
    { delimiter: "|", header: true },
  );
const prepared = (cells: readonly string[], options: Partial<PrepareOptions> = {}, name = "c") =>
  prepare(table(name, cells), { target: "y", ...options });
const noteOf = (cells: readonly string[], options: Partial<PrepareOptions> = {}, name = "c") =>
  prepared(cells, options, name).summary[1];
const inputsOfC = (cells: readonly string[], options: Partial<PrepareOptions> = {}) => {
  const { schema, inputs, train } = prepared(cells, options);
  const rows = Array.from({ length: train.rows }, (_, r) => [...train.x.subarray(r * inputs + 1, (r + 1) * inputs)]);
  return { names: inputNames(schema).slice(1), rows };
};

describe("a column", () => {
  const letters = Array.from({ length: 24 }, (_, i) => `name ${i}`);

  it.each([
    ["text", over(["red", "green"]), "categories"],
    ["booleans", over(["true", "false"]), "categories"],
    ["numbers", over(["1", "2.5"]), "number"],
    ["numbers as pandas writes missing ones", over(["1.0", "", "2.0"]), "number"],
    ["thousands", over(['"1,000"', '"12,345.5"', "7"]), "number"],
    ["currency", over(["$10.00", "$7", '"$1,000"']), "number"],
    ["currency behind", over(["10 €", "7 €"]), "number"],
    ["percent", over(["3%", "4.5 %"]), "number"],
    ["one unit", over(["8 kg", "12.5kg", '"1,200 kg"']), "number"],
    ["one unit, with degrees and a sign", over(["21.5 °C", "-3 °C", "None"]), "number"],
    ["two units", over(["8 kg", "12 lb"]), "categories"],
    ["one number with a unit", over(["8 kg"]), "categories"],
    ["codes with a letter", over(["00139A", "00140A"]), "categories"],
    ["codes with leading zeros", over(["02139", "10001", "94103"]), "categories"],
    ["identifiers of 19 digits", over(["1234567890123456788", "1234567890123456789"]), "categories"],
    ["numbers and a frequent word", over(["0", "1", "2", "3+"]), "categories"],
    ["ISO dates", over(["2020-01-31", "2021-02-28"]), "date"],
    ["dates and times", over(["2020-01-31 05:00:00", "2021-02-28T06:30Z"]), "date"],
    ["dates in digits", over(["20141013T000000", "20150225T000000"]), "date"],
    ["names of months", over(["Jun 12 1998", "August 7, 1998"]), "date"],
    ["days before names of months", over(["12-Jun-98", "7 Aug 1998"]), "date"],
    ["months first", over(["12/31/2020", "1/2/2020"]), "date"],
    ["days first", over(["31/12/2020", "1/2/2020"]), "date"],
    ["points between", over(["31.12.2020", "1.2.2020"]), "date"],
    ["times of day", over(["14:37", "00:00", "7:05"]), "date"],
    ["times with seconds", over(["14:37:05", "23:59:59.5"]), "date"],
    ["times of the half days", over(["2:30 PM", "12:00 a.m.", "9:15am"]), "date"],
    ["durations", over(["14:37", "25:30", "75:00"]), "categories"],
    ["dates that may be either", over(["1/2/2020", "3/4/2020"]), "left out"],
    ["as many names as rows", letters, "left out"],
    ["nothing", over(["", "NA"]), "left out"],
  ])("of %s", (_, cells, as) => {
    expect(noteOf(cells)).toMatchObject({ as, name: 'column "c"' });
  });

  it.each([
    ["an empty header over row numbers", "", (i: number) => i, "left out"],
    ["an empty header over row numbers in another order", "", (i: number) => (i * 5) % 24, "left out"],
    ["pandas' name for it", "Unnamed: 0", (i: number) => i, "left out"],
    ["row names of R", "rownames", (i: number) => i + 1, "left out"],
    ["identifiers", "PassengerId", (i: number) => 900 + i, "left out"],
    ["identifiers of customers", "customer_id", (i: number) => (i * 977) % 5003, "left out"],
    ["years", "year", (i: number) => 1990 + i, "number"],
    ["a header that only ends like one", "humid", (i: number) => i, "number"],
    ["an empty header over other numbers", "", (i: number) => i % 7, "number"],
  ])("of numbers under %s", (_, name, cell, as) => {
    const note = noteOf(
      Array.from({ length: 24 }, (_, i) => `${cell(i)}`),
      {},
      name,
    );
    expect(note.as, note.why).toBe(as);
    if (as === "left out") expect(note.why).toContain("--numeric");
  });

  it("becomes one input for each value, in order, and zeros or a shared input for others", () => {
    const { names, rows } = inputsOfC(over(["b", "a"]));
    expect(names).toEqual(["c=a", "c=b"]);
    expect(rows.slice(0, 2)).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const rare = inputsOfC([...over(["b", "a"]), "once"]);
    expect(rare.names).toEqual(["c=a", "c=b", "c=other"]);
    expect(rare.rows.at(-1)).toEqual([0, 0, 1]);
  });

  it("becomes one input for each whole number on request, 1.0 and 1 alike", () => {
    const { names, rows } = inputsOfC(over(["10", "9", "9.0"]), { categorical: ["c"] });
    expect(names).toEqual(["c=9", "c=10"]);
    expect(rows.slice(0, 3)).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
  });

  it("takes values unseen in training as others, and says so", () => {
    const test = table("c", ["a", "new", "b"]);
    const unseen = prepared(over(["b", "a"]), { test });
    expect([...unseen.test!.x.subarray(4, 6)]).toEqual([0, 0]);
    expect(unseen.warnings).toEqual([
      'f.csv, column "c": 1 cell with a rare or unseen value, such as "new": taken as none of the values known',
    ]);
    const rare = prepared([...over(["b", "a"]), "once"], { test });
    expect([...rare.test!.x.subarray(5, 8)]).toEqual([0, 0, 1]);
  });

  it("has missing cells filled in with the median or the most frequent of the training rows, and marked on request", () => {
    const scale = (values: readonly number[]) => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
      return values.map((x) => Math.fround((x - mean) / deviation));
    };
    const numbers = inputsOfC(["1", "NA", "10", "2", "?", "3", "null", "None"], { indicator: true });
    expect(numbers.names).toEqual(["c", "c is missing"]);
    expect(numbers.rows.map(([, is]) => is)).toEqual([0, 1, 0, 0, 1, 0, 1, 1]);
    const expected = scale([1, 2.5, 10, 2, 2.5, 3, 2.5, 2.5]);
    for (const [r, [x]] of numbers.rows.entries()) expect(x).toBeCloseTo(expected[r], 6);
    const words = inputsOfC(["b", "N/A", "b", "a", "a", "b"]);
    expect(words.rows.map((row) => row.join(""))).toEqual(["01", "01", "01", "10", "10", "01"]);
    expect(noteOf(["b", "N/A", "b", "a", "a", "b"]).why).toContain('1 missing cell filled in with "b"');
  });

  it("says the median to the digits that a person reads, and fills in the exact one", () => {
    // (3.1 + 3.2) / 2 is 3.1500000000000004.
    const cells = ["3.1", "3.2", "", "3.1", "3.2"];
    const { schema, train, summary } = prepared(cells);
    expect(summary[1].why).toBe("numbers; 1 missing cell filled in with the median, 3.15");
    expect(train.notes).toEqual(['f.csv, column "c": 1 missing cell filled in with the median, 3.15']);
    expect(schema.features[1].fill).toBe((3.1 + 3.2) / 2);
    expect(["1234567", "12345.6789", "0.000123456789", "-0.5"].map(Number).map(rounded)).toEqual([
      "1234567",
      "12345.6789",
      "0.000123457",
      "-0.5",
    ]);
  });

  it("of numbers with one unit is read as the numbers, with the unit or without", () => {
    const { train, schema, summary, test } = prepared(over(["8 kg", "12 kg"]), { test: table("c", ["12", "8kg"]) });
    expect(summary[1].why).toBe("numbers with the unit kg");
    expect([train.x[1], train.x[3], test!.x[1], test!.x[3]]).toEqual([-1, 1, 1, -1]);
    expect(checkSchema(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
    expect(() => prepared(over(["8 kg", "12 kg"]), { test: table("c", ["8 lb"]) })).toThrow('a number, got "8 lb"');
  });

  it("of too many values says so, and takes up to 1,000 on request", () => {
    // As counties in a table of deaths: 1,929 values, 22 times each.
    const counties = over(
      Array.from({ length: 1929 }, (_, i) => `county ${i}`),
      1929 * 22,
    );
    expect(noteOf(counties)).toMatchObject({
      as: "left out",
      why: "text with 1,929 different values in 42,438 cells, of which the 100 most frequent are 5.2 %; --categorical uses up to 1,000",
    });
    expect(inputNames(prepared(counties, { categorical: ["c"] }).schema)).toHaveLength(1 + 1000 + 1);
    expect(noteOf(letters).why).toContain("24 different values in 24 cells, such as names; --categorical");
  });

  it("that is mostly missing says its share, and how to mark these cells", () => {
    const cells = over(["", "C85", "", ""]);
    expect(noteOf(cells).why).toBe(
      'text; "C85"; 18 missing cells (75 % of the rows) filled in with "C85"; --indicator marks them by an input of their own',
    );
    expect(noteOf(cells, { indicator: true }).why).toMatch(
      /\(75 % of the rows\) filled in with "C85", and marked by an input$/,
    );
    expect(inputsOfC(cells, { indicator: true })).toMatchObject({ names: ["c=C85", "c is missing"] });
    expect(noteOf(over(["", "2"])).why).toContain(
      "12 missing cells (50 % of the rows) filled in with the median, 2; --indicator",
    );
    expect(noteOf(over(["", "2", "3", "4"])).why).toBe("numbers; 6 missing cells filled in with the median, 3");
  });

  it("loses the rows with missing cells on request, with a warning; later they are refused", () => {
    const { train, schema, warnings } = prepared(["1", "", "3", "4"], { missing: "drop" });
    expect([train.rows, ...warnings]).toEqual([3, "f.csv: 1 row is left out, with missing cells (--missing drop)"]);
    expect(schema.features.map(({ fill }) => fill)).toEqual([null, null]);
  });

  it("of times of day becomes a point of the circle of 24 hours, whatever --dates asks of dates", () => {
    const { names, rows } = inputsOfC(["00:00", "6:00 AM", "12:00:00", "6:00 PM", ""], { dates: ["year", "time"] });
    expect(names).toEqual(["c.hour.sin", "c.hour.cos"]);
    // The median of 0, 6, 12 and 18 hours is 9 hours: 135 degrees.
    const expected = [
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
      [Math.SQRT1_2, -Math.SQRT1_2],
    ];
    rows.forEach((row, r) => {
      for (const [i, x] of row.entries()) expect(x).toBeCloseTo(expected[r][i], 6);
    });
    expect(() => prepared([...over(["14:37", "15:00"]), "noon"])).toThrow(
      'f.csv, row 26, column "c": expected a time of day, as in 24 other rows, got "noon"',
    );
    expect(() => prepared(over(["14:37", "15:00"]), { test: table("c", ["25:00"]) })).toThrow(
      'column "c": expected a time of day, such as 14:30, got "25:00"',
    );
    const { schema } = prepared(over(["14:37", "15:00"]));
    expect(checkSchema(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
    const six = new Date(Date.UTC(2024, 4, 1, 6));
    expect(rowsTable(schema, [{ x: 1, c: six }]).rows).toEqual([["1", "06:00:00"]]);
  });

  it("keeps None as a word among words", () => {
    expect(noteOf(over(["None", "Minor"])).why).toBe('text; "Minor", "None"');
  });

  it("is read or left out as asked", () => {
    expect(noteOf(letters, { categorical: ["c"] }).as).toBe("categories");
    expect(noteOf(over(["1", "x", "2"]), { numeric: ["c"] })).toMatchObject({ as: "number" });
    expect(noteOf(over(["1", "2"]), { ignore: ["c"] })).toMatchObject({ as: "left out", why: "--ignore" });
    expect(noteOf(over(["1", "2"]), { features: ["x"] })).toMatchObject({
      as: "left out",
      why: "not among --features",
    });
    expect(noteOf(over(["1/2/2020", "3/4/2020"]), { dates: ["day/month/year"] }).as).toBe("date");
    expect(() => noteOf(over(["1"]), { ignore: ["y"] })).toThrow("expected --ignore to name features, got the target");
    expect(() => noteOf(over(["1"]), { ignore: ["c"], numeric: ["c"] })).toThrow("got --ignore and another");
  });

  it("is named with all others that cannot be read, in one line", () => {
    const rows = Array.from({ length: 24 }, (_, i) => [
      i,
      i === 3 ? "x" : i * 2,
      i > 21 ? "oops" : `2020-01-${i + 1}`,
      i % 2,
    ]);
    const text = ["a,b,c,y", ...rows.map((row) => row.join())].join("\n");
    expect(() => prepare(parseTable(text, "f.csv"), { target: "y" })).toThrow(
      'f.csv, row 5, column "b": expected a number, as in other rows, got "x"; ' +
        'row 24, column "c": expected a date, as in 22 other rows, got "oops" (2 such cells). Correct the cells, or read ' +
        "these columns with --numeric b,c (such cells count as missing) or --categorical b,c, or leave them out with --ignore b,c",
    );
  });

  it.each([
    [["$1", "€2"], "expected numbers with one sign or none, not $, € by turns"],
    [["3%", "0.03"], "expected numbers with one sign or none, not %, none by turns"],
  ])("of numbers in two units is refused: %j", (cells, message) => {
    expect(() => prepared(over(cells))).toThrow(message);
  });
});

describe("a number", () => {
  const train = over(["0", "1"]);

  it.each([
    ["1e39", "expected a number up to 3.4e38"],
    ["-inf", "expected a finite number"],
    ["-3.4028234663852886e38", "expected a number within 1.8e19 deviations of the mean in training"],
    ["x", "expected a number"],
  ])("that a network cannot take is refused: %s", (cell, message) => {
    expect(() => prepared(train, { test: table("c", ["1", cell]) })).toThrow(
      `f.csv, row 3, column "c": ${message}, got "${cell}"`,
    );
  });
});
