import { isMissingNumber } from "./missing.js";
import { type DecimalSign, numberIn } from "./table.js";

/** A number as a table writes it, with the sign of its unit: "3 %", "$1,000.50", "1.000,50 €". */
export interface Quantity {
  readonly value: number;
  /** "%", "$" …, or a word that all cells of a column end in, "kg"; "" for none. */
  readonly unit: string;
}

/** A sign, a currency before or after the digits, or a percent sign after them. */
const QUANTITY = /^([+-]?) ?([$€£¥₹₽₩₺]?) ?([+-]?)(\d[\d.,'’ ]*|\.\d+) ?([%$€£¥₹₽₩₺]?)$/;

/** Digits in groups of three. The space may be any of those that typesetters use, which are blanks by then. */
const GROUPED = {
  ".": /^\d{1,3}([,'’ ])\d{3}(?:\1\d{3})*(?:\.\d*)?$/,
  ",": /^\d{1,3}([.'’ ])\d{3}(?:\1\d{3})*(?:,\d*)?$/,
};
const SEPARATORS = { ".": /[,'’ ]/g, ",": /[.'’ ]/g };

/** No number that a person writes is longer. */
const LONGEST = 50;

/**
 * Reads a number with thousands separators, a currency sign or a percent sign. 3 % is 3: the unit is the column's.
 * @returns undefined for any other text
 */
export function quantityIn(cell: string, decimal: DecimalSign = "."): Quantity | undefined {
  const plain = numberIn(cell, decimal);
  if (!Number.isNaN(plain)) return { value: plain, unit: "" };
  if (cell.length > LONGEST || !/\d/.test(cell)) return undefined;
  const found = QUANTITY.exec(cell.replace(/[\u00a0\u2009\u202f]/g, " "));
  if (found === null) return undefined;
  const [, before, prefix, after, written, suffix] = found;
  const digits = written.trim();
  if ((before !== "" && after !== "") || (prefix !== "" && suffix !== "")) return undefined;
  const value = GROUPED[decimal].test(digits)
    ? numberIn(digits.replace(SEPARATORS[decimal], ""), decimal)
    : numberIn(digits, decimal);
  if (Number.isNaN(value)) return undefined;
  return { value: before === "-" || after === "-" ? -value : value, unit: prefix || suffix };
}

/** A number and a word: "8 kg", "1,200 km/h", "21.5°C", "3 m²". */
const WITH_WORD = /^([+-]?(?:\d[\d.,'’ ]*|\.\d+)) ?([\p{L}°][\p{L}°²³/]{0,11})$/u;
const BLANKS = /[\u00a0\u2009\u202f]/g;

/** The word behind the number in every cell, if it is one and the numbers differ. */
export function wordOf(cells: Iterable<string>, decimal?: DecimalSign): string | undefined {
  let word: string | undefined;
  const values = new Set<number>();
  for (const cell of cells) {
    if (isMissingNumber(cell)) continue;
    const [, digits, found] = (cell.length <= LONGEST && WITH_WORD.exec(cell.replace(BLANKS, " "))) || [];
    if (digits === undefined || (word ?? found) !== found || isCode(digits.trim())) return undefined;
    const quantity = quantityIn(digits.trim(), decimal);
    if (quantity === undefined) return undefined;
    word = found;
    values.add(quantity.value);
  }
  return values.size > 1 ? word : undefined;
}

/** How messages call a unit: "the sign %", "the unit kg". */
export const unitName = (unit: string): string => `the ${/\p{L}/u.test(unit) ? "unit" : "sign"} ${unit}`;

/** The number in a cell of a column with this unit, NaN for any other text. The unit may be left off. */
export function numberWith(cell: string, unit: string, decimal: DecimalSign | undefined): number {
  const plain = numberIn(cell, decimal);
  if (!Number.isNaN(plain)) return plain;
  const word = unit !== "" && cell.endsWith(unit) && /[\p{L}°]/u.test(unit);
  const quantity = quantityIn(word ? cell.slice(0, -unit.length).trimEnd() : cell, decimal);
  return quantity && (quantity.unit === "" || quantity.unit === unit) ? quantity.value : Number.NaN;
}

/** A number for the eye: whole ones as they are, others to 6 digits, or 12 from 10,000 on. Schemas hold it exactly. */
export const rounded = (x: number): string =>
  Number.isInteger(x) ? `${x}` : `${Number(x.toPrecision(Math.abs(x) < 1e4 ? 6 : 12))}`;

/**
 * The number that stands for a label or category in comparisons: for whole numbers and decimals in their usual spelling
 * that an f64 tells apart. NaN for text, and for 007, 1E2 and numbers of more than 15 digits, which are names.
 */
export function plainNumber(cell: string, decimal: DecimalSign = "."): number {
  const value = numberIn(cell, decimal);
  if (Number.isNaN(value) || /^[+-]?0\d|e/i.test(cell)) return Number.NaN;
  return cell.replace(/\D/g, "").length > 15 ? Number.NaN : value + 0;
}

/** Whether a cell is a whole number in the spelling of a code or an identifier: with leading zeros, or above 15 digits. */
export const isCode = (cell: string): boolean => /^0\d\d+$|^[+-]?\d{16,}$/.test(cell);
