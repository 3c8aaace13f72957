import type { Engine } from "../engine/engine.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import type { Init } from "./init.js";
import type { LayerReport } from "./inspect.js";

/** A layer as described by `dense(…)`, `relu()` …, which `sequential` binds to an engine. Values are [rows, width]. */
export interface Layer {
  readonly name: string;
  /** Width of the input and of the output; undefined for layers that keep the width of their input. */
  readonly inputs?: number;
  readonly outputs?: number;
  readonly parameters: readonly Parameter[];
  /** Whether the output may overwrite the input, and the gradient with respect to the input that of the output. */
  readonly inPlace: boolean;
  /** What backward reads of the forward pass. An in-place layer does not overwrite an output that is read. */
  readonly backwardReads: "input" | "output" | "nothing";
  bind(engine: Engine, parameters: readonly Tensor[], pass: Pass): BoundLayer;
}

/** What a layer says of a parameter, which the model makes: its name, its shape, and its values at first. */
export interface Parameter {
  /** The name in PyTorch's state dict: "weight", "bias". */
  readonly name: string;
  readonly shape: Shape;
  readonly init: Init | "ones";
  /** Widths of the input and output of its layer, on which the variance of the weights depends. */
  readonly fan: readonly [inputs: number, outputs: number];
}

/** The state of passes that all layers of a model share. */
export interface Pass {
  training: boolean;
  /** Seed of the counter-based generator, and its position: the number of this training pass, from 0. */
  seed: number;
  step: number;
  /** Number of layers that draw random numbers, counted while the model is bound. */
  drawers: number;
  /**
   * Told by each dense layer of its input and of the gradient at its output, once a backward pass has both. They stay as
   * they are until the next pass.
   */
  observer?: ((weight: Tensor, bias: Tensor | undefined, x: Tensor, dy: Tensor) => void) | undefined;
  /** Whether the present backward pass is for the observer alone: gradients of weights stay as they are. */
  observing?: boolean;
}

/** The state of passes as the entry names it, where an optimizer's pass is `Pass`. */
export type LayerPass = Pass;

/** A layer with its kernels and parameters. */
export interface BoundLayer {
  forward(x: Tensor, y: Tensor): void;
  /**
   * Adds to the parameters' gradients, and writes the gradient with respect to x to dx, which is undefined if it is not
   * wanted. An in-place layer overwrites dy by it instead, and its dx is undefined.
   */
  backward(x: Tensor, y: Tensor, dy: Tensor, dx: Tensor | undefined): void;
  /**
   * Allocates what backward needs after this forward pass, beyond the gradients of the model's own values, with or
   * without dx: if memory runs out, it does so before any gradient has changed.
   */
  reserve?(x: Tensor, y: Tensor, inputGrad: boolean): void;
  /** Reports on the layers inside this one, under names that start with `prefix`. */
  inspect?(prefix: string): LayerReport[];
  /** Keeps all values inside this layer for inspection, or stops keeping them. */
  keep?(all: boolean): void;
  /** Frees the memory that this layer allocated. */
  dispose?(): void;
}
