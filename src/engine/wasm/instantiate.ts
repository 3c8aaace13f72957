/** Instantiates binaries; the only import of `@assemblyscript/loader`. */
import { instantiateSync } from "@assemblyscript/loader";
import type { Kernel } from "./call.js";

/** Exports of the binary that owns the heap, besides kernels. */
export interface Heap {
  alloc(bytes: number): number;
  free(address: number): void;
}

/** Exports that differ between the variants, or are in a whole binary: matrix products. */
export interface Products {
  /** 0 strict, 1 relaxed. */
  variant(): number;
  gemm: Kernel;
  gemmBytes(m: number, n: number, k: number, accumulate: number): number;
}

/** Memory of another program, which allocates in it: see hosted.ts. */
export interface Hosted {
  /** The binary as this memory takes it. */
  adapt(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** Loads a binary that owns the heap: the core, or a whole binary. Throws a TypeError where one of these exports is missing. */
export async function load(
  source: WebAssembly.Module | BufferSource,
  memory: WebAssembly.Memory,
  names: readonly (keyof Heap | keyof Products)[],
): Promise<Heap & Partial<Products>> {
  // Not the loader's own `instantiate`: it names Response, at which Node loads all of its fetch (17 ms).
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  const exports = loadKernels(module, memory) as Heap & Partial<Products>;
  for (const name of names) {
    if (typeof exports[name] !== "function") throw new TypeError(`not a Thalweg binary: it does not export ${name}()`);
  }
  return exports;
}

/** Loads a binary of kernels alone, a few hundred bytes: those of one optimizer or kind of layer. */
export function loadKernels(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): object {
  return instantiateSync(source, { env: { memory } }).instance.exports;
}
