import { columnName, columnOf, numberAt, quoted, type Table } from "./csv.js";
import { type Scaling, scalingOf, standardise } from "./standardise.js";
import { classesOf, labelsOf, type Task, taskOf, valuesOf } from "./target.js";

/** Examples ready to learn from: standardised features, and class numbers or standardised values. */
export interface Examples {
  readonly rows: number;
  /** [rows, features], row-major. */
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
}

/** One table, or two, turned into examples. */
export interface Prepared {
  readonly task: Task;
  /** The target column by name, or by index. */
  readonly target: string;
  readonly features: number;
  /** For classification: the names, in the order of the class numbers. */
  readonly classes: readonly string[] | undefined;
  /** For regression: the target's deviation, in which `y` is counted. */
  readonly unit: number;
  readonly train: Examples;
  readonly test: Examples | undefined;
}

export interface PrepareOptions {
  /** Name or zero-based index of the target column. */
  target: string;
  task?: Task | undefined;
  /** Further rows, which get the classes and the scaling of the first table. */
  test?: Table | undefined;
}

/**
 * Tells target from features, decides on the task and standardises: features, and the target of a regression, get
 * mean 0 and deviation 1 over the training rows.
 *
 * @throws RangeError naming file, row and column for whatever does not fit
 */
export function prepare(table: Table, { target, task: asked, test }: PrepareOptions): Prepared {
  const column = columnOf(table, target);
  const features = table.width - 1;
  if (features === 0) throw new RangeError(`${table.file}: expected columns besides the target, got only the target`);
  const others = Array.from({ length: table.width }, (_, j) => j).filter((j) => j !== column);
  const task = asked ?? taskOf(table, column);
  const raw = numbersOf(table, others);
  const scaling = scalingOf(raw, features);
  const classes = task === "classification" ? classesOf(table, column) : undefined;
  const values = classes ? undefined : valuesOf(table, column);
  const unit = values ? scalingOf(values, 1) : undefined;
  const examples = (of: Table, x: Float64Array, at: number): Examples => ({
    rows: of.rows.length,
    x: standardise(x, scaling),
    y: classes ? labelsOf(of, at, classes) : scaledTarget(valuesOf(of, at), unit!),
  });
  const columns = test && matching(table, test, [column, ...others]);
  return {
    task,
    target: columnName(table, column),
    features,
    classes,
    unit: unit?.factors[0] ? 1 / unit.factors[0] : 1,
    train: examples(table, raw, column),
    test: test && columns && examples(test, numbersOf(test, columns.slice(1)), columns[0]!),
  };
}

/** A constant target stays off by what it is off: unlike a feature, it may be another number in the test file. */
function scaledTarget(values: Float64Array, { means, factors }: Scaling): Float32Array {
  return standardise(values, { means, factors: Float64Array.of(factors[0] || 1) });
}

function numbersOf(table: Table, columns: readonly number[]): Float64Array {
  const values = new Float64Array(table.rows.length * columns.length);
  for (let r = 0, i = 0; r < table.rows.length; r++) {
    for (const column of columns) values[i++] = numberAt(table, r, column);
  }
  return values;
}

/** Where the columns of one table are in another: by name where both have names, else in the same places. */
function matching(train: Table, test: Table, columns: readonly number[]): number[] {
  if (train.names && test.names) {
    const { names, file } = test;
    if (names.join() === train.names.join()) return [...columns];
    return columns.map((j) => {
      const name = train.names![j]!;
      const at = names.indexOf(name);
      if (at >= 0 && names.lastIndexOf(name) === at) return at;
      const got = at < 0 ? "none of that name" : "two of that name";
      throw new RangeError(`${file}: expected one column ${quoted(name)}, as in ${train.file}, got ${got}`);
    });
  }
  if (test.width === train.width) return [...columns];
  throw new RangeError(`${test.file}: expected ${train.width} columns, as in ${train.file}, got ${test.width}`);
}
