import { checkKeys, checkWhole, typeError } from "../check.js";
import { type Line, strongWolfe } from "../math/lineSearch.js";
import { Pairs } from "./pairs.js";
import {
  checkFunction,
  checkStop,
  dot,
  largest,
  type MinimizeResult,
  type StopOptions,
  type StopReason,
  startOf,
} from "./result.js";

/**
 * The value of a function at x. Writes its gradient there to `gradient`, which is all 0 when it is called, and may keep
 * neither array.
 */
export type ValueAndGradient = (x: Float64Array, gradient: Float64Array) => number;

/** When {@link minimizeLbfgs} ends, and how much it remembers. */
export interface MinimizeLbfgsOptions extends StopOptions {
  /** Pairs of changes that the curvature is estimated from. Default 10. */
  historySize?: number;
}

/** Evaluations of one line search: after 25, steps along it differ by less than their rounding. */
const MOST_OF_A_SEARCH = 25;
/** By how much a sum in f64 may be off, as a share of the value. */
const NOISE = 4 * Number.EPSILON;
/** Steps in a row that, within that noise, lower neither the value nor the gradient, before it gives up. */
const MOST_IDLE = 10;

/**
 * L-BFGS in double precision, for a smooth function of few or many variables with its gradient: curve fits, likelihoods,
 * layouts. For the parameters of a model on an engine there is the optimizer `lbfgs`.
 *
 * ```
 * d = -H g                           H from the last historySize pairs s = Δx, y = Δg, by the two-loop recursion
 * x = x + t d                        t by a line search for the strong Wolfe conditions, c₁ = 1e-4, c₂ = 0.9
 * ```
 * The first step tried is min(1, 1 / ‖g‖₂) along -g, later ones are 1. A value that is NaN or infinite, and an evaluation
 * that throws, count as a step that is too long. If none is short enough, it ends with a reason and the best point found. If
 * a search fails, pairs are forgotten, and it goes on along -g. "precision" with a large gradientNorm, or an end at x0, mostly
 * means that the gradient is not that of the value. Only + - × ÷ √ lead to x: where the function is
 * deterministic, so is the result, to the bit.
 *
 * Nocedal & Wright, Numerical optimization, 2nd ed. 2006, algorithm 7.5; Liu & Nocedal, On the limited memory BFGS method
 * for large scale optimization, Mathematical Programming 45, 1989.
 *
 * @param f value and gradient: `(x, gradient) => value`
 * @param x0 where to start; not changed
 * @param options gradientTolerance 1e-6, stepTolerance 0, valueTolerance 0, maxEvaluations 15,000, historySize 10
 * @throws TypeError or RangeError for bad arguments and a value at x0 that is no number, and whatever `f` throws at x0
 * @example
 * const { x, reason } = minimizeLbfgs(
 *   ([a, b], gradient) => {
 *     gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
 *     gradient[1] = 200 * (b - a * a);
 *     return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
 *   },
 *   [-1.2, 1],
 * ); // x: [1, 1], reason: "gradient"
 */
export function minimizeLbfgs(
  f: ValueAndGradient,
  x0: ArrayLike<number>,
  options: MinimizeLbfgsOptions = {},
): MinimizeResult {
  checkFunction("f", f);
  let x: Float64Array = startOf(x0);
  checkKeys("options", options, KEYS);
  checkStop(options);
  const { gradientTolerance = 1e-6, stepTolerance = 0, valueTolerance = 0, maxEvaluations = 15_000 } = options;
  const { historySize = 10, onStep } = options;
  checkWhole("historySize", historySize);

  const n = x.length;
  let [g, nextX, nextG, keptG] = [0, 0, 0, 0].map((): Float64Array => new Float64Array(n));
  const d = new Float64Array(n);
  const pairs = new Pairs(historySize);
  let value = f(x, g);
  if (typeof value !== "number") throw typeError("f(x0)", "a number (the gradient goes to the second argument)", value);
  const at: MinimizeResult = { x, value, gradientNorm: largest(g), steps: 0, evaluations: 1, reason: "gradient" };
  const end = (reason: StopReason): MinimizeResult => ({ ...at, x: x.slice(), reason });
  if (!Number.isFinite(value) || !Number.isFinite(at.gradientNorm)) return end("notFinite");

  let error: unknown;
  let threw = false;
  const step = (t: number): void => {
    for (let i = 0; i < n; i++) nextX[i] = x[i] + t * d[i];
  };
  const line: Line = {
    value: 0,
    slope: 0,
    evaluate(t) {
      step(t);
      at.evaluations++;
      nextG.fill(0);
      try {
        line.value = f(nextX, nextG);
      } catch (thrown) {
        [threw, error, line.value] = [true, thrown, Number.NaN];
      }
      line.slope = dot(nextG, d);
    },
    keep: () => keptG.set(nextG),
  };

  let least = at.gradientNorm;
  let idle = 0;
  for (;;) {
    if (at.gradientNorm <= gradientTolerance) return end("gradient");
    if (at.evaluations >= maxEvaluations) return end("evaluations");
    pairs.direction(g, d);
    let slope = dot(g, d);
    if (!(slope < 0)) {
      pairs.clear();
      pairs.direction(g, d);
      slope = dot(g, d);
      // The squares of the gradient are below what f64 holds.
      if (!(slope < 0)) return end("precision");
    }
    const first = pairs.count === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const most = Math.min(MOST_OF_A_SEARCH, maxEvaluations - at.evaluations);
    threw = false;
    // A bracket within which no element of x changes holds nothing new.
    const shortest = (Number.EPSILON * largest(x)) / largest(d);
    const noise = NOISE * Math.abs(value);
    const search = strongWolfe(line, value, slope, first, { most, shortest, noise });
    if (search.t === 0) {
      if (at.evaluations >= maxEvaluations) return end("evaluations");
      if (pairs.count > 0) {
        pairs.clear();
        continue;
      }
      if (threw) return { ...end("threw"), error };
      return end(search.notFinite ? "notFinite" : "precision");
    }
    if (!search.last) {
      step(search.t);
      [nextG, keptG] = [keptG, nextG];
    }
    pairs.add(nextX, x, nextG, g);
    const change = largest(d) * search.t;
    const fall = value - search.value;
    [x, nextX] = [nextX, x];
    [g, nextG] = [nextG, g];
    value = search.value;
    Object.assign(at, { x, value, gradientNorm: largest(g), steps: at.steps + 1 });
    idle = fall > 0 || at.gradientNorm < least ? 0 : idle + 1;
    least = Math.min(least, at.gradientNorm);
    if (onStep?.({ ...at }) === false) return end("cancelled");
    if (at.gradientNorm <= gradientTolerance) return end("gradient");
    if (change <= stepTolerance * Math.max(1, largest(x))) return end("step");
    if (valueTolerance > 0 && fall <= valueTolerance * Math.max(1, Math.abs(value))) return end("value");
    if (idle === MOST_IDLE) return end("precision");
  }
}

const KEYS = ["gradientTolerance", "stepTolerance", "valueTolerance", "maxEvaluations", "onStep", "historySize"];
