import type { Binaries, Twin } from "../../engine/backend.js";
import type { EngineCore } from "../../engine/core.js";
import type { Doubles } from "../../engine/doubles.js";
import type { Shape, Tensor } from "../../engine/tensor.js";
import type { ScheduledValue } from "./accessors.js";

/**
 * An update rule: everything in which one optimizer differs from another, as data and pure functions. The optimizer
 * (`ruleOptimizer.ts`) is generic over it. `H` are the hyperparameters, `S` the scalars that one step hands to the next.
 *
 * A rule whose step is one pass over the elements has `prepare`, which picks a kernel and its scalars. One that needs
 * norms, matrices, several passes or the closure has `step`.
 */
export interface Rule<H extends object, S extends object> {
  /** The name of the factory: "adamw". */
  readonly name: string;
  /** Citation: authors, title, where and when. */
  readonly paper: string;
  /** Whose names, defaults and details the rule follows where the literature disagrees. */
  readonly follows: "PyTorch" | "Optax" | "Keras" | "authors" | "paper";
  /** Defaults. */
  readonly hyper: H;
  /** Throws a TypeError or a RangeError, with the argument's name, for invalid hyperparameters. */
  check(h: H): void;
  /** Throws a RangeError, with the parameter's name, for a parameter that is no matrix, if the rule takes matrices alone. */
  checkShape?(name: string, shape: Shape): void;
  /**
   * The slots, the state of a parameter of this shape, by name. Slots of the parameter's own shape have the memory layout
   * of the parameters. A hyperparameter on a schedule is NaN here: make room for any value that it may take.
   */
  slots(h: H, shape: Shape): Record<string, Shape>;
  /** Slots of f64, by other names than those of f32: for statistics whose condition f32 cannot hold. */
  doubles?(h: H, shape: Shape): Record<string, Shape>;
  /**
   * Working memory that a step needs with a parameter of this shape, by name. It is allocated before anything changes, so
   * that a step cannot run out of memory half-way.
   */
  scratch?(h: H, shape: Shape): Record<string, Shape>;
  /** The same in f64. */
  scratchDoubles?(h: H, shape: Shape): Record<string, Shape>;
  /**
   * Reserves what else a step needs with a parameter of this shape, as `scratch` does: working memory of its products
   * (`engine.reserve`), and kernels that it binds by itself.
   */
  reserve?(engine: EngineCore, h: H, shape: Shape): void;
  /** Slots that are moving averages, which zero gradients would make subnormal: see `Group.flush`. */
  averages?(h: H): readonly string[];
  /**
   * The scalars in f64 (powers of β, running sums …) of parameters that have taken the same steps, before the first. They
   * are part of the saved state. With `stepAll` they are those of a group.
   */
  state?(h: H): S;
  /** Fills the slots that do not start at zero, before the first step. */
  start?(c: StepContext<H, S>): void;
  /**
   * Called once a step for all parameters with the same state: advances it and sets the kernel and its scalars, computed in
   * f64 and rounded to f32 once. t = 1, 2 … counts the steps of the group. A rule whose scalars depend on how many gradients
   * a parameter has had, such as a bias correction, counts them in its state (`steps`).
   */
  prepare?(h: H, s: S, t: number, pass: Pass): void;
  /** The kernels by name, as twins; `assembly/optim/` has the same names. */
  readonly kernels: Record<string, Twin>;
  /**
   * The binaries of these kernels, built from the file of that name: a program carries only those that it uses. In a rule of
   * the caller's from `kernelBinary(bytes)`; without any the twins run on every backend.
   */
  readonly binaries?: Binaries;
  /** The whole step of a group, for rules of more than one pass. Returns the loss if it evaluates the closure itself. */
  step?(c: StepContext<H, S>): number | undefined;
  /**
   * The same for rules whose scalars depend on all groups together (a global norm, one closure for all): called once a step
   * with the contexts of all groups, instead of `step`.
   */
  stepAll?(groups: readonly StepContext<H, S>[]): number | undefined;
  /** "required": the rule calls the closure, as often as it needs. Otherwise the optimizer calls it once before the step. */
  readonly closure?: "required";
  /** The rule sees its parameters as one vector, with one set of hyperparameters: a second group is refused. */
  readonly oneGroup?: true;
  /**
   * What a user may want to know of the steps so far, from the scalars of the first parameter and the f64 slots of all:
   * `opt.report`.
   */
  report?(s: S, doubles: readonly Record<string, Doubles>[]): Readonly<Record<string, unknown>>;
  /** Moves the parameters between the point where gradients are taken and the point at which to evaluate the model. */
  mode?(c: StepContext<H, S>, mode: "train" | "eval"): void;
}

