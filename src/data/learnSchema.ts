import type { Schema, Target } from "./schema.js";
import { scaleOf } from "./standardise.js";
import { columnOf, numberAt, type Table } from "./table.js";
import { classesOf, type Task, taskOf, valuesOf } from "./target.js";

export interface SchemaOptions {
  /** Name or zero-based index of the target column. */
  target: string;
  task?: Task | undefined;
}

/**
 * Separates the target from the features and determines the task, from all rows; computes the scaling, to mean 0 and
 * deviation 1, from the training rows only.
 *
 * @param training the rows to train on, of the same columns
 * @throws RangeError naming file, row and column, for cells that do not fit
 */
export function learnSchema(table: Table, options: SchemaOptions, training = table): Schema {
  const column = columnOf(table, options.target);
  if (table.width === 1)
    throw new RangeError(`${table.file}: expected columns besides the target, got only the target`);
  const task = options.task ?? taskOf(table, column);
  const target: Target =
    task === "classification"
      ? { column, task, classes: classesOf(table, column) }
      : { column, task, classes: null, unit: "", ...scaleOf(valuesOf(training, column)) };
  const features = Array.from({ length: table.width }, (_, j) => j).filter((j) => j !== column);
  return {
    version: 2,
    source: table.file,
    names: table.names ?? null,
    width: table.width,
    features: features.map((column) => {
      const values = Float64Array.from(training.rows, (_, r) => numberAt(training, r, column));
      return { kind: "number", column, unit: "", fill: null, indicator: false, ...scaleOf(values) };
    }),
    left: [],
    target,
  };
}
