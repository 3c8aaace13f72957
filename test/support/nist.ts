/** NIST's Statistical Reference Datasets for nonlinear regression (test/data/nist/), as residuals with their derivatives. */
import { readFileSync } from "node:fs";
import { exp } from "../../src/math/f64.js";

export interface Problem {
  name: string;
  /** How difficult NIST says it is. */
  level: "lower" | "average" | "higher";
  starts: [number[], number[]];
  /** The parameters that NIST certifies, to 11 digits, */
  certified: number[];
  /** and their sum of squares. */
  residualSumOfSquares: number;
  x: number[];
  y: number[];
}

export const problems = JSON.parse(
  readFileSync(new URL("../data/nist/problems.json", import.meta.url), "utf8"),
) as Problem[];

/** A model at x, and its derivatives with respect to the parameters. */
type Model = (b: ArrayLike<number>, x: number) => [value: number, ...derivatives: number[]];

const saturation: Model = (b, x) => {
  const e = exp(-b[1] * x);
  return [b[0] * (1 - e), 1 - e, b[0] * x * e];
};
/** A cubic over a cubic. */
const rational: Model = (b, x) => {
  const top = b[0] + x * (b[1] + x * (b[2] + x * b[3]));
  const bottom = 1 + x * (b[4] + x * (b[5] + x * b[6]));
  const value = top / bottom;
  const powers = [1, x, x * x, x * x * x];
  const [, ...rest] = powers;
  return [value, ...powers.map((power) => power / bottom), ...rest.map((power) => (-value * power) / bottom)];
};

const models: Record<string, Model> = {
  Misra1a: saturation,
  BoxBOD: saturation,
  Hahn1: rational,
  Thurber: rational,
  MGH09(b, x) {
    const top = x * x + x * b[1];
    const bottom = x * x + x * b[2] + b[3];
    const value = (b[0] * top) / bottom;
    return [value, top / bottom, (b[0] * x) / bottom, (-value * x) / bottom, -value / bottom];
  },
  MGH10(b, x) {
    const shifted = x + b[2];
    const e = exp(b[1] / shifted);
    return [b[0] * e, e, (b[0] * e) / shifted, (-b[0] * e * b[1]) / (shifted * shifted)];
  },
  MGH17(b, x) {
    const [slow, fast] = [exp(-x * b[3]), exp(-x * b[4])];
    return [b[0] + b[1] * slow + b[2] * fast, 1, slow, fast, -b[1] * x * slow, -b[2] * x * fast];
  },
  Rat42(b, x) {
    const e = exp(b[1] - b[2] * x);
    const value = b[0] / (1 + e);
    return [value, 1 / (1 + e), (-value * e) / (1 + e), (value * x * e) / (1 + e)];
  },
  Eckerle4(b, x) {
    const u = (x - b[2]) / b[1];
    const e = exp(-0.5 * u * u);
    const value = (b[0] / b[1]) * e;
    return [value, e / b[1], (value * (u * u - 1)) / b[1], (value * u) / b[1]];
  },
};

export const residuals =
  ({ name, x, y }: Problem) =>
  (b: ArrayLike<number>): number[] =>
    x.map((at, i) => models[name](b, at)[0] - y[i]);
export const jacobian =
  ({ name, x }: Problem) =>
  (b: ArrayLike<number>): number[][] =>
    x.map((at) => models[name](b, at).slice(1));

/** Half the sum of squares with its gradient, for a method that knows nothing of residuals. */
export function halfSquares(problem: Problem): (b: Float64Array, gradient: Float64Array) => number {
  const [at, rows] = [residuals(problem), jacobian(problem)];
  return (b, gradient) => {
    const r = at(b);
    const j = rows(b);
    for (let k = 0; k < b.length; k++) gradient[k] = r.reduce((total, value, i) => total + value * j[i][k], 0);
    return r.reduce((total, value) => total + value * value, 0) / 2;
  };
}

/** Digits of the worst parameter: its log relative error, of at most the 11 that are certified. */
export function digitsOf(b: ArrayLike<number>, { certified }: Problem): number {
  const worst = Math.max(...certified.map((want, k) => Math.abs(b[k] / want - 1)));
  return Number.isNaN(worst) ? 0 : Math.min(11, Math.max(0, -Math.log10(worst)));
}
