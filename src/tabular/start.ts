import { argumentError, printable } from "../check.js";
import { type Examples, examplesOf } from "../data/encode.js";
import type { Prepared, PrepareOptions } from "../data/prepare.js";
import { holdOut } from "../data/rowNumbers.js";
import { inputsOf, type Schema, targetName, unitOf } from "../data/schema.js";
import { stratified } from "../data/split.js";
import type { Table } from "../data/table.js";
import { isInt32 } from "../host/realm.js";
import { random } from "../math/random.js";
import type { Settings } from "./settings.js";
import type { TableModel } from "./tableModel.js";

/**
 * The settings of a run that starts from the weights of a model: its columns, classes, target and widths are the model's.
 *
 * @param source what messages call the model's file
 * @throws RangeError naming a setting that must be as in the model
 */
export function startedSettings(
  { schema, shape }: TableModel,
  given: Partial<Settings>,
  source = "the model",
): Partial<Settings> {
  const target = schema.names?.[schema.target.column] ?? String(schema.target.column);
  const fixed: Partial<Settings> = { target, task: schema.target.task, ...shape };
  for (const [name, value] of Object.entries(fixed)) {
    const asked = given[name as keyof Settings];
    const index = name === "target" && asked === String(schema.target.column);
    if (asked === undefined || index || String(asked) === String(value)) continue;
    throw argumentError(name, printable(`expected ${value}, as in ${source}, got ${asked}`));
  }
  return { ...given, ...fixed };
}

/**
 * Converts tables as a schema says that was learned from other rows: with its classes, scaling and values.
 *
 * @throws RangeError naming file, row and column, for a class or a column that the schema does not have
 */
export function preparedAs(
  schema: Schema,
  table: Table,
  { validation, seed = 0, test }: Pick<PrepareOptions, "validation" | "seed" | "test">,
): Prepared {
  const { task, classes } = schema.target;
  const all = examplesOf(schema, table);
  const { train, held } = split(all, classes, validation, seed);
  return {
    schema,
    task,
    target: targetName(schema),
    inputs: inputsOf(schema),
    classes: classes ?? undefined,
    unit: unitOf(schema),
    train,
    validation: held,
    test: test && examplesOf(schema, test),
    summary: [],
    warnings: [...all.notes],
  };
}

/** The examples to train on, and those held out for validation, of each class the same share. */
function split(
  all: Examples,
  classes: readonly string[] | null,
  share: number | undefined,
  seed: number,
): { train: Examples; held: Examples | undefined } {
  if (share === undefined) return { train: all, held: undefined };
  const { rows, x, y, notes } = all;
  if (rows < 2) throw argumentError("validation", "expected at least two rows, one of them to hold out, got one");
  const draw = random(seed);
  const { kept, heldOut } = isInt32(y) ? stratified(y, classes!.length, share, draw) : holdOut(rows, share, draw);
  const width = x.length / rows;
  const picked = (numbers: Int32Array): Examples => {
    const some = new Float32Array(numbers.length * width);
    for (const [i, row] of numbers.entries()) some.set(x.subarray(row * width, (row + 1) * width), i * width);
    return {
      rows: numbers.length,
      x: some,
      y: taken(y, numbers),
      notes,
    };
  };
  return { train: picked(kept), held: picked(heldOut) };
}

const taken = (y: Examples["y"], rows: Int32Array): Examples["y"] =>
  isInt32(y) ? rows.map((r) => y[r]) : Float32Array.from(rows, (r) => y[r]);
