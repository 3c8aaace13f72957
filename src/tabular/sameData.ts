import { type Difference, difference } from "../data/difference.js";
import type { Schema } from "../data/schema.js";
import type { SavedRun } from "./savedRun.js";

/** Refuses data other than those that a run was trained on; `file` is the run's. */
export function checkData({ schema, rows }: SavedRun, file: string, now: Schema, nowRows: number): void {
  const differ = ({ what, before, after }: Difference) =>
    new RangeError(`${now.source}: expected ${what} ${before}, as in the data of ${file}, got ${after}`);
  if (rows !== nowRows)
    throw new RangeError(`${now.source}: expected ${rows} rows to train on, as in the data of ${file}, got ${nowRows}`);
  const found = difference(schema, now);
  if (found) throw differ(found);
}
