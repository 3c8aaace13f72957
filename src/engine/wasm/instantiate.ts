/** The one place that instantiates binaries, and so the one import of `@assemblyscript/loader`. */
import { instantiateSync } from "@assemblyscript/loader";
import type { Kernel } from "./call.js";

/** What the binary that owns the heap exports, besides kernels. */
export interface Heap {
  alloc(bytes: number): number;
  free(address: number): void;
}

/** The exports of the variants: products, in a whole binary too. */
export interface Products {
  /** 0 strict, 1 relaxed. */
  variant(): number;
  gemm: Kernel;
  gemmBytes(m: number, n: number, k: number, accumulate: number): number;
}

/** A binary that owns the heap: the core, or a whole one, which has everything. Refuses what does not export these. */
export async function load(
  source: WebAssembly.Module | BufferSource,
  memory: WebAssembly.Memory,
  names: readonly (keyof Heap | keyof Products)[],
): Promise<Heap & Partial<Products>> {
  // Not the loader's own asynchronous way: it looks for a Response, at whose name Node loads all of its fetch (17 ms).
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  const exports = loadKernels(module, memory) as Heap & Partial<Products>;
  for (const name of names) {
    if (typeof exports[name] !== "function") throw new TypeError(`not a Thalweg binary: it does not export ${name}()`);
  }
  return exports;
}

/** Kernels alone, of a few hundred bytes: what one optimizer or kind of layer needs. */
export function loadKernels(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): object {
  return instantiateSync(source, { env: { memory } }).instance.exports;
}
