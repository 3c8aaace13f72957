import { describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";
import { columnOf, numberIn } from "../../src/data/table.js";

const table = (text: string, header?: boolean) => parseTable(text, "f.csv", { header });
describe("parseTable", () => {
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
    ["1,2\n\n3\n", 'f.csv, row 3: expected 2 columns, as in row 1, got 1; is it part of the table? It begins "3"'],
    [
      '1,2\n"3\n3",4\n5,6,7\n',
      "f.csv, row 4: expected 2 columns, as in row 1, got 3; row 2 has a quoted cell that spans lines: is one of its quotes stray?",
    ],
    ['1,2\n3,"4\n5,6\n', "f.csv, row 2: expected a closing quote, got the end of the file"],
  ])("refuses %j", (text, message) => {
    expect(() => table(text)).toThrow(new RangeError(message));
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
    const spelt = table("Sepal Length,y\n1,2\n3,4\n");
    expect(() => columnOf(spelt, "sepal_length")).toThrow('got "sepal_length"; did you mean "Sepal Length"?');
    expect(() => columnOf(named, "z", "each column of --ignore")).toThrow("expected each column of --ignore as one of");
    expect(() => columnOf(named, "3")).toThrow('got "3"');
    expect(() => columnOf(table("1,2\n3,4\n"), "y")).toThrow("an index, 0 to 1 (no header)");
    expect(() => columnOf(table("y,y\n3,4\n"), "y")).toThrow("two of that name");
  });
});
