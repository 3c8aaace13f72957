/// <reference path="../host/disposable.d.ts" preserve="true" />
import { checkBoolean, rangeError, show, typeError } from "../check.js";
import { padded, type Ref } from "./backend.js";
import type { EngineCore } from "./core.js";

/** Dimensions, row-major: the last one is contiguous. */
export type Shape = readonly number[];

/** The number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, d) => size * d, 1);

/** Tensors laid end to end, as in a slab: what a tensor knows of its neighbours. */
export interface Neighbourhood {
  /** Whether the gradients, all in one allocation, have been made. */
  readonly hasGradients: boolean;
  /** The memory of parameters and of gradients from `offset` elements on. */
  stretch(offset: number, length: number): { p: Ref; g: Ref };
}

/** Where a tensor's numbers are, and who owns them. */
export interface Place {
  ref: Ref;
  /** Elements that kernels may touch from `ref` on: the size with its padding, or the exact size of an attached array. */
  length: number;
  /** The owner, if it is not the tensor itself. */
  owner?: string;
  /** Frees the memory, where the tensor owns it. */
  release?(): void;
  /** Makes the gradient: a tensor of zeros, of the same shape. */
  gradient?(): Tensor;
  slab?: Neighbourhood;
  /** The allocation that this is a part of, and the offset in it, in elements. */
  base?: Ref;
  offset?: number;
}

/** Throws unless there are `size` numbers, before any of them is written. */
export function checkValues(values: ArrayLike<number>, size: number, shape: Shape): void {
  const length = (values as ArrayLike<number> | null | undefined)?.length;
  if (typeof length !== "number") throw typeError("values", `an array of ${size} numbers`, values);
  if (length !== size) throw rangeError("values", `${size} numbers for shape ${show(shape)}`, values);
  checkNumbers("values", values);
}

/** Throws for an element that is not a number, which would be stored as NaN or 0. */
export function checkNumbers(name: string, values: ArrayLike<unknown>): void {
  // A typed array holds either numbers or big integers: its first element tells.
  const looked = ArrayBuffer.isView(values) ? Math.min(values.length, 1) : values.length;
  for (let i = 0; i < looked; i++) {
    if (typeof values[i] !== "number") throw typeError(`${name}[${i}]`, "a number", values[i]);
  }
}

/**
 * An array of f32 in the engine's memory, with a gradient on demand.
 *
 * `data` and `grad` are views, replaced when memory grows: keep the tensor, not the view. With several threads they are
 * views of shared memory, which TextDecoder, crypto.subtle, Blob and the transfer list of postMessage refuse: give those
 * `toArray()`.
 */
export class Tensor {
  readonly shape: Shape;
  /** The number of elements. */
  readonly size: number;
  /**
   * Whether optimizers update it. While it is false the tensor is frozen: steps skip it entirely (no weight decay, no state,
   * no part in the norm for gradient clipping). Set to true again, it resumes with the state that it had.
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }
  set requiresGrad(value: boolean) {
    checkBoolean("requiresGrad", value);
    this.#requiresGrad = value;
  }
  /** @internal */
  readonly engine: EngineCore;
  /** @internal */
  readonly place: Place;
  #view: Float32Array | undefined;
  #gradient: Tensor | undefined;
  #requiresGrad = true;
  #disposed = false;

  /** @internal */
  constructor(engine: EngineCore, shape: Shape, place: Place) {
    this.engine = engine;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.place = place;
  }

  /** The numbers, row-major: writing to them changes the tensor. */
  get data(): Float32Array {
    this.alive();
    if (this.#view === undefined || this.engine.implementation.stale(this.#view)) {
      this.#view = this.engine.implementation.floats(this.place.ref, this.size);
    }
    return this.#view;
  }

  /** The gradient, of the same shape. Made when it is first read, as zeros. */
  get grad(): Float32Array {
    return this.gradient.data;
  }

