/**
 * `denomScale` and `denomEps`. A step A m / (R √v + ε) is m / (R/A √v + ε/A), with one product and one rounding less
 * per element. `rootOver` is R/A, of `rootCorrection` and `stepSize`, and `epsOver` is ε/A. Where A is 0 the step must
 * be 0: ε/A is then infinite, and R/A finite, as ∞ √0 would be NaN.
 */
export const rootOver = (rootCorrection: number, stepSize: number): number =>
  stepSize < TINY ? 1 : rootCorrection / stepSize;
export const epsOver = (eps: number, stepSize: number): number =>
  stepSize < TINY ? Number.POSITIVE_INFINITY : eps / stepSize;

/**
 * √(1 - β), given 1 - β: the gradient is multiplied by it before it is squared into an average, which saves a product.
 * 2^-60 where β is 1, as some rules divide by it: what it adds to an average is then next to nothing beside any ε.
 */
export const rootShare = (oneMinusBeta: number): number => Math.max(Math.sqrt(oneMinusBeta), 2 ** -60);

/** Smaller steps change only parameters that are next to 0 themselves, and 1 / TINY is far inside the range of f32. */
const TINY = 2 ** -100;
