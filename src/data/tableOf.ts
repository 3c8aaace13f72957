import type { Table } from "./table.js";

/**
 * Makes a table of rows in memory: objects by column name, or arrays by position.
 * @param file what messages call the table
 */
export function tableOf(rows: readonly (Record<string, unknown> | readonly unknown[])[], file = "rows"): Table {
  throw new Error(`${file}: not yet ${rows.length}`);
}
