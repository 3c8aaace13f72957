import { type CsvError, type Options, parse } from "./csvParse.js";

/** The records of a text: cells without blanks around them, and the line of the file that each starts on. */
export interface Records {
  readonly rows: string[][];
  readonly lines: number[];
  /** Records with a cell that spans lines, by their index. */
  readonly spanning: readonly number[];
  /** Whether a quote stands inside a cell that is not quoted, and was read as a character. */
  readonly stray: boolean;
}

/** The separator of cells that stands for any number of blanks. */
export const BLANKS = " ";

/**
 * Splits a text into records: lines, with cells separated by `delimiter`, in quotes if they contain separators, quotes or
 * line breaks (RFC 4180). A file may mix line ends. Blank lines are left out.
 *
 * @throws RangeError naming the row, for quotes that do not fit together
 */
export function recordsOf(text: string, file: string, delimiter: string, line: number): Records {
  // Without quotes there is nothing to parse; splitting takes a tenth of the time of csv-parse.
  if (!text.includes('"')) return split(text, delimiter, line);
  const { found, stray } = parsed(delimiter === BLANKS ? tabbed(text) : text, file, separatorOf(delimiter), line);
  const rows: string[][] = [];
  const lines: number[] = [];
  const spanning: number[] = [];
  let at = line;
  for (const record of found) {
    const breaks = breaksIn(record);
    for (let j = 0; j < record.length; j++) record[j] = record[j].trim();
    if (record.length > 1 || record[0] !== "") {
      if (breaks > 0) spanning.push(rows.length);
      rows.push(record);
      lines.push(at);
    }
    at += 1 + breaks;
  }
  return { rows, lines, spanning, stray };
}

/** The first records of a text, however broken: for guesses. */
export function sampleOf(text: string, delimiter: string): string[][] {
  if (!text.includes('"')) return split(text, delimiter, 1).rows;
  const found: string[][] = [];
  const options = {
    ...syntax(separatorOf(delimiter)),
    relax_quotes: true,
    on_record: (record: string[]) => void found.push(record),
  };
  try {
    parse(delimiter === BLANKS ? tabbed(text) : text, options);
  } catch {
    // The sample may end within quotes.
  }
  return found.filter((record) => record.length > 1 || record[0].trim() !== "");
}

function split(text: string, delimiter: string, first: number): Records {
  const rows: string[][] = [];
  const lines: number[] = [];
  const all = text.includes("\r") ? text.split(/\r\n|\n|\r/) : text.split("\n");
  for (let i = 0; i < all.length; i++) {
    const line = all[i];
    if (line.trim() === "") {
      // Tabs alone are empty cells, where tabs separate.
      if (delimiter !== "\t" || !line.includes("\t")) continue;
    }
    const cells = delimiter === BLANKS ? line.trim().split(/\s+/) : line.split(delimiter);
    for (let j = 0; j < cells.length; j++) cells[j] = cells[j].trim();
    rows.push(cells);
    lines.push(first + i);
  }
  return { rows, lines, spanning: [], stray: false };
}

/** Turns runs of blanks between cells into tabs. */
const tabbed = (text: string): string =>
  text
    .replace(/^[^\S\r\n]+|[^\S\r\n]+$/gm, "")
    .replace(/"[^"]*"|[^\S\r\n]+/g, (found) => (found.startsWith('"') ? found : "\t"));
const separatorOf = (delimiter: string): string => (delimiter === BLANKS ? "\t" : delimiter);

const syntax = (delimiter: string) =>
  ({ delimiter, trim: true, relax_column_count: true, record_delimiter: ["\r\n", "\n", "\r"] }) satisfies Options;

/** All records, blank lines included. */
function parsed(text: string, file: string, delimiter: string, line: number): { found: string[][]; stray: boolean } {
  const options = syntax(delimiter);
  try {
    return { found: parse(text, options), stray: false };
  } catch (error) {
    // A quote within a cell, as in 5" pipe, is a character.
    if ((error as CsvError).code !== "INVALID_OPENING_QUOTE") throw broken(error, text, file, options, line);
  }
  try {
    return { found: parse(text, { ...options, relax_quotes: true }), stray: true };
  } catch (error) {
    throw broken(error, text, file, { ...options, relax_quotes: true }, line);
  }
}

function broken(error: unknown, text: string, file: string, options: Options, line: number): unknown {
  const { code, records } = error as CsvError & { records?: number };
  if (code === undefined || records === undefined) return error;
  // csv-parse names the line where it noticed; the one where the record starts is more helpful.
  const before = records === 0 ? [] : (parse(text, { ...options, to: records }) as string[][]);
  const row = before.reduce((sum, record) => sum + 1 + breaksIn(record), line);
  const problem =
    code === "CSV_QUOTE_NOT_CLOSED"
      ? "expected a closing quote, got the end of the file"
      : 'expected a separator after a closing quote, got text; inside quotes, write a quote as ""';
  return new RangeError(`${file}, row ${row}: ${problem}`);
}

/** The line breaks in the cells of a record. csv-parse counts lines too, but a CRLF inside quotes twice (7.0.3). */
function breaksIn(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record) {
    if (cell.includes("\n") || cell.includes("\r")) breaks += cell.match(/\r\n|\r|\n/g)!.length;
  }
  return breaks;
}
