import { checkBoolean, checkWhole, quoted, typeError } from "../check.js";
import { isKind } from "../host/realm.js";
import { type Check, checkAll, text as isText } from "./checkOptions.js";
import { BLANKS, type Records, recordsOf } from "./csv.js";
import { decoded } from "./decode.js";
import { decimalNamed, decimalOf, delimiterOf, separatorNamed } from "./delimiter.js";
import { hasUnits, looksLikeHeader } from "./header.js";
import { jsonRows, looksLikeJson } from "./jsonTable.js";
import { type Body, bodyOf } from "./lines.js";
import { gridOf } from "./shape.js";
import { count, type DecimalSign, type Table } from "./table.js";

export interface TableOptions {
  /** Whether the first row names the columns. Detected by default. */
  header?: boolean | undefined;
  /** The separator of cells, one character or "tab"; " " stands for any number of blanks. Detected by default. */
  delimiter?: string | undefined;
  /** The decimal sign of numbers. Detected by default. */
  decimal?: DecimalSign | undefined;
  /** How many lines to leave out at the start of the file. */
  skip?: number | undefined;
  /** Lines that begin with this text are left out. */
  comment?: string | undefined;
  /** The encoding of the text: a label that TextDecoder knows. Detected by default: UTF-8, or UTF-16. */
  encoding?: string | undefined;
}

const READING: { readonly [Name in keyof TableOptions]-?: Check } = {
  header: checkBoolean,
  delimiter: isText,
  decimal: isText,
  skip: (name, value) => checkWhole(name, value, 0),
  comment: isText,
  encoding: isText,
};

/**
 * Reads a table from a file's bytes or text: CSV with commas, semicolons, tabs, bars or blanks between cells, quotes as in
 * RFC 4180, and line ends of any kind, mixed too; a JSON array of objects or of arrays; JSON lines. Separator, decimal
 * sign, encoding and header are found out where no option says them; what was found out that one might not expect is
 * in `notes`. Blank lines and rows of empty cells are left out.
 *
 * @param file the name of the file in error messages
 * @throws RangeError naming the row, for ragged rows, broken quotes and bytes of another encoding; for a file that is
 * empty, has only a header, or is no text
 * @example
 * parseTable("age;height\n31;1,75\n", "people.csv").decimal; // ","
 */
export function parseTable(bytes: Uint8Array | string, file: string, options: TableOptions = {}): Table {
  if (typeof bytes !== "string" && !isKind("Uint8Array", bytes))
    throw typeError("bytes", "a Uint8Array or text", bytes);
  isText("file", file);
  checkAll("options", options, READING);
  const text = typeof bytes === "string" ? bytes : decoded(bytes, file, options.encoding);
  const body = bodyOf(text, file, options.skip, options.comment);
  const table = looksLikeJson(body.text)
    ? fromJson(body.text, file, options, body.line)
    : fromText(body, file, options);
  // The sign that some program put where it could not read a character: nothing brings it back.
  if (text.includes("\ufffd")) return noted(table, "the file has U+FFFD, where characters were lost before");
  return table;
}

const noted = (table: Table, note: string): Table => ({ ...table, notes: [...(table.notes ?? []), note] });

function fromText(body: Body, file: string, options: TableOptions): Table {
  const { text, line } = body;
  const asked = options.delimiter === undefined ? body.delimiter : separatorNamed(options.delimiter);
  const delimiter = asked ?? delimiterOf(text);
  const records = recordsOf(text, file, delimiter, line);
  const grid = gridOf(records, file, delimiter, options.header !== false);
  const { rows, lines } = grid;
  const decimal = options.decimal === undefined ? decimalOf(text, delimiter, rows) : decimalNamed(options.decimal);
  const notes: string[] = [];
  if (delimiter !== "," && options.delimiter === undefined) notes.push(`separator ${nameOf(delimiter)}`);
  if (decimal === "," && options.decimal === undefined) notes.push("decimal comma");
  for (const note of [...grid.notes, ...spanNotes(records, delimiter)]) notes.push(note);
  if (records.stray) notes.push("a quote inside a cell was read as a character");
  const header = options.header ?? looksLikeHeader(rows, decimal);
  return headed({ file, names: undefined, width: grid.width, rows, lines, decimal, notes }, header);
}