/**
 * The settings with which tests and benches run a rule. The rule's file exports them as `trials`, apart from the rule, so
 * that bundlers leave them out of programs.
 */
export interface Trials<H> {
  /**
   * Option sets that together reach every kernel, and every option that changes the scalars of a kernel; the one without a
   * name has the defaults.
   */
  readonly variants: Readonly<Record<string, Partial<H>>>;
  /**
   * Settings with which it reaches the minimum of the test surfaces, a bowl, the ravine x² + 10y² and Rosenbrock's valley,
   * with lr falling linearly to 0 over the run (2,000 steps, 10,000 on Rosenbrock), or constant with `constant`.
   */
  readonly descend: {
    bowl: Partial<H>;
    ravine: Partial<H>;
    rosenbrock: Partial<H>;
    constant?: boolean;
  };
}

/**
 * A state with the number of steps that its parameters have taken. Where it is missing in a saved state, written before
 * parameters counted their own steps, it is the number of the group.
 */
export interface Counted {
  steps: number;
}

/** One pass of one kernel over a group: which kernel, and its scalars. The rule fills in the one object of the group, so that a step makes no garbage: see pass.ts. */
export interface Pass {
  kernel: string;
  /** How many slots the kernel takes, from the first on. Default: all. */
  slots: number;
  /** Sets the scalars after `gradScale`, in the kernel's order. At most 16. */
  // biome-ignore format: a fixed arity, for pass.ts
  scalars(a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number,
          i?: number, j?: number, k?: number, l?: number, m?: number, n?: number, o?: number, p?: number): void;
}

/** What a kernel runs over: a parameter, its gradient, and the slots that it takes. */
export interface Operands {
  p: Tensor;
  g: Tensor;
  slots: Record<string, Tensor>;
}

/** One parameter of a group with its gradient and slots. */
export interface Member extends Operands {
  doubles: Record<string, Doubles>;
}

/** What a rule's own `step` works with. */
export interface StepContext<H, S> {
  /** For kernels that a rule binds by itself (`src/linalg/`). */
  engine: EngineCore;
  ops: Ops;
  tensors: readonly Member[];
  hyper: H;
  state: S;
  /** The step of this group, from 1; a group that is added later starts at 1 too. */
  t: number;
  gradScale: number;
  /** Working memory of this shape, as declared in {@link Rule.scratch}: zero at first, and the same tensor for the same name at every call. */
  scratch(name: string, shape: Shape): Tensor;
  /** The same in f64, as declared in {@link Rule.scratchDoubles}. */
  scratchDoubles(name: string, shape: Shape): Doubles;
  closure?: (() => number) | undefined;
  /** Runs one kernel over the whole group, or over one member, with `extra` tensors after its slots. The scalars come after gradScale. */
  run(kernel: string, scalars: readonly number[], member?: Operands, extra?: readonly Tensor[]): void;
}

/** The shared kernels, on tensors. Sums are in f64 and in one fixed order. */
export interface Ops {
  /** Euclidean norm. */
  norm(x: Tensor): number;
  dot(x: Tensor, y: Tensor): number;
  sum(x: Tensor): number;
  /** Sum of |x|. */
  sumAbs(x: Tensor): number;
  /** The largest |x|. */
  maxAbs(x: Tensor): number;
  /** y = y + s x */
  axpy(s: number, x: Tensor, y: Tensor): void;
  /** x = s x */
  scale(x: Tensor, s: number): void;
  /** x = value */
  fill(x: Tensor, value: number): void;
  /** y = x */
  copy(x: Tensor, y: Tensor): void;
  /** C = op(A) op(B) (+ C), 2-D. */
  matmul(
    a: Tensor,
    b: Tensor,
    c: Tensor,
    o?: { transposeA?: boolean; transposeB?: boolean; accumulate?: boolean },
  ): void;
}

/** Hyperparameters as a caller gives them: every number may be a schedule, in pairs too. */
export type Scheduled<H> = { [K in keyof H]: ScheduledValue<H[K]> };

/** Whether the optimizers of a rule are given estimates of the Hessian's diagonal beside gradients. */
export const takesHessian = <H extends object, S extends object>(rule: Rule<H, S>): boolean =>
  "hessian" in rule.slots(rule.hyper, [1]);
