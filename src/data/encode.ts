import { type Feature, inputsOf, inputsOfFeature, type NumberFeature, type Schema } from "./schema.js";
import { scaled } from "./standardise.js";
import { columnOf, numberAt, quoted, type Table } from "./table.js";
import { labelsOf, valuesOf } from "./target.js";

/** Examples ready to learn from: standardised features, and class numbers or standardised values. */
export interface Examples {
  readonly rows: number;
  /** [rows, inputs], row-major. */
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
}

/** Converts a table, target included, to examples. */
export function examplesOf(schema: Schema, table: Table): Examples {
  const { features, target } = schema;
  const [at, ...columns] = matching(schema, table, [target.column, ...features.map(({ column }) => column)]);
  return { rows: table.rows.length, x: inputs(schema, table, columns), y: targets(schema, table, at) };
}

/** Converts a table to predict from. It may include the target, under another name if `target` gives one. */
export function predictable(
  schema: Schema,
  table: Table,
  target?: string,
): { rows: number; x: Float32Array; y: Examples["y"] | undefined } {
  const { features } = schema;
  const at = target === undefined ? whereTarget(schema, table) : columnOf(table, target);
  const wanted = features.map(({ column }) => column);
  const named = schema.names !== null && table.names !== undefined;
  const columns = named ? matching(schema, table, wanted) : byPosition(schema, table, wanted, at);
  return {
    rows: table.rows.length,
    x: inputs(schema, table, columns),
    y: at === undefined ? undefined : targets(schema, table, at),
  };
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

function whereTarget({ names, width, target }: Schema, table: Table): number | undefined {
  if (names !== null && table.names !== undefined) {
    const at = table.names.indexOf(names[target.column]);
    return at < 0 ? undefined : at;
  }
  return table.width === width ? target.column : undefined;
}

/** Finds columns of the training table in another one: by name if both have names, else by position. */
function matching(schema: Schema, table: Table, columns: readonly number[]): number[] {
  const { names, file } = table;
  if (schema.names && names) {
    const known = schema.names;
    if (names.length === known.length && names.every((name, j) => name === known[j])) return [...columns];
    return columns.map((j) => {
      const name = known[j];
      const at = names.indexOf(name);
      if (at >= 0 && names.lastIndexOf(name) === at) return at;
      const got = at < 0 ? "none of that name" : "two of that name";
      throw new RangeError(`${file}: expected one column ${quoted(name)}, as in ${schema.source}, got ${got}`);
    });
  }
  if (table.width === schema.width) return [...columns];
  throw new RangeError(`${file}: expected ${schema.width} columns, as in ${schema.source}, got ${table.width}`);
}

/** The inputs of all rows, [rows, inputs]; `columns` are those of the features in this table. */
function inputs(schema: Schema, table: Table, columns: readonly number[]): Float32Array {
  const width = inputsOf(schema);
  const x = new Float32Array(table.rows.length * width);
  let start = 0;
  schema.features.forEach((feature, i) => {
    encode(feature, table, columns[i], (row, input, value) => {
      x[row * width + start + input] = value;
    });
    start += inputsOfFeature(feature);
  });
  return x;
}

type Put = (row: number, input: number, value: number) => void;

function encode(feature: Feature, table: Table, column: number, put: Put): void {
  if (feature.kind === "number") encodeNumbers(feature, table, column, put);
}

function encodeNumbers(feature: NumberFeature, table: Table, column: number, put: Put): void {
  table.rows.forEach((_, r) => {
    put(r, 0, scaled(numberAt(table, r, column), feature));
  });
}

function targets({ target }: Schema, table: Table, column: number): Examples["y"] {
  if (target.task === "classification") return labelsOf(table, column, target.classes);
  // A constant target is only centred: unlike a feature, it may have another value in another file, and errors must
  // show.
  const scale = { mean: target.mean, deviation: target.deviation || 1 };
  return Float32Array.from(valuesOf(table, column), (value) => scaled(value, scale));
}
