import { exp, log } from "../../f64.js";

/** What YellowFin measures of the gradients of all tensors: running averages that start at 0. */
export interface Measured {
  /** Number of steps measured. */
  measured: number;
  /** β to the power of `measured`, for bias correction. */
  betaPower: number;
  /** The squared norms of the last gradients, which stand for curvatures. */
  curvatures: number[];
  /** Averages of the logarithm of the least and the largest curvature in the window. */
  logMin: number;
  logMax: number;
  /** Averages of the norm of the gradient, of its square, and of the distance to the minimum. */
  normAvg: number;
  squareAvg: number;
  distanceAvg: number;
}

export const measured = (): Measured => ({
  ...{ measured: 0, betaPower: 1, curvatures: [] },
  ...{ logMin: 0, logMax: 0, normAvg: 0, squareAvg: 0, distanceAvg: 0 },
});

/** Keeps logarithms and quotients finite; the authors' value. */
export const EPS = 1e-6;

/** The largest curvature in the window, smoothed on a log scale. */
export const largest = (s: Measured): number => exp(s.logMax / (1 - s.betaPower));

/** Adds a gradient, by its squared norm, to what is measured; `window` is the number of curvatures kept. */
export function measure(s: Measured, square: number, beta: number, window: number): void {
  const smooth = (old: number, now: number): number => beta * old + (1 - beta) * now;
  s.measured++;
  s.betaPower *= beta;
  s.curvatures.push(square);
  while (s.curvatures.length > window) s.curvatures.shift();
  s.logMin = smooth(s.logMin, log(Math.min(...s.curvatures) + EPS));
  s.logMax = smooth(s.logMax, log(Math.max(...s.curvatures) + EPS));
  s.normAvg = smooth(s.normAvg, Math.sqrt(square));
  s.squareAvg = smooth(s.squareAvg, square);
  s.distanceAvg = smooth(s.distanceAvg, s.normAvg / (s.squareAvg + EPS));
}

/**
 * The momentum and the learning rate that suit a quadratic with the measured curvatures, noise and distance to the
 * minimum: the paper's equation 15, whose cubic is solved by Vieta's formula.
 *
 * @param meanSquare squared norm of the averaged gradient, from which the noise follows
 */
export function tune(s: Measured, meanSquare: number, window: number): { momentum: number; lr: number } {
  const correction = 1 - s.betaPower;
  const low = exp(s.logMin / correction) + EPS;
  const high = largest(s) + EPS;
  const variance = Math.max(s.squareAvg / correction - meanSquare / (correction * correction), EPS) + EPS;
  const distance = s.distanceAvg / correction + EPS;

  const p = (distance * distance * low * low) / 2 / variance;
  const cube = (Math.sqrt(p * p + (4 / 27) * p * p * p) + p) / 2;
  const w = cube === 0 ? 0 : -exp(log(cube) / 3);
  const root = w - p / 3 / (w + EPS) + 1;
  const spread = Math.sqrt(Math.max(high / low, 1 + EPS));
  const momentum = Math.max(root * root, ((spread - 1) / (spread + 1)) ** 2);
  // A slow start, while little has been measured.
  const start = Math.min(1, s.measured / (10 * window));
  return { momentum, lr: ((1 - Math.sqrt(momentum)) ** 2 / low) * start };
}
