/// <reference path="../host/disposable.d.ts" preserve="true" />
import { checkBoolean, checkKeys, checkNumber, checkWhole, rangeError, show, typeError } from "../check.js";
import { Engine } from "../engine/engine.js";
import { Slab } from "../engine/slab.js";
import type { Tensor } from "../engine/tensor.js";
import { random } from "../math/random.js";
import { initialize } from "./init.js";
import type { LayerReport } from "./inspect.js";
import type { Layer, Pass } from "./layer.js";
import { checkLayers, Stack, widths } from "./stack.js";

export interface SequentialOptions {
  /** Seed of the generators that weights and dropout masks are drawn from. Default 0. */
  seed?: number;
}

/** Options of a backward pass. */
export interface BackwardOptions {
  /** Whether to compute the gradient with respect to the model's input too. Default true; training does not need it. */
  inputGrad?: boolean;
}

/** The state of the generator of dropout masks, as plain numbers for a checkpoint. */
export interface GeneratorState {
  /** A whole number. */
  seed: number;
  /** Forward passes in training mode so far. */
  step: number;
}

/** A sequence of layers with its parameters and buffers. Made by {@link sequential}. */
export class Model {
  readonly engine: Engine;
  readonly layers: readonly Layer[];
  /** Width of the input, if a layer fixes it. */
  readonly inputs: number | undefined;
  readonly #parameters: Slab | undefined;
  readonly #names: string[];
  readonly #stack: Stack;
  readonly #pass: Pass;
  #keepActivations = false;
  #propagated = false;
  #disposed = false;

  /** @internal */
  constructor(engine: Engine, layers: readonly Layer[], seed: number) {
    this.engine = engine;
    this.layers = layers;
    this.inputs = widths("layers", layers).inputs;
    const parameters = layers.flatMap((layer, i) =>
      layer.parameters.map((parameter) => ({ ...parameter, name: `${i}.${parameter.name}` })),
    );
    this.#names = parameters.map(({ name }) => name);
    const shapes = parameters.map(({ shape }) => shape);
    this.#parameters = shapes.length > 0 ? new Slab(engine, shapes, "a model") : undefined;
    const generator = random(seed);
    this.#pass = { training: true, seed, step: 0, drawers: 0 };
    for (const [i, tensor] of this.parameters().entries()) {
      const { init, fan } = parameters[i];
      initialize(tensor, init, fan[0], fan[1], generator);
    }
    try {
      this.#stack = new Stack(engine, layers, this.parameters(), this.#pass);
    } catch (error) {
      this.#parameters?.dispose();
      throw error;
    }
  }

  /** The trainable tensors, layer by layer, weight before bias. */
  parameters(): readonly Tensor[] {
    return this.#parameters?.tensors ?? [];
  }

