import { quoted } from "../check.js";

/** The cells of a file as text, with the positions that error messages name. */
export interface Table {
  readonly file: string;
  /** The cells of the header row, if there is one. */
  readonly names: readonly string[] | undefined;
  /** The number of columns in every row. */
  readonly width: number;
  /** Cells without blanks around them. A value that JSON leaves out is "". */
  readonly rows: readonly (readonly string[])[];
  /** The line of the file, counted from 1, that each row starts on; in JSON, the number of the record. */
  readonly lines: readonly number[];
  /** The decimal sign of the numbers; "." when absent. */
  readonly decimal?: DecimalSign | undefined;
  /** What reading found out and a person should know: the separator, cells that span lines, rows left out. */
  readonly notes?: readonly string[] | undefined;
}

export type DecimalSign = "," | ".";

/** What files write in place of a missing number: not a word that could name a column. */
export const MISSING = /^(|\?|-|na|n\/a|nan|null|none|[+-]?inf(inity)?)$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The number in a cell, NaN for any other text. `Number` alone would read "" as 0 and "0x10" as 16.
 * @param decimal the decimal sign of the table: with "," the cell "1,5" is 1.5, and "1.5" is no number
 */
export function numberIn(cell: string, decimal: DecimalSign = "."): number {
  if (decimal === ".") return NUMBER.test(cell) ? Number(cell) : Number.NaN;
  const text = cell.replace(",", ".");
  return !cell.includes(".") && NUMBER.test(text) ? Number(text) : Number.NaN;
}

/**
 * The index of a column given by name or by zero-based index; a name takes precedence.
 * @param what says in messages what the column is for
 * @throws RangeError listing the columns, and the one that is spelt nearly so
 */
export function columnOf(table: Table, nameOrIndex: string, what = "the target column"): number {
  const { names, width, file } = table;
  const named = names?.indexOf(nameOrIndex) ?? -1;
  if (named >= 0) {
    if (names!.lastIndexOf(nameOrIndex) === named) return named;
    throw new RangeError(`${file}: expected one column ${quoted(nameOrIndex)}, got two of that name; give the index`);
  }
  const index = /^\d+$/.test(nameOrIndex) ? Number(nameOrIndex) : width;
  if (index < width) return index;
  const indices = width === 1 ? "0" : `0 to ${width - 1}`;
  const known = names === undefined ? `an index, ${indices} (no header)` : `one of ${listed(names)} or ${indices}`;
  const meant = names?.find((name) => plainly(name) === plainly(nameOrIndex));
  const hint = meant === undefined ? "" : `; did you mean ${quoted(meant)}?`;
  throw new RangeError(`${file}: expected ${what} as ${known}, got ${quoted(nameOrIndex)}${hint}`);
}

/** A name without the differences that spelling makes: capitals, blanks and punctuation. */
const plainly = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

/** The name of a column in messages; its index, counted from 0, if it has none. */
export function columnName({ names }: Pick<Table, "names">, column: number): string {
  const name = names?.[column] ?? "";
  return name === "" ? `column ${column}` : `column ${quoted(name)}`;
}

/** An error about one cell. */
export function cellError(table: Table, row: number, column: number, expected: string): RangeError {
  const cell = table.rows[row][column];
  const got = cell === "" ? "an empty cell" : quoted(cell);
  const where = `${table.file}, row ${table.lines[row]}, ${columnName(table, column)}`;
  return new RangeError(`${where}: expected ${expected}, got ${got}`);
}

export function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, 8)
    .map((name) => quoted(name))
    .join(", ");
  return names.length > 8 ? `${shown} … (${names.length} columns)` : shown;
}

export const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? "" : "s"}`;

export { quoted };
