import { rangeError, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { Buffers } from "./buffers.js";
import { fuse } from "./fuse.js";
import { type LayerReport, report } from "./inspect.js";
import type { BoundLayer, Layer, Pass } from "./layer.js";

/** Layers one after another, bound to an engine, with the buffers between them: a model's, or a branch's inside it. */
export class Stack {
  readonly layers: readonly Layer[];
  readonly #engine: Engine;
  readonly #bound: BoundLayer[] = [];
  /** Where a layer and the next can run as one: in the layer's place. */
  readonly #fused: (BoundLayer | undefined)[];
  #buffers: Buffers[] = [];
  #input: Buffers | undefined;
  /** Width of the input that the buffers are for; it may change where no layer fixes it. */
  #width = 0;
  /** What the last forward pass worked on: the input, then each layer's output. */
  #values: Tensor[] = [];
  /** The gradients with respect to these, where the last backward pass left them. */
  #gradients: (Tensor | undefined)[] = [];
  #keepAll = false;
  /** The output of the pass whose way back has all the memory it needs, and whether that includes the input's gradient. */
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
        pair = undefined; // has run with the one before
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

  /** Makes all that {@link backward} will write to; throws for want of memory. Once for each number of rows. */
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
        // The kernel overwrites its gradient: not the caller's, nor one to be kept, but a copy of it.
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

  /** Gives every layer buffers of its own, so that nothing is overwritten before the next pass; or no longer. */
  keep(all: boolean): void {
    if (this.#keepAll === all) return;
    this.#keepAll = all;
    this.#width = 0; // the next pass makes the buffers anew
    for (const bound of this.#bound) bound.keep?.(all);
  }

  /** What the last passes left of each layer, in order; layers inside layers follow theirs. */
  inspect(prefix = ""): LayerReport[] {
    const reports: LayerReport[] = [];
    this.layers.forEach((layer, i) => {
      const y = this.#values[i + 1];
      // A layer in place after this one has overwritten its output, if they share their memory.
      const overwritten = y !== undefined && this.#values[i + 2] === y;
      const name = `${prefix}${i}.${layer.name}`;
      reports.push(report(name, y, overwritten, this.#gradients[i + 1]));
      reports.push(...(this.#bound[i].inspect?.(`${prefix}${i}.`) ?? []));
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

  /** Layers i and i + 1 as one, where that can be and they share their memory. */
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
   * Makes the buffers, one for each layer's output. A layer that works in place shares the one before it; but neither
   * the caller's input nor an output that the layer before needs to go back is ever written to.
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
    this.#values = []; // what they held is gone
    this.#gradients = [];
  }
}

/** Refuses what is not an array of layers. */
export function checkLayers(name: string, layers: unknown): asserts layers is readonly Layer[] {
  if (!Array.isArray(layers)) throw typeError(name, "an array of layers", layers);
  layers.forEach((layer, i) => {
    // A function, such as relu without its parentheses, has a bind too.
    if (typeof layer !== "object" || typeof layer?.bind !== "function")
      throw typeError(`${name}[${i}]`, "a layer such as dense(4, 2) or relu()", layer);
  });
}

/** Follows the widths through layers; returns what the input must have and what the output has, where a layer says so. */
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
