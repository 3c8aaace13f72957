import type { Random } from "../math/random.js";

/** The numbers of all rows, in order. */
export const everyRow = (rows: number): Int32Array => Int32Array.from({ length: rows }, (_, i) => i);

/**
 * Draws the rows to hold out for validation: the given fraction of at least two rows, but never none and never all.
 * Both parts keep the order of the data: training shuffles its rows for each epoch anyway, and validation takes its
 * rows in that order.
 */
export function holdOut(rows: number, fraction: number, random: Random): { kept: Int32Array; heldOut: Int32Array } {
  const order = everyRow(rows);
  random.shuffle(order);
  const count = Math.min(Math.max(Math.round(fraction * rows), 1), rows - 1);
  return { kept: order.slice(count).sort(), heldOut: order.slice(0, count).sort() };
}
