/** The WebAssembly backend: memory is the heap of one instance, kernels are its exports. */
import { call, type Kernel } from "./call.js";
import { type Backend, type OnRefs, outOfMemory, type Product, padded } from "./kernel.js";
import { type Exports, load } from "./load.js";
import { type Tile, Tiles } from "./tiles.js";

const PAGES_PER_MIB = 16;
const MAX_MIB = 4096; // what 32-bit addresses reach

export async function wasmBackend(
  source: WebAssembly.Module | BufferSource,
  options: { maxMemoryMiB?: number; tile?: Tile },
): Promise<Backend> {
  const limit = options.maxMemoryMiB;
  const memory = new WebAssembly.Memory({
    initial: 1,
    ...(limit !== undefined && { maximum: Math.max(1, Math.floor(Math.min(limit, MAX_MIB) * PAGES_PER_MIB)) }),
  });
  return new WasmBackend(await load(source, memory), memory, limit, options.tile);
}

class WasmBackend implements Backend {
  readonly name = "wasm";
  readonly simd: "relaxed" | "strict";
  #exports: Exports;
  #memory: WebAssembly.Memory;
  #limit: number;
  #tiles: Tiles;
  #work = { address: 0, bytes: 0 }; // working memory of products, grown and kept
  #args = new Float64Array(32);

  constructor(exports: Exports, memory: WebAssembly.Memory, limit: number | undefined, tile?: Tile) {
    this.#exports = exports;
    this.#memory = memory;
    this.#limit = Math.min(limit ?? MAX_MIB, MAX_MIB);
    this.#tiles = new Tiles(tile);
    this.simd = exports.variant() === 1 ? "relaxed" : "strict";
  }

  allocate(length: number): number {
    return this.#alloc(padded(length) * 4);
  }
  free(ref: number): void {
    this.#exports.free(ref);
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
  stale(view: Float32Array | Int32Array): boolean {
    return view.buffer !== this.#memory.buffer;
  }

  kernel<F>(name: string, _twin: F): OnRefs<F> {
    return this.#exported(name) as OnRefs<F>;
  }

  update(name: string): ReturnType<Backend["update"]> {
    const kernel = this.#exported(name) as Kernel;
    const args = this.#args;
    const arity = kernel.length;
    return (n, p, g, slots, count, scalars) => {
      args[0] = n;
      args[1] = p as number;
      args[2] = g as number;
      let at = 3;
      for (let i = 0; i < slots.length && i < count; i++) args[at++] = slots[i] as number;
      for (let i = 0; at < arity; i++) args[at++] = scalars[i]!;
      call(kernel, arity, args);
    };
  }

  gemm(product: Product, a: number, b: number, c: number): void {
    const { m, n, k } = product;
    const transA = product.transA ? 1 : 0;
    const transB = product.transB ? 1 : 0;
    const accumulate = product.accumulate ? 1 : 0;
    const work = this.#working(this.#exports.gemmBytes(m, n, k, accumulate) >>> 0);
    const start = this.#tiles.begin(m * n * k);
    this.#exports.gemm(this.#tiles.tile, transA, transB, m, n, k, a, b, c, accumulate, work);
    this.#tiles.end(start);
  }

  dispose(): void {
    // The memory goes with the last reference to it: nothing to hand back.
  }

  #exported(name: string): unknown {
    const found = this.#exports[name];
    if (typeof found !== "function") throw new TypeError(`the binary exports no kernel ${name}()`);
    return found;
  }

  #alloc(bytes: number): number {
    try {
      if (bytes < MAX_MIB * 2 ** 20) return this.#exports.alloc(bytes) >>> 0; // addresses above 2 GiB come back negative
    } catch {
      // The allocator traps when memory cannot grow, before it changes anything.
    }
    throw outOfMemory(bytes, this.#memory.buffer.byteLength, this.#limit);
  }

  #working(bytes: number): number {
    if (bytes > this.#work.bytes) {
      if (this.#work.bytes > 0) this.#exports.free(this.#work.address);
      this.#work.bytes = 0;
      this.#work.address = this.#alloc(bytes);
      this.#work.bytes = bytes;
    }
    return this.#work.address;
  }
}
