import { greatest } from "../extremes.js";

/** A label, which may be empty, and the text beside it. */
export type Row = readonly [label: string, text: string];

/**
 * Formats rows with all texts aligned in one column. A row wider than `columns` is wrapped, indented to that column.
 */
export function labelled(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): string[] {
  const indent = greatest(rows.map(([label]) => label.length)) + 2;
  return rows.map(([label, text]) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const full = indent + lines.at(-1)!.length + word.length > columns;
      if (full && lines.at(-1) !== "") lines.push("");
      lines[lines.length - 1] += `${word} `;
    }
    return label.padEnd(indent) + lines.map((line) => line.trimEnd()).join(`\n${" ".repeat(indent)}`);
  });
}
