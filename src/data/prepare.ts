import { random } from "../random.js";
import { holdOut } from "../rowNumbers.js";
import { type Examples, examplesOf } from "./encode.js";
import { learnSchema, type SchemaOptions } from "./learnSchema.js";
import { inputsOf, type Schema, targetName, unitOf } from "./schema.js";
import type { Table } from "./table.js";
import type { Task } from "./target.js";

/** One or two tables, converted to examples. */
export interface Prepared {
  readonly schema: Schema;
  readonly task: Task;
  /** The target column by name, or by index. */
  readonly target: string;
  /** The width of `x`: one for a column of numbers, several for one of categories or dates. */
  readonly inputs: number;
  /** For classification: the names, in the order of the class numbers. */
  readonly classes: readonly string[] | undefined;
  /** For regression: the standard deviation of the target, which is the unit of `y`. */
  readonly unit: number;
  readonly train: Examples;
  readonly validation: Examples | undefined;
  readonly test: Examples | undefined;
  /** What was made of each column, and why. */
  readonly summary: readonly ColumnNote[];
  /** What a person should know before training, one line each. */
  readonly warnings: readonly string[];
}

/** What was made of a column. */
export interface ColumnNote {
  readonly column: number;
  readonly name: string;
  readonly as: string;
  readonly why: string;
}

export interface PrepareOptions extends SchemaOptions {
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
export function prepare(table: Table, options: PrepareOptions): Prepared {
  const { test, validation, seed = 0 } = options;
  const { training, held } = split(table, validation, seed);
  const schema = learnSchema(table, options, training);
  return {
    schema,
    task: schema.target.task,
    target: targetName(schema),
    inputs: inputsOf(schema),
    classes: schema.target.classes ?? undefined,
    unit: unitOf(schema),
    train: examplesOf(schema, training),
    validation: held && examplesOf(schema, held),
    test: test && examplesOf(schema, test),
    summary: [],
    warnings: [],
  };
}

/** The rows to train on and those held out for validation, each as a table. */
function split(table: Table, share: number | undefined, seed: number): { training: Table; held: Table | undefined } {
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
