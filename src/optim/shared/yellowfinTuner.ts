import { exp, log } from "../../f64.js";

/** What YellowFin measures of the gradients of all tensors, in running averages that start at 0. */
export interface Measured {
  /** Steps measured, and β to their power. */
  measured: number;
  betaPower: number;
  /** The last squared norms of the gradient. */
  curvatures: number[];
  logMin: number;
  logMax: number;
  normAvg: number;
  squareAvg: number;
  distanceAvg: number;
}

export const measured = (): Measured => ({
  ...{ measured: 0, betaPower: 1, curvatures: [] },
  ...{ logMin: 0, logMax: 0, normAvg: 0, squareAvg: 0, distanceAvg: 0 },
});

/** Keeps every logarithm and every quotient in bounds, at the authors' value. */
export const EPS = 1e-6;

/** The largest curvature in the window, smoothed on a log scale. */
export const largest = (s: Measured): number => exp(s.logMax / (1 - s.betaPower));

/** Takes in a gradient: its squared norm, and the window over which curvatures are held. */
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
 * The momentum and the rate that fit a quadratic of these curvatures, of this noise and at this distance, with the
 * squared norm of the smoothed gradient for the noise. The paper's equation 15, its cubic solved by Vieta's formula.
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
  const root = w - p / 3 / (w + EPS) + 1;
  const spread = Math.sqrt(Math.max(high / low, 1 + EPS));
  const momentum = Math.max(root * root, ((spread - 1) / (spread + 1)) ** 2);
  // A slow start: there is not much to go by yet.
  const start = Math.min(1, s.measured / (10 * window));
  return { momentum, lr: ((1 - Math.sqrt(momentum)) ** 2 / low) * start };
}
