/** Files as spreadsheets, pandas and R write them, and as people have cut and joined them. */
import { describe, expect, it } from "vitest";
import { parseTable, type TableOptions } from "../../src/data/parseTable.js";

const table = (text: string, options: TableOptions = {}) => parseTable(text, "f.csv", options);
const ABC = [
  ["1", "2", "u"],
  ["3", "4", "v"],
  ["5", "6", "u"],
];

describe("separators", () => {
  it.each([
    [",", undefined],
    [";", ["separator ;"]],
    ["\t", ["separator tab"]],
    ["|", ["separator |"]],
    ["   ", ["separator blanks"]],
  ])("%j is found out, and noted unless it is the comma", (s, notes) => {
    const text = [["a", "b", "y"], ...ABC].map((row) => row.join(s)).join("\n");
    expect(table(text)).toMatchObject({ names: ["a", "b", "y"], rows: ABC, notes: notes ?? [] });
  });

  it.each([
    ["semicolons in the texts of a comma file", "name,n\nx;y,1\nz,2\nu;v;w,3\n", ["name", "n"]],
    ["one semicolon in each", "name,tag,n\na,x;y,1\nb,x;z,2\n", ["name", "tag", "n"]],
    ["commas in the texts of a tab file", "name\tn\nx, y\t1\nz\t2\nu,v,w\t3\n", ["name", "n"]],
    ["commas inside quotes", 'name;n\n"a, b";1\n"c";2\n', ["name", "n"]],
    ["a bar in one text", "name,n\na|b,1\nc,2\n", ["name", "n"]],
    ["words with blanks", "name\nred rose 1\nwhite rose 2\n", ["name"]],
  ])("are not confused by %s", (_, text, names) => {
    expect(table(text, { header: true }).names).toEqual(names);
  });

  it("decimal commas do not pass for separators", () => {
    const found = table("size,mm;label\n1,5;yes\n2,5;no\n3,5;yes\n");
    expect(found).toMatchObject({ names: ["size,mm", "label"], decimal: "," });
    expect(found.rows[0]).toEqual(["1,5", "yes"]);
  });

  it.each([
    ["sep=;\na;b\n1;2\n", 3],
    ['\ufeff"sep=;"\r\na;b\r\n1;2\r\n', 3],
    ["SEP=;;\na;b\n1;2\n", 3],
  ])("a first line %j is followed", (text, line) => {
    expect(table(text)).toMatchObject({ names: ["a", "b"], rows: [["1", "2"]], lines: [line] });
  });

  it("an option decides, one character or a name", () => {
    expect(table("a:b\n1:2\n", { delimiter: ":" }).rows).toEqual([["1", "2"]]);
    expect(table("a\tb,c\n1\t2\n", { delimiter: "tab" }).names).toEqual(["a", "b,c"]);
    for (const delimiter of ["", "ab", '"', "\n", "x", "1", "."])
      expect(() => table("a,b\n1,2\n", { delimiter })).toThrow(/^delimiter: expected one character/);
  });

  it("cells between tabs may be empty, the first and the last too", () => {
    expect(table("a\tb\tc\n\t2\t\n1\t\t3\n").rows).toEqual([
      ["", "2", ""],
      ["1", "", "3"],
    ]);
    expect(table('a\tb\tc\n\t"2"\t\n1\t\t3\n').rows[0]).toEqual(["", "2", ""]);
  });

  it("numbers in columns of blanks, with a tab before the name, as auto-mpg.data of the UCI repository", () => {
    const found = table('18.0   8   ?    3504.\t"ford pinto"\n15.0   4   97.0 2130.\t"opel 1900"\n');
    expect(found.rows).toEqual([
      ["18.0", "8", "?", "3504.", "ford pinto"],
      ["15.0", "4", "97.0", "2130.", "opel 1900"],
    ]);
    expect(table("at\tlabel\n1 2 3\tx\n4 5 6\ty\n").rows.at(-1)).toEqual(["4 5 6", "y"]);
    expect(table("n\tword\n1\ta b\n2\tc d\n").rows).toEqual([
      ["1", "a b"],
      ["2", "c d"],
    ]);
  });

  it("R's write.table: blanks, quotes, and a header without the row names", () => {
    const found = table('"len" "supp x"\n"1" 4.2 "VC a"\n"2" 11.5 "OJ"\n');
    expect(found.names).toEqual(["", "len", "supp x"]);
    expect(found.rows[0]).toEqual(["1", "4.2", "VC a"]);
    expect(found.notes?.join()).toContain("row names");
  });
});

