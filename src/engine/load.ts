/** The one place that instantiates a binary, and so the one import of `@assemblyscript/loader`. */
import { instantiate } from "@assemblyscript/loader";
import type { Kernel } from "./call.js";

/** What every binary of ours exports, besides its kernels. */
export interface Exports extends Record<string, unknown> {
  variant(): number;
  alloc(bytes: number): number;
  free(address: number): void;
  gemm: Kernel;
  gemmBytes(m: number, n: number, k: number, accumulate: number): number;
}

export async function load(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): Promise<Exports> {
  const { instance } = await instantiate(source, { env: { memory } });
  const exports = instance.exports as unknown as Exports;
  for (const name of ["variant", "alloc", "free", "gemm", "gemmBytes"]) {
    if (typeof exports[name] !== "function") throw new TypeError(`not a Thalweg binary: it does not export ${name}()`);
  }
  return exports;
}
