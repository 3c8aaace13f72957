/** The matrix as a table of docs/embedding.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { markdownTable } from "markdown-table";
import { PAGE } from "./support/recipes.js";
import type { Result } from "./support/row.js";

const HEAD = ["host", "works", "configuration", "gzipped", "backend", "what it says"];
const START = "<!-- hosts -->\n\n";
const END = "\n\n<!-- end -->";

const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s+/g, " ").trim();
const rowOf = ({ name, works, configuration, bytes, backend, reason }: Result): string[] => {
  const kilobytes = bytes === undefined ? "" : `${(bytes / 1000).toFixed(1)} kB`;
  return [name, works ? "yes" : "no", configuration, kilobytes, backend, cell(reason)];
};

export const table = (results: readonly Result[]): string => markdownTable([HEAD, ...results.map(rowOf)]);

/** Puts rows into the table between the markers of the page, in the order of `names`; what did not run stays as it was. */
export function writeTable(results: readonly Result[], names: readonly string[]): void {
  const page = readFileSync(PAGE, "utf8");
  const from = page.indexOf(START);
  const to = page.indexOf(END, from + START.length - 2);
  if (from < 0 || to < 0) throw new Error(`docs/embedding.md: expected the markers ${START.trim()} and ${END.trim()}`);
  const before = page
    .slice(from + START.length, to)
    .split("\n")
    .slice(2);
  const kept = before.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((text) => text.trim()),
  );
  const rows = new Map([...kept, ...results.map(rowOf)].map((row) => [row[0], row]));
  const text = markdownTable([
    HEAD,
    ...names.flatMap((name) => [rows.get(name) ?? []]).filter(({ length }) => length > 0),
  ]);
  writeFileSync(PAGE, page.slice(0, from + START.length) + text + page.slice(to));
}
