/** Length of a pattern. */
export const BITS = 6;

/**
 * The task of symmetry detection: all 64 strings of 6 bits, in counting order, with target 1 for the 8 that are
 * symmetric about their middle and target 0 for the others.
 *
 * Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323, 1986, fig. 1.
 */
export function symmetryPatterns(): { x: number[][]; y: number[][] } {
  const x = Array.from({ length: 2 ** BITS }, (_, pattern) =>
    Array.from({ length: BITS }, (_, i) => (pattern >> (BITS - 1 - i)) & 1),
  );
  return { x, y: x.map((bits) => [isSymmetric(bits) ? 1 : 0]) };
}

const isSymmetric = (bits: readonly number[]): boolean => bits.every((bit, i) => bit === bits[BITS - 1 - i]);
