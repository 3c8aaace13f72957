/** Tables for a terminal: columns two blanks apart, under names that a line sets off. */
import { printable } from "../check.js";
import { padded, width, wrapped } from "./terminal.js";

export interface ColumnsOptions {
  /** The columns to align on the right, such as numbers. */
  right?: readonly number[];
  /** Columns of the terminal to fit: the cells of the last column are wrapped. */
  within?: number;
}

const GAP = 2;

/** Lines of a table: its head, a rule, and its rows. */
export function columned(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [], within = Number.POSITIVE_INFINITY }: ColumnsOptions = {},
): string[] {
  const cells = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, c) => cells.reduce((widest, row) => Math.max(widest, width(row[c])), 0));
  const last = head.length - 1;
  const before = widths.slice(0, last).reduce((sum, wide) => sum + wide + GAP, 0);
  widths[last] = Math.min(widths[last], Math.max(10, within - before));
  const linesOf = (row: readonly string[]): string[] => {
    const [first, ...rest] = right.includes(last) ? [row[last]] : wrapped(row[last], widths[last]);
    const line = [...row.slice(0, last), first].map((cell, c) => padded(cell, widths[c], right.includes(c)));
    return [line.join(" ".repeat(GAP)).trimEnd(), ...rest.map((more) => " ".repeat(before) + more)];
  };
  const rule = widths.map((wide) => "─".repeat(wide)).join(" ".repeat(GAP));
  const [names, ...body] = cells;
  return [...linesOf(names), rule, ...body.flatMap(linesOf)];
}
