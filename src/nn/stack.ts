import { rangeError, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { Buffers } from "./buffers.js";
import { fuse } from "./fuse.js";
import { type LayerReport, report } from "./inspect.js";
import type { BoundLayer, Layer, Pass } from "./layer.js";

/**
 * A sequence of layers bound to an engine, with the buffers between them: those of a model, or of a branch in a model.
 */
export class Stack {
  readonly layers: readonly Layer[];
  readonly #engine: Engine;
  readonly #bound: BoundLayer[] = [];
  /** At index i, layers i and i + 1 as one, if they can be fused. */
  readonly #fused: (BoundLayer | undefined)[];
  #buffers: Buffers[] = [];
  #input: Buffers | undefined;
  /** Input width that the buffers are for; it may change if no layer fixes it. */
  #width = 0;
  /** The values of the last forward pass: the input, then each layer's output. */
  #values: Tensor[] = [];
  /** The gradients with respect to these values, as far as the last backward pass has not overwritten them. */
  #gradients: (Tensor | undefined)[] = [];
  #keepAll = false;
  /**
   * The output whose backward pass has all the memory it needs, and whether that includes the gradient of the input.
   */
  #reserved: Tensor | undefined;
  #reservedInput = false;

  /** @param parameters of all layers, in order */
  constructor(engine: Engine, layers: readonly Layer[], parameters: readonly Tensor[], pass: Pass) {
    this.#engine = engine;
    this.layers = layers;
    let at = 0;
    try {
      for (const layer of layers) {
        const own = parameters.slice(at, (at += layer.parameters.length));
        this.#bound.push(layer.bind(engine, own, pass));
      }
      this.#fused = this.#bound.map((bound, i) => fuse(bound, this.#bound[i + 1]));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The last output; undefined before the first forward pass. */
  get output(): Tensor | undefined {
    return this.#values[this.#values.length - 1];
  }
  /** The input of the last pass. */
  get input(): Tensor | undefined {
    return this.#values[0];
  }

  /** The layers at work, and the values of the last pass: the input, then each layer's output. */
  get bound(): readonly BoundLayer[] {
    return this.#bound;
  }
  get values(): readonly Tensor[] {
    return this.#values;
  }

  /** Whether a tensor is one of those that forward overwrites. */
  owns(x: Tensor): boolean {
    for (const buffers of this.#buffers) if (buffers.hold(x)) return true;
    return false;
  }

  /** Runs the layers on x [rows, width]. */
  forward(x: Tensor): Tensor {
    const rows = x.shape[0];
    const width = x.shape[1];
    if (this.#width !== width) this.#resize(width);
    const values = this.#values;
    values[0] = x;
    let pair: BoundLayer | undefined;
    for (let i = 0; i < this.#bound.length; i++) {
      const y = this.#buffers[i].rows(rows);
      if (pair)
        pair = undefined; // has run already, fused with the one before
      else {
        pair = this.#pair(i);
        (pair ?? this.#bound[i]).forward(values[i], y);
      }
      values[i + 1] = y;
      this.#gradients[i + 1] = undefined;
    }
    this.#gradients[0] = undefined;
    return values[values.length - 1];
  }

  /**
   * Allocates everything that {@link backward} will write to, or throws if memory runs out. Needed once per number of
   * rows.
   */
  reserve(inputGrad: boolean): void {
    const values = this.#values;
    const { output } = this;
    if (this.#reserved === output && (this.#reservedInput || !inputGrad)) return;
    for (let i = this.#bound.length - 1; i >= 0; i--) {
      const x = values[i];
      const y = values[i + 1];
      const wanted = i > 0 || inputGrad;
      if (this.layers[i].inPlace && !this.#keepAll) void y.gradient;
      else if (i > 0) void x.gradient;
      else if (wanted || this.layers[i].inPlace) this.#inputGradient(x);
      this.#bound[i].reserve?.(x, y, wanted);
    }
    this.#reserved = output;
    this.#reservedInput = inputGrad;
  }

  /**
   * Propagates gradOut back through the layers; returns the gradient with respect to the input, if asked for. Nothing
   * is allocated here after {@link reserve}.
   */
  backward(gradOut: Tensor, inputGrad: boolean): Tensor | undefined {
    const values = this.#values;
    const gradients = this.#gradients;
    let dy = gradOut;
    for (let i = this.#bound.length - 1; i >= 0; i--) {
      const y = values[i + 1];
      let bound = this.#bound[i];
      gradients[i + 1] = dy;
      if (this.layers[i].inPlace) {
        const x = values[i];
        // The kernel overwrites its gradient: if that is the caller's, or is to be kept, let it work on a copy.
        const own = this.#keepAll ? (i === 0 ? this.#inputGradient(x) : x.gradient) : y.gradient;
        if (dy !== own && (dy === gradOut || this.#keepAll)) {
          this.#engine.kernels.copy(y.place.length, dy.ref, own.ref);
          dy = own;
        }
        if (gradients[i + 1] === dy) gradients[i + 1] = undefined; // overwritten now
        const pair = this.#pair(i - 1);
        if (pair === undefined) {
          bound.backward(x, y, dy, undefined);
          continue;
        }
        bound = pair;
        gradients[i--] = dy;
      }
      const x = values[i];
      const dx = i > 0 ? x.gradient : inputGrad ? this.#inputGradient(x) : undefined;
      bound.backward(x, y, dy, dx);
      if (dx) dy = dx;
    }
    gradients[0] = inputGrad ? dy : undefined;
    return inputGrad ? dy : undefined;
  }

  /**
   * Gives every layer its own buffers, so that nothing is overwritten before the next pass; or lets in-place layers
   * share them.
   */
  keep(all: boolean): void {
    if (this.#keepAll === all) return;
    this.#keepAll = all;
    this.#width = 0; // makes the next pass allocate new buffers
    for (const bound of this.#bound) bound.keep?.(all);
  }

  /** Reports on all layers in order; layers inside a layer follow it. */
  inspect(prefix = ""): LayerReport[] {
    const reports: LayerReport[] = [];
    this.layers.forEach((layer, i) => {
      const y = this.#values[i + 1];
      // If the next layer shares the memory, it has overwritten this output.
      const overwritten = y !== undefined && this.#values[i + 2] === y;
      const name = `${prefix}${i}.${layer.name}`;
      reports.push(report(name, y, overwritten, this.#gradients[i + 1]));
      for (const inner of this.#bound[i].inspect?.(`${prefix}${i}.`) ?? []) reports.push(inner);
    });
    return reports;
  }

  dispose(): void {
    for (const bound of this.#bound) bound.dispose?.();
    for (const buffers of this.#buffers) buffers.dispose();
    this.#input?.dispose();
    this.#values = [];
    this.#gradients = [];
  }

  /** Layers i and i + 1 as one, if they can be fused and share their memory. */
  #pair(i: number): BoundLayer | undefined {
    return this.#buffers[i] === this.#buffers[i + 1] ? this.#fused[i] : undefined;
  }

  #inputGradient(x: Tensor): Tensor {
    if (this.#input?.width !== x.shape[1]) {
      this.#input?.dispose();
      this.#input = new Buffers(this.#engine, x.shape[1], "a model");
    }
    return this.#input.rows(x.shape[0]);
  }

  /**
   * Makes the buffers, one for each layer's output. An in-place layer shares the buffer of the layer before it, unless
   * that is the caller's input or an output that the backward pass needs.
   */
  #resize(inputs: number): void {
    for (const buffers of this.#buffers) buffers.dispose();
    const buffers: Buffers[] = [];
    let width = inputs;
    this.layers.forEach((layer, i) => {
      width = layer.outputs ?? width;
      const shares = layer.inPlace && i > 0 && this.layers[i - 1].backwardReads !== "output" && !this.#keepAll;
      buffers.push(shares ? buffers[i - 1] : new Buffers(this.#engine, width, "a model"));
    });
    this.#buffers = buffers;
    this.#width = inputs;
    this.#values = []; // the old buffers are gone
    this.#gradients = [];
  }
}

/** Refuses what is not an array of layers. */
export function checkLayers(name: string, layers: unknown): asserts layers is readonly Layer[] {
  if (!Array.isArray(layers)) throw typeError(name, "an array of layers", layers);
  layers.forEach((layer, i) => {
    // Functions have a bind too: relu without its parentheses, for example.
    if (typeof layer !== "object" || typeof layer?.bind !== "function")
      throw typeError(`${name}[${i}]`, "a layer such as dense(4, 2) or relu()", layer);
  });
}

/** Checks that the widths of layers fit; returns those of the input and of the output, if a layer fixes them. */
export function widths(
  name: string,
  layers: readonly Layer[],
): { inputs: number | undefined; outputs: number | undefined } {
  let width: number | undefined;
  let inputs: number | undefined;
  layers.forEach((layer, i) => {
    if (layer.inputs !== undefined && width !== undefined && layer.inputs !== width) {
      const expected = `a layer that takes the ${width} outputs before it`;
      throw rangeError(`${name}[${i}]`, expected, `${layer.name} of ${layer.inputs} inputs`);
    }
    inputs ??= width === undefined ? layer.inputs : undefined;
    width = layer.outputs ?? width;
  });
  return { inputs, outputs: width };
}
