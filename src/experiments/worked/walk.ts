/** An optimizer on its worked example, step by step, with all that its kernel leaves behind. */
import { argumentError, rangeError } from "../../check.js";
import type { Engine } from "../../engine/engine.js";
import type { Tensor } from "../../engine/tensor.js";
import { takesHessian } from "../../optim/core/rule.js";
import type { OptimizerFactory, RuleOptimizer } from "../../optim/core/ruleOptimizer.js";
import type { StateDict } from "../../optim/core/state.js";
import type { HessianOptimizer } from "../../optim/shared/hessianOptimizer.js";
import { optimizers } from "../../optim/table.js";
import { sceneOf } from "./scenes.js";

type Hyper = Record<string, unknown>;
const factories = optimizers as unknown as Record<string, OptimizerFactory<Hyper, object>>;

/** What may differ from the example of the optimizer. */
export interface WalkOptions {
  /** The gradient at each step, all elements of it. */
  gradients?: readonly (readonly number[])[];
  start?: readonly number[];
  /** Steps; given gradients repeat. */
  steps?: number;
  hyper?: Readonly<Hyper>;
}

/** What one step was given, and what it left. */
export interface WalkStep {
  step: number;
  gradient: number[];
  /** The estimate of the Hessian's diagonal, where the optimizer takes one. */
  hessian?: number[];
  parameters: number[];
  /** By how much the parameters fell. */
  update: number[];
  /** Of an example that is a function, its value after the step. */
  value?: number;
  /** Every slot, those of f64 included. */
  slots: Record<string, number[]>;
  /** What the rule hands from step to step besides. */
  scalars: Record<string, unknown>;
}

/** A worked example, worked. */
export interface Walk {
  about: string;
  shape: readonly number[];
  start: readonly number[];
  /** The hyperparameters, all of them. */
  hyper: Hyper;
  steps: WalkStep[];
  /** The point to evaluate at after the last step, where it is another. */
  evaluated?: number[];
}

/**
 * Lets an optimizer of THE TABLE take its example, or other gradients, on an engine.
 *
 * Throws a RangeError for gradients and starts of another size than the example's parameter, and for gradients where the
 * optimizer evaluates a function itself; whatever the rule refuses, it refuses here.
 */
export function walk(engine: Engine, name: string, options: WalkOptions = {}): Walk {
  const scene = sceneOf(name);
  const factory = factories[name];
  const { rule } = factory;
  const { gradients = scene.gradients, start = scene.start, hyper = {} } = options;
  if (options.gradients && rule.closure === "required")
    throw argumentError(
      "gradients",
      `expected none for ${name}, which evaluates a function at points of its own, got some`,
    );
  const size = scene.start.length;
  checkSize("start", start, size);
  for (const gradient of gradients ?? []) checkSize("gradients", gradient, size);
  const count = options.steps ?? gradients?.length ?? scene.steps!;
  const given = { ...scene.hyper, ...hyper };
  using theta = engine.tensor([...scene.shape], start);
  using opt = factory([theta], given) as RuleOptimizer<Hyper, object>;
  using estimate = engine.tensor([...scene.shape], scene.hessian ?? Array(size).fill(0));
  const steps: WalkStep[] = [];
  for (let step = 1; step <= count; step++) {
    const before = Array.from(theta.data);
    // The gradient that the step goes by: with a function, the first one that it asks for.
    let gradient: number[] | undefined;
    const closure = (): number => {
      const at = Array.from(theta.data);
      theta.grad.set(gradients ? gradients[(step - 1) % gradients.length] : scene.surface!.gradient(at));
      gradient ??= Array.from(theta.grad);
      return gradients ? 0 : scene.surface!.value(at);
    };
    if (takesHessian(rule)) (opt as unknown as HessianOptimizer).updateHessian([theta], [estimate]);
    opt.step(closure);
    const parameters = Array.from(theta.data);
    steps.push({
      step,
      gradient: gradient!,
      ...(takesHessian(rule) && { hessian: Array.from(estimate.data) }),
      parameters,
      update: before.map((value, i) => value - parameters[i]),
      ...(gradients === undefined && { value: scene.surface!.value(parameters) }),
      ...stateOf(opt, theta),
    });
  }
  const evaluated = rule.mode && evaluatedBy(opt, theta);
  const about = options.gradients ? "the gradients given" : scene.about;
  const all = { ...rule.hyper, ...given };
  return { about, shape: scene.shape, start: [...start], hyper: all, steps, ...(evaluated && { evaluated }) };
}

function checkSize(name: string, values: readonly number[], size: number): void {
  if (values.length !== size) throw rangeError(name, size === 1 ? "one number" : `${size} numbers`, [...values]);
  const wild = values.find((each) => !Number.isFinite(Math.fround(each)));
  if (wild !== undefined) throw rangeError(name, "numbers that f32 holds", wild);
}

/** The slots of f32 as they are in the engine's memory, and the rest as it is saved. */
function stateOf(opt: RuleOptimizer<Hyper, object>, theta: Tensor): Pick<WalkStep, "slots" | "scalars"> {
  const [{ params, scalars }] = (opt.stateDict() as StateDict).groups;
  const live = Object.entries(opt.state(theta)).map(([name, { data }]) => [name, Array.from(data)]);
  const others = Object.entries(params[0] ?? {}).map(([name, values]) => [
    name,
    Array.from(values as ArrayLike<number>),
  ]);
  return { slots: { ...Object.fromEntries(others), ...Object.fromEntries(live) }, scalars: structuredClone(scalars) };
}

function evaluatedBy(opt: RuleOptimizer<Hyper, object>, theta: Tensor): number[] {
  opt.eval();
  return Array.from(theta.data);
}
