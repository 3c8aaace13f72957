import { parseCsv } from "./csv.js";
import type { DecimalSign, Table } from "./table.js";

export interface TableOptions {
  /** Whether the first row names the columns. Detected by default. */
  header?: boolean | undefined;
  /** The separator of cells. Detected by default, among "," ";" tab and "|". */
  delimiter?: string | undefined;
  /** The decimal sign of numbers. Detected by default. */
  decimal?: DecimalSign | undefined;
  /** How many lines to leave out at the start of the file. */
  skip?: number | undefined;
  /** Lines that begin with this text are left out. */
  comment?: string | undefined;
  /** The encoding of the text: any label that TextDecoder knows. Detected by default: UTF-8, or UTF-16. */
  encoding?: string | undefined;
}

/** Reads a table from the bytes of a file: CSV and its relatives, or JSON. */
export function parseTable(bytes: Uint8Array | string, file: string, options: TableOptions = {}): Table {
  return parseCsv(bytes as string, file, options);
}
