import { least as fewest } from "../math/extremes.js";
import { LARGEST } from "../math/f32.js";
import { DATE_FORMATS, type DateFormat } from "./dateParts.js";
import { dateIn } from "./dates.js";
import { isMissing, isMissingNumber } from "./missing.js";
import { isCode, numberWith, quantityIn, unitName, wordOf } from "./numbers.js";
import { type DecimalSign, numberIn, quoted, type Table } from "./table.js";

/** What a column holds. */
export type Kind =
  | { readonly as: "number"; readonly unit: string; readonly coerce: boolean; readonly why: string }
  | { readonly as: "category"; readonly why: string }
  | { readonly as: "date"; readonly format: DateFormat; readonly why: string }
  | { readonly as: "left"; readonly why: string }
  /** Cells that contradict the others; `odd` is the first of them, `cells` their number. */
  | { readonly as: "unreadable"; readonly odd: string; readonly cells: number; readonly expected: string };

/** The different cells of a column, with how often each occurs. */
export interface Tally {
  readonly counts: ReadonlyMap<string, number>;
  /** Cells that are not missing. */
  readonly present: number;
  readonly missing: number;
}

export function tallyOf(table: Table, column: number): Tally {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const row of table.rows) {
    const cell = row[column];
    if (isMissing(cell)) missing++;
    else counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return { counts, present: table.rows.length - missing, missing };
}

/** What one reads as a column of numbers. */
export interface Numbers {
  /** Cells that are numbers, and those that are not. */
  readonly numbers: number;
  readonly odd: number;
  /** The different cells that are no number, in the order of the table. */
  readonly odds: readonly string[];
  readonly units: ReadonlySet<string>;
  /** Whether there are codes: 02139, 1234567890123456789. */
  readonly codes: boolean;
  readonly whole: boolean;
  /** Whether no number has a sign of a unit or separators of thousands. One word at all of them may be a class: "4WD". */
  readonly plain: boolean;
}

/** Reads the different cells of a column as numbers. "None" counts as missing. */
export function numbersOf({ counts }: Tally, decimal: DecimalSign | undefined): Numbers {
  let numbers = 0;
  let odd = 0;
  let codes = false;
  let whole = true;
  let plain = true;
  const odds: string[] = [];
  const units = new Set<string>();
  const word = wordOf(counts.keys(), decimal);
  for (const [cell, count] of counts) {
    const quantity =
      word === undefined ? quantityIn(cell, decimal) : { value: numberWith(cell, word, decimal), unit: word };
    if (quantity !== undefined && Math.abs(quantity.value) <= LARGEST) {
      numbers += count;
      units.add(quantity.unit);
      codes ||= isCode(cell);
      whole &&= Number.isInteger(quantity.value);
      plain &&= word !== undefined || !Number.isNaN(numberIn(cell, decimal));
    } else if (!isMissingNumber(cell)) {
      odd += count;
      odds.push(cell);
    }
  }
  return { numbers, odd, odds, units, codes, whole, plain };
}

/** The one sign at the numbers of a column; undefined if they have several. "%" must stand at all of them or at none. */
export function unitIn(units: ReadonlySet<string>): string | undefined {
  const signs = [...units].filter((unit) => unit !== "");
  return signs.length > 1 || (units.has("%") && units.has("")) ? undefined : (signs[0] ?? "");
}

/** The most different values that are few. */
export const FEW = 20;

/** Whether the cells that are no numbers are values of their own, such as "3+" beside 0, 1 and 2: all occur repeatedly. */
export function areValues({ counts, present }: Tally, odds: readonly string[]): boolean {
  const least = Math.max(2, present / 100);
  return counts.size <= FEW && counts.size * 2 <= present && odds.every((cell) => counts.get(cell)! >= least);
}

/** Whether some cells are slips among others: at most three, or a tenth. */
export const areSlips = (odd: number, others: number): boolean =>
  others >= odd && odd <= Math.max(3, (odd + others) / 10);

/** What a feature column holds, judged by its name and its cells. */
export function kindOf(table: Table, column: number, order?: DateFormat): Kind {
  if (isPlain(table, column)) return { as: "number", unit: "", coerce: false, why: "numbers" };
  const tally = tallyOf(table, column);
  const { decimal, names, rows } = table;
  const { counts, present } = tally;
  const read = numbersOf(tally, decimal);
  const { numbers, odd, odds, units, codes } = read;
  if (numbers + odd === 0) return { as: "left", why: "no cell has a value" };
  const cells = [...counts.keys()].filter((cell) => !isMissingNumber(cell));
  if (odd === 0) {
    const unit = unitIn(units);
    if (unit === undefined) {
      const mixed = [...units].map((sign) => (sign === "" ? "none" : sign)).join(", ");
      return {
        as: "unreadable",
        odd: cells[0],
        cells: 1,
        expected: `numbers with one sign or none, not ${mixed} by turns`,
      };
    }
    if (cells.length > 1 && unit === "" && cells.every((cell) => !Number.isNaN(compact(cell))))
      return { as: "date", format: "compact", why: "dates such as 20201231" };
    const identifies =
      read.whole && !codes && names !== undefined && identifierOf(names[column], rows, column, cells.length, present);
    if (identifies) return { as: "left", why: identifies };
    if (!codes) return { as: "number", unit, coerce: false, why: written(read, unit) };
    return textOf(tally, "whole numbers with leading zeros or more than 15 digits, which are codes");
  }
  const date = dateKind(cells, counts, order);
  if (date) return date;
  if (areSlips(odd, numbers)) {
    if (areValues(tally, odds))
      return { as: "category", why: `${quoted(odds[0])} is no number; --numeric leaves such cells out` };
    return { as: "unreadable", odd: odds[0], cells: odd, expected: numberExpected(odds[0], decimal) };
  }
  return textOf(tally, "text");
}

