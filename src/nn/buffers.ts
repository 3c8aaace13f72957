import { padded } from "../engine/backend.js";
import type { Block } from "../engine/core.js";
import type { Engine } from "../engine/engine.js";
import { Tensor } from "../engine/tensor.js";

/**
 * Memory for the values [rows, width] at one place in a model, and for their gradients, for any number of rows. It
 * holds the largest number of rows so far, with one tensor for each number of rows, so that a smaller last batch
 * allocates nothing.
 */
export class Buffers {
  readonly width: number;
  readonly #engine: Engine;
  readonly #owner: string;
  #capacity = 0;
  #values: Block | undefined;
  #gradients: Block | undefined;
  #tensors = new Map<number, Tensor>();

  constructor(engine: Engine, width: number, owner: string) {
    this.#engine = engine;
    this.width = width;
    this.#owner = owner;
  }

  /** The tensor with this number of rows. More rows than ever before move the memory and retire all earlier tensors. */
  rows(rows: number): Tensor {
    return this.#tensors.get(rows) ?? this.#make(rows);
  }

  /** Separate from `rows`, in which the variables that the closure captures would cost every call 40 bytes. */
  #make(rows: number): Tensor {
    if (rows > this.#capacity) {
      this.dispose();
      this.#values = this.#engine.allocate(rows * this.width);
      this.#capacity = rows;
    }
    const tensor = this.#view(this.#values!, rows, () => {
      this.#gradients ??= this.#engine.allocate(this.#capacity * this.width);
      return this.#view(this.#gradients, rows);
    });
    this.#tensors.set(rows, tensor);
    return tensor;
  }

  /** Whether a tensor lies in this memory. */
  hold(tensor: Tensor): boolean {
    return this.#values !== undefined && tensor.place.ref === this.#values.ref;
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.retire();
    this.#tensors.clear();
    if (this.#values) this.#engine.free(this.#values);
    if (this.#gradients) this.#engine.free(this.#gradients);
    this.#values = undefined;
    this.#gradients = undefined;
    this.#capacity = 0;
  }

  #view({ ref }: Block, rows: number, gradient?: () => Tensor): Tensor {
    const length = padded(rows * this.width);
    return new Tensor(this.#engine, [rows, this.width], {
      ref,
      length,
      owner: this.#owner,
      ...(gradient && { gradient }),
    });
  }
}
