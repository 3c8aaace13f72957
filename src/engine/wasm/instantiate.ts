/** Instantiates binaries. Nothing else imports `@assemblyscript/loader`. */
import { instantiateSync } from "@assemblyscript/loader";
import type { Kernel } from "./call.js";

/** The exports of the binary that owns the heap, besides kernels. */
export interface Heap {
  alloc(bytes: number): number;
  free(address: number): void;
}

/** The exports that differ between the variants, which a whole binary has too. */
export interface Products {
  /** 0 strict, 1 relaxed. */
  variant(): number;
  gemm: Kernel;
  gemmBytes(m: number, n: number, k: number, accumulate: number): number;
}

/** Instantiates a binary that owns the heap: the core, or a whole one. Throws a TypeError where one of `names` is missing. */
export async function load(
  source: WebAssembly.Module | BufferSource,
  memory: WebAssembly.Memory,
  names: readonly (keyof Heap | keyof Products)[],
): Promise<Heap & Partial<Products>> {
  // Not the loader's asynchronous function: it refers to Response, which makes Node load all of its fetch (17 ms).
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  const exports = loadKernels(module, memory) as Heap & Partial<Products>;
  for (const name of names) {
    if (typeof exports[name] !== "function") throw new TypeError(`not a Thalweg binary: it does not export ${name}()`);
  }
  return exports;
}

/** Instantiates the kernels of one optimizer or kind of layer, a few hundred bytes, at once. */
export function loadKernels(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): object {
  return instantiateSync(source, { env: { memory } }).instance.exports;
}
