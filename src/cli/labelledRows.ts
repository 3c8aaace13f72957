import { padded, width, wrapped } from "./terminal.js";

/** A label, which may be empty, and the text beside it. */
export type Row = readonly [label: string, text: string];

/** Lines of labels and texts: all texts begin in one column, and are wrapped within it. */
export function labelled(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): string[] {
  const indent = rows.reduce((widest, [label]) => Math.max(widest, width(label)), 0) + 2;
  return rows.flatMap(([label, text]) => {
    const [first, ...rest] = wrapped(text, columns - indent);
    return [(padded(label, indent) + first).trimEnd(), ...rest.map((line) => " ".repeat(indent) + line)];
  });
}
