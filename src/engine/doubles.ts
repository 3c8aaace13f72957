import type { Ref } from "./backend.js";
import type { EngineCore } from "./core.js";
import { type Shape, sizeOf } from "./tensor.js";

/** Numbers of f32 that a block for `size` f64 takes. */
export const floatsFor = (size: number): number => 2 * size;

/**
 * An array of f64 in the engine's memory, for what f32 cannot hold: statistics whose condition exceeds 10⁷, and the
 * matrices of their decompositions. It has no gradient, and belongs to an optimizer.
 */
export class Doubles {
  readonly shape: Shape;
  /** The number of elements. */
  readonly size: number;
  /** The memory, as kernels take it. */
  readonly ref: Ref;
  readonly bytes: number;
  readonly #engine: EngineCore;
  readonly #release: () => void;
  #view: Float64Array | undefined;

  /** Zeros. Throws a RangeError when memory runs out. */
  constructor(engine: EngineCore, shape: Shape) {
    const block = engine.allocate(floatsFor(sizeOf(shape)));
    this.#engine = engine;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.bytes = block.bytes;
    this.ref = engine.implementation.asDoubles(block.ref, this.size);
    this.#release = () => engine.free(block);
  }

  /** A view of the numbers, made afresh when memory has grown. */
  get data(): Float64Array {
    const { implementation } = this.#engine;
    if (this.#view === undefined || implementation.stale(this.#view))
      this.#view = implementation.doubles(this.ref, this.size);
    return this.#view;
  }

  /** A copy of the numbers. */
  toArray(): Float64Array {
    return this.data.slice();
  }

  dispose(): void {
    this.#view = undefined;
    this.#release();
  }
}
