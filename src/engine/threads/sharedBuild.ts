/**
 * Turns a binary into its build for shared memory. Only the type of the memory differs, which the module's one import
 * names; the code is the same. So the package contains each build once instead of twice (20 kB gzipped each), and this file
 * rewrites the type.
 */
import type { Bytes } from "../../host/hostTypes.js";

const IMPORTS = 2; // number of the import section
// One import, "env" "memory", of kind memory. Its limits follow: a byte of flags, then the numbers.
const HEAD = [1, 3, ...text("env"), 6, ...text("memory"), 2];
const NO_MAXIMUM = 0;
const SHARED = 3; // with a maximum, which shared memory must have
const MAXIMUM = [0x80, 0x80, 4]; // 65,536 pages, all that 32-bit addresses reach

/** Returns a binary for shared memory unchanged. Throws a TypeError where the source is not a Thalweg binary. */
export function sharedBuild(source: BufferSource): Bytes {
  const binary = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  for (let at = 8; at < binary.length; ) {
    const section = binary[at];
    // The size is in LEB128: groups of seven bits, the lowest first.
    let size = 0;
    let start = at + 1;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[start++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const end = start + size;
    if (section === IMPORTS) {
      const body = [...binary.subarray(start, end)];
      const flags = body[HEAD.length];
      if (HEAD.some((byte, i) => byte !== body[i])) break;
      if (flags === SHARED) return binary;
      if (flags !== NO_MAXIMUM) break;
      const shared = [...HEAD, SHARED, ...body.slice(HEAD.length + 1), ...MAXIMUM];
      const made = new Uint8Array(at + 2 + shared.length + binary.length - end);
      made.set(binary.subarray(0, at));
      made.set([IMPORTS, shared.length, ...shared], at);
      made.set(binary.subarray(end), at + 2 + shared.length);
      return made;
    }
    at = end;
  }
  throw new TypeError("not a Thalweg binary: it does not import one memory");
}

function text(letters: string): number[] {
  return [...letters].map((letter) => letter.charCodeAt(0));
}
