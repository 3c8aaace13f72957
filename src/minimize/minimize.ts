import { argumentError, checkBoolean, checkKeys, checkWhole, quoted, typeError } from "../check.js";
import { type Bounds, Box } from "./bounds.js";
import { byOptimizer, type Limits, type OptimizerMethod, rounded } from "./byOptimizer.js";
import { minimizeLbfgs } from "./lbfgs.js";
import { Measured, type Objective } from "./objective.js";
import { projectedLbfgs } from "./projected.js";
import {
  checkFunction,
  checkStop,
  type MinimizeResult,
  type MinimizeStep,
  type StopOptions,
  startOf,
} from "./result.js";

/** How {@link minimize} goes about it, and when it ends. */
export interface MinimizeOptions<H = object> extends StopOptions {
  /** "lbfgs", in double precision, or an optimizer, whose state is f32: `adam`. Default "lbfgs". */
  method?: "lbfgs" | OptimizerMethod<H>;
  /** Hyperparameters of the optimizer; `{ historySize }` of "lbfgs". */
  hyper?: H;
  /** The least and the most of each element of x; null where there is no limit. */
  bounds?: Bounds;
  /** Compares the gradient with central differences at x0 first, and refuses one that differs. Default false. */
  checkGradient?: boolean;
  /** The most steps. Default: any number. */
  maxSteps?: number;
  /** Keep the points: `path` of the result has x0 and the point after each step. Default false. */
  path?: boolean;
}

/** Where {@link minimize} ended, and why. */
export interface MinimizeResultWithPath extends MinimizeResult {
  /** With the option `path`: the start, and the point after each step. */
  path?: Float64Array[];
}

/** Evaluations of value and gradient. */
const MOST_EVALUATIONS = 15_000;

/**
 * Minimises a function of several variables from a start: by L-BFGS in double precision, or with an optimizer.
 *
 * `f` returns its value, or `{ value, gradient }`. Without a gradient, central differences stand in for it: 2n evaluations
 * more for n variables, counted with the others. Values that are NaN or infinite, and a call that throws, count as a step
 * that is too long for "lbfgs"; an optimizer chooses its steps without looking, so there they end the run. The result says
 * why it ended; it is the point where a tolerance was met, or else the lowest one found.
 *
 * With `bounds` every point is within them: a start outside is moved to the nearest point inside, and steps are projected.
 * With "lbfgs" that is a projected L-BFGS (two-metric projection, Bertsekas 1982), not L-BFGS-B. `gradientNorm` is then the
 * largest change that a step of -gradient makes within the bounds, as in SciPy.
 *
 * An optimizer runs on a js engine of its own: x is rounded to f32, some 7 digits, and `f` is called with such numbers.
 * It starts with `hyper`, and takes any schedule. Those that need a closure are given one (`nag`, `lbfgs` in f32, `sam`
 * around another); those that average (`scheduleFreeAdamw`) are judged at the average. Refused are `muon`, which takes
 * matrices, `kfac`, which takes a model, and `sophiaG` and `sophiaH`, which take Hessians.
 *
 * @param f the function: `(x) => value` or `(x) => ({ value, gradient })`, the same of the two at every x
 * @param x0 where to start; not changed
 * @param options method "lbfgs"; gradientTolerance 1e-6 (largest element), stepTolerance 0, valueTolerance 0 (with an
 *   optimizer, of the change of the value up or down), maxSteps any, maxEvaluations 15,000, and 2n + 1 times that without a
 *   gradient: the start is evaluated in any case
 * @throws TypeError or RangeError for bad arguments, a gradient that `checkGradient` refuses, and what `f` may not return
 * @example
 * const { x } = minimize(([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2, [-1.2, 1]); // x: [1, 1]
 * const { value } = minimize(f, x0, { method: adam, hyper: { lr: 0.1 }, maxSteps: 1000 });
 */
export function minimize<H extends object = object>(
  f: Objective,
  x0: ArrayLike<number>,
  options: MinimizeOptions<H> = {},
): MinimizeResultWithPath {
  checkFunction("f", f);
  const start: Float64Array = startOf(x0);
  checkOptions(options);
  const { method = "lbfgs", hyper, checkGradient = false, path = false } = options;
  const box = new Box(start.length, options.bounds);
  box.project(start);
  const x = method === "lbfgs" ? start : rounded(start, box);

  const g = new Float64Array(x.length);
  const measured = new Measured(f, x, box, g);
  if (checkGradient) {
    if (!measured.exact) throw typeError("f(x0)", "{ value, gradient }, with checkGradient", measured.value);
    if (Number.isFinite(measured.value)) measured.check(x, g);
  }
  const points: Float64Array[] = path ? [x.slice()] : [];
  const done = (result: MinimizeResult): MinimizeResultWithPath => {
    if (measured.misuse) throw measured.misuse;
    return path ? { ...result, path: points } : result;
  };
  const gradientNorm = box.gradientNorm(x, g);
  if (!Number.isFinite(measured.value) || !Number.isFinite(gradientNorm) || !g.every(Number.isFinite)) {
    const { evaluations, threw, value } = measured;
    const failed = { x, value, gradientNorm, steps: 0, evaluations };
    return done(threw ? { ...failed, reason: "threw", error: threw.error } : { ...failed, reason: "notFinite" });
  }
  const limits: Limits = {
    gradientTolerance: options.gradientTolerance ?? 1e-6,
    stepTolerance: options.stepTolerance ?? 0,
    valueTolerance: options.valueTolerance ?? 0,
    maxEvaluations: options.maxEvaluations ?? MOST_EVALUATIONS * measured.cost,
    maxSteps: options.maxSteps ?? Number.POSITIVE_INFINITY,
    onStep(step) {
      if (path) points.push(step.x.slice());
      return measured.misuse ? false : options.onStep?.(step);
    },
  };
  return done(
    method === "lbfgs"
      ? byLbfgs(measured, x, g, box, (hyper as { historySize?: number } | undefined)?.historySize ?? 10, limits)
      : byOptimizer(measured, x, g, box, method, hyper, limits),
  );
}

