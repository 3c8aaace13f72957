import { LARGEST } from "../math/f32.js";
import { inOrder, Lookup } from "./category.js";
import { areSlips, areValues, FEW, numberExpected, numbersOf, type Tally, tallyOf, unitIn } from "./columns.js";
import { isMissing, isMissingNumber } from "./missing.js";
import { numberWith, plainNumber } from "./numbers.js";
import { cellError, columnName, quoted, type Table } from "./table.js";

export const TASKS = ["classification", "regression"] as const;
export type Task = (typeof TASKS)[number];

/** What there is to predict: classes as the table spells them, in order, or numbers with the sign that stands at them. */
export type Goal =
  | { readonly task: "classification"; readonly classes: readonly string[] }
  | { readonly task: "regression"; readonly unit: string };

/**
 * Decides between classification and regression. Text means classes; so do whole numbers, if at most 20 differ and each
 * occurs twice on average. All other numbers are values. Missing cells count as neither.
 *
 * @throws RangeError with the remedy for a column that is neither: numbers with a few other cells, or text of which most
 *   cells differ
 */
export function goalOf(table: Table, column: number, asked?: Task): Goal {
  const tally = tallyOf(table, column);
  const { counts, present } = tally;
  const read = numbersOf(tally, table.decimal);
  const few = counts.size <= FEW && counts.size * 2 <= present;
  const unit = unitIn(read.units);
  const where = `${table.file}, ${columnName(table, column)}`;
  if (present === 0) throw new RangeError(`${where}: expected a target, got missing cells alone`);
  if (asked === "classification") return { task: asked, classes: classesOf(tally, where) };
  if (
    read.odd > 0 &&
    read.numbers > 0 &&
    (asked === "regression" || areSlips(read.odd, read.numbers)) &&
    !(asked === undefined && areValues(tally, read.odds))
  )
    throw oddTarget(table, column, read);
  if (asked === "regression" || (read.odd === 0 && !read.codes && !(few && read.whole && read.plain))) {
    if (read.odd > 0) throw oddTarget(table, column, read);
    if (unit === undefined)
      throw new RangeError(
        `${where}: expected numbers with one sign, got ${[...read.units].map(quoted).join(" and ")}`,
      );
    return { task: "regression", unit };
  }
  let single = 0;
  for (const count of counts.values()) if (count === 1) single++;
  if (single * 2 > present && counts.size > 2) {
    const got = `${counts.size.toLocaleString("en-US")} different values in ${present.toLocaleString("en-US")} rows`;
    throw new RangeError(
      `${where}: expected numbers, or classes that occur repeatedly, got ${got}; --task classification takes them as classes`,
    );
  }
  return { task: "classification", classes: classesOf(tally, where) };
}

/** Why numbers became classes, and what decides otherwise; "" where it was asked for, and for texts and two classes. */
export function whyClasses(classes: readonly string[] | null | undefined, asked: Task | undefined): string {
  if (asked !== undefined || !classes || classes.length < 3) return "";
  if (!classes.every((one) => Number.isInteger(plainNumber(one)))) return "";
  return `whole numbers, ${classes.length} values; --task regression predicts the value`;
}

function oddTarget(
  table: Table,
  column: number,
  { numbers, odd, odds }: { numbers: number; odd: number; odds: readonly string[] },
): RangeError {
  const row = table.rows.findIndex((cells) => cells[column] === odds[0]);
  const { message } = cellError(table, row, column, numbers > 0 ? numberExpected(odds[0], table.decimal) : "a number");
  const many = odd > 1 ? ` (and ${odd - 1} more)` : "";
  return new RangeError(
    `${message}${many}; correct these cells, empty them to leave their rows out, or give --task classification`,
  );
}

/** The classes of a column in order: numbers by value, names by code units, which are the same in every locale. */
function classesOf({ counts }: Tally, where: string): string[] {
  const classes = inOrder(counts.keys());
  if (classes.length > 1) return classes;
  throw new RangeError(`${where}: expected at least two classes, got ${quoted(classes[0])} alone`);
}

/** The most pairs of classes that {@link alike} finds. */
const SHOWN = 5;

/** Classes that a person may have meant as one: of the same number, or the same but for capitals and blanks. */
export function alike(classes: readonly string[]): string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const one of classes) {
    if (found.length === SHOWN) break;
    const number = plainNumber(one);
    const key = Number.isNaN(number) ? one.toLowerCase().replace(/\s+/g, " ") : `${number}`;
    const other = seen.get(key);
    if (other !== undefined) found.push(`${quoted(other)} and ${quoted(one)}`);
    seen.set(key, one);
  }
  return found;
}

/** The class number of every row. Throws a RangeError naming the row for a missing or unknown class. */
export function labelsOf(table: Table, column: number, classes: readonly string[]): Int32Array {
  const lookup = new Lookup(classes);
  return Int32Array.from(table.rows, (row, r) => {
    const label = lookup.find(row[column], table.decimal);
    if (label >= 0) return label;
    if (isMissing(row[column])) throw cellError(table, r, column, "a class");
    const shown = classes.slice(0, 8).map((name) => quoted(name).slice(1, -1));
    const known = shown.join(", ") + (classes.length > 8 ? " …" : "");
    throw cellError(table, r, column, `one of the ${classes.length} classes trained on (${known})`);
  });
}

/** The value of every row, for a regression. */
export function valuesOf(table: Table, column: number, unit: string): Float64Array {
  return Float64Array.from(table.rows, (row, r) => {
    const value = numberWith(row[column], unit, table.decimal);
    if (Math.abs(value) <= LARGEST) return value;
    throw cellError(table, r, column, Number.isNaN(value) ? "a number" : "a number up to 3.4e38");
  });
}

/** The share of the most frequent class: the accuracy of a model that always answers it. */
export function majorityShare(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  let most = 0;
  for (const count of counts.values()) most = Math.max(most, count);
  return most / labels.length;
}

/** What stands for a missing target: "None" too, unless the column has other words. */
export function missingTarget(table: Table, column: number): (cell: string) => boolean {
  return numbersOf(tallyOf(table, column), table.decimal).odd === 0 ? isMissingNumber : isMissing;
}
