/** Instantiates binaries, with `@assemblyscript/loader` where the host can load it. */
import { isKind } from "../../host/realm.js";
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

type Loader = typeof import("./loader.js");
/** Undefined until a first binary is loaded, and where the host cannot load it. */
let loader: Loader | undefined;

/** Memory of another program, which allocates in it: see hosted.ts. */
export interface Hosted {
  /** The binary as this memory takes it. */
  adapt(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * Loads a binary that owns the heap: the core, or a whole binary. Throws a TypeError where one of these exports is missing.
 *
 * The loader is loaded here and not with the package: its module makes a TextDecoder, which worklets and bare contexts lack,
 * and sets `Object.hasOwn`, which throws where intrinsics are frozen. Our binaries need neither, nor what else it adds.
 */
export async function load(
  source: WebAssembly.Module | BufferSource,
  memory: WebAssembly.Memory,
  names: readonly (keyof Heap | keyof Products)[],
): Promise<Heap & Partial<Products>> {
  loader ??= await import("./loader.js").catch(() => undefined);
  // Not the loader's own `instantiate`: it names Response, at which Node loads all of its fetch (17 ms).
  const module = isKind("WebAssembly.Module", source) ? source : await WebAssembly.compile(source);
  const exports = loadKernels(module, memory) as Heap & Partial<Products>;
  for (const name of names) {
    if (typeof exports[name] !== "function") throw new TypeError(`not a Thalweg binary: it does not export ${name}()`);
  }
  return exports;
}

/** Loads a binary of kernels alone, a few hundred bytes: those of one optimizer or kind of layer. */
export function loadKernels(source: WebAssembly.Module | BufferSource, memory: WebAssembly.Memory): object {
  const module = isKind("WebAssembly.Module", source) ? source : new WebAssembly.Module(source);
  const imports = { env: { memory } };
  // The loader takes a module of another realm for bytes.
  if (loader && module instanceof WebAssembly.Module) return loader.instantiateSync(module, imports).instance.exports;
  return new WebAssembly.Instance(module, imports).exports;
}
