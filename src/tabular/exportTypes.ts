/** The types of an exported module, for editors and compilers: its columns and classes by their names. */
import type { Field } from "./fields.js";
import type { TableModel } from "./tableModel.js";

/** The most classes whose names are listed; more are plain text. */
const LISTED = 100;

const literal = (value: unknown): string => JSON.stringify(value);

const VALUES: Record<Field["kind"], string> = {
  number: "number | string | null",
  category: "string | number | boolean | null",
  date: "Date | string | null",
};

/** The file beside a module that has its types: `iris.d.mts` for `iris.mjs`. */
export const typesPath = (module: string): string =>
  /\.[mc]?js$/i.test(module) ? module.replace(/\.([mc]?)js$/i, ".d.$1ts") : `${module}.d.ts`;

/** The declarations of an exported module. */
export function typesOf({ target, task, classes, fields }: TableModel): string {
  const columns = fields.map(
    ({ name, kind, optional }) => `  readonly ${literal(name)}${optional ? "?" : ""}: ${VALUES[kind]};`,
  );
  const label = classes === null || classes.length > LISTED ? "string" : classes.map(literal).join(" | ");
  const prediction =
    classes === null
      ? ["  /** In the units of the target column. */", "  value: number;"]
      : [
          "  /** The most probable class. */",
          "  label: Class;",
          "  /** They add up to 1. */",
          "  probabilities: Record<Class, number>;",
        ];
  const lines = [
    "// Written by thalweg export.",
    "",
    "/** A row as it is, before any preparation; a column that is left out counts as missing. */",
    "export interface Row {",
    ...columns,
    "}",
    ...(classes === null ? [] : ["", `export type Class = ${label};`]),
    "",
    "export interface Prediction {",
    ...prediction,
    "}",
    "",
    "/** What the model asks of a row: enough to make a form of. */",
    "export interface Field {",
    "  name: string;",
    '  kind: "number" | "category" | "date";',
    "  values?: readonly string[];",
    "  format?: string;",
    "  clock?: boolean;",
    "  unit?: string;",
    "  /** The median, the mean or the most frequent value of the training rows; dates in seconds since 1970. */",
    "  usual: number | string;",
    "  /** Whether a row may be without it. */",
    "  optional: boolean;",
    "}",
    "",
    "/** Predicts rows: objects by column name, or arrays in the order of the columns. */",
    "export declare function predict(rows: readonly (Row | readonly unknown[])[]): Prediction[];",
    "/** The name of the target column. */",
    `export declare const target: ${literal(target)};`,
    `export declare const task: ${literal(task)};`,
    "/** The names of the classes; null for a regression. */",
    `export declare const classes: ${classes === null ? "null" : "readonly Class[]"};`,
    "export declare const fields: readonly Field[];",
  ];
  return `${lines.join("\n")}\n`;
}
