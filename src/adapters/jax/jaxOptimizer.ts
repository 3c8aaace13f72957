import { checkKeys, rangeError, typeError } from "../../check.js";
import { createEngine } from "../../engine/create.js";
import type { Engine } from "../../engine/engine.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Common } from "../../optim/core/hyperparameters.js";
import type { Optimizer } from "../../optim/core/optimizer.js";
import type { Scheduled } from "../../optim/core/rule.js";
import { checkFactory, checkHyper, type Factory } from "../factory.js";

/** A jax-js array, structurally: a program without jax-js compiles. */
export interface JaxArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): ArrayLike<number>;
  dispose(): void;
}

/** The part of the namespace of `@jax-js/jax` that is used. */
export interface Jax {
  // biome-ignore lint/suspicious/noExplicitAny: arrays of jax-js' own type
  readonly numpy: { array(values: any, options?: any): any };
  // biome-ignore lint/suspicious/noExplicitAny: trees of that type
  readonly tree: { flatten(tree: any): [any[], any]; unflatten(structure: any, leaves: any): any };
}

/**
 * An optimizer in the form of Optax. As everywhere in jax-js, arrays go where they are passed: `tree.ref(params)` keeps
 * them. A state is used once, by the call that returns the next.
 */
export interface JaxTransformation {
  /** The state for parameters of these shapes. */
  init(params: unknown): JaxState;
  /** The updates, to be added to the parameters, and the next state. */
  update<T>(gradients: T, state: JaxState, params: T): [updates: T, state: JaxState];
  /** The next parameters themselves, without the rounding of that addition, and the next state. */
  step<T>(gradients: T, state: JaxState, params: T): [params: T, state: JaxState];
}

interface Held {
  tensor: Tensor;
  shape: readonly number[];
  /** The parameter before the step, then the update. */
  before: Tensor | undefined;
}

/** The state of an optimizer between two steps. Its memory is the engine's: dispose of the last one. */
export class JaxState {
  /** The optimizer of this library behind it: its hyperparameters, `stateDict()` and `loadStateDict()`. */
  readonly optimizer: Optimizer;
  /** @internal */
  readonly held: readonly Held[];
  #spent = false;

  /** @internal */
  constructor(optimizer: Optimizer, held: readonly Held[]) {
    this.optimizer = optimizer;
    this.held = held;
  }

  /** Steps taken. */
  get count(): number {
    return this.optimizer.stepCount;
  }

