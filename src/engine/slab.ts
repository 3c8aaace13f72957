import { padded } from "./backend.js";
import type { Block, EngineCore } from "./core.js";
import { type Neighbourhood, type Shape, sizeOf, Tensor } from "./tensor.js";

/**
 * Tensors laid end to end in one allocation, and their gradients in another, at equal offsets. So an optimizer updates
 * neighbours in one kernel call, which threads can split evenly.
 */
export class Slab implements Neighbourhood {
  readonly tensors: readonly Tensor[];
  /** Elements of all tensors, padding included. */
  readonly length: number;
  readonly #engine: EngineCore;
  readonly #block: Block;
  #gradients: { block: Block; tensors: Tensor[] } | undefined;

  constructor(engine: EngineCore, shapes: readonly Shape[], owner: string) {
    this.#engine = engine;
    const lengths = shapes.map((shape) => padded(sizeOf(shape)));
    this.length = lengths.reduce((total, length) => total + length, 0);
    this.#block = engine.allocate(this.length);
    let offset = 0;
    this.tensors = shapes.map((shape, i) => {
      const length = lengths[i];
      const ref = engine.implementation.at(this.#block.ref, offset, length);
      const place = {
        ref,
        length,
        owner,
        slab: this,
        base: this.#block.ref,
        offset,
        gradient: () => this.#gradientOf(i),
      };
      offset += length;
      return new Tensor(engine, shape, place);
    });
  }

  get hasGradients(): boolean {
    return this.#gradients !== undefined;
  }

  /** The parameters and the gradients from `offset` elements on. */
  stretch(offset: number, length: number) {
    const { implementation: memory } = this.#engine;
    return {
      p: memory.at(this.#block.ref, offset, length),
      g: memory.at(this.#made().block.ref, offset, length),
    };
  }

  dispose(): void {
    for (const tensor of this.tensors) tensor.retire();
    this.#engine.free(this.#block);
    if (this.#gradients) this.#engine.free(this.#gradients.block);
    this.#gradients = undefined;
  }

  #gradientOf(i: number): Tensor {
    return this.#made().tensors[i];
  }

  #made() {
    if (this.#gradients === undefined) {
      const block = this.#engine.allocate(this.length);
      const tensors = this.tensors.map(({ shape, place }) => {
        const { offset = 0, length } = place;
        const ref = this.#engine.implementation.at(block.ref, offset, length);
        return new Tensor(this.#engine, shape, { ref, length, owner: "the gradient of a model" });
      });
      this.#gradients = { block, tensors };
    }
    return this.#gradients;
  }
}
