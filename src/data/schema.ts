import { type Scaling, scalingOf, standardise } from "./standardise.js";
import { columnName, columnOf, numberAt, quoted, type Table } from "./table.js";
import { classesOf, labelsOf, type Task, taskOf, valuesOf } from "./target.js";

/** The columns of a table that a model learns from. Plain data, saved with the model. */
export interface Schema {
  /** The name of the table in messages. */
  readonly file: string;
  /** The names of all columns, if the table has a header. */
  readonly names: readonly string[] | null;
  readonly width: number;
  /** The index of the target column. */
  readonly target: number;
  readonly task: Task;
  /** For classification: the names, in the order of the class numbers. */
  readonly classes: readonly string[] | null;
  /** The scaling of the features, in the order of their columns. */
  readonly scaling: Scaling;
  /** The scaling of the target, for a regression. */
  readonly targetScaling: Scaling | null;
}

/** Examples ready to learn from: standardised features, and class numbers or standardised values. */
export interface Examples {
  readonly rows: number;
  /** [rows, features], row-major. */
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
}

/**
 * Separates the target from the features and determines the task, from all rows; computes the scaling, to mean 0 and
 * deviation 1, from the training rows only.
 *
 * @throws RangeError naming file, row and column, for cells that do not fit
 */
export function learnSchema(table: Table, target: string, asked: Task | undefined, training: Table): Schema {
  const column = columnOf(table, target);
  const features = table.width - 1;
  if (features === 0) throw new RangeError(`${table.file}: expected columns besides the target, got only the target`);
  const task = asked ?? taskOf(table, column);
  return {
    file: table.file,
    names: table.names ?? null,
    width: table.width,
    target: column,
    task,
    scaling: scalingOf(numbersOf(training, others(table.width, column)), features),
    classes: task === "classification" ? classesOf(table, column) : null,
    targetScaling: task === "regression" ? scalingOf(valuesOf(training, column), 1) : null,
  };
}

/** The name of the target column in messages. */
export const targetName = ({ names, target }: Schema): string => columnName({ names: names ?? undefined }, target);

/** The target's deviation, which is the unit of a regression's values; 1 for a constant target and for classes. */
export const unitOf = ({ targetScaling }: Schema): number => 1 / (targetScaling?.factors[0] || 1);

/** Converts the outputs of a model to the target's own units. */
export function ownUnits(schema: Schema, outputs: Float32Array): Float64Array {
  const mean = schema.targetScaling?.means[0] ?? 0;
  return Float64Array.from(outputs, (y) => y * unitOf(schema) + mean);
}

/** Converts a table, target included, to examples. */
export function examplesOf(schema: Schema, table: Table): Examples {
  const [target, ...features] = matching(schema, table, [schema.target, ...featuresOf(schema)]);
  return {
    rows: table.rows.length,
    x: standardise(numbersOf(table, features), schema.scaling),
    y: targets(schema, table, target),
  };
}

/** Converts a table to predict from. It may include the target, under another name if `target` gives one. */
export function predictable(
  schema: Schema,
  table: Table,
  target?: string,
): { rows: number; x: Float32Array; y: Examples["y"] | undefined } {
  const wanted = featuresOf(schema);
  const at = target === undefined ? whereTarget(schema, table) : columnOf(table, target);
  const named = schema.names !== null && table.names !== undefined;
  // Without names, columns are identified by position: as in the training table, or the features alone.
  const features = named ? matching(schema, table, wanted) : others(table.width, at);
  if (features.length !== wanted.length) {
    const counts = `${wanted.length} columns, or ${schema.width} with the target`;
    throw new RangeError(`${table.file}: expected ${counts}, as in ${schema.file}, got ${table.width}`);
  }
  return {
    rows: table.rows.length,
    x: standardise(numbersOf(table, features), schema.scaling),
    y: at === undefined ? undefined : targets(schema, table, at),
  };
}

function whereTarget(schema: Schema, table: Table): number | undefined {
  if (schema.names !== null && table.names !== undefined) {
    const at = table.names.indexOf(schema.names[schema.target]);
    return at < 0 ? undefined : at;
  }
  return table.width === schema.width ? schema.target : undefined;
}

const others = (width: number, column: number | undefined): number[] =>
  Array.from({ length: width }, (_, j) => j).filter((j) => j !== column);
const featuresOf = ({ width, target }: Schema): number[] => others(width, target);

function targets({ classes, targetScaling }: Schema, table: Table, column: number): Examples["y"] {
  if (classes) return labelsOf(table, column, classes);
  const { means, factors } = targetScaling!;
  // A constant target is only centred: unlike a feature, it may have another value in another file, and errors must
  // show.
  return standardise(valuesOf(table, column), { means, factors: Float64Array.of(factors[0] || 1) });
}

function numbersOf(table: Table, columns: readonly number[]): Float64Array {
  const values = new Float64Array(table.rows.length * columns.length);
  for (let r = 0, i = 0; r < table.rows.length; r++) {
    for (const column of columns) values[i++] = numberAt(table, r, column);
  }
  return values;
}

/** Finds the columns of the training table in another one: by name if both have names, else by position. */
function matching(schema: Schema, table: Table, columns: readonly number[]): number[] {
  const { names, file } = table;
  if (schema.names && names) {
    if (names.join() === schema.names.join()) return [...columns];
    return columns.map((j) => {
      const name = schema.names![j];
      const at = names.indexOf(name);
      if (at >= 0 && names.lastIndexOf(name) === at) return at;
      const got = at < 0 ? "none of that name" : "two of that name";
      throw new RangeError(`${file}: expected one column ${quoted(name)}, as in ${schema.file}, got ${got}`);
    });
  }
  if (table.width === schema.width) return [...columns];
  throw new RangeError(`${file}: expected ${schema.width} columns, as in ${schema.file}, got ${table.width}`);
}
