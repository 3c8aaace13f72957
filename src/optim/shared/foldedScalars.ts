/**
 * A step A m / (R √v + ε) is m / (R/A √v + ε/A): one product an element less, and one rounding. These are R/A and ε/A,
 * for A from 0 up, where the quotient is 0: ε/A is infinite there, and R/A must not be, lest ∞ √0 be NaN.
 */
export const rootOver = (rootScale: number, stepSize: number): number => (stepSize < TINY ? 1 : rootScale / stepSize);
export const epsOver = (eps: number, stepSize: number): number =>
  stepSize < TINY ? Number.POSITIVE_INFINITY : eps / stepSize;

/**
 * √(1 - β), with which a gradient is multiplied before it is squared into an average: one product less. 2^-60 for a β of
 * 1, where what it is divided by again must not be 0: the square is then 0 beside any ε.
 */
export const rootShare = (share: number): number => Math.max(Math.sqrt(share), 2 ** -60);

/** Steps of this size change no parameter that is not itself next to 0, and 1 / TINY is far inside f32. */
const TINY = 2 ** -100;
