/** The generated table of docs/extremes.md: every optimizer on gradients out to the ends of f32, beside its formula. */
import { markdownTable } from "markdown-table";
import { gradients, type Verdict } from "../test/support/straight/comparison.js";

const SIGNS: Readonly<Record<Verdict, string>> = {
  f64: "=",
  f32: "f32",
  between: "±",
  finite: "+",
  overflow: "∞",
  worse: "worse",
};

export function extremesTable(verdicts: Record<string, Record<string, Verdict>>): string {
  const titles = Object.keys(gradients);
  const rows = Object.entries(verdicts).map(([name, row]) => [
    `[\`${name}\`](optimizers.md#${name.toLowerCase()})`,
    ...titles.map((title) => SIGNS[row[title]]),
  ]);
  return markdownTable([["", ...titles], ...rows]);
}
