/** Update kernels of a rule of the caller's: from binaries of theirs, or the twin itself, on views of the memory. */
import { rangeError, typeError } from "../../check.js";
import type { Binaries, Twin, Update } from "../backend.js";
import type { Kernel } from "./call.js";

const [START, DATA] = [8, 11]; // numbers of sections

/** The binaries that callers give, each instantiated once for a memory. Names in them are theirs: two rules may share one. */
export class OwnKernels {
  readonly #load: (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly #loaded = new Map<object, Record<string, unknown>>();

  /** @param load instantiates a binary on the memory */
  constructor(load: (bytes: Uint8Array<ArrayBuffer>) => object) {
    this.#load = load;
  }

  find(name: string, binaries: Binaries): Kernel {
    for (const binary of binaries) {
      if (typeof binary === "string") continue;
      let exports = this.#loaded.get(binary);
      if (!exports) {
        exports = this.#load(checked(binary)) as Record<string, unknown>;
        this.#loaded.set(binary, exports);
      }
      const found = exports[name];
      if (typeof found === "function") return found as Kernel;
    }
    throw rangeError("binaries", `a binary that exports the kernel ${name}()`, `${binaries.length} without it`);
  }
}

/**
 * The bytes of a binary that leaves the engine's memory alone when it is instantiated. One with static data would write
 * that over parameters, without a word.
 */
function checked(binary: BufferSource): Uint8Array<ArrayBuffer> {
  const bytes = ArrayBuffer.isView(binary)
    ? new Uint8Array(binary.buffer as ArrayBuffer, binary.byteOffset, binary.byteLength).slice()
    : new Uint8Array(binary).slice();
  if (!WebAssembly.validate(bytes)) throw typeError("binaries", "the bytes of a WebAssembly module", binary);
  for (let at = 8; at < bytes.length; ) {
    const section = bytes[at++];
    let size = 0;
    // LEB128: groups of seven bits, the lowest first.
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++];
      size += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    if (section === DATA && bytes[at] !== 0)
      throw rangeError("binaries", "kernels without static data, which would overwrite parameters", "data segments");
    if (section === START) throw rangeError("binaries", "kernels without a start function", "one");
    at += size;
  }
  return bytes;
}

/** The twin itself, for a rule without a kernel: on views of the engine's memory, at the speed of the js backend. */
export const updateByTwin =
  (twin: Twin, floats: (ref: number, length: number) => Float32Array): Update =>
  (n, p, g, slots, count, scalars) => {
    const view = (ref: unknown): Float32Array => floats(ref as number, n);
    twin(n, view(p), view(g), slots.slice(0, count).map(view), scalars);
  };
