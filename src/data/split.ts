import type { Random } from "../math/random.js";
import { everyRow, holdOut } from "./rowNumbers.js";
import type { Table } from "./table.js";

/** Some rows of a table, by number. */
export const pick = (table: Table, rows: ArrayLike<number>): Table => ({
  ...table,
  rows: Array.from(rows, (r) => table.rows[r]),
  lines: Array.from(rows, (r) => table.lines[r]),
});

/**
 * Draws the rows to hold out for validation so that both parts have the shares of the classes: of each class the fraction,
 * rounded so that the sum is the fraction of all, and at least one row if the sum allows. A class of one row is trained on.
 *
 * @param labels the class number of every row
 */
export function stratified(
  labels: Int32Array,
  classes: number,
  fraction: number,
  random: Random,
): { kept: Int32Array; heldOut: Int32Array } {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const exact = Array.from(counts, (count) => count * fraction);
  const quotas = exact.map(Math.floor);
  let rest = Math.max(1, Math.round(labels.length * fraction)) - quotas.reduce((sum, quota) => sum + quota, 0);
  const left = Array.from(counts.keys()).filter((c) => quotas[c] + 1 < counts[c]);
  // Classes that would have none come first, then the largest remainders.
  left.sort(
    (a, b) => Number(quotas[a] > 0) - Number(quotas[b] > 0) || exact[b] - quotas[b] - (exact[a] - quotas[a]) || a - b,
  );
  for (const c of left) if (rest-- > 0) quotas[c]++;
  for (const c of left.filter((c) => quotas[c] === 0)) {
    const giver = quotas.reduce((most, quota, i) => (quota > quotas[most] ? i : most), 0);
    if (quotas[giver] < 2) break;
    quotas[giver]--;
    quotas[c]++;
  }
  // No class has a row to spare.
  if (quotas.every((quota) => quota === 0)) return holdOut(labels.length, fraction, random);
  const order = everyRow(labels.length);
  random.shuffle(order);
  const held = order.map((row) => (quotas[labels[row]]-- > 0 ? 1 : 0));
  return { kept: order.filter((_, i) => held[i] === 0).sort(), heldOut: order.filter((_, i) => held[i] === 1).sort() };
}

/** One part of a cross-validation: the rows are dealt out to `of` parts, and part `index` is held out. */
export interface Fold {
  readonly index: number;
  readonly of: number;
}

/**
 * The rows of a fold. All folds of one generator's state are disjoint and together have every row; their sizes, and with
 * labels the counts of each class in them, differ by one at most.
 */
export function foldOf(
  rows: number,
  { index, of }: Fold,
  random: Random,
  labels?: Int32Array,
): { kept: Int32Array; heldOut: Int32Array } {
  const order = everyRow(rows);
  random.shuffle(order);
  // Dealt out class by class. The sort is stable, so that rows of a class stay shuffled.
  if (labels) order.set(Array.from(order).sort((a, b) => labels[a] - labels[b]));
  return {
    kept: order.filter((_, i) => i % of !== index).sort(),
    heldOut: order.filter((_, i) => i % of === index).sort(),
  };
}
