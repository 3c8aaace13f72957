import { quoted, typeError } from "../check.js";
import { isKind } from "../host/realm.js";
import type { Table } from "./table.js";

/** Rows from JSON or from memory, before anything is checked. */
export interface Rows {
  readonly names: readonly string[] | undefined;
  readonly rows: string[][];
  readonly lines: number[];
}

type Row = Record<string, unknown> | readonly unknown[];

/** Whether a text is meant as JSON: no CSV begins so. */
export function looksLikeJson(text: string): boolean {
  const start = text.slice(0, 65_536);
  if (/^\s*(?:\{\s*["}]|\[\s*[[{\]])/.test(start)) return true;
  const line = /^\s*(\[[^\r\n]*\])[^\S\r\n]*(?:[\r\n]|$)/.exec(start)?.[1];
  return line !== undefined && jsonIn(line) !== undefined;
}

/**
 * Reads rows from JSON: an array of objects or of arrays, one object or array a line (JSON lines), or an object of
 * columns, as pandas writes by default.
 *
 * @throws RangeError naming the record, for text that is no JSON or no table
 */
export function jsonRows(text: string, file: string, line: number): Rows {
  const exact = exactNumbers(text);
  const whole = jsonIn(exact);
  if (whole === undefined) return linesOf(exact, file, line);
  const { value } = whole;
  if (Array.isArray(value)) {
    if (value.length > 0 && !isRow(value[0])) return rowsOf([value], file);
    // Polygons, and the like: rows of rows, of any length.
    if (value.every(Array.isArray) && isNested(value) && new Set(value.map(({ length }) => length)).size > 1)
      throw structured(value, file);
    return rowsOf(value, file);
  }
  const fields = Object.values(value as object);
  if (fields.length > 0 && fields.every((field) => isRow(field))) return fromColumns(value as Columns, file);
  // A table in an envelope: { "data": [ … ] }, with names beside it as pandas writes for orient="split".
  const tables = fields.filter(
    (field): field is Row[] =>
      Array.isArray(field) && field.length > 0 && field.every(isRow) && !(Array.isArray(field[0]) && isNested(field)),
  );
  if (tables.length === 1) return rowsOf(tables[0], file);
  if (fields.some(holdsRows)) throw structured(value as object, file);
  return rowsOf([value as Row], file);
}

/** Rows from values: objects by name, whose names come in the order of their first appearance, or arrays. */
export function rowsOf(values: readonly unknown[], file: string, lines?: number[]): Rows {
  const numbers = lines ?? values.map((_, r) => r + 1);
  const wrong = (r: number, expected: string, value: unknown) =>
    new RangeError(`${file}, row ${numbers[r]}: expected ${expected}, got ${kindOf(value)}`);
  if (values.length > 0 && !isRow(values[0])) throw wrong(0, "an object or an array", values[0]);
  const cell = (value: unknown, r: number): string => {
    const text = cellOf(value);
    if (text !== undefined) return text;
    throw wrong(r, "texts, numbers, booleans and null as values", value);
  };
  if (Array.isArray(values[0])) {
    const rows = values.map((value, r) => {
      if (Array.isArray(value)) return Array.from(value, (item) => cell(item, r));
      throw wrong(r, "an array, as in the first row", value);
    });
    return { names: undefined, rows, lines: numbers };
  }
  const columns = new Map<string, number>();
  values.forEach((value, r) => {
    if (!isRow(value) || Array.isArray(value)) throw wrong(r, "an object, as in the first row", value);
    for (const name of Object.keys(value)) if (!columns.has(name)) columns.set(name, columns.size);
  });
  const names = [...columns.keys()];
  if (names.length * values.length > MOST_CELLS)
    throw new RangeError(`${file}: expected objects of the same names, got ${names.length} names`);
  const rows = values.map((value, r) =>
    names.map((name) =>
      Object.hasOwn(value as object, name) ? cell((value as Record<string, unknown>)[name], r) : "",
    ),
  );
  return { names: names.map((name) => name.trim()), rows, lines: numbers };
}

/** Objects that share no names would make a table of the square of their number. */
const MOST_CELLS = 2 ** 27;

const holdsRows = (value: unknown): boolean => isRow(value) && Object.values(value).some(isRow);

/** Whether a value holds rows of which some hold rows again. */
function isNested(value: unknown): boolean {
  return isRow(value) && Object.values(value).some(holdsRows);
}

/** JSON that is no table, but a tree, several tables, or shapes. */
function structured(value: object, file: string): RangeError {
  const names = Object.keys(value);
  const some = names
    .slice(0, 4)
    .map((name) => quoted(name, 20))
    .join(", ");
  const got = Array.isArray(value) ? "arrays within arrays" : `an object with ${some}${names.length > 4 ? " …" : ""}`;
  return new RangeError(`${file}: expected an array of objects (or of arrays), or one object a line, got ${got}`);
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null;

/** The text of a value, as a CSV file would have it; undefined for values that have none. */
function cellOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value.trim();
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    case "undefined":
      return "";
    case "object":
      if (value === null) return "";
      if (isKind("Date", value)) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
      try {
        return JSON.stringify(value);
      } catch {
        return undefined; // it holds itself, or is nested too deeply
      }
    default:
      return undefined;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : typeof value === "string" ? quoted(value) : String(typeof value);
}

type Columns = Record<string, Record<string, unknown> | readonly unknown[]>;

/** An object of columns, each an array or an object by the name of the row. */
function fromColumns(columns: Columns, file: string): Rows {
  const names = Object.keys(columns);
  if (
    names.includes("data") &&
    names.includes("columns") &&
    Array.isArray(columns.data) &&
    columns.data.every(Array.isArray)
  ) {
    const { rows, lines } = rowsOf(columns.data, file);
    return { names: (columns.columns as unknown[]).map((name) => String(name)), rows, lines };
  }
  const keys = Object.keys(columns[names[0]]);
  for (const name of names) {
    const got = Object.keys(columns[name]).length;
    if (got !== keys.length && Object.values(columns).some(holdsRows)) throw structured(columns, file);
    if (got !== keys.length)
      throw new RangeError(
        `${file}, column ${quoted(name)}: expected ${keys.length} values, as in column ${quoted(names[0])}, got ${got}`,
      );
  }
  return rowsOf(
    keys.map((key) => Object.fromEntries(names.map((name) => [name, (columns[name] as Record<string, unknown>)[key]]))),
    file,
  );
}

/** JSON lines. If not even the first line is a value, the text is one broken array or object. */
function linesOf(text: string, file: string, first: number): Rows {
  const values: unknown[] = [];
  const lines: number[] = [];
  const all = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < all.length; i++) {
    if (all[i].trim() === "") continue;
    const found = jsonIn(all[i]);
    if (found === undefined) {
      if (values.length === 0) throw brokenArray(text, file);
      throw new RangeError(`${file}, row ${first + i}: expected JSON, got ${quoted(all[i].trim())}`);
    }
    values.push(found.value);
    lines.push(first + i);
  }
  return rowsOf(values, file, lines);
}

/** Finds the first record of an array that is no JSON. */
function brokenArray(text: string, file: string): RangeError {
  const marks = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/gs;
  let depth = 0;
  let record = 0;
  let start = 0;
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    const [mark] = found;
    if (mark === "{" || mark === "[") {
      if (depth++ === 1) {
        record++;
        start = found.index;
      }
    } else if ((mark === "}" || mark === "]") && --depth === 1) {
      const part = text.slice(start, marks.lastIndex);
      if (jsonIn(part) === undefined)
        return new RangeError(`${file}, row ${record}: expected JSON, got ${quoted(part)}`);
    }
  }
  const where = record === 0 ? file : `${file}, row ${record}`;
  const got = depth > 0 ? "the end of the file before its closing bracket" : "text between or after the records";
  return new RangeError(`${where}: expected JSON, got ${got}`);
}

function jsonIn(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRow(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Numbers of 16 digits and more become texts, which keep all digits: as labels they must not fall together. So do NaN and
 * Infinity, which Python writes and JSON does not have.
 */
function exactNumbers(text: string): string {
  if (!/\d{16}|\d\.\d{15}|NaN|Infinity/.test(text)) return text;
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?\b(?:NaN|Infinity)\b/gs, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  );
}

/**
 * Makes a table of rows in memory: objects by column name, or arrays by position. Cells become text as in a file; null,
 * undefined and names left out become empty ones.
 *
 * @param rows objects whose names together are the columns, or arrays of equal length
 * @param file what messages call the table
 * @throws RangeError naming the row, for rows of several kinds or lengths, and values that have no text
 * @example
 * tableOf([{ age: 31, city: "Ulm" }]).names; // ["age", "city"]
 */
export function tableOf(rows: readonly Row[], file = "rows"): Table {
  if (!Array.isArray(rows)) throw typeError("rows", "an array of objects or of arrays", rows);
  if (typeof file !== "string") throw typeError("file", "text", file);
  const found = rowsOf(Array.from(rows), file); // without holes
  const width = found.names?.length ?? found.rows[0]?.length ?? 0;
  found.rows.forEach((row, r) => {
    if (row.length === width) return;
    throw new RangeError(`${file}, row ${r + 1}: expected ${width} values, as in row 1, got ${row.length}`);
  });
  if (width === 0) throw new RangeError(`${file}: expected rows of data, got none`);
  return { file, width, ...found };
}
