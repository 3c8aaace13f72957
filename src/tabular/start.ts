import { argumentError } from "../check.js";
import { type Prepared, split } from "../data/prepare.js";
import { examplesOf, type Schema, targetName, unitOf } from "../data/schema.js";
import type { Table } from "../data/table.js";
import { classesOf, inputsOf, targetColumn, taskOf } from "./schemaFacts.js";
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
  const target = schema.names?.[targetColumn(schema)] ?? String(targetColumn(schema));
  const fixed: Partial<Settings> = { target, task: taskOf(schema), ...shape };
  for (const [name, value] of Object.entries(fixed)) {
    const asked = given[name as keyof Settings];
    const index = name === "target" && asked === String(targetColumn(schema));
    if (asked === undefined || index || String(asked) === String(value)) continue;
    throw argumentError(name, `expected ${value}, as in ${source}, got ${asked}`);
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
  { validation, seed, test }: { validation?: number | undefined; seed: number; test?: Table | undefined },
): Prepared {
  const { training, held } = split(table, validation, seed);
  return {
    schema,
    task: taskOf(schema),
    target: targetName(schema),
    features: inputsOf(schema),
    classes: classesOf(schema) ?? undefined,
    unit: unitOf(schema),
    train: examplesOf(schema, training),
    validation: held && examplesOf(schema, held),
    test: test && examplesOf(schema, test),
  };
}
