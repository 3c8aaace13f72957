import { greatest, least } from "../../math/extremes.js";
import { exp, log } from "../../math/f64.js";

/** YellowFin's measurements of the gradients of all tensors. Running averages start at 0. */
export interface Measured {
  /** Number of steps measured. */
  measured: number;
  /** β to the power of that number, for bias corrections. */
  betaPower: number;
  /** The most recent squared norms of the gradient, the paper's estimates of curvature. */
  curvatures: number[];
  /** Running averages of the logarithms of the smallest and the largest curvature in the window. */
  logMin: number;
  logMax: number;
  /** Running averages of the gradient's norm and of its square. */
  normAvg: number;
  squareAvg: number;
  /** Running average of normAvg / squareAvg, an estimate of the distance to the minimum. */
  distanceAvg: number;
}

export const measured = (): Measured => ({
  ...{ measured: 0, betaPower: 1, curvatures: [] },
  ...{ logMin: 0, logMax: 0, normAvg: 0, squareAvg: 0, distanceAvg: 0 },
});

/** Keeps every logarithm and quotient finite. The value is the authors'. */
export const EPS = 1e-6;

/** The largest curvature in the window, averaged on a logarithmic scale and corrected for bias. */
export const largest = (s: Measured): number => exp(s.logMax / (1 - s.betaPower));

/**
 * Updates the measurements with one gradient.
 *
 * @param square the squared norm of the gradient
 * @param window number of steps for which curvatures are remembered
 */
export function measure(s: Measured, square: number, beta: number, window: number): void {
  const smooth = (old: number, now: number): number => beta * old + (1 - beta) * now;
  s.measured++;
  s.betaPower *= beta;
  s.curvatures.push(square);
  while (s.curvatures.length > window) s.curvatures.shift();
  s.logMin = smooth(s.logMin, log(least(s.curvatures) + EPS));
  s.logMax = smooth(s.logMax, log(greatest(s.curvatures) + EPS));
  s.normAvg = smooth(s.normAvg, Math.sqrt(square));
  s.squareAvg = smooth(s.squareAvg, square);
  s.distanceAvg = smooth(s.distanceAvg, s.normAvg / (s.squareAvg + EPS));
}

/**
 * The momentum and the learning rate that suit a quadratic with the measured range of curvatures, gradient noise and
 * distance to the minimum: equation 15 of the paper, whose cubic equation is solved by Vieta's formula.
 *
 * @param meanSquare the squared norm of the averaged gradient, from which the variance of the gradient follows
 * @param window number of steps for which curvatures are remembered, which also sets the length of the slow start
 */
export function tune(s: Measured, meanSquare: number, window: number): { momentum: number; lr: number } {
  const debias = 1 - s.betaPower;
  const low = exp(s.logMin / debias) + EPS;
  const high = largest(s) + EPS;
  const variance = Math.max(s.squareAvg / debias - meanSquare / (debias * debias), EPS) + EPS;
  const distance = s.distanceAvg / debias + EPS;

  const p = (distance * distance * low * low) / 2 / variance;
  const cube = (Math.sqrt(p * p + (4 / 27) * p * p * p) + p) / 2;
  const w = cube === 0 ? 0 : -exp(log(cube) / 3);
  // The authors' ε in the quotient meets w, which is negative, at -ε; and from a p of 1e8 on the digits of the two terms
  // cancel, where the root is 1 / p.
  const root = p > 1e8 ? 1 / p : w - p / 3 / Math.min(w + EPS, -EPS) + 1;
  const spread = Math.sqrt(Math.max(high / low, 1 + EPS));
  const momentum = Math.max(root * root, ((spread - 1) / (spread + 1)) ** 2);
  // Slow start: the learning rate rises over the first 10 windows, while there are few measurements.
  const start = Math.min(1, s.measured / (10 * window));
  return { momentum, lr: ((1 - Math.sqrt(momentum)) ** 2 / low) * start };
}
