import { checkBoolean, checkKeys, checkNumber, rangeError, show, typeError } from "../check.js";
import { Engine } from "../engine/engine.js";
import { Slab } from "../engine/slab.js";
import type { Tensor } from "../engine/tensor.js";
import { random } from "../random.js";
import { Buffers } from "./buffers.js";
import { initialize } from "./init.js";
import type { BoundLayer, Layer } from "./layer.js";

export interface SequentialOptions {
  /** Seed of the generator that the weights are drawn from. Default 0. */
  seed?: number;
}

/** What a backward pass may leave out. */
export interface BackwardOptions {
  /** Compute the gradient with respect to the model's input as well. Default true; training has no use for it. */
  inputGrad?: boolean;
}

/** A stack of layers with its parameters and buffers. Made by {@link sequential}. */
export class Model {
  readonly engine: Engine;
  readonly layers: readonly Layer[];
  /** Width of the input, where a layer fixes it. */
  readonly inputs: number | undefined;
  readonly #parameters: Slab | undefined;
  readonly #names: string[];
  readonly #bound: BoundLayer[];
  #buffers: Buffers[] = [];
  #input: Buffers | undefined;
  /** Width of the input that the buffers are for; without a dense layer it may change. */
  #width = 0;
  /** What the last forward pass worked on: the input, then each layer's output. */
  #values: Tensor[] = [];
  #training = true;
  #disposed = false;

