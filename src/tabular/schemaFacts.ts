/** What the rest of this room asks of a schema. */
import { argumentError } from "../check.js";
import type { Schema } from "../data/schema.js";
import type { Task } from "../data/target.js";

/** The width of a network's input. */
export const inputsOf = ({ width }: Schema): number => width - 1;
/** The names of the classes, null for a regression. */
export const classesOf = ({ classes }: Schema): readonly string[] | null => classes;
export const taskOf = ({ task }: Schema): Task => task;

/** Checks a schema that a file claims to have. */
export function checkSchema(value: unknown): Schema {
  if (typeof value !== "object" || value === null) throw argumentError("schema", "expected an object, got none");
  return value as Schema;
}
/** The column of the target in the training table. */
export const targetColumn = ({ target }: Schema): number => target;
/** The name of the training table in messages. */
export const sourceOf = ({ file }: Schema): string => file;