  /** @internal Throws for a state that has been used. */
  checkFresh(): void {
    if (this.#spent)
      throw new TypeError("state: expected the state that the last step returned, got one that was used");
  }

  /** @internal The state after a step, of the same memory. */
  next(): JaxState {
    this.#spent = true;
    return new JaxState(this.optimizer, this.held);
  }

  /** Frees the state. */
  dispose(): void {
    if (this.#spent) return;
    this.#spent = true;
    this.optimizer.dispose();
    for (const { tensor, before } of this.held) {
      tensor.dispose();
      before?.dispose();
    }
  }
}

let shared: Promise<Engine> | undefined;

/**
 * An optimizer of this library as `{ init, update }` for jax-js, as Optax has them, and `step`.
 *
 * It computes with an engine of this library: parameters and gradients are copied in, updates out. So it stands outside of
 * `jit`, whose arrays have no values yet; the gradients themselves may come from a function under `jit`.
 *
 * @param jax the namespace of `@jax-js/jax`
 * @param factory an optimizer by its factory, `adamw`, or a function that makes one of parameters
 * @param hyper its hyperparameters, schedules included
 * @param options.engine the engine to compute with; by default one for all optimizers of the program
 * @throws TypeError or RangeError for what is none of these, for bad hyperparameters, and for the rules that evaluate the
 *   loss themselves or are given a Hessian
 * @example
 * const { init, update } = await jaxOptimizer(jax, adamw, { lr: 1e-3 });
 * let state = init(tree.ref(params));
 * const [updates, next] = update(gradients, state, tree.ref(params));
 */
export async function jaxOptimizer<H extends object>(
  jax: Jax,
  factory: Factory<H>,
  hyper: Partial<Scheduled<H> & Common> = {},
  options: { engine?: Engine } = {},
): Promise<JaxTransformation> {
  checkArguments(jax, factory, hyper, options);
  if (!options.engine) shared ??= createEngine();
  const engine = options.engine ?? (await shared!);
  checkHyper(engine, factory, hyper);

  const take = (gradients: unknown, state: JaxState, params: unknown, keep: boolean): unknown => {
    if (!(state instanceof JaxState)) throw typeError("state", "what init() or the last step returned", state);
    state.checkFresh();
    if (params === undefined) throw typeError("params", "the parameters that the gradients are of", params);
    const [leaves, structure] = jax.tree.flatten(params) as [JaxArray[], unknown];
    const [slopes] = jax.tree.flatten(gradients) as [JaxArray[], unknown];
    checkLeaves("params", leaves, state.held);
    checkLeaves("gradients", slopes, state.held);
    for (const [i, one] of state.held.entries()) {
      one.tensor.data.set(leaves[i].dataSync());
      one.tensor.grad.set(slopes[i].dataSync());
      if (keep) copyOf(engine, one);
    }
    const difference = keep ? extraKernels(engine).subtract : undefined;
    state.optimizer.step();
    const next = state.held.map(({ tensor, shape, before }) => {
      const { length } = tensor.place;
      difference?.(length, tensor.ref, before!.ref, before!.ref);
      return jax.numpy.array((keep ? before! : tensor).toArray(), { shape });
    });
    return jax.tree.unflatten(structure, next);
  };

  return {
    init(params) {
      const [leaves] = jax.tree.flatten(params) as [JaxArray[], unknown];
      if (leaves.length === 0) throw rangeError("params", "at least one array", leaves);
      for (const [i, leaf] of leaves.entries()) checkLeaf(`params[${i}]`, leaf);
      const held = leaves.map((leaf): Held => {
        const { shape } = leaf;
        const tensor = engine.tensor(shape.length === 0 ? [1] : shape, leaf.dataSync());
        return { tensor, shape: [...shape], before: undefined };
      });
      const tensors = held.map(({ tensor }) => tensor);
      try {
        return new JaxState(factory(tensors, hyper), held);
      } catch (error) {
        for (const tensor of tensors) tensor.dispose();
        throw error;
      }
    },
    update: <T>(gradients: T, state: JaxState, params: T) => [take(gradients, state, params, true) as T, state.next()],
    step: <T>(gradients: T, state: JaxState, params: T) => [take(gradients, state, params, false) as T, state.next()],
  };
}

function checkArguments(jax: unknown, factory: unknown, hyper: unknown, options: { engine?: unknown }): void {
  const { numpy, tree } = (jax ?? {}) as Partial<Jax>;
  if (typeof numpy?.array !== "function" || typeof tree?.flatten !== "function")
    throw typeError("jax", "the namespace of jax-js: import * as jax from …", jax);
  checkKeys("jaxOptimizer", options, ["engine"]);
  checkFactory(factory, hyper, options.engine, false);
}

function checkLeaf(name: string, leaf: JaxArray): void {
  if (typeof leaf?.dataSync !== "function")
    throw typeError(name, "an array with values: call this outside of jit", leaf);
  if (leaf.dtype !== "float32") throw typeError(name, "an array of float32", leaf.dtype);
}

/** Refuses trees of other arrays than `init` was given, before anything changes. */
function checkLeaves(name: string, leaves: readonly JaxArray[], held: readonly Held[]): void {
  if (leaves.length !== held.length)
    throw rangeError(name, `${held.length} arrays, as init() was given`, leaves.length);
  for (const [i, leaf] of leaves.entries()) {
    checkLeaf(`${name}[${i}]`, leaf);
    if (String(leaf.shape) !== String(held[i].shape))
      throw rangeError(`${name}[${i}]`, `shape [${held[i].shape}]`, [...leaf.shape]);
  }
}

function copyOf(engine: Engine, one: Held): void {
  one.before ??= engine.tensor(one.tensor.shape);
  engine.kernels.copy(one.tensor.place.length, one.tensor.ref, one.before.ref);
}
