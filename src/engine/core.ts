/// <reference path="../host/disposable.d.ts" preserve="true" />
import {
  type Backend,
  type Binaries,
  type OnRefs,
  outOfMemory,
  type Partitions,
  type Product,
  padded,
  type Ref,
  tooLarge,
} from "./backend.js";
import { commonPartitions, type Twins } from "./commonKernels.js";
import type { Selected } from "./select.js";
import { Staging } from "./staging.js";

/** The error of a call that would change or free what a step in progress works on. */
export const duringStep = (name: string): TypeError =>
  new TypeError(`${name}: expected this call after the step, got it in its closure or schedule`);

/** An optimizer in a step. */
export interface Stepping {
  /** Whether the step works on this tensor or with this optimizer. */
  needs(one: unknown): boolean;
  /** The optimizer whose closure has begun this step. */
  outer: Stepping | undefined;
}

type Bound<T> = { [K in keyof T]: OnRefs<T[K]> };

/** An allocation of the engine's. */
export interface Block {
  readonly ref: Ref;
  readonly bytes: number;
}

/**
 * The part of an engine that tensors, slabs, layers and optimizers are built on: memory, and the kernels that work in it.
 * It knows none of them; {@link Engine} adds the functions that make tensors.
 */
export abstract class EngineCore {
  /** "wasm": SIMD WebAssembly. "js": plain TypeScript, the same bits as strict wasm. */
  readonly backend: "wasm" | "js";
  /** "relaxed": matrix products use fused multiply-add, and may differ between hosts in their last bits. "strict": every host gives the same bits. */
  readonly simd: "relaxed" | "strict" | "none";
  /** The number of threads, the caller's included. It changes no bit in strict mode; fewer once one is lost for good. */
  get threads(): number {
    return this.implementation.threads;
  }
  /** Why the engine has this backend, SIMD and number of threads, in a sentence. */
  get reason(): string {
    return this.#reason + this.implementation.lost;
  }
  /** @internal */
  readonly implementation: Backend;
  /** @internal */
  readonly kernels: Bound<Twins>;
  readonly #reason: string;
  #bytes = 0;
  #limit: number;
  #disposed = false;
  readonly #scratch: (Block | undefined)[] = [];
  readonly #ints: Staging;
  readonly #floats: Staging;
  /** @internal The optimizer that is in a step: the innermost, where the closure of one takes the step of another. */
  stepping: Stepping | undefined;
  /** @internal How often tensors have moved in memory: an optimizer then looks up their addresses again. */
  relocations = 0;
  #product: Product = { transA: false, transB: false, m: 0, n: 0, k: 0, accumulate: false };

  /** @internal */
  constructor({ backend, reason, maxMemoryMiB = 4096 }: Selected) {
    this.implementation = backend;
    this.backend = backend.name;
    this.simd = backend.simd;
    this.#reason = reason;
    this.#limit = maxMemoryMiB * 2 ** 20;
    this.kernels = Object.fromEntries(
      Object.entries(commonPartitions).map(([name, partition]) => [name, backend.common(name, partition)]),
    ) as unknown as Bound<Twins>;
    this.#ints = new Staging(backend, "ints");
    this.#floats = new Staging(backend, "floats");
  }

  /** Bytes that tensors, models and optimizers hold, without the engine's own working memory. */
  get bytesInUse(): number {
    return this.#bytes;
  }

  /** Frees everything at once. From then on tensors, models and optimizers of this engine throw. Refused during a step. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.stepping) throw duringStep("engine");
    this.#disposed = true;
    this.#bytes = 0;
    this.implementation.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal A matrix product without the checks of {@link matmul}. */
  product(
    transA: boolean,
    transB: boolean,
    m: number,
    n: number,
    k: number,
    a: Ref,
    b: Ref,
    c: Ref,
    accumulate: boolean,
  ) {
    this.implementation.gemm(this.#filled(transA, transB, m, n, k, accumulate), a, b, c);
  }

  /** @internal Allocates the working memory of such a product, so that the product itself allocates none. */
  reserve(transA: boolean, transB: boolean, m: number, n: number, k: number, accumulate: boolean): void {
    this.implementation.reserve(this.#filled(transA, transB, m, n, k, accumulate));
  }

  #filled(transA: boolean, transB: boolean, m: number, n: number, k: number, accumulate: boolean): Product {
    const product = this.#product;
    product.transA = transA;
    product.transB = transB;
    product.m = m;
    product.n = n;
    product.k = k;
    product.accumulate = accumulate;
    return product;
  }

  /** @internal Kernels ready to call with refs, from a table of twins, how each may be cut, and the binaries that have them. */
  bind<T extends Record<string, (...args: never[]) => unknown>>(
    twins: T,
    partitions: Partitions<T> = {},
    binaries?: Binaries,
  ) {
    const kernel = (name: string) => this.implementation.kernel(name, twins[name], partitions[name], binaries);
    return Object.fromEntries(Object.keys(twins).map((name) => [name, kernel(name)])) as unknown as Bound<T>;
  }

  /** @internal Zeroed memory for `length` f32. Throws a RangeError when memory runs out. */
  allocate(length: number): Block {
    this.alive();
    const bytes = padded(length) * 4;
    if (this.#bytes + bytes > this.#limit) throw outOfMemory(bytes, this.#bytes, this.#limit / 2 ** 20);
    if (bytes > this.implementation.largest) throw tooLarge(bytes, this.implementation.largest);
    let ref: Ref;
    try {
      ref = this.implementation.allocate(length);
    } catch {
      throw outOfMemory(bytes, this.#bytes, this.#limit / 2 ** 20, this.implementation.held);
    }
    this.#bytes += bytes;
    return { ref, bytes };
  }

  /** @internal */
  free(block: Block): void {
    if (this.#disposed) return;
    this.implementation.free(block.ref);
    this.#bytes -= block.bytes;
  }

  /** @internal Working memory for `length` f32, valid until the next call with the same `place`. */
  scratch(length: number, place = 0): Ref {
    const bytes = padded(length) * 4;
    const held = this.#scratch[place];
    if (held !== undefined && held.bytes >= bytes) return held.ref;
    if (held) this.implementation.free(held.ref);
    this.#scratch[place] = undefined;
    const made = { ref: this.implementation.allocate(length), bytes };
    this.#scratch[place] = made;
    return made.ref;
  }

  /** @internal A copy of whole numbers for kernels to read, valid until the next call. */
  ints(values: Int32Array): Ref {
    return this.#ints.put(values);
  }
  /** @internal The same for f32. */
  floats(values: Float32Array): Ref {
    return this.#floats.put(values);
  }

  /** @internal Throws during a step of an optimizer that needs one of these tensors. */
  checkUnused(name: string, tensors: readonly unknown[]): void {
    for (let one = this.stepping; one; one = one.outer) if (tensors.some(one.needs, one)) throw duringStep(name);
  }

  /** @internal Throws when the engine has been disposed, or has lost a thread. */
  alive(): void {
    if (this.#disposed) throw new TypeError("engine: expected a live engine, got one that has been disposed");
    if (this.implementation.broken !== "") throw new Error(`engine: ${this.implementation.broken}`);
  }
}
