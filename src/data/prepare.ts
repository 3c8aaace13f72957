import { random } from "../random.js";
import { holdOut } from "../rowNumbers.js";
import { type Examples, examplesOf, learnSchema, type Schema, targetName, unitOf } from "./schema.js";
import type { Table } from "./table.js";
import type { Task } from "./target.js";

/** One or two tables, converted to examples. */
export interface Prepared {
  readonly schema: Schema;
  readonly task: Task;
  /** The target column by name, or by index. */
  readonly target: string;
  readonly features: number;
  /** For classification: the names, in the order of the class numbers. */
  readonly classes: readonly string[] | undefined;
  /** For regression: the standard deviation of the target, which is the unit of `y`. */
  readonly unit: number;
  readonly train: Examples;
  readonly validation: Examples | undefined;
  readonly test: Examples | undefined;
}

export interface PrepareOptions {
  /** Name or zero-based index of the target column. */
  target: string;
  task?: Task | undefined;
  /** Further rows, converted with the classes and the scaling of the first table. */
  test?: Table | undefined;
  /** The fraction of the rows to hold out for validation, drawn at random with the seed. */
  validation?: number | undefined;
  seed?: number;
}

/**
 * Separates the target from the features, determines the task, and standardises: the features, and the target of a
 * regression, get mean 0 and deviation 1 over the training rows.
 *
 * @throws RangeError naming file, row and column, for cells that do not fit
 */
export function prepare(table: Table, { target, task, test, validation, seed = 0 }: PrepareOptions): Prepared {
  const { training, held } = split(table, validation, seed);
  const schema = learnSchema(table, target, task, training);
  return {
    schema,
    task: schema.task,
    target: targetName(schema),
    features: schema.width - 1,
    classes: schema.classes ?? undefined,
    unit: unitOf(schema),
    train: examplesOf(schema, training),
    validation: held && examplesOf(schema, held),
    test: test && examplesOf(schema, test),
  };
}

/** The rows to train on and those held out for validation, each as a table. */
export function split(
  table: Table,
  share: number | undefined,
  seed: number,
): { training: Table; held: Table | undefined } {
  if (share === undefined) return { training: table, held: undefined };
  const { rows, lines, file } = table;
  if (rows.length < 2) throw new RangeError(`${file}: expected at least two rows, one of them for validation, got one`);
  const { kept, heldOut } = holdOut(rows.length, share, random(seed));
  const tableOf = (picked: Int32Array): Table => ({
    ...table,
    rows: Array.from(picked, (r) => rows[r]),
    lines: Array.from(picked, (r) => lines[r]),
  });
  return { training: tableOf(kept), held: tableOf(heldOut) };
}
