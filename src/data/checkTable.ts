import { checkOneOf, checkWhole, rangeError, typeError } from "../check.js";
import type { Table } from "./table.js";

/**
 * Checks a table that a caller made or changed: without this a cell that is no text, or a row that is too short, would give
 * an error of the language deep within, or a number that means nothing. One look at each cell.
 *
 * @throws TypeError or RangeError naming the field, or the row by its place in `rows`
 */
export function checkTable(value: unknown, name = "table"): asserts value is Table {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !("rows" in value))
    throw typeError(name, "a table, as parseTable, readTable or tableOf makes it", value);
  const { file, names, width, rows, lines, decimal, notes } = value as Partial<Table>;
  if (typeof file !== "string") throw typeError(`${name}.file`, "text", file);
  checkWhole(`${name}.width`, width);
  if (names !== undefined) checkTexts(`${name}.names`, names, width);
  if (!Array.isArray(rows)) throw typeError(`${name}.rows`, "an array of rows", rows);
  for (let r = 0; r < rows.length; r++) {
    // Named only when needed: names of a million rows would take longer than the rows.
    if (!isRow(rows[r], width!)) checkTexts(`${name}.rows[${r}]`, rows[r], width);
  }
  if (!Array.isArray(lines)) throw typeError(`${name}.lines`, "an array of line numbers", lines);
  if (lines.length !== rows.length) throw rangeError(`${name}.lines`, `${rows.length} line numbers`, lines);
  for (let r = 0; r < lines.length; r++)
    if (typeof lines[r] !== "number") throw typeError(`${name}.lines[${r}]`, "a line number", lines[r]);
  if (decimal !== undefined) checkOneOf(`${name}.decimal`, decimal, [".", ","]);
  if (notes !== undefined) checkTexts(`${name}.notes`, notes);
}

const isText = (value: unknown): value is string => typeof value === "string";

function isRow(row: unknown, width: number): boolean {
  if (!Array.isArray(row) || row.length !== width) return false;
  for (let j = 0; j < width; j++) if (!isText(row[j])) return false;
  return true;
}

/** Texts, as many as `count` says. */
export function checkTexts(name: string, value: unknown, count?: number): asserts value is string[] {
  if (!Array.isArray(value)) throw typeError(name, "an array of texts", value);
  if (count !== undefined && value.length !== count) throw rangeError(name, `${count} texts`, value);
  // By index: forEach would pass over the holes of an array.
  for (let i = 0; i < value.length; i++) if (!isText(value[i])) throw typeError(`${name}[${i}]`, "text", value[i]);
}
