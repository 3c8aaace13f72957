/** The one place that instantiates binaries, and so the one import of `@assemblyscript/loader`. */
import { instantiateSync } from "@assemblyscript/loader";
import type { Kernel } from "./call.js";

/** What a whole binary of ours exports, besides its kernels, and a core too. */
export interface Exports extends Record<string, unknown> {
  variant(): number;
  alloc(bytes: number): number;
  free(address: number): void;
  gemm: Kernel;
  gemmBytes(m: number, n: number, k: number, accumulate: number): number;
}

/** The binary that owns the heap: a core, or a whole one. */
export async function load(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): Promise<Exports> {
  // Not the loader's own asynchronous way: it looks for a Response, at whose name Node loads all of its fetch (17 ms).
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  const exports = loadKernels(module, memory) as unknown as Exports;
  for (const name of ["variant", "alloc", "free", "gemm", "gemmBytes"]) {
    if (typeof exports[name] !== "function") throw new TypeError(`not a Thalweg binary: it does not export ${name}()`);
  }
  return exports;
}

/** Kernels alone, of a few hundred bytes: what one optimizer or kind of layer needs. */
export function loadKernels(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): object {
  return instantiateSync(source, { env: { memory } }).instance.exports;
}
