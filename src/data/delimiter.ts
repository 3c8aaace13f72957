import { argumentError, quoted } from "../check.js";
import { BLANKS, sampleOf } from "./csv.js";
import { type DecimalSign, MISSING, numberIn } from "./table.js";

/** The separators that are found out, the more telling ones first. */
const CANDIDATES = ["\t", ";", "|", ","] as const;

/** How much of a text is looked at, in characters and in records. */
const SAMPLE = 65_536;
const RECORDS = 200;

/**
 * Finds out the separator: the one that cuts most records into the same number of cells, and into clean ones. A cell is
 * clean if it is a number, or text without another separator: 1,5;yes is cut at the semicolon.
 */
export function delimiterOf(text: string): string {
  let sample = text;
  if (text.length > SAMPLE) {
    const cut = text.slice(0, SAMPLE);
    const end = Math.max(cut.lastIndexOf("\n"), cut.lastIndexOf("\r"));
    sample = end > 0 ? cut.slice(0, end) : cut;
  }
  let best: string | undefined;
  let most = 0;
  for (const candidate of CANDIDATES) {
    const score = sample.includes(candidate) ? fitness(sample, candidate) : 0;
    if (score > most) [best, most] = [candidate, score];
  }
  if (best === "\t" && blanksInside(sample)) return BLANKS;
  if (best !== undefined) return best;
  // Blanks stand in texts too: they separate only if nothing else does, and most of what they separate are numbers.
  return fitness(sample, BLANKS) > 0.9 && numeric(sample, BLANKS) ? BLANKS : ",";
}

/** How well a separator cuts a sample, from 0 to 1. */
function fitness(sample: string, delimiter: string): number {
  const records = sampleOf(sample, delimiter).slice(0, RECORDS);
  const counts = new Map<number, number>();
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  let width = 0;
  for (const [length, count] of counts) if (length > 1 && count > (counts.get(width) ?? 0)) width = length;
  if (width === 0) return 0;
  const regular = records.filter(({ length }) => length === width);
  const cells = regular.flat();
  const others = CANDIDATES.filter((candidate) => candidate !== delimiter);
  const clean = cells.filter(
    (cell) =>
      !others.some((other) => cell.includes(other)) || (delimiter !== "," && !Number.isNaN(numberIn(cell, ","))),
  ).length;
  // R writes no name above the row names.
  const named = records[0].length === width - 1 ? 1 : 0;
  const share = (regular.length + named) / records.length;
  // Consistency counts more: texts hold commas, but not the same number in every row.
  return share * share * (0.1 + (0.9 * clean) / cells.length);
}

/** Whether what tabs cut are rows of numbers between blanks: old files in columns of text end so, with a tab and a name. */
function blanksInside(sample: string): boolean {
  if (numeric(sample, "\t") || !numeric(sample, BLANKS)) return false;
  const [first, second] = sampleOf(sample, BLANKS);
  return first.length === second.length && fitness(sample, BLANKS) > 0.9;
}

/** Whether most cells below the first record are numbers or missing. */
function numeric(sample: string, delimiter: string): boolean {
  const cells = sampleOf(sample, delimiter).slice(1, RECORDS).flat();
  return cells.filter((cell) => MISSING.test(cell) || !Number.isNaN(numberIn(cell))).length * 2 > cells.length;
}

/** A separator as a person types it: one character, or "tab", "\t", "space". */
export function separatorNamed(text: string): string {
  const named: Record<string, string> = {
    tab: "\t",
    "\\t": "\t",
    space: BLANKS,
    blank: BLANKS,
    comma: ",",
    semicolon: ";",
  };
  const separator = Object.hasOwn(named, text) ? named[text] : text;
  if (separator.length === 1 && !/["\r\n\w.+-]/.test(separator)) return separator;
  throw argumentError("delimiter", `expected one character, as in "," ";" "|" or tab, got ${quoted(text)}`);
}

/** A decimal sign. */
export function decimalNamed(text: string): DecimalSign {
  if (text === "," || text === ".") return text;
  throw argumentError("decimal", `expected "," or ".", got ${quoted(text)}`);
}

/**
 * Finds out the decimal sign of cells that no comma separates. A comma is one if more numbers have it than a point; and, as
 * 1,234 may be a thousand, if some number has it that groups of three digits do not explain, or semicolons separate,
 * which spreadsheets write where the comma is the decimal sign.
 */
export function decimalOf(text: string, delimiter: string, rows: readonly (readonly string[])[]): DecimalSign {
  if (delimiter === "," || !/\d,\d|(?:^|[^\d]),\d/.test(text)) return ".";
  let commas = 0;
  let points = 0;
  let certain = delimiter === ";";
  for (const row of rows) {
    for (const cell of row) {
      if (cell.includes(",")) {
        if (Number.isNaN(numberIn(cell, ","))) continue;
        commas++;
        certain ||= !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell);
      } else if (cell.includes(".") && !Number.isNaN(numberIn(cell))) points++;
    }
  }
  return certain && commas > points ? "," : ".";
}