describe("the decimal sign", () => {
  it.each([
    ["a;b\n1,5;2\n2,5;3\n", ","],
    ["a;b\n1.5;2\n2.5;3\n", "."],
    ["a;b\n1,234;2\n2,500;3\n", ","], // a spreadsheet that writes ; has the decimal comma
    ["a\tb\n1,234\t2\n2,500\t3\n", "."], // may be thousands
    ["a\tb\n1,25\t2\n2,500\t3\n", ","],
    ["a;b\n1;2\n3;4\n", "."],
    ['a,b\n"1,5",2\n"2,5",3\n', "."],
  ] as const)("of %j is %j", (text, sign) => {
    expect(table(text).decimal).toBe(sign);
  });

  it("is what an option says", () => {
    expect(table('a,b\n"1,5",2\n', { decimal: "," }).decimal).toBe(",");
    expect(() => table("a,b\n1,2\n", { decimal: ";" as "," })).toThrow(/^decimal: expected "," or "\.", got ";"/);
  });
});

describe("line ends", () => {
  const rows = [["1", "2"]];
  it.each([
    ["a CRLF header over LF rows", "a,b\r\n1,2\n3,4\n"],
    ["a CRLF file with LF rows appended", "a,b\r\n1,2\r\n3,4\n"],
    ["an LF header over CRLF rows", "a,b\n1,2\r\n3,4\r\n"],
    ["lone CR", "a,b\r1,2\r3,4\r"],
    ["all three, and quotes", 'a,b\r"1",2\r\n3,"4"\n'],
    ["none at the end", "a,b\r\n1,2\r\n3,4"],
  ])("%s", (_, text) => {
    expect(table(text)).toMatchObject({ names: ["a", "b"], rows: [...rows, ["3", "4"]], lines: [2, 3] });
  });
});

describe("lines that are no rows", () => {
  it("titles are skipped, comments left out, and lines keep their numbers", () => {
    const text = "Report\nof 2024\n# units: mm\na,b\n1,2\n  # 3,4\n5,6\n";
    expect(table(text, { skip: 2, comment: "#" })).toMatchObject({
      names: ["a", "b"],
      rows: [
        ["1", "2"],
        ["5", "6"],
      ],
      lines: [5, 7],
    });
    expect(table('a,b\n"1\n# no comment",2\n', { comment: "#", header: true }).rows).toEqual([
      ["1\n# no comment", "2"],
    ]);
  });

  it("more lines to skip than there are", () => {
    expect(() => table("a\n1\n", { skip: 5 })).toThrow("f.csv: expected more than the 5 lines to skip, got 3 in all");
    expect(() => table("a\n1\n", { comment: "" })).toThrow(/^comment: /);
  });

  it("units below a header", () => {
    const found = table("a,b,y\nmm,kg,\n1,2,u\n3,4,v\n");
    expect(found).toMatchObject({ names: ["a", "b", "y"], lines: [3, 4] });
    expect(found.notes).toEqual(["row 2 holds units and is left out"]);
    expect(table("a,y\nx,0\n1,0\n2,1\n").rows).toHaveLength(3); // one slip is no row of units
  });

  it("empty rows and columns of a spreadsheet", () => {
    const found = table("a,b,,\n1,2,,\n3,4,,\n,,,\n,,,\n");
    expect(found).toMatchObject({
      names: ["a", "b"],
      width: 2,
      rows: [
        ["1", "2"],
        ["3", "4"],
      ],
    });
    expect(found.notes).toEqual([
      "2 rows of empty cells left out, the first in row 4",
      "2 columns without name and values left out at the end",
    ]);
    expect(table("a,b\n1,2,\n3,4,\n")).toMatchObject({
      names: ["a", "b"],
      rows: [
        ["1", "2"],
        ["3", "4"],
      ],
    });
  });
});