/** What a cell that is no number should be. */
export function numberExpected(cell: string, decimal?: DecimalSign): string {
  if (/^[+-]?inf(inity)?$/i.test(cell)) return "a finite number";
  return quantityIn(cell, decimal) === undefined ? "a number, as in other rows" : "a number up to 3.4e38";
}

const DIGITS_OF_A_DATE = /^(19|20)\d{6}$/;
const compact = (cell: string): number => (DIGITS_OF_A_DATE.test(cell) ? dateIn(cell, "compact") : Number.NaN);

/** How numbers are written, if not as plain digits. */
function written({ plain }: Numbers, unit: string): string {
  if (unit !== "") return `numbers with ${unitName(unit)}`;
  return plain ? "numbers" : "numbers with thousands separators";
}

/** Names of columns that count or identify rows. */
const INDEX = /^(|unnamed: ?\d+|index|row ?names?|row ?(id|no|nr|num(ber)?)?|#)$/i;
/** id, customer_id, PassengerId, and not humid. */
const isIdentifier = (name: string): boolean => /(^|[ _.-])id$/i.test(name) || /[a-z]I[Dd]$/.test(name);

/** Why a column of whole numbers identifies rows, if it does: by its name, and by values that all differ. */
function identifierOf(
  name: string,
  rows: Table["rows"],
  column: number,
  different: number,
  present: number,
): string | undefined {
  if (different < 3 || different !== rows.length || present !== rows.length) return undefined;
  const unnamed = /^(|unnamed: ?\d+)$/i.test(name);
  const counts = rows.every((row, r) => Number(row[column]) === Number(rows[0][column]) + r);
  if (unnamed || (counts && INDEX.test(name))) return "the row numbers of a data frame; --numeric uses them anyway";
  if (isIdentifier(name)) return "an identifier: its name says so, and every row has another; --numeric uses it anyway";
  return undefined;
}

/** Whether a column is of plain numbers at first sight: most are, and counting their different cells takes the most time. */
function isPlain({ rows, names, decimal }: Table, column: number): boolean {
  const name = names?.[column];
  if (name !== undefined && (INDEX.test(name) || isIdentifier(name))) return false;
  let numbers = 0;
  for (const row of rows) {
    const cell = row[column];
    const value = numberIn(cell, decimal);
    if (Number.isNaN(value) && isMissingNumber(cell)) continue;
    if (!(Math.abs(value) <= LARGEST) || isCode(cell) || DIGITS_OF_A_DATE.test(cell)) return false;
    numbers++;
  }
  return numbers > 0;
}

/** Two or three numbers as a stopwatch shows them. */
const DURATION = /^\d+:\d\d(:\d\d)?([.,]\d+)?$/;

/** Dates in one format, if almost all cells are. */
function dateKind(cells: readonly string[], counts: Tally["counts"], order: DateFormat | undefined): Kind | undefined {
  const formats = DATE_FORMATS.filter((format) => order === undefined || !format.includes("/") || format === order);
  const wrong = formats.map((format) => cells.filter((cell) => Number.isNaN(dateIn(cell, format))));
  const least = fewest(wrong.map(({ length }) => length));
  const found = formats.filter((_, i) => wrong[i].length === least);
  const odds = wrong[formats.indexOf(found[0])];
  const odd = odds.reduce((sum, cell) => sum + counts.get(cell)!, 0);
  const dates = cells.reduce((sum, cell) => sum + counts.get(cell)!, -odd);
  if (dates === 0 || !areSlips(odd, dates)) return undefined;
  const clock = found[0] === "time of day";
  // 25:30 among times of day: they are durations.
  if (clock && odds.some((cell) => DURATION.test(cell))) return undefined;
  if (odd > 0) {
    const expected = `${clock ? "a time of day" : "a date"}, as in ${dates} other rows`;
    return { as: "unreadable", odd: odds[0], cells: odd, expected };
  }
  if (clock) return { as: "date", format: found[0], why: `times of day such as ${quoted(cells[0])}` };
  if (found.length === 1) return { as: "date", format: found[0], why: `dates such as ${quoted(cells[0])}` };
  const why = `dates such as ${quoted(cells[0])}, of which none tells the day from the month`;
  return { as: "left", why: `${why}; --dates month/day/year or --dates day/month/year says which is first` };
}

/** The most values of a column that have an input of their own. */
export const PLACES = 100;
/** The same for a column that was asked for. */
export const PLACES_ASKED = 1000;

/** How often a value occurs at least that has an input of its own. */
export const leastCount = (present: number): number => Math.max(2, Math.ceil(present / 1000));

function textOf({ counts, present }: Tally, what: string): Kind {
  const least = leastCount(present);
  const frequent = [...counts.values()].filter((count) => count >= least).sort((a, b) => b - a);
  const covered = frequent.slice(0, PLACES).reduce((sum, count) => sum + count, 0);
  if (covered * 2 >= present) return { as: "category", why: what };
  if (present === 1) return { as: "left", why: `${what} in one cell only; --categorical uses it anyway` };
  const many = `${counts.size.toLocaleString("en-US")} different values in ${present.toLocaleString("en-US")} cells`;
  if (counts.size * 2 > present)
    return { as: "left", why: `${what} with ${many}, such as names; --categorical uses it anyway` };
  const most = [...counts.values()].sort((a, b) => b - a).slice(0, PLACES);
  const share = Number(((most.reduce((sum, count) => sum + count, 0) / present) * 100).toPrecision(2));
  const why = `${what} with ${many}, of which the ${PLACES} most frequent are ${share} %`;
  return { as: "left", why: `${why}; --categorical uses up to ${PLACES_ASKED.toLocaleString("en-US")}` };
}
