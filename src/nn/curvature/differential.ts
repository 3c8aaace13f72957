import type { Engine } from "../../engine/engine.js";
import { type Shape, type Tensor, tensorOf } from "../../engine/tensor.js";

/**
 * A tensor beside another one: `dot` names are the tangents of values, that is their change along the direction; d is the
 * gradient with respect to a value, t the tangent of that gradient. Where d is undefined, it counts as zero: then t is
 * a gradient by itself.
 */
export interface Differential {
  /** Computes the tangent of y from that of x. Undefined stands for zero, here and there. */
  forward(x: Tensor, y: Tensor, xDot: Tensor | undefined): Tensor | undefined;
  /** Allocates what `backward` needs, after `forward`. `both`: with d. `wanted`: with dx and tx. */
  reserve(x: Tensor, y: Tensor, xDot: Tensor | undefined, both: boolean, wanted: boolean): void;
  /**
   * Writes t of the parameters, and d and t of x into dx and tx, if these are given. A layer that works in place
   * overwrites d and t instead, and is given the same tensors twice.
   */
  backward(
    x: Tensor,
    y: Tensor,
    xDot: Tensor | undefined,
    yDot: Tensor | undefined,
    d: Tensor | undefined,
    t: Tensor,
    dx: Tensor | undefined,
    tx: Tensor | undefined,
  ): void;
}

/** The parameters of a layer's direction, and the tensors that its part of the result goes to. */
export interface Directions {
  /** Undefined for a gradient alone, which has no direction. */
  readonly v: readonly Tensor[] | undefined;
  readonly out: readonly Tensor[];
}

/** Tensors that one call makes and frees again. */
export class Workspace {
  readonly engine: Engine;
  readonly #made: Tensor[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** A tensor of zeros. */
  make(shape: Shape): Tensor {
    const tensor = tensorOf(this.engine, shape);
    this.#made.push(tensor);
    return tensor;
  }

  dispose(): void {
    for (const tensor of this.#made) tensor.dispose();
  }
}
