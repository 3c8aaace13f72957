import { type Kind, kindOf, numbersOf, tallyOf, unitIn } from "./columns.js";
import { DATE_PARTS, type DateFormat, type DatePart } from "./dateParts.js";
import type { LeftOut } from "./schema.js";
import { columnName, columnOf, quoted, type Table } from "./table.js";
import type { Task } from "./target.js";

/** Which columns to use and how. Columns are given by name or by zero-based index. */
export interface SchemaOptions {
  /** The target column. */
  target: string;
  task?: Task | undefined;
  /** Columns to leave out. */
  ignore?: readonly string[] | undefined;
  /** Columns to use; all others are left out. */
  features?: readonly string[] | undefined;
  /** Columns to read as numbers; cells that are none count as missing. */
  numeric?: readonly string[] | undefined;
  /** Columns to read as categories, one input for each value. */
  categorical?: readonly string[] | undefined;
  /**
   * The parts of dates that become inputs, for all columns of dates. By default those that differ from row to row among
   * `year`, `dayOfYear`, `weekday` and `hour`. `month/day/year` or `day/month/year` says how 1/2/2020 is meant.
   */
  dates?: readonly (DatePart | DateOrder)[] | undefined;
  /** Whether missing cells of features get the median or the most frequent value, or their rows are left out. */
  missing?: "impute" | "drop" | undefined;
  /** Whether columns with missing cells get a further input that is 1 where a cell is missing. */
  indicator?: boolean | undefined;
}

export const DATE_ORDERS = ["month/day/year", "day/month/year"] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** What each column becomes, as decided from all rows. */
export interface Plan {
  readonly target: number;
  readonly features: readonly {
    readonly column: number;
    readonly kind: Exclude<Kind, { as: "left" | "unreadable" }>;
  }[];
  readonly left: readonly LeftOut[];
}

/**
 * Decides what each column becomes.
 * @throws RangeError naming every column that cannot be read, each with the row of the first odd cell
 */
export function planOf(table: Table, options: SchemaOptions): Plan {
  const target = columnOf(table, options.target);
  if (table.width === 1)
    throw new RangeError(`${table.file}: expected columns besides the target, got only the target`);
  const listed = (name: "ignore" | "features" | "numeric" | "categorical") => {
    const columns = new Set((options[name] ?? []).map((one) => columnOf(table, one, `each column of --${name}`)));
    if (columns.has(target))
      throw new RangeError(
        `${table.file}: expected --${name} to name features, got the target, ${columnName(table, target)}`,
      );
    return columns;
  };
  const [ignore, wanted, numeric, categorical] = [
    listed("ignore"),
    listed("features"),
    listed("numeric"),
    listed("categorical"),
  ];
  const order = orderIn(options.dates);
  const features: { column: number; kind: Kind }[] = [];
  const left: LeftOut[] = [];
  const unreadable: Unreadable[] = [];
  for (let column = 0; column < table.width; column++) {
    if (column === target) continue;
    const [number, category] = [numeric.has(column), categorical.has(column)];
    if (ignore.has(column) && (number || category || wanted.has(column)))
      throw contradiction(table, column, "--ignore");
    if (number && category) throw contradiction(table, column, "--numeric and --categorical");
    if (ignore.has(column)) left.push({ column, why: "--ignore" });
    else if (wanted.size > 0 && !wanted.has(column)) left.push({ column, why: "not among --features" });
    else {
      const kind = number
        ? asNumber(table, column)
        : category
          ? asCategory(table, column)
          : kindOf(table, column, order);
      if (kind.as === "left") left.push({ column, why: kind.why });
      else if (kind.as === "unreadable") unreadable.push({ column, ...kind });
      else features.push({ column, kind });
    }
  }
  if (unreadable.length > 0) throw unreadableError(table, unreadable);
  if (features.length === 0) {
    const reasons = left.map(({ column, why }) => `${columnName(table, column)} is left out (${why})`).join("; ");
    throw new RangeError(`${table.file}: expected a column to learn from, got none: ${reasons}`);
  }
  return { target, features: features as Plan["features"], left };
}

/** The parts asked for; undefined for the default. */
export function partsIn(dates: SchemaOptions["dates"]): readonly DatePart[] | undefined {
  const parts = (dates ?? []).filter((word): word is DatePart => !(DATE_ORDERS as readonly string[]).includes(word));
  for (const part of parts) {
    if (!DATE_PARTS.includes(part))
      throw new RangeError(
        `dates: expected parts among ${[...DATE_PARTS, ...DATE_ORDERS].join(", ")}, got ${quoted(String(part))}`,
      );
  }
  return parts.length === 0 ? undefined : DATE_PARTS.filter((part) => parts.includes(part));
}

const orderIn = (dates: SchemaOptions["dates"]): DateFormat | undefined =>
  DATE_ORDERS.find((order) => dates?.includes(order));

function asNumber(table: Table, column: number): Kind {
  const tally = tallyOf(table, column);
  const { numbers, odd, odds, units } = numbersOf(tally, table.decimal);
  if (numbers === 0) return { as: "unreadable", odd: odds[0] ?? "", cells: 1, expected: "numbers, as --numeric says" };
  const unit = unitIn(units);
  if (unit === undefined) {
    const expected = `numbers with one sign or none, not ${[...units].map((sign) => sign || "none").join(", ")} by turns`;
    return { as: "unreadable", odd: tally.counts.keys().next().value ?? "", cells: 1, expected };
  }
  const others = odd === 0 ? "" : `; ${odd} other ${odd === 1 ? "cell counts" : "cells count"} as missing`;
  return { as: "number", unit, coerce: true, why: `--numeric${others}` };
}

function asCategory(table: Table, column: number): Kind {
  const { present } = tallyOf(table, column);
  return present === 0 ? { as: "left", why: "no cell has a value" } : { as: "category", why: "--categorical" };
}

function contradiction(table: Table, column: number, flags: string): RangeError {
  return new RangeError(
    `${table.file}: expected one option for ${columnName(table, column)}, got ${flags} and another`,
  );
}

type Unreadable = { readonly column: number } & Omit<Extract<Kind, { as: "unreadable" }>, "as">;

/** One line that names every column. */
function unreadableError(table: Table, columns: readonly Unreadable[]): RangeError {
  const found = columns.map(({ column, odd, cells, expected }) => {
    const row = table.rows.findIndex((row) => row[column] === odd);
    const more = cells > 1 ? ` (${cells} such cells)` : "";
    return `row ${table.lines[row]}, ${columnName(table, column)}: expected ${expected}, got ${quoted(odd)}${more}`;
  });
  const names = columns.map(({ column }) => table.names?.[column] || `${column}`).join(",");
  const [read, out] = columns.length === 1 ? ["the column", "it"] : ["these columns", "them"];
  return new RangeError(
    `${table.file}, ${found.join("; ")}. Correct the cells, or read ${read} with --numeric ${names} (such cells count as ` +
      `missing) or --categorical ${names}, or leave ${out} out with --ignore ${names}`,
  );
}