  /** @internal */
  constructor(engine: Engine, layers: readonly Layer[], seed: number) {
    this.engine = engine;
    this.layers = layers;
    this.inputs = checkWidths(layers);
    const shapes = layers.flatMap(({ parameters }) => parameters.map(({ shape }) => shape));
    this.#names = layers.flatMap(({ parameters }, i) => parameters.map(({ name }) => `${i}.${name}`));
    this.#parameters = shapes.length > 0 ? new Slab(engine, shapes, "a model") : undefined;
    const tensors = [...this.parameters()];
    const generator = random(seed);
    this.#bound = layers.map((layer) => {
      const own = tensors.splice(0, layer.parameters.length);
      for (const [i, tensor] of own.entries()) {
        initialize(tensor, layer.parameters[i]!.init, layer.inputs!, layer.outputs!, generator);
      }
      return layer.bind(engine, own);
    });
  }

  /** The trainable tensors, layer by layer, weight before bias. */
  parameters(): readonly Tensor[] {
    return this.#parameters?.tensors ?? [];
  }

  /** The same by PyTorch's names: "0.weight", "0.bias", "2.weight" … (weights here are [in, out], PyTorch's [out, in]). */
  namedParameters(): readonly (readonly [string, Tensor])[] {
    return this.parameters().map((tensor, i) => [this.#names[i]!, tensor] as const);
  }

  /**
   * Runs the layers on x [rows, inputs].
   * @returns the output [rows, outputs]; it belongs to the model, and the next call overwrites it
   */
  forward(x: Tensor): Tensor {
    this.#alive();
    this.engine.checkTensor("x", x, 2);
    // By index here and below: an iterator would be garbage of every step.
    const rows = x.shape[0]!;
    const width = x.shape[1]!;
    if (this.inputs !== undefined && width !== this.inputs)
      throw rangeError("x", `shape [rows, ${this.inputs}]`, x.shape);
    for (let i = 0; i < this.#buffers.length; i++) {
      if (this.#buffers[i]!.hold(x))
        throw rangeError("x", "a tensor that is not the model's own, which this call overwrites", x.shape);
    }
    if (this.#width !== width) this.#resize(width);
    const values = this.#values;
    values[0] = x;
    for (let i = 0; i < this.#bound.length; i++) {
      const y = this.#buffers[i]!.rows(rows);
      this.#bound[i]!.forward(values[i]!, y);
      values[i + 1] = y;
    }
    return values[values.length - 1]!;
  }

  /**
   * Propagates the gradient of the loss with respect to the last output back through the layers, adding to the
   * parameters' `grad`.
   * @param gradOut of the shape of what forward returned; a loss's `grad`
   * @returns the gradient with respect to the input, unless `inputGrad` is false; it belongs to the model
   */
  backward(gradOut: Tensor, o: BackwardOptions = {}): Tensor | undefined {
    this.#alive();
    const values = this.#values;
    const last = values[values.length - 1];
    if (last === undefined) throw new TypeError("backward: expected a forward pass before it");
    this.engine.checkTensor("gradOut", gradOut);
    if (gradOut.size !== last.size || gradOut.shape[0] !== last.shape[0])
      throw rangeError("gradOut", `shape ${show(last.shape)}`, gradOut.shape);
    for (const key in o) if (key !== "inputGrad") checkKeys("backward", o, ["inputGrad"]);
    const { inputGrad = true } = o;
    checkBoolean("inputGrad", inputGrad);
    values[0]!.alive("x"); // before the first gradient is added to
    let dy = gradOut;
    for (let i = this.#bound.length - 1; i >= 0; i--) {
      const x = values[i]!;
      const y = values[i + 1]!;
      const first = i === 0;
      if (this.layers[i]!.inPlace) {
        // The kernel overwrites its gradient: not the caller's, but a copy in the model's own memory.
        if (dy !== y.gradient && dy === gradOut) {
          this.engine.kernels.copy(y.place.length, dy.ref, y.gradient.ref);
          dy = y.gradient;
        }
        this.#bound[i]!.backward(x, y, dy, undefined);
        continue;
      }
      const dx = !first ? x.gradient : inputGrad ? this.#inputGradient(x) : undefined;
      this.#bound[i]!.backward(x, y, dy, dx);
      if (dx) dy = dx;
    }
    return inputGrad ? dy : undefined;
  }

  /** Turns on what only training has (dropout). */
  train(): void {
    this.#training = true;
  }
  /** Turns it off. */
  eval(): void {
    this.#training = false;
  }
  get training(): boolean {
    return this.#training;
  }

  /** Frees parameters, gradients and buffers. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#parameters?.dispose();
    for (const buffers of this.#buffers) buffers.dispose();
    this.#input?.dispose();
    this.#values = [];
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #inputGradient(x: Tensor): Tensor {
    this.#input ??= new Buffers(this.engine, x.shape[1]!, "a model");
    return this.#input.rows(x.shape[0]!);
  }

  /**
   * Makes the buffers, one for each layer's output. A layer that works in place shares the one before it; but neither
   * the caller's input nor the output of another such layer, which that one needs to go back, is ever written to.
   */
  #resize(inputs: number): void {
    for (const buffers of this.#buffers) buffers.dispose();
    const buffers: Buffers[] = [];
    let width = inputs;
    this.layers.forEach((layer, i) => {
      width = layer.outputs ?? width;
      const shares = layer.inPlace && i > 0 && !this.layers[i - 1]!.inPlace;
      buffers.push(shares ? buffers[i - 1]! : new Buffers(this.engine, width, "a model"));
    });
    this.#buffers = buffers;
    this.#width = inputs;
    this.#values = []; // what they held is gone
  }

  #alive(): void {
    if (this.#disposed) throw new TypeError("model: expected a live model, got one that has been disposed");
    this.engine.alive();
  }
}

/**
 * A model of layers, each feeding the next. Its parameters lie in one slab, so that an optimizer passes over all of
 * them in one kernel call.
 *
 * @param options.seed the same seed gives the same weights on every host
 * @throws RangeError where the width of a layer does not fit what comes before it
 * @example
 * const model = sequential(engine, [dense(64, 32), relu(), dense(32, 10)], { seed: 1 });
 * const logits = model.forward(engine.tensor([1, 64]));
 */
export function sequential(engine: Engine, layers: readonly Layer[], options: SequentialOptions = {}): Model {
  if (!(engine instanceof Engine)) throw typeError("engine", "an engine", engine);
  engine.alive();
  if (!Array.isArray(layers)) throw typeError("layers", "an array of layers", layers);
  if (layers.length === 0) throw rangeError("layers", "at least one layer", layers);
  layers.forEach((layer, i) => {
    // A function, such as relu without its parentheses, has a bind too.
    if (typeof layer !== "object" || typeof layer?.bind !== "function")
      throw typeError(`layers[${i}]`, "a layer such as dense(4, 2) or relu()", layer);
  });
  checkKeys("sequential", options, ["seed"]);
  const { seed = 0 } = options;
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  return new Model(engine, layers, seed);
}

/** Follows the widths through the layers; returns what the input must have, if any layer says so. */
function checkWidths(layers: readonly Layer[]): number | undefined {
  let width: number | undefined;
  let inputs: number | undefined;
  layers.forEach((layer, i) => {
    if (layer.inputs !== undefined && width !== undefined && layer.inputs !== width) {
      throw rangeError(
        `layers[${i}]`,
        `a layer that takes the ${width} outputs before it`,
        `${layer.name} of ${layer.inputs} inputs`,
      );
    }
    inputs ??= width === undefined ? layer.inputs : undefined;
    width = layer.outputs ?? width;
  });
  return inputs;
}