describe("headers", () => {
  it.each([
    ["pandas without names", "0,1,2\n0.5,1.5,3\n2,2,2\n", true],
    ["pandas without names, with text", "0,1,2\n0.5,1.5,u\n2,2,v\n", true],
    ["pandas with an index", ",0,1,2\n0,4,5,6\n1,7,8,9\n", true],
    ["two numbered columns of fractions", "0,1\n0.5,1.5\n0.1,0.2\n", true],
    ["exclusive or", "0,1\n1,0\n1,1\n0,0\n", false],
    ["data that count up", "0,1,2\n1,2,3\n2,3,4\n", false],
    ["years beside a word", "country,2019,2020,2021\nA,5,6,9\nB,7,8,9\n", true],
    ["R", '"","x","y"\n"1",5,6\n"2",7,8\n', true],
    ["words over repeated words", "cap,odor\nx,n\ny,n\nx,a\ny,a\n", true],
    ["repeated words alone", "x,n\ny,n\nx,a\ny,a\n", false],
    ["one slip among numbers", "1.5,2.5,x\n3,4,5\n6,7,8\n", false],
    ["decimal commas", "a;b\n1,5;2,5\n3,5;4,5\n", true],
  ])("%s: %j", (_, text, header) => {
    expect(table(text).names !== undefined).toBe(header);
  });

  it("a name given twice is noted, one left empty is not", () => {
    const found = table("a,,b,a,\n1,2,3,4,5\n6,7,8,9,10\n");
    expect(found.notes).toEqual(['the name "a" is given to columns 0, 3']);
    expect(found.names).toEqual(["a", "", "b", "a", ""]);
  });
});

describe("quotes", () => {
  const rows = (open: string, close: string) =>
    `x,z,kind\n1,2,${open}rose\n2,3,tulip\n3,4,tulip\n4,5,rose${close}\n6,7,rose\n`;

  it("two stray ones that swallow rows are noted, with the rows", () => {
    const { notes } = table(rows('"', '"'));
    expect(notes).toEqual(["rows 2 to 5 are one cell of column 2, between two quotes: are they stray?"]);
    expect(table(rows("", "")).notes).toEqual([]);
  });

  it("texts of several lines are noted once", () => {
    const { notes } = table('n,text\n1,"Hello,\nworld"\n2,"one"\n3,"a\nb\nc"\n');
    expect(notes).toEqual(["2 rows with quoted cells that span lines, the first in row 2"]);
  });

  it("one within a cell is a character", () => {
    const { rows, notes } = table('n,text\n1,5" pipe\n2,"7"" pipe"\n');
    expect(rows.map(([, text]) => text)).toEqual(['5" pipe', '7" pipe']);
    expect(notes).toEqual(["a quote inside a cell was read as a character"]);
  });

  it.each([
    [
      'a,b\n1,2\n\n3,"4"x\n',
      'f.csv, row 4: expected a separator after a closing quote, got text; inside quotes, write a quote as ""',
    ],
    ['a,b\r\n1,"2\r\n\r\n"\r\n3,"4\r\n', "f.csv, row 5: expected a closing quote, got the end of the file"],
  ])("%j is refused", (text, message) => {
    expect(() => table(text)).toThrow(new RangeError(message));
  });
});

describe("ragged rows name a cause", () => {
  it.each([
    [
      "# made by us\na,b,c\n1,2,3\n4,5,6\n",
      "row 2: expected 1 column, as in row 1, got 3; if row 1 is a comment, --comment '#'",
    ],
    [
      "Our report\n\na,b,c\n1,2,3\n4,5,6\n",
      "row 3: expected 1 column, as in row 1, got 3; if the rows before are a title, --skip 2",
    ],
    [
      "a,b,y\n1,2,u\n3,4,5\n1,2,red, white\n",
      "row 4: expected 3 columns, as in row 1, got 4; a cell that has a comma in it needs quotes",
    ],
    [
      "a,b,y\n1,2,3\n1,5,2,3\n",
      "row 3: expected 3 columns, as in row 1, got 4; numbers with a decimal comma need quotes",
    ],
    ["a,b,y\n1,2,3\n4,5\n", "row 3: expected 3 columns, as in row 1, got 2; are cells missing at its end?"],
    [
      "a,b,y\n1,2,3\n4,5,6\nTotal\n",
      'row 4: expected 3 columns, as in row 1, got 1; is it part of the table? It begins "Total"',
    ],
    [
      'a,b\n1,"2\n3"\n4,5,6\n',
      "row 4: expected 2 columns, as in row 1, got 3; row 2 has a quoted cell that spans lines",
    ],
  ])("%j", (text, message) => {
    expect(() => table(text)).toThrow(`f.csv, ${message}`);
  });
});

it("messages have no control characters, nor marks of direction", () => {
  const text = "a,b\n1,2\n\u001b[2J\u0085\u202e\u2028x,2,3\n";
  let message = "";
  try {
    table(text);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain("row 3");
  expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  const { notes } = table("a\u001b,b,a\u001b\n1,2,3\n4,5,6\n");
  expect(notes).toEqual(['the name "a\\u001b" is given to columns 0, 2']);
});
