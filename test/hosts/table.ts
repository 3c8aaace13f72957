/** The matrix as a table of docs/embedding.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { markdownTable } from "markdown-table";
import { PAGE } from "./support/recipes.js";
import type { Result } from "./support/row.js";

const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s+/g, " ").trim();

export function table(results: readonly Result[]): string {
  const rows = results.map(({ name, works, configuration, bytes, backend, reason }) => [
    name,
    works ? "yes" : "no",
    configuration,
    bytes === undefined ? "" : `${(bytes / 1000).toFixed(1)} kB`,
    backend,
    cell(reason),
  ]);
  return markdownTable([["host", "works", "configuration", "gzipped", "backend", "what it says"], ...rows]);
}

const START = "<!-- hosts -->\n\n";
const END = "\n\n<!-- end -->";

/** Puts the table between the markers of the page. */
export function writeTable(results: readonly Result[]): void {
  const page = readFileSync(PAGE, "utf8");
  const from = page.indexOf(START);
  const to = page.indexOf(END, from + START.length - 2);
  if (from < 0 || to < 0) throw new Error(`docs/embedding.md: expected the markers ${START.trim()} and ${END.trim()}`);
  writeFileSync(PAGE, page.slice(0, from + START.length) + table(results) + page.slice(to));
}
