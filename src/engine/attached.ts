import type { EngineCore } from "./core.js";
import { owned, type Place, type Shape, Tensor } from "./tensor.js";

/** A parameter in an array of the caller's, read and written by steps of optimizers alone. */
export class AttachedTensor extends Tensor {
  readonly #array: Float32Array;
  #grad: Float32Array | undefined;
  /** A view of the engine's own copy, on wasm. */
  #view: Float32Array | undefined;

  /** @internal */
  constructor(engine: EngineCore, shape: Shape, array: Float32Array, grad?: Float32Array) {
    super(
      engine,
      shape,
      attachedPlace(engine, shape, array, () => this.grad),
    );
    this.#array = array;
    this.#grad = grad;
  }

  override get data(): Float32Array {
    this.alive();
    return this.#array;
  }
  override get grad(): Float32Array {
    this.alive();
    this.#grad ??= new Float32Array(this.size);
    return this.#grad;
  }
  override get hasGradient(): boolean {
    return this.#grad !== undefined;
  }
  override get attached(): boolean {
    return true;
  }
  override get exposed(): boolean {
    return true;
  }
  override toArray(): Float32Array {
    this.#checkWhole("data", this.data);
    return super.toArray();
  }
  override pull(): void {
    this.pullData();
    this.#checkWhole("grad", this.grad);
    if (this.engine.backend === "js") return;
    this.gradient.data.set(this.grad);
  }
  override pullData(): void {
    this.#checkWhole("data", this.#array);
    if (this.engine.backend === "js") return;
    this.#copy().set(this.#array);
  }
  override push(): void {
    this.#checkWhole("data", this.#array);
    if (this.engine.backend === "js") return;
    this.#array.set(this.#copy());
  }
  override pushGrad(): void {
    if (this.engine.backend === "js") return;
    this.grad.set(this.gradient.data);
  }

  /** Refuses an array that has lost its numbers: reading them would give NaN, and writing them lose the step. */
  #checkWhole(name: string, { length }: Float32Array): void {
    if (length === this.size) return;
    const why = "its buffer was transferred or resized, or is of a memory that has grown";
    throw new TypeError(`${name}: expected the ${this.size} numbers that were attached, got ${length}: ${why}`);
  }

  /** A view that is kept until memory grows, so that a step makes no typed array. */
  #copy(): Float32Array {
    const { implementation: memory } = this.engine;
    if (this.#view === undefined || memory.stale(this.#view)) this.#view = memory.floats(this.ref, this.size);
    return this.#view;
  }
}

// On js kernels work in the caller's arrays, which have no padding; on wasm in a copy, which each step reads and writes.
function attachedPlace(engine: EngineCore, shape: Shape, array: Float32Array, grad: () => Float32Array): Place {
  if (engine.backend === "js") {
    const { length } = array;
    return { ref: array, length, gradient: () => new Tensor(engine, shape, { ref: grad(), length }) };
  }
  const own = () => owned(engine, array.length);
  return { ...own(), gradient: () => new Tensor(engine, shape, own()) };
}
