import { argumentError, show, typeError } from "../check.js";
import type { DateFormat } from "../data/dateParts.js";
import type { Schema } from "../data/schema.js";
import { listed, type Table } from "../data/table.js";
import { isKind, tagOf } from "../host/realm.js";
import { dateText } from "./dateText.js";

/** A row to predict: values by column name, or all in the order of the columns, with or without the target. */
export type Row = Readonly<Record<string, unknown>> | readonly unknown[] | Float32Array | Float64Array | Int32Array;

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
  const twice = names && nameGivenTwice(names, schema);
  // Columns of one name are told apart by their place, which takes the target's as well.
  const columns = Array.from({ length: width }, (_, j) => j).filter((j) => j !== target || twice !== undefined);
  const formats = new Map(
    schema.features.flatMap((feature) => (feature.kind === "date" ? [[feature.column, feature.format] as const] : [])),
  );
  const cell = (value: unknown, i: number, where: string) => cellOf(value, where, keys[i], formats.get(columns[i]));
  const keys = columns.map((j) => names?.[j] ?? `${j}`);
  return {
    file: "rows",
    names: names ? keys : undefined,
    width: columns.length,
    lines: Array.from(rows, (_, r) => r + 1),
    rows: Array.from(rows, (given: unknown, r) => {
      const where = `rows, row ${r + 1}`;
      const row = ArrayBuffer.isView(given) && tagOf(given) !== "DataView" ? Array.from(given as Float64Array) : given;
      if (!Array.isArray(row)) {
        if (!isRecord(row)) throw typeError(where, "an object by column name, or an array of values", row);
        if (twice !== undefined)
          throw argumentError(where, `expected an array, as two columns are called ${show(twice)}, got an object`);
        const present = Object.keys(row);
        if (present.length > 0 && !keys.some((key) => Object.hasOwn(row, key)))
          throw argumentError(where, `expected fields such as ${listed(keys)}, got none of them: ${listed(present)}`);
        return keys.map((key, i) => (Object.hasOwn(row, key) ? cell(row[key], i, where) : ""));
      }
      if (row.length !== width && row.length !== width - 1) {
        const counts = `${width - 1} values, or ${width} with the target`;
        throw argumentError(where, `expected ${counts}, as in ${schema.source}, got ${row.length}`);
      }
      const place = (j: number) => (row.length < width && j > target ? j - 1 : j);
      return columns.map((j, i) => (j === target ? "" : cell(row[place(j)], i, where)));
    }),
  };
}

/** The first name of a feature that another column has too. */
function nameGivenTwice(names: readonly string[], { features }: Schema): string | undefined {
  if (new Set(names).size === names.length) return undefined;
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const found = features.find(({ column }) => counts.get(names[column])! > 1);
  return found && names[found.column];
}

/** Whether a row has fields by name. Those of a Map, or of text in an object, would all be missing. */
const isRecord = (row: unknown): row is Readonly<Record<string, unknown>> =>
  typeof row === "object" &&
  row !== null &&
  !["Map", "Set", "Date", "String", "Number", "Boolean", "DataView", "ArrayBuffer", "Promise"].includes(tagOf(row));

/** A value as the text of a cell; a Date by its calendar and clock in UTC, in the format of the column. */
function cellOf(value: unknown, where: string, column: string, format: DateFormat = "iso"): string {
  if (typeof value === "string") return value.trim();
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (isKind("Date", value) && !Number.isNaN(value.getTime()))
    return dateText(format, value.toISOString().replace("T00:00:00.000Z", ""));
  const wanted = "text, a number, true or false, or a date";
  throw typeError(`${where}, column ${show(column)}`, wanted, value);
}
