import { readFileSync, statSync } from "node:fs";
import { type CsvError, parse } from "csv-parse/sync";
import { count, MISSING, numberIn, type Table } from "./table.js";

export interface CsvOptions {
  /** Whether the first row names the columns. Detected by default: see {@link parseCsv}. */
  header?: boolean | undefined;
}

/**
 * Reads a CSV file.
 * @throws Error when the file cannot be read; RangeError for what {@link parseCsv} refuses
 */
export function readCsv(file: string, options: CsvOptions = {}): Table {
  let bytes: Buffer;
  try {
    const found = statSync(file);
    // A device may never end. A pipe does, when its writer does: thalweg train <(gunzip -c data.csv.gz).
    if (found.isCharacterDevice() || found.isBlockDevice() || found.isSocket()) {
      throw new Error(`${file}: expected a CSV file, got a device`);
    }
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`${file}: expected a CSV file, got ${READ_ERRORS[code] ?? code}`);
  }
  return parseCsv(bytes, file, options);
}

const READ_ERRORS: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "a directory",
  EACCES: "a file that may not be read (permission denied)",
};

/**
 * Parses cells separated by commas, in quotes if they contain commas, quotes or line breaks (RFC 4180); skips blank
 * lines. The first row is a header if one of its cells is a word above a column of numbers.
 *
 * @param file the name of the file in error messages
 * @throws RangeError naming the row, for ragged rows and broken quotes; for a file that is empty or has only a header
 * @example
 * parseCsv("age,city\n31,Ulm\n", "people.csv").names; // ["age", "city"]
 */
export function parseCsv(text: string | Buffer, file: string, options: CsvOptions = {}): Table {
  const records = recordsOf(text, file);
  const rows: string[][] = [];
  const lines: number[] = [];
  let line = 1;
  for (const record of records) {
    if (record.length > 1 || record[0] !== "") {
      rows.push(record);
      lines.push(line);
    }
    line += linesIn(record);
  }
  const first = rows[0];
  if (first === undefined) throw new RangeError(`${file}: expected rows of data, got an empty file`);
  rows.forEach((row, r) => {
    if (row.length === first.length) return;
    const as = `${count(first.length, "column")}, as in row ${lines[0]}`;
    throw new RangeError(`${file}, row ${lines[r]}: expected ${as}, got ${row.length}`);
  });
  const header = options.header ?? looksLikeHeader(rows);
  if (header) {
    rows.shift();
    lines.shift();
    if (rows.length === 0) throw new RangeError(`${file}: expected rows of data, got only a header`);
  }
  return { file, names: header ? first : undefined, width: first.length, rows, lines };
}

const SYNTAX = { bom: true, trim: true, relax_column_count: true } as const;

/** All records, blank lines included. */
function recordsOf(text: string | Buffer, file: string): string[][] {
  try {
    return parse(text, SYNTAX);
  } catch (error) {
    const { code, message, lines, records } = error as CsvError & { lines: number; records: number };
    // csv-parse reports the last line of the file; the row with the open quote is more helpful.
    if (code === "CSV_QUOTE_NOT_CLOSED") {
      const before: string[][] = records === 0 ? [] : parse(text, { ...SYNTAX, to: records });
      const line = before.reduce((sum, record) => sum + linesIn(record), 1);
      throw new RangeError(`${file}, row ${line}: expected a closing quote, got the end of the file`);
    }
    throw new RangeError(`${file}, row ${lines}: ${message.split("\n")[0]}`);
  }
}

/** The lines of the file that a record spans. csv-parse counts them too, but a CRLF inside quotes twice (7.0.3). */
function linesIn(record: readonly string[]): number {
  return record.reduce((lines, cell) => lines + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 1);
}

/**
 * Whether some column has a word in the first row and mostly numbers below it. A single row is a header if it is all
 * words.
 */
function looksLikeHeader([first, ...below]: readonly (readonly string[])[]): boolean {
  const isWord = (cell: string) => !MISSING.test(cell) && Number.isNaN(numberIn(cell));
  if (below.length === 0) return first.every(isWord);
  return first.some((cell, j) => {
    if (!isWord(cell)) return false;
    // Mostly: a single misspelt number must not turn the header into a row of data.
    return below.filter((row) => !Number.isNaN(numberIn(row[j]))).length * 2 > below.length;
  });
}
