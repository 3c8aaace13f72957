/** An engine inside the memory of another WebAssembly program: kernels work on that program's arrays where they are. */
import { detect } from "./detect.js";
import { Engine } from "./engine.js";
import { WasmBackend } from "./wasm/backend.js";
import core from "./wasm/binaries/core.js";
import { decode } from "./wasm/binaryText.js";
import { type Hosted, load } from "./wasm/instantiate.js";

/** The memory, and the allocator that owns it. */
export interface MemoryHost {
  readonly memory: WebAssembly.Memory;
  /** Returns the address of so many bytes, aligned to 8, or 0 where there are none. */
  alloc(bytes: number): number;
  free(address: number): void;
}

const MOST_PAGES_MIB = 4096;

/**
 * Binaries have neither static data nor a start function, so that a second program can be instantiated on memory that is in
 * use: nothing is written until a kernel is called. The core's own allocator is never called there.
 * @throws Error where the host runs no SIMD
 */
export async function hostedEngine({ memory, alloc, free }: MemoryHost): Promise<Engine> {
  const hosted: Hosted = { adapt: (binary) => binary };
  // By its tag: a host without threads has no SharedArrayBuffer to compare with.
  const shared = Object.prototype.toString.call(memory.buffer) === "[object SharedArrayBuffer]";
  if (shared) hosted.adapt = (await import("./threads/sharedBuild.js")).sharedBuild;
  const [variant] = detect().variants;
  if (variant === undefined) throw new Error(`an engine on this memory is not available: ${detect().lacks}`);
  const { default: binary } = await (variant === "relaxed"
    ? import("./wasm/binaries/relaxed.js")
    : import("./wasm/binaries/strict.js"));
  const exports = await load(hosted.adapt(decode(core)), memory, ["alloc", "free"]);
  const heap = {
    ...exports,
    free,
    alloc(bytes: number): number {
      const address = alloc(bytes) >>> 0;
      if (address === 0) throw new RangeError("the host has no memory left");
      new Uint8Array(memory.buffer, address, bytes).fill(0);
      return address;
    },
  };
  const products = { simd: variant, binary };
  const backend = new WasmBackend(heap, products, memory, MOST_PAGES_MIB, undefined, undefined, hosted);
  return new Engine({ backend, reason: `wasm, ${variant} SIMD: in the memory of another program` });
}
