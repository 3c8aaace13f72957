import { rangeError, typeError } from "../../check.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Optimizer, StepOptions } from "../../optim/core/optimizer.js";
import type { StateDict } from "../../optim/core/state.js";
import type { Store } from "./store.js";
import type { TensorFlow, TfNamedTensor, TfTensor, TfVariable } from "./types.js";

type Saved = Parameters<Optimizer["loadStateDict"]>[0];

/** State to restore once the variables are known. */
interface Pending {
  state: Saved;
  /** The shapes of the parameters of each group. */
  groups: number[];
}

/**
 * The optimizer behind a tf.Optimizer. It is made when the first gradients come, because only then the variables are known:
 * TensorFlow.js gives an optimizer names. Variables that come later are further groups. One without a gradient stays as it
 * is in that step, weight decay included.
 */
export class Stepper {
  readonly #tf: TensorFlow;
  readonly #store: Store;
  readonly #make: (groups: { params: Tensor[] }[]) => Optimizer;
  readonly #options: StepOptions;
  readonly #variables = new Map<string, { variable: TfVariable; tensor: Tensor }>();
  #optimizer: Optimizer | undefined;
  #pending: Pending | undefined;
  #disposed = false;

  constructor(tf: TensorFlow, store: Store, make: (groups: { params: Tensor[] }[]) => Optimizer, options: StepOptions) {
    this.#tf = tf;
    this.#store = store;
    this.#make = make;
    this.#options = options;
  }

  /** Undefined until the first gradients have come. */
  get optimizer(): Optimizer | undefined {
    return this.#optimizer;
  }

  /** Copies gradients in, making the parameters that are new. */
  load(given: readonly TfNamedTensor[]): void {
    if (this.#disposed) throw new TypeError("optimizer: expected a live optimizer, got one that has been disposed");
    const moving = this.#checked(given);
    if (moving.length === 0) throw rangeError("gradients", "a gradient of at least one variable", []);
    const fresh = moving.filter(({ variable }) => this.#variables.get(variable.name)?.variable !== variable);
    if (fresh.length > 0) this.#add(fresh.map(({ variable }) => variable));
    for (const { tensor } of this.#variables.values()) tensor.requiresGrad = false;
    for (const { variable, gradient } of moving) {
      this.#variables.get(variable.name)!.tensor.requiresGrad = true;
      this.#store.pull(variable);
      this.#store.gradient(variable, gradient);
    }
  }

  step(given: readonly TfNamedTensor[]): void {
    this.load(given);
    const optimizer = this.#optimizer!;
    if (optimizer.needsClosure)
      throw new TypeError(
        `applyGradients: expected minimize(f) with ${optimizer.name}, which evaluates the loss itself`,
      );
    optimizer.step(undefined, this.#options);
    this.push();
  }

  /**
   * A step of a rule that evaluates the loss itself.
   * @param evaluate returns the loss at the present variables and the gradients there, which are disposed of here
   */
  search(evaluate: () => { loss: number; gradients: readonly TfNamedTensor[] }): number {
    const read = (): number => {
      const { loss, gradients } = evaluate();
      this.load(gradients);
      for (const { tensor } of gradients) tensor?.dispose();
      return loss;
    };
    // The first evaluation says which variables there are. The rule gets it as its own first, so none is done twice.
    const first = read();
    let known = true;
    const closure = (): number => {
      if (known) {
        known = false;
        return first;
      }
      this.push();
      return read();
    };
    const optimizer = this.#optimizer!;
    const loss = optimizer.step(closure, optimizer.needsClosure ? {} : this.#options);
    this.push();
    return loss ?? first;
  }

  /** Hands the parameters of the step to their variables. */
  push(): void {
    for (const { variable, tensor } of this.#variables.values()) if (tensor.requiresGrad) this.#store.push(variable);
  }

  /** Moves all parameters to the point of training or of evaluation (Schedule-Free). */
  mode(mode: "train" | "eval"): void {
    if (!this.#optimizer) return; // before the first step they are the same
    for (const { variable } of this.#variables.values()) {
      if (variable.isDisposed) throw new TypeError(`${variable.name}: expected a live variable, got a disposed one`);
      this.#store.pull(variable);
    }
    this.#optimizer[mode]();
    for (const { variable } of this.#variables.values()) this.#store.push(variable);
  }

  state(): Saved | undefined {
    return this.#optimizer?.stateDict() ?? this.#pending?.state;
  }

  restore(state: Saved): void {
    if (this.#optimizer) this.#optimizer.loadStateDict(state);
    else this.#pending = { state, groups: groupSizes(state) };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#optimizer?.dispose();
    for (const { variable } of this.#variables.values()) this.#store.release(variable);
    this.#variables.clear();
  }

  /** The variables that have a gradient. Throws before anything changes. */
  #checked(given: readonly TfNamedTensor[]): { variable: TfVariable; gradient: TfTensor }[] {
    const registered = this.#tf.engine().registeredVariables as Record<string, TfVariable>;
    const seen = new Set<string>();
    return given.flatMap(({ name, tensor }) => {
      if (!tensor) return [];
      const variable = registered[name];
      if (!variable) throw rangeError("gradients", "names of registered variables", name);
      if (seen.has(name)) throw rangeError("gradients", "each variable once", name);
      seen.add(name);
      if (variable.dtype !== "float32") throw typeError(name, "a variable of float32", variable.dtype);
      if (tensor.dtype !== "float32") throw typeError(`the gradient of ${name}`, "a tensor of float32", tensor.dtype);
      if (String(tensor.shape) !== String(variable.shape))
        throw rangeError(`the gradient of ${name}`, `shape [${variable.shape}]`, [...tensor.shape]);
      return [{ variable, gradient: tensor }];
    });
  }

  /** Makes parameters of these variables, and the optimizer, if this is the first time; or leaves all as it was. */
  #add(variables: readonly TfVariable[]): void {
    const tensors: Tensor[] = [];
    try {
      for (const variable of variables) tensors.push(this.#store.adopt(variable));
      if (this.#optimizer) this.#optimizer.addParamGroup({ params: tensors });
      else this.#optimizer = this.#begin(tensors);
    } catch (error) {
      for (const variable of variables.slice(0, tensors.length)) this.#store.release(variable);
      throw error;
    }
    for (const [i, variable] of variables.entries())
      this.#variables.set(variable.name, { variable, tensor: tensors[i] });
  }

  #begin(tensors: Tensor[]): Optimizer {
    const { state, groups } = this.#pending ?? { groups: [tensors.length] };
    const total = groups.reduce((sum, count) => sum + count, 0);
    if (total !== tensors.length)
      throw rangeError("gradients", `${total} variables, as the weights that were set have`, tensors.length);
    const rest = [...tensors];
    const optimizer = this.#make(groups.map((count) => ({ params: rest.splice(0, count) })));
    if (state) {
      try {
        optimizer.loadStateDict(state);
      } catch (error) {
        optimizer.dispose();
        throw error;
      }
      this.#pending = undefined;
    }
    return optimizer;
  }
}

/** The numbers of parameters of the groups in a state, wrapped or not. */
function groupSizes(state: Saved): number[] {
  if ("inner" in state) return groupSizes(state.inner as Saved);
  if ("groups" in state) return (state as StateDict).groups.map(({ params }) => params.length);
  throw typeError("weights", "the state of one optimizer, or of a wrapper around one", state);
}
