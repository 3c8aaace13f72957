import { checkBoolean, checkKeys, checkWhole, rangeError, typeError } from "../check.js";
import {
  type Backend,
  type Codes,
  type Forms,
  type OnRefs,
  outOfMemory,
  type Product,
  padded,
  type Ref,
  tooLarge,
} from "./backend.js";
import { commonForms, type Twins } from "./commonKernels.js";
import type { Selected } from "./select.js";
import { Staging } from "./staging.js";
import { AttachedTensor, checkValues, type Shape, Tensor } from "./tensor.js";

type Bound<T> = { [K in keyof T]: OnRefs<T[K]> };

/** A piece of the engine's memory. */
export interface Block {
  readonly ref: Ref;
  readonly bytes: number;
}

/** What a product may do besides multiplying two matrices as they are stored. */
export interface MatmulOptions {
  /** A is stored as [k, m]. */
  transposeA?: boolean;
  /** B is stored as [n, k]. */
  transposeB?: boolean;
  /** Where the product goes; a new tensor by default. */
  out?: Tensor;
  /** Add the product to `out` instead of overwriting it. */
  accumulate?: boolean;
}

/**
 * The machine under tensors, layers and optimizers: memory, and the kernels that work in it. Made by
 * {@link createEngine}. Engines share nothing: tensors of one do not work in another.
 */
export class Engine {
  /** "wasm": SIMD WebAssembly. "js": plain TypeScript, the same bits as strict wasm. */
  readonly backend: "wasm" | "js";
  /** "relaxed": products use fused multiply-add, and may differ between hosts in their last bits. "strict": they may not. */
  readonly simd: "relaxed" | "strict" | "none";
  /** Threads at work, the caller's included. The bits of strict mode do not depend on it. */
  readonly threads: number;
  /** Why the engine is what it is, in a sentence. */
  readonly reason: string;
  /** @internal */
  readonly memory: Backend;
  /** @internal */
  readonly kernels: Bound<Twins>;
  #bytes = 0;
  #limit: number;
  #disposed = false;
  readonly #scratch: (Block | undefined)[] = [];
  readonly #ints: Staging;
  readonly #floats: Staging;
  #product: Product = { transA: false, transB: false, m: 0, n: 0, k: 0, accumulate: false };

  /** @internal */
  constructor({ backend, reason, maxMemoryMiB = 4096 }: Selected) {
    this.memory = backend;
    this.backend = backend.name;
    this.simd = backend.simd;
    this.threads = backend.threads;
    this.reason = reason;
    this.#limit = maxMemoryMiB * 2 ** 20;
    this.kernels = Object.fromEntries(
      Object.entries(commonForms).map(([name, form]) => [name, backend.common(name, form)]),
    ) as unknown as Bound<Twins>;
    this.#ints = new Staging(backend, "ints");
    this.#floats = new Staging(backend, "floats");
  }

  /** Bytes that tensors, models and optimizers hold. The engine's own working memory is not counted. */
  get bytesInUse(): number {
    return this.#bytes;
  }

  /**
   * A tensor of zeros, or of `values` in row-major order.
   *
   * @param shape whole numbers ≥ 1; a single number means one dimension
   * @throws RangeError for another number of values than the shape holds, or when memory runs out
   * @example
   * const w = engine.tensor([2, 3], [1, 2, 3, 4, 5, 6]);
   */
  tensor(shape: number | readonly number[], values?: ArrayLike<number>): Tensor {
    this.alive();
    const dims = checkShape("shape", shape);
    const size = dims.reduce((product, d) => product * d, 1);
    if (values !== undefined) checkValues(values, size, dims);
    const block = this.allocate(size);
    const tensor = new Tensor(this, dims, {
      ref: block.ref,
      length: padded(size),
      release: () => this.free(block),
      gradient: () => {
        const gradient = this.allocate(size);
        const place = { ref: gradient.ref, length: padded(size), release: () => this.free(gradient) };
        return new Tensor(this, dims, { ...place, owner: "another tensor, as its gradient" });
      },
    });
    if (values !== undefined) tensor.data.set(values);
    return tensor;
  }

  /**
   * A parameter over an array of the caller's own. An optimizer's step copies it in and out on wasm and works in
   * place on js. Attached tensors serve optimizers only: a layer or a product given one throws.
   *
   * @param data the parameters; they stay where they are
   * @param o.grad the gradient, of the same length; without it `tensor.grad` makes one
   * @param o.shape defaults to one dimension
   */
  attach(data: Float32Array, o: { grad?: Float32Array; shape?: readonly number[] } = {}): Tensor {
    this.alive();
    checkKeys("attach", o, ["grad", "shape"]);
    if (!(data instanceof Float32Array)) throw typeError("data", "a Float32Array", data);
    if (data.length === 0) throw rangeError("data", "at least one number", data);
    const shape = checkShape("shape", o.shape ?? data.length);
    const size = shape.reduce((product, d) => product * d, 1);
    if (size !== data.length) throw rangeError("shape", `a shape of ${data.length} elements`, shape);
    if (o.grad !== undefined) {
      if (!(o.grad instanceof Float32Array)) throw typeError("grad", "a Float32Array", o.grad);
      if (o.grad.length !== size) throw rangeError("grad", `${size} numbers, as data`, o.grad);
    }
    return new AttachedTensor(this, shape, data, o.grad);
  }

