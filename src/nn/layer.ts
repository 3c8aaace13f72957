import type { Engine } from "../engine/engine.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import type { Init } from "./init.js";

/** A layer as described by `dense(…)`, `relu()` …: plain data until `sequential` binds it to an engine. Values are [rows, width]. */
export interface Layer {
  readonly name: string;
  /** Width that it takes and gives; undefined for layers that give what they take. */
  readonly inputs?: number;
  readonly outputs?: number;
  readonly parameters: readonly Parameter[];
  /** The output may overwrite the input, and the gradient with respect to the input that of the output. */
  readonly inPlace: boolean;
  bind(engine: Engine, parameters: readonly Tensor[]): BoundLayer;
}

export interface Parameter {
  /** As in PyTorch's state dict: "weight", "bias". */
  readonly name: string;
  readonly shape: Shape;
  readonly init: Init;
}

/** A layer with its kernels and parameters. */
export interface BoundLayer {
  forward(x: Tensor, y: Tensor): void;
  /** Adds to the parameters' gradients, and writes the gradient with respect to x to dx, unless no one wants it. */
  backward(x: Tensor, y: Tensor, dy: Tensor, dx: Tensor | undefined): void;
}
