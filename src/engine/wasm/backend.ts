/** The WebAssembly backend: memory is the heap of one instance, kernels are its exports. */

import { isKind } from "../../host/realm.js";
import {
  type Backend,
  type Binaries,
  type OnRefs,
  outOfMemory,
  type Partition,
  type Product,
  padded,
  type Twin,
} from "../backend.js";
import type { Blocks } from "../threads/blocks.js";
import type { PoolOptions } from "../threads/pool.js";
import type { ThreadedKernels } from "../threads/threadedKernels.js";
import { type BinaryText, decode } from "./binaryText.js";
import { call, callGemm, type Kernel, MAX_ARGUMENTS } from "./call.js";
import { LARGEST, listed, STEP, UNROUNDED } from "./freeLists.js";
import * as AT from "./gemmArguments.js";
import { setProduct } from "./gemmArguments.js";
import { type Heap, type Hosted, load, loadKernels, type Products } from "./instantiate.js";
import { type Tile, Tiles } from "./tiles.js";
import { updateByTwin } from "./updateByTwin.js";

const PAGES_PER_MIB = 16;
const PAGE = 65536; // bytes
const HEADER = 4; // bytes before a block: its size, with tags in the lowest two bits
const LEFT_FREE = 2; // a tag: the block before this one is free, and its address is in the word before this header
const MAX_MIB = 4096; // all that 32-bit addresses reach

/** Options of a WebAssembly backend. */
export interface WasmOptions {
  maxMemoryMiB?: number;
  tile?: Tile;
  /** Threads, including the caller's; more than one needs the build for shared memory. */
  threads?: number;
  /** @internal */
  pool?: PoolOptions;
}

/** A binary to run: the core, with the matrix products of one variant, or a whole binary. */
export interface Build {
  source: WebAssembly.Module | BufferSource;
  products?: { simd: "relaxed" | "strict"; binary: BinaryText };
}

const WHOLE = ["variant", "alloc", "free", "gemm", "gemmBytes"] as const;
const CORE = ["alloc", "free"] as const;

export async function wasmBackend({ source, products }: Build, options: WasmOptions): Promise<Backend> {
  const names = products ? CORE : WHOLE;
  const { maxMemoryMiB = MAX_MIB, tile, threads = 1 } = options;
  const limit = Math.min(maxMemoryMiB, MAX_MIB);
  if (threads === 1) {
    const bound = options.maxMemoryMiB === undefined ? {} : { maximum: pages(limit) };
    const memory = new WebAssembly.Memory({ initial: 1, ...bound });
    return new WasmBackend(await load(source, memory, names), products, memory, limit, tile);
  }
  const { sharedBuild, ThreadedKernels } = await import("../threads/threadedKernels.js");
  const module = isKind("WebAssembly.Module", source) ? source : await WebAssembly.compile(sharedBuild(source));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: pages(limit), shared: true });
  const exports = await load(module, memory, names);
  const threaded = await ThreadedKernels.start(module, memory, exports, threads, options.pool);
  return new WasmBackend(exports, products, memory, limit, tile, threaded);
}

const pages = (mib: number): number => Math.max(1, Math.floor(mib * PAGES_PER_MIB));

export class WasmBackend implements Backend {
  readonly name = "wasm";
  readonly simd: "relaxed" | "strict";
  /** @internal */
  readonly threaded: ThreadedKernels | undefined;
  readonly #heap: Heap;
  /** All kernels loaded so far, by name. */
  readonly #kernels: Record<string, unknown>;
  readonly #productBinaries: Binaries;
  #products: Pick<Products, "gemm" | "gemmBytes"> | undefined;
  #memory: WebAssembly.Memory;
  #limit: number;
  #tiles: Tiles;
  readonly #hosted: Hosted | undefined;
  #work = { address: 0, bytes: 0 }; // working memory of matrix products; grows and is kept
  #args = new Float64Array(MAX_ARGUMENTS);

