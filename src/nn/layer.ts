import type { Engine } from "../engine/engine.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import type { Init } from "./init.js";
import type { LayerReport } from "./inspect.js";

/** A layer as described by `dense(…)`, `relu()` …: plain data until `sequential` binds it to an engine. Values are [rows, width]. */
export interface Layer {
  readonly name: string;
  /** Width that it takes and gives; undefined for layers that give what they take. */
  readonly inputs?: number;
  readonly outputs?: number;
  readonly parameters: readonly Parameter[];
  /** The output may overwrite the input, and the gradient with respect to the input that of the output. */
  readonly inPlace: boolean;
  /** What backward reads of the forward pass. An output that it reads is not overwritten by a layer in place after it. */
  readonly backwardReads: "input" | "output" | "nothing";
  bind(engine: Engine, parameters: readonly Tensor[], pass: Pass): BoundLayer;
}

export interface Parameter {
  /** As in PyTorch's state dict: "weight", "bias". */
  readonly name: string;
  readonly shape: Shape;
  readonly init: Init | "ones";
  /** Width that its layer takes and gives, on which the variance of the weights depends. */
  readonly fan: readonly [inputs: number, outputs: number];
}

/** What all layers of a model know of its passes. */
export interface Pass {
  training: boolean;
  /** Seed and position of the counter-based generator: which pass of training this is, from 0. */
  seed: number;
  step: number;
  /** A number for each layer that draws, counted while the model is bound. */
  drawers: number;
}

/** A layer with its kernels and parameters. */
export interface BoundLayer {
  forward(x: Tensor, y: Tensor): void;
  /**
   * Adds to the parameters' gradients, and writes the gradient with respect to x to dx, unless no one wants it. A layer
   * in place overwrites dy by it instead, and dx is undefined.
   */
  backward(x: Tensor, y: Tensor, dy: Tensor, dx: Tensor | undefined): void;
  /**
   * Makes what backward after this forward pass takes up beyond the gradients of the model's own values, dx among it or
   * not: memory that is not to be had is missed before anything has been added to a gradient.
   */
  reserve?(x: Tensor, y: Tensor, inputGrad: boolean): void;
  /** Layers inside this one, under names that start with `prefix`. */
  inspect?(prefix: string): LayerReport[];
  /** Keeps (or no longer keeps) all values inside this layer for inspection. */
  keep?(all: boolean): void;
  /** Frees what it allocated. */
  dispose?(): void;
}
