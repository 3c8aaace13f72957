import type { Schema } from "../data/schema.js";
import type { SavedRun } from "./savedRun.js";

/** Refuses data other than those that a run was trained on; `file` is the run's. */
export function checkData({ schema, rows }: SavedRun, file: string, now: Schema, nowRows: number): void {
  const differ = (what: string, before: unknown, after: unknown) => {
    if (`${before}` === `${after}`) return;
    throw new RangeError(`${now.file}: expected ${what} ${before}, as in the data of ${file}, got ${after}`);
  };
  differ("columns", schema.names ?? schema.width, now.names ?? now.width);
  differ("target column", schema.target, now.target);
  if (rows !== nowRows)
    throw new RangeError(`${now.file}: expected ${rows} rows to train on, as in the data of ${file}, got ${nowRows}`);
  differ("classes", schema.classes, now.classes);
  // The means and deviations of the columns reveal almost any change of a number in the file.
  const of = ({ names, target }: Schema, j: number) => names?.[j < target ? j : j + 1] ?? (j < target ? j : j + 1);
  for (const [j, mean] of schema.scaling.means.entries()) {
    differ(`column ${of(schema, j)} to have the mean`, mean, now.scaling.means[j]);
    differ(`column ${of(schema, j)} to have the deviation`, 1 / schema.scaling.factors[j], 1 / now.scaling.factors[j]);
  }
  differ("the target's mean", schema.targetScaling?.means, now.targetScaling?.means);
}