  /**
   * C [m, n] = op(A) [m, k] · op(B) [k, n], for 2-D tensors.
   *
   * Each element is summed from +0 in the order of k; with `accumulate` the old C is added to that sum.
   * @throws RangeError when the shapes do not fit; TypeError for tensors that are disposed, attached or another engine's
   * @example
   * const c = engine.matmul(engine.tensor([1, 2], [3, 4]), engine.tensor([2, 1], [5, 6])); // [[39]]
   */
  matmul(a: Tensor, b: Tensor, o: MatmulOptions = {}): Tensor {
    this.alive();
    checkKeys("matmul", o, ["transposeA", "transposeB", "out", "accumulate"]);
    const { transposeA = false, transposeB = false, accumulate = false, out } = o;
    checkBoolean("transposeA", transposeA);
    checkBoolean("transposeB", transposeB);
    checkBoolean("accumulate", accumulate);
    this.checkTensor("a", a, 2);
    this.checkTensor("b", b, 2);
    const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : [a.shape[0], a.shape[1]];
    const [kb, n] = transposeB ? [b.shape[1], b.shape[0]] : [b.shape[0], b.shape[1]];
    if (k !== kb) {
      throw new RangeError(
        `matmul: expected op(b) with ${k} rows, the columns of op(a) [${m}, ${k}], got [${kb}, ${n}]`,
      );
    }
    if (out === undefined) {
      if (accumulate) throw typeError("out", "a tensor to accumulate into", out);
    } else {
      this.checkTensor("out", out, 2);
      if (out.shape[0] !== m || out.shape[1] !== n) throw rangeError("out", `shape [${m}, ${n}]`, out.shape);
      if (out === a || out === b) throw new RangeError("out: expected a tensor other than a and b, got one of them");
    }
    const c = out ?? this.tensor([m, n]);
    try {
      this.product(transposeA, transposeB, m, n, k, a.ref, b.ref, c.ref, accumulate);
    } catch (error) {
      if (c !== out) c.dispose(); // there was room for the product, but not for working on it
      throw error;
    }
    return c;
  }

  /** Frees everything at once. Tensors, models and optimizers of this engine throw from then on. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#bytes = 0;
    this.memory.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal A product without the checks of {@link matmul}. */
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
    this.memory.gemm(this.#filled(transA, transB, m, n, k, accumulate), a, b, c);
  }

  /** @internal Makes the working memory of such a product, so that the product itself asks for none. */
  reserve(transA: boolean, transB: boolean, m: number, n: number, k: number, accumulate: boolean): void {
    this.memory.reserve(this.#filled(transA, transB, m, n, k, accumulate));
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

  /** @internal Kernels ready to call with refs, from a table of their twins, one of how they may be cut, and where they are. */
  bind<T extends Record<string, (...args: never[]) => unknown>>(twins: T, forms: Forms<T> = {}, codes?: Codes) {
    return Object.fromEntries(
      Object.entries(twins).map(([name, twin]) => [name, this.memory.kernel(name, twin, forms[name], codes)]),
    ) as unknown as Bound<T>;
  }

  /** @internal Zeroed memory for `length` f32. */
  allocate(length: number): Block {
    this.alive();
    const bytes = padded(length) * 4;
    if (this.#bytes + bytes > this.#limit) throw outOfMemory(bytes, this.#bytes, this.#limit / 2 ** 20);
    if (bytes > this.memory.largest) throw tooLarge(bytes, this.memory.largest);
    let ref: Ref;
    try {
      ref = this.memory.allocate(length);
    } catch {
      throw outOfMemory(bytes, this.#bytes, this.#limit / 2 ** 20, this.memory.held);
    }
    this.#bytes += bytes;
    return { ref, bytes };
  }

  /** @internal */
  free(block: Block): void {
    if (this.#disposed) return;
    this.memory.free(block.ref);
    this.#bytes -= block.bytes;
  }

  /** @internal Working memory for `length` f32, good until the next call with the same place. */
  scratch(length: number, place = 0): Ref {
    const bytes = padded(length) * 4;
    const held = this.#scratch[place];
    if (held !== undefined && held.bytes >= bytes) return held.ref;
    if (held) this.memory.free(held.ref);
    this.#scratch[place] = undefined;
    const made = { ref: this.memory.allocate(length), bytes };
    this.#scratch[place] = made;
    return made.ref;
  }

  /** @internal A copy of whole numbers where kernels can read them, good until the next call. */
  ints(values: Int32Array): Ref {
    return this.#ints.put(values);
  }
  /** @internal The same for f32. */
  floats(values: Float32Array): Ref {
    return this.#floats.put(values);
  }

  /** @internal Throws when the engine is gone. */
  alive(): void {
    if (this.#disposed) throw new TypeError("engine: expected a live engine, got one that has been disposed");
    if (this.memory.broken !== "") throw new Error(`engine: ${this.memory.broken}`);
  }

  /** @internal Refuses what is not a live tensor of this engine, in its own memory. */
  checkTensor(name: string, tensor: unknown, rank?: number): asserts tensor is Tensor {
    if (!(tensor instanceof Tensor)) throw typeError(name, "a tensor", tensor);
    tensor.alive(name);
    if (tensor.engine !== this) throw new TypeError(`${name}: expected a tensor of this engine, got another engine's`);
    if (tensor.attached) throw new TypeError(`${name}: expected a tensor of the engine's, got an attached array`);
    if (rank !== undefined && tensor.shape.length !== rank) throw rangeError(name, `${rank} dimensions`, tensor.shape);
  }
}

function checkShape(name: string, shape: unknown): Shape {
  const dims = typeof shape === "number" ? [shape] : shape;
  if (!Array.isArray(dims)) throw typeError(name, "a whole number or an array of them", shape);
  if (dims.length === 0) throw rangeError(name, "at least one dimension", shape);
  for (const d of dims) checkWhole(name, d);
  return Object.freeze([...dims]);
}