  /**
   * The parameters by PyTorch's names: "0.weight", "0.bias", "2.weight" …. Weights are [in, out] here, [out, in] in
   * PyTorch.
   */
  namedParameters(): readonly (readonly [string, Tensor])[] {
    return this.parameters().map((tensor, i) => [this.#names[i], tensor] as const);
  }

  /**
   * Runs the layers on x [rows, inputs]. In training mode, each call adds 1 to `generatorState.step`.
   * @returns the output [rows, outputs]; it belongs to the model, and the next call overwrites it
   */
  forward(x: Tensor): Tensor {
    this.#alive();
    this.engine.checkTensor("x", x, 2);
    if (this.inputs !== undefined && x.shape[1] !== this.inputs)
      throw rangeError("x", `shape [rows, ${this.inputs}]`, x.shape);
    if (this.#stack.owns(x))
      throw rangeError("x", "a tensor that is not the model's own, which this call overwrites", x.shape);
    this.#propagated = false;
    const y = this.#stack.forward(x);
    if (this.#pass.training) this.#pass.step++;
    return y;
  }

  /**
   * Propagates the gradient of the loss with respect to the last output back through the layers, adding to the
   * parameters' `grad`.
   * @param gradOut the `grad` of a loss, or another tensor of the shape of the output
   * @throws RangeError for another shape, and when memory runs out; then no gradient has changed
   * @returns the gradient with respect to the input, unless `inputGrad` is false; it belongs to the model
   */
  backward(gradOut: Tensor, o: BackwardOptions = {}): Tensor | undefined {
    this.#alive();
    const { input, output } = this.#stack;
    if (input === undefined || output === undefined)
      throw new TypeError("backward: expected a forward pass before it, got none");
    this.engine.checkTensor("gradOut", gradOut);
    if (gradOut.size !== output.size || gradOut.shape[0] !== output.shape[0])
      throw rangeError("gradOut", `shape ${show(output.shape)}`, gradOut.shape);
    if (o === null) throw typeError("backward", "an object of options", o);
    for (const key in o) if (key !== "inputGrad") checkKeys("backward", o, ["inputGrad"]);
    const { inputGrad = true } = o;
    checkBoolean("inputGrad", inputGrad);
    // Whatever can throw comes before the first gradient changes:
    input.alive("x");
    this.#stack.reserve(inputGrad);
    this.#propagated = true;
    return this.#stack.backward(gradOut, inputGrad);
  }

  /**
   * @internal What backward passes tell of dense layers goes to `observer`, for optimizers that need more than gradients;
   * undefined ends it. Refused while there is another.
   */
  observe(observer: Pass["observer"]): void {
    if (observer) this.#alive();
    if (observer && this.#pass.observer)
      throw new TypeError("model: expected one that no other optimizer observes, got an observed one");
    this.#pass.observer = observer;
  }

  /** @internal The output of the last forward pass, once a backward pass has followed it. */
  get propagated(): Tensor | undefined {
    return this.#propagated ? this.#stack.output : undefined;
  }

  /**
   * @internal Propagates another gradient of the same output back, for the observer alone: gradients of weights stay, those
   * of other parameters are added to. Allocates nothing.
   */
  observedBackward(gradOut: Tensor): void {
    this.#pass.observing = true;
    try {
      this.#stack.backward(gradOut, false);
    } finally {
      this.#pass.observing = false;
    }
  }

  /** Switches to training mode, in which dropout is active. */
  train(): void {
    this.#pass.training = true;
  }
  /** Switches to evaluation mode. */
  eval(): void {
    this.#pass.training = false;
  }
  /** Whether the model is in training mode. */
  get training(): boolean {
    return this.#pass.training;
  }

  /**
   * The state of the generator of dropout masks. A mask is a function of this state, the layer and the position in it,
   * so a run that restores the state resumes with the same masks, on any backend. Reading and setting it makes a copy.
   */
  get generatorState(): GeneratorState {
    return { seed: this.#pass.seed, step: this.#pass.step };
  }
  set generatorState(state: GeneratorState) {
    if (typeof state !== "object" || state === null) throw typeError("generatorState", "{ seed, step }", state);
    checkKeys("generatorState", state, ["seed", "step"]);
    checkNumber("seed", state.seed, "a whole number", Number.isSafeInteger);
    checkWhole("step", state.step, 0);
    this.#pass.seed = state.seed;
    this.#pass.step = state.step;
  }

  /**
   * Whether every layer keeps its output and gradient until the next pass, for {@link inspect}, at the cost of memory
   * and a few copies. If not, activations overwrite what they can. A change takes effect with the next forward pass.
   */
  get keepActivations(): boolean {
    return this.#keepActivations;
  }
  set keepActivations(all: boolean) {
    this.#alive();
    checkBoolean("keepActivations", all);
    this.#keepActivations = all;
    this.#stack.keep(all);
  }

  /**
   * Reports on each layer after the last forward pass, and the backward pass if one followed: statistics of the output
   * (mean, spread, zeros and dead units) and of the gradient with respect to it, and both as live tensors, which are
   * valid until the next pass. An in-place layer (relu, leakyRelu, elu, selu, sigmoid, tanh, dropout) overwrites the
   * output before it and, in the backward pass, its own gradient: these are undefined unless {@link keepActivations} is
   * set.
   * @example
   * model.keepActivations = true;
   * const { grad } = mse(model.forward(x), target);
   * model.backward(grad);
   * for (const { name, rms, deadUnits, gradNorm } of model.inspect()) console.log(name, rms, deadUnits, gradNorm);
   */
  inspect(): LayerReport[] {
    this.#alive();
    return this.#stack.inspect();
  }

  /** Frees parameters, gradients and buffers. */
  dispose(): void {
    if (this.#disposed) return;
    this.engine.checkUnused("model", this.parameters());
    this.#disposed = true;
    this.#parameters?.dispose();
    this.#stack.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): void {
    if (this.#disposed) throw new TypeError("model: expected a live model, got one that has been disposed");
    this.engine.alive();
  }
}

/**
 * Makes a model of layers, each of which feeds the next. Its parameters lie in one slab of memory, so that an optimizer
 * updates all of them in one kernel call.
 *
 * @param options.seed the same seed gives the same weights and dropout masks on every host
 * @throws RangeError for a layer whose width does not fit the layer before it
 * @example
 * const model = sequential(engine, [dense(64, 32), relu(), dense(32, 10)], { seed: 1 });
 * const logits = model.forward(engine.tensor([1, 64]));
 */
export function sequential(engine: Engine, layers: readonly Layer[], options: SequentialOptions = {}): Model {
  if (!(engine instanceof Engine)) throw typeError("engine", "an engine", engine);
  engine.alive();
  checkLayers("layers", layers);
  if (layers.length === 0) throw rangeError("layers", "at least one layer", layers);
  checkKeys("sequential", options, ["seed"]);
  const { seed = 0 } = options;
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  return new Model(engine, layers, seed);
}
