import { readCsv } from "../data/csv.js";
import type { TableOptions } from "../data/parseTable.js";
import type { Table } from "../data/table.js";

/** Reads a table from a file, or from stdin for "-". */
export async function readTable(path: string, options: TableOptions = {}): Promise<Table> {
  return readCsv(path, options);
}
