import { cellError, columnName, numberAt, numberIn, quoted, type Table } from "./table.js";

export const TASKS = ["classification", "regression"] as const;
export type Task = (typeof TASKS)[number];

/** The largest number of distinct whole numbers that are classes by default. */
const FEW = 20;

/**
 * Decides between classification and regression. Text means classes; so do whole numbers, if at most 20 differ and each
 * occurs twice on average. All other numbers are values.
 */
export function taskOf(table: Table, column: number): Task {
  const cells = table.rows.map((row) => row[column]);
  const numbers = cells.map((cell) => numberIn(cell, table.decimal));
  const text = numbers.findIndex(Number.isNaN);
  const distinct = new Set(cells).size;
  const few = distinct <= FEW && distinct * 2 <= cells.length;
  const empty = cells.indexOf("");
  if (empty >= 0) throw cellError(table, empty, column, "a class or a number");
  if (text >= 0) {
    // One misspelt number among measurements must not turn thousands of numbers into as many classes.
    if (!few && !numbers.every(Number.isNaN)) throw cellError(table, text, column, "a number, as in other rows");
    return "classification";
  }
  return few && numbers.every(Number.isInteger) ? "classification" : "regression";
}

/** The classes of a column in order: numbers by value, names by code units, which are the same in every locale. */
export function classesOf(table: Table, column: number): string[] {
  const keys = new Set(table.rows.map((_, r) => classAt(table, r, column)));
  const classes = [...keys];
  if (classes.every((key) => !Number.isNaN(numberIn(key)))) classes.sort((a, b) => Number(a) - Number(b));
  else classes.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (classes.length > 1) return classes;
  throw new RangeError(
    `${table.file}, ${columnName(table, column)}: expected at least two classes, got ${quoted(classes[0])} alone`,
  );
}

/** The class number of every row. Throws a RangeError naming the row for an unknown class. */
export function labelsOf(table: Table, column: number, classes: readonly string[]): Int32Array {
  const numbers = new Map(classes.map((key, i) => [key, i]));
  return Int32Array.from(table.rows, (_, r) => {
    const label = numbers.get(classAt(table, r, column));
    if (label !== undefined) return label;
    const known = classes.slice(0, 8).join(", ") + (classes.length > 8 ? " …" : "");
    throw cellError(table, r, column, `one of the ${classes.length} classes trained on (${known})`);
  });
}

/** The value of every row, for a regression. */
export function valuesOf(table: Table, column: number): Float64Array {
  return Float64Array.from(table.rows, (_, r) => numberAt(table, r, column));
}

/** The class in a cell: 1, 1.0 and 01 are the same. */
function classAt(table: Table, row: number, column: number): string {
  const cell = table.rows[row][column];
  if (cell === "") throw cellError(table, row, column, "a class");
  const value = numberIn(cell, table.decimal);
  return Number.isNaN(value) ? cell : String(value);
}
