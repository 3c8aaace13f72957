/** Successive halving: many settings over few epochs, the better half of them over twice as many, and so on. */

/** One round of a stage. */
export interface TuneRung {
  /** How many settings are tried: the best ones of the rung before. */
  count: number;
  /** Each is trained for this fraction of its epochs, 1 over this number. */
  divisor: number;
}

/**
 * The rungs for n settings: half of them go on from each, until two or three are left for the last one, over all epochs
 * (Jamieson and Talwalkar, AISTATS 2016, with η = 2).
 */
export function rungsOf(n: number): TuneRung[] {
  const rungs = Math.max(1, 31 - Math.clz32(n)); // ⌊log2 n⌋
  return Array.from({ length: rungs }, (_, i) => ({ count: n >> i, divisor: 2 ** (rungs - 1 - i) }));
}

/** What settings are ranked by. */
export interface Ranked {
  measure: TuneMeasure | null;
}

/** How good settings are, over all rows held out. */
export interface TuneMeasure {
  /** The mean loss; that of a regression is in the target's units, squared. */
  loss: number;
  /** For classes: the fraction of rows predicted right. */
  accuracy: number | null;
  /** For a regression: the root mean squared error, in the target's units. */
  rmse: number | null;
}

/**
 * The order from best to worst: by accuracy, then by loss; equals stay in the order in which they are given, and what has
 * no measure comes last.
 */
export const ranked = <T extends Ranked>(list: readonly T[]): T[] => [...list].sort((a, b) => compare(a, b));

function compare({ measure: a }: Ranked, { measure: b }: Ranked): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return (b.accuracy ?? 0) - (a.accuracy ?? 0) || a.loss - b.loss;
}
