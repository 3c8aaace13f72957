import { checkSchema } from "./checkSchema.js";
import { checkTable } from "./checkTable.js";
import { encoderOf, FAR, FARTHEST } from "./encodeColumn.js";
import { inputsOf, inputsOfFeature, type Schema } from "./schema.js";
import { pick } from "./split.js";
import { scaled } from "./standardise.js";
import { cellError, columnOf, quoted, type Table } from "./table.js";
import { labelsOf, missingTarget, valuesOf } from "./target.js";

/** Examples ready to learn from: standardised features, and class numbers or standardised values. */
export interface Examples {
  readonly rows: number;
  /** [rows, inputs], row-major. */
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
  /** What was filled in for missing or unseen values, one line for each column of which some were. */
  readonly notes: readonly string[];
}

/** Rows to predict from; `y` and `labelled` are undefined if no target is known. */
export interface Predictable {
  readonly rows: number;
  /** [rows, inputs], row-major. */
  readonly x: Float32Array;
  /** The targets, if all rows have one. */
  readonly y: Examples["y"] | undefined;
  /** The rows with a target, to measure on. */
  readonly labelled: Examples | undefined;
  readonly notes: readonly string[];
}

/**
 * Converts a table, target included, to examples.
 * @throws RangeError or TypeError naming file, row and column, or what of the schema or the table is not as it should be
 */
export function examplesOf(schema: Schema, table: Table): Examples {
  checkSchema(schema);
  checkTable(table);
  const { features, target } = schema;
  const [at, ...columns] = matching(schema, table, [target.column, ...features.map(({ column }) => column)]);
  return { rows: table.rows.length, ...inputs(schema, table, columns), y: targets(schema, table, at) };
}

/** Converts a table to predict from. It may include the target, under another name if `target` gives one. */
export function predictable(schema: Schema, table: Table, target?: string): Predictable {
  const { features } = schema;
  const at = target === undefined ? whereTarget(schema, table) : columnOf(table, target);
  const wanted = features.map(({ column }) => column);
  const named = schema.names !== null && table.names !== undefined;
  const columns = named ? matching(schema, table, wanted) : byPosition(schema, table, wanted, at);
  const rows = table.rows.length;
  const { x, notes } = inputs(schema, table, columns);
  if (at === undefined) return { rows, x, y: undefined, labelled: undefined, notes };
  const missing = missingTarget(table, at);
  const known = Array.from(table.rows.keys()).filter((r) => !missing(table.rows[r][at]));
  if (known.length === 0) return { rows, x, y: undefined, labelled: undefined, notes };
  const y = targets(schema, pick(table, known), at);
  if (known.length === rows) return { rows, x, y, labelled: { rows, x, y, notes }, notes };
  const width = inputsOf(schema);
  const some = new Float32Array(known.length * width);
  known.forEach((row, i) => {
    some.set(x.subarray(row * width, (row + 1) * width), i * width);
  });
  return { rows, x, y: undefined, labelled: { rows: known.length, x: some, y, notes }, notes };
}

/** Columns identified by position: as in the training table, or without its target. */
function byPosition(schema: Schema, table: Table, wanted: readonly number[], target: number | undefined): number[] {
  const without = target === undefined ? table.width : table.width - 1;
  if (without !== schema.width - 1) {
    const counts = `${schema.width - 1} columns, or ${schema.width} with the target`;
    throw new RangeError(`${table.file}: expected ${counts}, as in ${schema.source}, got ${table.width}`);
  }
  return wanted.map((column) => {
    const place = column > schema.target.column ? column - 1 : column;
    return target !== undefined && place >= target ? place + 1 : place;
  });
}

/** The target's column in another table, if it has one. */
export function whereTarget(schema: Schema, table: Table): number | undefined {
  const { names, width, target } = schema;
  if (names !== null && table.names !== undefined) {
    if (isSame(table.names, names)) return target.column; // whose name another column may have too
    const name = names[target.column];
    const at = table.names.indexOf(name);
    if (at >= 0 && table.names.lastIndexOf(name) !== at) throw notOne(name, schema, table, "two");
    return at < 0 ? undefined : at;
  }
  return table.width === width ? target.column : undefined;
}

/** Finds columns of the training table in another one: by name if both have names, else by position. */
function matching(schema: Schema, table: Table, columns: readonly number[]): number[] {
  const { names, file } = table;
  if (schema.names && names) {
    const known = schema.names;
    if (isSame(names, known)) return [...columns];
    const places = placesOf(names);
    return columns.map((j) => {
      const at = places.get(known[j]);
      if (at !== undefined && at >= 0) return at;
      throw notOne(known[j], schema, table, at === undefined ? "none" : "two");
    });
  }
  if (table.width === schema.width) return [...columns];
  throw new RangeError(`${file}: expected ${schema.width} columns, as in ${schema.source}, got ${table.width}`);
}

/** Where each name stands, -1 for one that stands twice: searching for each of 10,000 names would take a second. */
function placesOf(names: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  names.forEach((name, at) => {
    places.set(name, places.has(name) ? -1 : at);
  });
  return places;
}

const isSame = (names: readonly string[], others: readonly string[]): boolean =>
  names.length === others.length && names.every((name, j) => name === others[j]);

const notOne = (name: string, { source }: Schema, { file }: Table, got: string): RangeError =>
  new RangeError(`${file}: expected one column ${quoted(name)}, as in ${source}, got ${got} of that name`);

/** The inputs of all rows, [rows, inputs]; `columns` are those of the features in this table. */
function inputs(schema: Schema, table: Table, columns: readonly number[]): { x: Float32Array; notes: string[] } {
  const width = inputsOf(schema);
  const x = new Float32Array(table.rows.length * width);
  const notes: string[] = [];
  let start = 0;
  schema.features.forEach((feature, i) => {
    const encoder = encoderOf(feature, table, columns[i]);
    const count = inputsOfFeature(feature);
    for (let r = 0; r < table.rows.length; r++) encoder.encode(r, x, r * width + start);
    for (const note of encoder.notes()) notes.push(note);
    start += count;
  });
  return { x, notes };
}

function targets({ target }: Schema, table: Table, column: number): Examples["y"] {
  if (target.task === "classification") return labelsOf(table, column, target.classes);
  // A constant target is only centred: unlike a feature, it may have another value in another file, and errors must
  // show.
  const scale = { mean: target.mean, deviation: target.deviation || 1 };
  return Float32Array.from(valuesOf(table, column, target.unit), (value, r) => {
    const y = scaled(value, scale);
    if (Math.abs(y) <= FARTHEST) return y;
    throw cellError(table, r, column, FAR);
  });
}