function fromJson(text: string, file: string, options: TableOptions, line: number): Table {
  const { names, rows, lines } = jsonRows(text, file, line);
  const decimal = options.decimal === undefined ? "." : decimalNamed(options.decimal);
  const width = names?.length ?? rows[0]?.length ?? 0;
  if (width === 0) throw new RangeError(`${file}: expected rows of data, got none`);
  const odd = rows.findIndex((row) => row.length !== width);
  if (odd >= 0) {
    const expected = `${count(width, "column")}, as in row ${lines[0]}`;
    throw new RangeError(`${file}, row ${lines[odd]}: expected ${expected}, got ${rows[odd].length}`);
  }
  const table: Table = { file, names: undefined, width, rows, lines, decimal, notes: [] };
  if (names) return { ...table, names };
  return headed(table, options.header ?? looksLikeHeader(rows, decimal));
}

/** Takes the header off, a row of units below it, and a column that a separator at the end of each line makes. */
function headed(table: Table, header: boolean): Table {
  if (!header) return table;
  const { file, decimal = "." } = table;
  const notes = [...(table.notes ?? [])];
  const names = [...table.rows[0]];
  let rows = table.rows.slice(1);
  let lines = table.lines.slice(1);
  let { width } = table;
  if (rows.length === 0) throw new RangeError(`${file}: expected rows of data, got only a header`);
  if (hasUnits(rows, decimal)) {
    notes.push(`row ${lines[0]} holds units and is left out`);
    rows = rows.slice(1);
    lines = lines.slice(1);
  }
  const before = width;
  while (width > 1 && names[width - 1] === "" && rows.every((row) => row[width - 1] === "")) width--;
  if (width < before) {
    notes.push(`${count(before - width, "column")} without name and values left out at the end`);
    names.length = width;
    rows = rows.map((row) => row.slice(0, width));
  }
  const seen = new Set<string>();
  const twice = new Set(names.filter((name) => name !== "" && (seen.has(name) || !seen.add(name))));
  for (const name of [...twice].slice(0, 4)) {
    const at = names.flatMap((each, j) => (each === name ? [j] : []));
    notes.push(`the name ${quoted(name)} is given to columns ${at.slice(0, 4).join(", ")}${at.length > 4 ? " …" : ""}`);
  }
  return { ...table, names, rows, lines, width, notes };
}

const nameOf = (delimiter: string): string =>
  delimiter === "\t" ? "tab" : delimiter === BLANKS ? "blanks" : delimiter;

/**
 * Two stray quotes make one cell of all that is between them. Such a cell has whole rows in it, and ends with the cells that
 * stand before its column.
 */
function spanNotes({ rows, lines, spanning }: Records, delimiter: string): string[] {
  if (spanning.length === 0) return [];
  const notes: string[] = [];
  for (const r of spanning) {
    const column = rows[r].findIndex((cell, j) => {
      const [, ...inner] = cell.split(BREAK).map((line) => line.split(delimiter).length - 1);
      const last = inner.pop();
      return inner.includes(rows[r].length - 1) || (j > 0 && last === j);
    });
    if (column < 0) continue;
    const last = lines[r] + rows[r][column].split(BREAK).length - 1;
    notes.push(`rows ${lines[r]} to ${last} are one cell of column ${column}, between two quotes: are they stray?`);
    if (notes.length === 3) break;
  }
  if (notes.length > 0) return notes;
  return [`${count(spanning.length, "row")} with quoted cells that span lines, the first in row ${lines[spanning[0]]}`];
}

const BREAK = /\r\n|\n|\r/;
