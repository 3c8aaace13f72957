import type { Binaries, Twin } from "../../engine/backend.js";
import type { Shape, Tensor } from "../../engine/tensor.js";
import type { Schedule } from "../../schedule/schedule.js";

/**
 * An update rule: everything that tells one optimizer from another, as data and pure functions. The optimizer
 * (`optimizer.ts`) is generic over it. `H` are the hyperparameters, `S` the scalars of a group that a step carries
 * over to the next.
 *
 * A rule whose step is one pass over the elements has `prepare`, which picks a kernel and its scalars. One that needs
 * norms, matrices, several passes or the closure has `step`.
 */
export interface Rule<H extends object, S extends object> {
  /** The name of the factory: "adamw". */
  readonly name: string;
  /** Citation: authors, title, where and when. */
  readonly paper: string;
  /** Whose names, defaults and details this follows where the literature disagrees. */
  readonly follows: "PyTorch" | "Optax" | "Keras" | "authors" | "paper";
  /** Defaults. */
  readonly hyper: H;
  /** Throws for hyperparameters that make no sense: a TypeError or a RangeError with the argument's name. */
  check(h: H): void;
  /**
   * State for a parameter of this shape, by name. Slots of the parameter's own shape are laid out as the parameters
   * are. A hyperparameter on a schedule comes as NaN here: make room for any value it may take.
   */
  slots(h: H, shape: Shape): Record<string, Shape>;
  /**
   * Working memory that a step will ask for with a parameter of this shape, by name: made before anything moves, so that
   * a step does not run out of memory half-way.
   */
  scratch?(h: H, shape: Shape): Record<string, Shape>;
  /** Slots that are moving averages, and would end in subnormals under zero gradients; see `flush` in the optimizer. */
  averages?(h: H): readonly string[];
  /** Scalars of a group in f64 (powers of β, running sums …) before the first step. They are saved with the state. */
  state?(h: H): S;
  /** Before the first step: slots start at zero, and this fills those that do not. */
  start?(c: StepContext<H, S>): void;
  /** Once a step, t = 1, 2 …: advances the state and sets the kernel and its scalars, computed in f64 and rounded to f32 once. */
  prepare?(h: H, s: S, t: number, pass: Pass): void;
  /** The kernels by name, as twins; `assembly/optim/` has the same names. */
  readonly kernels: Record<string, Twin>;
  /** The binaries that have them: what the build makes of the file of that name, so that a program carries what it uses. */
  readonly codes?: Binaries;
  /** The whole step of a group, for rules of more than one pass. Returns the loss if it evaluated the closure itself. */
  step?(c: StepContext<H, S>): number | undefined;
  /**
   * The same for rules whose scalars come from all groups together (a global norm, one closure for all): called once
   * a step with the context of every group, in place of `step`.
   */
  stepAll?(groups: readonly StepContext<H, S>[]): number | undefined;
  /** Whether the closure is the rule's to call, as often as it needs; otherwise the optimizer calls it once before the step. */
  readonly closure?: "required";
  /** Moves the parameters between the point where gradients are taken and the one to evaluate the model at. */
  mode?(c: StepContext<H, S>, mode: "train" | "eval"): void;
}

/**
 * What tests and benches run a rule with: beside the rule and not in it, so that bundlers leave it out of programs.
 * Exported by the rule's file as `trials`.
 */
export interface Trials<H> {
  /**
   * Option sets that between them reach every kernel, and every option that changes what a kernel is given; the empty
   * name has the defaults.
   */
  readonly variants: Readonly<Record<string, Partial<H>>>;
  /**
   * Settings with which it reaches the minimum of the test surfaces, a bowl, the ravine x² + 10y² and Rosenbrock's valley,
   * with lr falling in a line to 0 over the run (2,000 steps, 10,000 on Rosenbrock), or staying where it is with `constant`.
   */
  readonly descend: {
    bowl: Partial<H>;
    ravine: Partial<H>;
    rosenbrock: Partial<H>;
    constant?: boolean;
  };
}

/** One pass of one kernel over a group: which, and with what scalars. An object that is filled, so that a step makes no garbage. */
export interface Pass {
  kernel: string;
  /** How many of the slots the kernel takes, counted from the first; all by default. */
  slots: number;
  /** Sets the scalars after `gradScale`, in the kernel's order. At most 16. */
  // biome-ignore format: fixed arity; a rest parameter would allocate
  scalars(a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number,
          i?: number, j?: number, k?: number, l?: number, m?: number, n?: number, o?: number, p?: number): void;
}

/** One parameter of a group with its gradient and slots. */
export interface Member {
  p: Tensor;
  g: Tensor;
  slots: Record<string, Tensor>;
}

/** What a rule's own `step` works with. */
export interface StepContext<H, S> {
  ops: Ops;
  tensors: readonly Member[];
  hyper: H;
  state: S;
  /** The step of this group, from 1: a group added later starts at 1 too. */
  t: number;
  gradScale: number;
  /** Working memory of this shape, as declared in {@link Rule.scratch}, zeroed when first made; the same tensor at every call with the same name. */
  scratch(name: string, shape: Shape): Tensor;
  closure?: (() => number) | undefined;
  /** Runs one kernel over the whole group, or over one member, whose `extra` tensors follow its slots. The scalars follow gradScale. */
  run(kernel: string, scalars: readonly number[], member?: Member, extra?: readonly Tensor[]): void;
}

/** The shared kernels, on tensors. Sums are f64, in one fixed order. */
export interface Ops {
  /** Euclidean norm. */
  norm(x: Tensor): number;
  dot(x: Tensor, y: Tensor): number;
  sum(x: Tensor): number;
  /** Sum of |x|. */
  sumAbs(x: Tensor): number;
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

/** Hyperparameters as a caller gives them: every number may be a schedule, pairs of numbers included. */
export type Scheduled<H> = {
  [K in keyof H]: H[K] extends number | null
    ? H[K] | Schedule
    : H[K] extends readonly number[]
      ? ScheduledEach<H[K]>
      : H[K];
};
/** A type of its own: only over a type parameter does a mapped type turn a pair into a pair. */
type ScheduledEach<T extends readonly number[]> = { [I in keyof T]: number | Schedule };
