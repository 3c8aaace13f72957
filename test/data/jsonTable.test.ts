import { describe, expect, it } from "vitest";
import { tableOf } from "../../src/data/jsonTable.js";
import { parseTable, type TableOptions } from "../../src/data/parseTable.js";

const table = (text: string, options: TableOptions = {}) => parseTable(text, "f.json", options);
const EXPECTED = {
  names: ["a", "y"],
  width: 2,
  rows: [
    ["1", "u"],
    ["2.5", "v"],
  ],
};
const STRUCTURED = "f.json: expected an array of objects (or of arrays), or one object a line";

describe("JSON", () => {
  it.each([
    ["an array of objects", '[{"a":1,"y":"u"},\n {"y":"v","a":2.5}]', [1, 2]],
    ["an array of arrays", '[["a","y"],[1,"u"],[2.5,"v"]]', [2, 3]],
    ["lines of objects", '{"a":1,"y":"u"}\n\n{"a":2.5,"y":"v"}\n', [1, 3]],
    ["lines of arrays", '["a","y"]\r\n[1,"u"]\r\n[2.5,"v"]', [2, 3]],
    ["columns", '{"a":[1,2.5],"y":["u","v"]}', [1, 2]],
    ["columns by index, as pandas writes", '{"a":{"0":1,"1":2.5},"y":{"0":"u","1":"v"}}', [1, 2]],
    ["split, as pandas writes", '{"columns":["a","y"],"index":[0,1],"data":[[1,"u"],[2.5,"v"]]}', [1, 2]],
    ["a table among other fields", '{"version":1,"rows":[{"a":1,"y":"u"},{"a":2.5,"y":"v"}]}', [1, 2]],
  ])("%s", (_, text, lines) => {
    expect(table(text)).toMatchObject({ ...EXPECTED, lines });
  });

  it("values missing, null, true, nested and NaN", () => {
    const { names, rows } = table('[{"a":null,"b":true},{"c":[1,2],"a":NaN,"b":" x "},{"c":"NaN"}]');
    expect(names).toEqual(["a", "b", "c"]);
    expect(rows).toEqual([
      ["", "true", ""],
      ["NaN", "x", "[1,2]"],
      ["", "", "NaN"],
    ]);
  });

  it("keeps all digits of long numbers", () => {
    const { rows } = table(
      '[{"id":1234567890123456789,"t":"1234567890123456789"},{"id":-1.00000000000000001e5,"t":""}]',
    );
    expect(rows.map(([id]) => id)).toEqual(["1234567890123456789", "-1.00000000000000001e5"]);
  });

  it("a name that objects have of their own is a column like others", () => {
    expect(table('[{"__proto__":1,"constructor":2}]')).toMatchObject({
      names: ["__proto__", "constructor"],
      rows: [["1", "2"]],
    });
  });

  it.each([
    ['[{"a":1},{"a":}]', 'f.json, row 2: expected JSON, got "{\\"a\\":}"'],
    ['[{"a":1},{"a":2}', "f.json, row 2: expected JSON, got the end of the file before its closing bracket"],
    ['{"a":1}\n{"a":2\n', 'f.json, row 2: expected JSON, got "{\\"a\\":2"'],
    ['[{"a":1},3]', "f.json, row 2: expected an object, as in the first row, got number"],
    ["[[1,2],[3]]", "f.json, row 2: expected 2 columns, as in row 1, got 1"],
    ["[]", "f.json: expected rows of data, got none"],
    ["{}", "f.json: expected rows of data, got none"],
    [
      // As TopoJSON, whose arcs are arrays of points.
      '{"type":"Topology","objects":{"land":{"arcs":[0,1]}},"arcs":[[[0,1],[2,3],[4,5]],[[6,7],[8,9]]]}',
      `${STRUCTURED}, got an object with "type", "objects", "arcs"`,
    ],
    ['{"a":{"b":{"c":1}},"d":2}', `${STRUCTURED}, got an object with "a", "d"`],
    ['{"nodes":[{"id":1},{"id":2}],"links":[{"from":1}]}', `${STRUCTURED}, got an object with "nodes", "links"`],
    ["[[[0,1],[2,3]],[[4,5]]]", `${STRUCTURED}, got arrays within arrays`],
    ['{"a":[1,2],"b":[1]}', 'f.json, column "b": expected 2 values, as in column "a", got 1'],
  ])("%s is refused", (text, message) => {
    expect(() => table(text)).toThrow(new RangeError(message));
  });

  it("a CSV file may begin with a bracket", () => {
    expect(table("[a],b\n1,2\n").names).toEqual(["[a]", "b"]);
    expect(table("{a},b\n1,2\n").names).toEqual(["{a}", "b"]);
  });
});

describe("rows in memory", () => {
  it("objects and arrays", () => {
    expect(
      tableOf([
        { a: 1, y: "u" },
        { y: "v", a: 2.5 },
      ]),
    ).toMatchObject(EXPECTED);
    expect(
      tableOf([
        [1, "u"],
        [2.5, "v"],
      ]),
    ).toMatchObject({ ...EXPECTED, names: undefined });
    expect(tableOf([{ at: new Date(0), n: 3n, none: undefined }]).rows).toEqual([
      ["1970-01-01T00:00:00.000Z", "3", ""],
    ]);
  });

  it("what is no row is refused", () => {
    expect(() => tableOf([{ a: 1 }, [2]])).toThrow(
      "rows, row 2: expected an object, as in the first row, got an array",
    );
    expect(() => tableOf([{ a: () => 1 }])).toThrow(
      "rows, row 1: expected texts, numbers, booleans and null as values",
    );
    expect(() => tableOf([[1, 2], [3]], "new")).toThrow("new, row 2: expected 2 values, as in row 1, got 1");
    expect(() => tableOf([])).toThrow("rows: expected rows of data, got none");
  });
});
