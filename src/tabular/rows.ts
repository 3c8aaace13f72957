import { argumentError, show, typeError } from "../check.js";
import type { DateFormat } from "../data/dateParts.js";
import type { Schema } from "../data/schema.js";
import type { Table } from "../data/table.js";
import { dateText } from "./dateText.js";

/** A row to predict: values by column name, or all in the order of the columns, with or without the target. */
export type Row = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * The table of rows in memory, with the columns of the training table except for its target. A field that is missing, null
 * or NaN is a missing value; fields of other names are ignored. A table without a header has its columns by index: "0".
 *
 * @throws TypeError or RangeError naming the row, counted from 1, and the column
 */
export function rowsTable(schema: Schema, rows: readonly Row[]): Table {
  if (!Array.isArray(rows)) throw typeError("rows", "an array of objects or of arrays", rows);
  const { names, width } = schema;
  const target = schema.target.column;
  const columns = Array.from({ length: width }, (_, j) => j).filter((j) => j !== target);
  const formats = new Map(
    schema.features.flatMap((feature) => (feature.kind === "date" ? [[feature.column, feature.format] as const] : [])),
  );
  const cell = (value: unknown, i: number, where: string) => cellOf(value, where, keys[i], formats.get(columns[i]));
  const keys = columns.map((j) => names?.[j] ?? `${j}`);
  return {
    file: "rows",
    names: names ? keys : undefined,
    width: columns.length,
    lines: rows.map((_, r) => r + 1),
    rows: rows.map((row, r) => {
      const where = `rows, row ${r + 1}`;
      if (typeof row !== "object" || row === null)
        throw typeError(where, "an object by column name, or an array of values", row);
      if (!Array.isArray(row))
        return keys.map((key, i) =>
          Object.hasOwn(row, key) ? cell((row as Record<string, unknown>)[key], i, where) : "",
        );
      if (row.length !== width && row.length !== columns.length) {
        const counts = `${columns.length} values, or ${width} with the target`;
        throw argumentError(where, `expected ${counts}, as in ${schema.source}, got ${row.length}`);
      }
      return columns.map((j, i) => cell(row[row.length === width ? j : i], i, where));
    }),
  };
}

/** A value as the text of a cell; a Date by its calendar and clock in UTC, in the format of the column. */
function cellOf(value: unknown, where: string, column: string, format: DateFormat = "iso"): string {
  if (typeof value === "string") return value.trim();
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime()))
    return dateText(format, value.toISOString().replace("T00:00:00.000Z", ""));
  const wanted = "text, a number, true or false, or a date";
  throw typeError(`${where}, column ${show(column)}`, wanted, value);
}