/** The core in f64, which counts values with their gradient: here evaluations and steps are counted and limited. */
function byLbfgs(
  measured: Measured,
  x0: Float64Array,
  g0: Float64Array,
  box: Box,
  historySize: number,
  { maxEvaluations, maxSteps, onStep, ...limits }: Limits,
): MinimizeResult {
  let isFirst = true;
  const f = (x: Float64Array, g: Float64Array): number => {
    if (!isFirst) {
      const value = measured.at(x, g);
      // As each of the two takes it.
      if (measured.threw && !box.bounded) throw measured.threw.error;
      return value;
    }
    isFirst = false; // the start is known
    g.set(g0);
    return measured.value;
  };
  let isLast = false;
  const o = {
    ...limits,
    historySize,
    maxEvaluations: 1 + Math.max(0, Math.floor((maxEvaluations - measured.evaluations) / measured.cost)),
    onStep(step: MinimizeStep) {
      if (onStep?.({ ...step, evaluations: measured.evaluations }) === false) return false;
      isLast = step.steps >= maxSteps && step.gradientNorm > limits.gradientTolerance;
      return !isLast;
    },
  };
  const result = { ...(box.bounded ? projectedLbfgs(f, x0, box, o) : minimizeLbfgs(f, x0, o)) };
  result.evaluations = measured.evaluations;
  if (isLast) result.reason = "steps";
  if (result.reason === "notFinite" && measured.threw)
    Object.assign(result, { reason: "threw", error: measured.threw.error });
  return result;
}

const KEYS: readonly (keyof MinimizeOptions)[] = [
  ...(["method", "hyper", "bounds", "gradientTolerance", "stepTolerance", "valueTolerance"] as const),
  ...(["maxSteps", "maxEvaluations", "checkGradient", "onStep", "path"] as const),
];

/** Options by the names that SciPy and optimizers have for them, with what is meant. */
const MEANT: Readonly<Record<string, string>> = {
  tol: "gradientTolerance",
  gtol: "gradientTolerance",
  ftol: "valueTolerance",
  xtol: "stepTolerance",
  maxiter: "maxSteps",
  maxfun: "maxEvaluations",
  maxfev: "maxEvaluations",
  callback: "onStep, which returns false to end",
  jac: "f that returns { value, gradient }",
  maxcor: "hyper: { historySize }",
  lr: "hyper: { lr }, with an optimizer as method",
  options: "the options themselves, without options around them",
  args: "f that closes over its arguments: (x) => f(x, …)",
};

function checkOptions(
  options: StopOptions & { [K in Exclude<keyof MinimizeOptions, keyof StopOptions>]?: unknown },
): void {
  for (const key of Object.keys(options ?? {})) {
    const word = key.toLowerCase();
    if (!KEYS.includes(key as (typeof KEYS)[number]) && Object.hasOwn(MEANT, word)) {
      const problem = `expected an option of minimize, got ${quoted(key)}; did you mean ${MEANT[word]}?`;
      throw argumentError("options", problem);
    }
  }
  checkKeys("options", options, KEYS);
  checkStop(options);
  const { method = "lbfgs", hyper, checkGradient, path, maxSteps } = options;
  if (typeof method !== "function" && method !== "lbfgs") {
    const expected = '"lbfgs" or an optimizer itself, such as adam, imported from "thalweg"';
    if (typeof method !== "string") throw typeError("method", expected, method);
    const meant = /^l-?bfgs(-b)?$/i.test(method) ? '; did you mean "lbfgs"?' : "";
    throw argumentError("method", `expected ${expected}, got ${quoted(method)}${meant}`);
  }
  if (hyper !== undefined) {
    if (typeof hyper !== "object" || hyper === null) throw typeError("hyper", "an object of options", hyper);
    if (method === "lbfgs") {
      checkKeys("hyper", hyper, ["historySize"]);
      const { historySize }: { historySize?: unknown } = hyper;
      if (historySize !== undefined) checkWhole("historySize", historySize);
    }
  }
  if (checkGradient !== undefined) checkBoolean("checkGradient", checkGradient);
  if (path !== undefined) checkBoolean("path", path);
  if (maxSteps !== undefined && maxSteps !== Number.POSITIVE_INFINITY) checkWhole("maxSteps", maxSteps);
}