  constructor(
    exports: Heap & Partial<Products>,
    products: Build["products"],
    memory: WebAssembly.Memory,
    limit: number,
    tile?: Tile,
    threaded?: ThreadedKernels,
    hosted?: Hosted,
  ) {
    this.#heap = exports;
    this.#kernels = { ...exports };
    this.#productBinaries = products ? [products.binary] : [];
    this.#memory = memory;
    this.#limit = limit;
    this.#tiles = new Tiles(tile);
    this.simd = products?.simd ?? (exports.variant?.() === 1 ? "relaxed" : "strict");
    this.threaded = threaded;
    this.#hosted = hosted;
  }

  get threads(): number {
    return this.threaded?.pool.working ?? 1;
  }
  get lost(): string {
    return this.threaded?.pool.lost ?? "";
  }
  get broken(): string {
    return this.threaded?.pool.broken ?? "";
  }

  readonly largest = LARGEST;
  get held(): number {
    return this.#memory.buffer.byteLength;
  }
  allocate(length: number): number {
    return this.#alloc(padded(length) * 4);
  }
  free(ref: number): void {
    this.#heap.free(ref);
  }
  at(ref: number, offset: number): number {
    return ref + offset * 4;
  }
  floats(ref: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, ref, length);
  }
  ints(ref: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, ref, length);
  }
  asInts(ref: number): number {
    return ref;
  }
  doubles(ref: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, ref, length);
  }
  asDoubles(ref: number): number {
    return ref;
  }
  stale(view: Float32Array | Int32Array | Float64Array): boolean {
    return view.buffer !== this.#memory.buffer;
  }

  kernel<F>(name: string, _twin: F, partition?: Partition, binaries?: Binaries): OnRefs<F> {
    const kernel = this.#find(name, binaries);
    return (partition && this.threaded ? this.threaded.kernel(kernel, partition) : kernel) as OnRefs<F>;
  }

  common(name: string, partition: Partition | undefined): unknown {
    return this.kernel(name, undefined, partition);
  }

  update(name: string, twin: Twin, binaries: Binaries = []): ReturnType<Backend["update"]> {
    if (binaries.length === 0) return updateByTwin(twin, (ref, length) => this.floats(ref, length));
    const kernel = this.#find(name, binaries);
    const args = this.#args;
    const arity = kernel.length;
    const split = this.threaded?.update(kernel);
    return (n, p, g, slots, count, scalars) => {
      args[0] = n;
      args[1] = p as number;
      args[2] = g as number;
      let at = 3;
      for (let i = 0; i < slots.length && i < count; i++) args[at++] = slots[i] as number;
      const arrays = at - 1;
      for (let i = 0; at < arity; i++) args[at++] = scalars[i];
      if (split) split(arity, arrays, args);
      else call(kernel, arity, args);
    };
  }

  reserve(product: Product): void {
    this.#products ??= this.#loadProducts();
    this.#prepare(product, 0, 0, 0);
  }

  gemm(product: Product, a: number, b: number, c: number): void {
    const { m, n, k } = product;
    const { gemm } = (this.#products ??= this.#loadProducts()); // before the clock is read
    const start = this.#tiles.begin(m * n * k);
    const blocks = this.#prepare(product, a, b, c);
    if (blocks) this.threaded!.product(gemm, this.#args, blocks);
    else callGemm(gemm, this.#args);
    this.#tiles.end(start);
  }

  /** Sets gemm's arguments and makes its working memory; returns the blocks for threads, undefined for one thread. */
  #prepare(product: Product, a: number, b: number, c: number): Blocks | undefined {
    const { m, n, k } = product;
    const x = this.#args;
    setProduct(x, this.#tiles.tile, product, a, b, c);
    const blocks = this.threaded?.cut(x);
    if (blocks) {
      blocks.work = this.#bytes(blocks.rows, blocks.columns, k, x[AT.ACCUMULATE]);
      x[AT.WORK] = this.#working(blocks.work * this.threaded!.pool.threads);
    } else x[AT.WORK] = this.#working(this.#bytes(m, n, k, x[AT.ACCUMULATE]));
    return blocks;
  }

  dispose(): void {
    this.threaded?.pool.dispose();
    // Nothing else to free: the memory is collected with the last reference to it.
  }

  /** Working memory of a matrix product, in whole lines of the cache. */
  #bytes(m: number, n: number, k: number, accumulate: number): number {
    return Math.ceil((this.#products!.gemmBytes(m, n, k, accumulate) >>> 0) / 64) * 64;
  }

  /** A kernel by its name: of the caller's binaries, or of those loaded so far and then of these, loaded one by one. */
  #find(name: string, binaries: Binaries = []): Kernel {
    for (let i = typeof binaries[0] === "object" ? 0 : -1; i < binaries.length; i++) {
      const binary = binaries[i];
      if (typeof binary === "string") Object.assign(this.#kernels, this.#load(decode(binary)));
      const own = typeof binary === "object" && binary.exports(this.#memory, (bytes) => this.#load(bytes));
      const found = (own || this.#kernels)[name];
      if (typeof found === "function") return found as Kernel;
    }
    throw new TypeError(`the binary exports no kernel ${name}()`);
  }

  #load(binary: Uint8Array<ArrayBuffer>): object {
    const bytes = this.#hosted?.adapt(binary) ?? binary;
    return this.threaded
      ? this.threaded.load(bytes, this.#memory, (length) => this.#alloc(length))
      : loadKernels(bytes, this.#memory);
  }

  /** Called by the first matrix product: an optimizer alone needs none. */
  #loadProducts(): Pick<Products, "gemm" | "gemmBytes"> {
    const find = (name: string) => this.#find(name, this.#productBinaries) as never;
    return { gemm: find("gemm"), gemmBytes: find("gemmBytes") };
  }

  #alloc(bytes: number): number {
    if (bytes <= LARGEST) {
      do {
        const found = this.#tried(bytes);
        if (found !== undefined) return found;
      } while (this.#extend(listed(bytes)));
    }
    throw outOfMemory(bytes, this.held, this.#limit);
  }

  #tried(bytes: number): number | undefined {
    try {
      // Addresses above 2 GiB come back negative.
      return this.#heap.alloc(bytes < UNROUNDED ? bytes : Math.ceil(bytes / STEP) * STEP) >>> 0;
    } catch {
      return undefined; // the allocator traps when memory cannot grow, before it changes anything
    }
  }

  /**
   * Adds the memory that the limit still leaves; returns false when there is none, or when its end would still be too short
   * for a block of this size. Needed because the allocator grows by all that a request needs, ignoring what is free at the
   * end of memory, and so gives up where half of the limit is in use.
   */
  #extend(size: number): boolean {
    if (this.#hosted) return false;
    const before = this.held;
    const left = pages(this.#limit) * PAGE - before;
    // Memory ends with the header of an empty block, before which is the address of the last block if that is free.
    const words = new Uint32Array(this.#memory.buffer);
    const end = words.length - 1;
    const free = words[end] & LEFT_FREE ? words[words[end - 1] / 4] : 0;
    if (left < PAGE || free + left - HEADER < size) return false;
    const some = Math.min(Math.floor((left * 15) / 16), LARGEST) - 64; // the allocator rounds up by a 16th
    // Free blocks of that size are allocated until memory has to grow; when freed again, neighbours merge.
    const taken: number[] = [];
    while (this.held === before) {
      const block = this.#tried(some);
      if (block === undefined) break;
      taken.push(block);
    }
    for (const block of taken) this.#heap.free(block);
    return this.held > before;
  }

  #working(bytes: number): number {
    if (bytes > this.#work.bytes) {
      if (this.#work.bytes > 0) this.#heap.free(this.#work.address);
      this.#work.bytes = 0;
      this.#work.address = this.#alloc(bytes);
      this.#work.bytes = bytes;
    }
    return this.#work.address;
  }
}
