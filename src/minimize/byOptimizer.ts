import { argumentError, typeError } from "../check.js";
import { Engine } from "../engine/engine.js";
import { jsBackend } from "../engine/js/backend.js";
import type { Tensor } from "../engine/tensor.js";
import type { Optimizer } from "../optim/core/optimizer.js";
import type { Box } from "./bounds.js";
import type { Measured } from "./objective.js";
import { largest, type MinimizeResult, type StopOptions, type StopReason } from "./result.js";

/** What makes an optimizer: `adam`, or a function of yours that puts a wrapper around one. */
export type OptimizerMethod<H> = (params: readonly Tensor[], hyper?: H) => Optimizer;

/** Steps in a row that change no element of x before it gives up. Rules that find their own rate begin with smaller ones. */
const MOST_IDLE = 100;

/** When it ends: complete. */
export type Limits = Required<Omit<StopOptions, "onStep">> & Pick<StopOptions, "onStep"> & { maxSteps: number };

/**
 * Minimises with an optimizer, on a js engine of its own. x is what the optimizer's parameters hold, f32 numbers as f64,
 * within the bounds. `value` and `g` are those at x0, which f32 holds.
 */
export function byOptimizer<H>(
  measured: Measured,
  x0: Float64Array,
  g: Float64Array,
  box: Box,
  method: OptimizerMethod<H>,
  hyper: H | undefined,
  limits: Limits,
): MinimizeResult {
  const engine = new Engine({ backend: jsBackend(), reason: "js: for minimize" });
  try {
    const tensor = engine.tensor(x0.length, x0);
    return run(optimizerOf(method, tensor, hyper), tensor, measured, x0, g, box, limits);
  } finally {
    engine.dispose();
  }
}

function run(
  opt: Optimizer,
  tensor: Tensor,
  measured: Measured,
  x0: Float64Array,
  g: Float64Array,
  box: Box,
  limits: Limits,
): MinimizeResult {
  const averaged = opt.rule?.mode !== undefined;
  const { maxEvaluations, stepTolerance, valueTolerance, gradientTolerance, maxSteps, onStep } = limits;

  const x = x0.slice();
  const before = x0.slice();
  const inner = new Float64Array(x.length);
  const innerG = g.slice();
  let { value } = measured;
  const at: MinimizeResult = {
    x,
    value,
    gradientNorm: box.gradientNorm(x, g),
    steps: 0,
    evaluations: measured.evaluations,
    reason: "gradient",
  };
  let best = { ...at, x: x.slice() };
  const here = (reason: StopReason): MinimizeResult => ({ ...at, x: x.slice(), reason });
  const end = (reason: StopReason): MinimizeResult => ({
    ...best,
    steps: at.steps,
    evaluations: measured.evaluations,
    reason,
    ...(reason === "threw" && { error: (measured.threw ?? problem)?.error }),
  });
  const failed = (): MinimizeResult => end(measured.threw || problem ? "threw" : "notFinite");

  const read = (into: Float64Array): void => {
    into.set(tensor.data);
    box.project(into);
  };
  const evaluate = (point: Float64Array, gradient: Float64Array): number => {
    if (measured.evaluations + measured.cost > maxEvaluations) throw new Exhausted();
    return measured.at(point, gradient);
  };
  /** What the function threw inside the optimizer's step. */
  let problem: { error: unknown } | undefined;
  const closure = (): number => {
    read(inner);
    const loss = evaluate(inner, innerG);
    problem ??= measured.threw;
    tensor.grad.set(innerG);
    return loss;
  };

  let idle = 0;
  try {
    for (;;) {
      if (at.gradientNorm <= gradientTolerance) return here("gradient");
      problem = undefined;
      if (opt.needsClosure) opt.step(closure);
      else {
        tensor.grad.set(averaged ? innerG : g);
        opt.step();
      }
      before.set(x);
      if (averaged) {
        read(inner); // where the next gradient is taken
        if (!inner.every(Number.isFinite)) return failed();
        tensor.data.set(inner);
        if (!Number.isFinite(evaluate(inner, innerG))) return failed();
        opt.eval();
        read(x);
        opt.train();
        tensor.data.set(inner); // to the bit: there and back rounds
      } else {
        read(x);
        tensor.data.set(x);
      }
      if (!x.every(Number.isFinite)) return failed();
      const last = value;
      value = evaluate(x, g);
      if (!Number.isFinite(value) || !Number.isFinite(largest(g))) return failed();
      at.value = value;
      at.gradientNorm = box.gradientNorm(x, g);
      at.steps++;
      at.evaluations = measured.evaluations;
      if (value < best.value) best = { ...at, x: x.slice() };
      if (onStep?.({ ...at }) === false) return end("cancelled");
      let change = 0;
      for (let i = 0; i < x.length; i++) change = Math.max(change, Math.abs(x[i] - before[i]));
      if (at.gradientNorm <= gradientTolerance) return here("gradient");
      idle = change === 0 ? idle + 1 : 0;
      // lbfgs says why it stays where it is, and would again.
      const why = opt.report.reason;
      if (idle === MOST_IDLE || (idle > 0 && why !== undefined))
        return end(problem ? "threw" : why === "notFinite" ? "notFinite" : "precision");
      if (stepTolerance > 0 && change <= stepTolerance * Math.max(1, largest(x))) return here("step");
      if (valueTolerance > 0 && Math.abs(last - value) <= valueTolerance * Math.max(1, Math.abs(value)))
        return here("value");
      if (at.steps >= maxSteps) return end("steps");
    }
  } catch (error) {
    if (error instanceof Exhausted) return end("evaluations");
    throw error;
  }
}

/** Thrown in a closure when there are no evaluations left: rules restore their parameters then. */
class Exhausted extends Error {}

/** Makes the optimizer; one that takes more than gradients of a vector is told so. */
function optimizerOf<H>(method: OptimizerMethod<H>, tensor: Tensor, hyper: H | undefined): Optimizer {
  const { rule, name } = method as { rule?: Optimizer["rule"]; name: string };
  const refuse = (who: string, what: string): Error =>
    argumentError(
      "method",
      `expected an optimizer that steps by the gradient of a vector, got ${who}, which takes ${what}`,
    );
  if (rule?.checkShape) throw refuse(rule.name, "matrices");
  if (name === "kfac") throw refuse(name, "a model");
  if (["sam", "lookahead", "accumulate"].includes(name))
    throw refuse(name, `an optimizer: (params) => ${name}(sgd(params, …), …)`);
  const opt = hyper === undefined ? method([tensor]) : method([tensor], hyper);
  if (typeof opt?.step !== "function" || typeof opt.dispose !== "function")
    throw typeError("method", "a function that returns an optimizer", opt);
  if ("updateHessian" in opt) throw refuse(opt.name, "Hessians");
  return opt;
}

/** x0 as f32 holds it. Throws for a number that is too large for that. */
export function rounded(x0: Float64Array, box: Box): Float64Array {
  const x = Float64Array.from(x0, Math.fround);
  const at = x.findIndex((one) => !Number.isFinite(one));
  if (at >= 0) throw argumentError(`x0[${at}]`, `expected a number that f32 holds, got ${x0[at]}`);
  box.project(x);
  return x;
}