  /** @internal The gradient as a tensor. */
  get gradient(): Tensor {
    this.alive();
    this.#gradient ??= this.place.gradient?.();
    if (this.#gradient === undefined) throw new TypeError("this tensor is itself a gradient and has none");
    return this.#gradient;
  }

  /** @internal Whether a gradient has been made. */
  get hasGradient(): boolean {
    return this.#gradient !== undefined || (this.place.slab?.hasGradients ?? false);
  }

  /** @internal The memory, as kernels take it. */
  get ref(): Ref {
    if (this.#disposed) this.alive();
    return this.place.ref;
  }

  /** @internal Whether the numbers are in an array of the caller's. */
  get attached(): boolean {
    return false;
  }
  /** @internal Whether steps have to pull it: an array of the caller's, and memory that the caller can transfer. */
  get exposed(): boolean {
    return this.engine.backend === "js";
  }
  /** @internal For attached tensors: copies the caller's numbers and gradient in. Refuses memory that has been lost. */
  pull(): void {
    this.pullData();
    void this.grad;
  }
  /** @internal The same without making a gradient. */
  pullData(): void {
    void this.data;
  }
  /** @internal Copies the numbers back out. */
  push(): void {}
  /** @internal Copies the gradient back out. */
  pushGrad(): void {}

  /** A copy of the numbers. */
  toArray(): Float32Array {
    return this.data.slice();
  }

  /** Overwrites the numbers. Throws a RangeError unless there are `size` values, a TypeError if one is not a number. */
  copyFrom(values: ArrayLike<number>): this {
    checkValues(values, this.size, this.shape);
    this.data.set(values);
    return this;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Frees the memory. A tensor that is used afterwards throws. Idempotent. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.place.owner) throw new TypeError(`this tensor belongs to ${this.place.owner}: dispose that instead`);
    this.engine.checkUnused("tensor", [this]);
    this.retire();
    this.place.release?.();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Takes other memory of the same length, which its owner has filled. */
  relocate(ref: Ref): void {
    this.place.ref = ref;
    this.#view = undefined;
    this.engine.relocations++;
  }

  /** @internal Marks the tensor and its gradient as disposed; its owner frees the memory. */
  retire(): void {
    this.#disposed = true;
    this.#view = undefined;
    const gradient = this.#gradient;
    this.#gradient = undefined;
    gradient?.retire();
    gradient?.place.release?.();
  }

  /** @internal Throws when the tensor or its engine has been disposed. */
  alive(name = "tensor"): void {
    if (this.#disposed) throw new TypeError(`${name}: expected a live tensor, got one that has been disposed`);
    this.engine.alive();
  }
}

/** Memory of a tensor's own, zeroed. */
export function owned(engine: EngineCore, size: number): Place {
  const block = engine.allocate(size);
  return { ref: block.ref, length: padded(size), release: () => engine.free(block) };
}

/** A tensor of zeros that owns its memory. */
export function tensorOf(engine: EngineCore, shape: Shape): Tensor {
  const size = sizeOf(shape);
  const gradient = () =>
    new Tensor(engine, shape, { ...owned(engine, size), owner: "another tensor, as its gradient" });
  return new Tensor(engine, shape, { ...owned(engine, size), gradient });
}

/** Throws unless `tensor` is a live tensor of this engine, and not attached. */
export function checkTensor(
  name: string,
  tensor: unknown,
  engine: EngineCore,
  rank?: number,
): asserts tensor is Tensor {
  if (!(tensor instanceof Tensor)) throw typeError(name, "a tensor", tensor);
  tensor.alive(name);
  if (tensor.engine !== engine) throw new TypeError(`${name}: expected a tensor of this engine, got another engine's`);
  if (tensor.attached) throw new TypeError(`${name}: expected a tensor of the engine's, got an attached array`);
  if (tensor.exposed) tensor.pullData();
  if (rank !== undefined && tensor.shape.length !== rank) throw rangeError(name, `${rank} dimensions`, tensor.shape);
}
