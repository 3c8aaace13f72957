/**
 * Turns a binary into its build for memory that threads share. The two differ in one place, the type of the imported memory.
 * Rewriting it here lets the package carry each build once, not twice (20 kB gzipped each).
 */

const IMPORTS = 2; // the section's number
// One import, "env" "memory", a memory. Its limits follow: a byte of flags, then the numbers.
const HEAD = [1, 3, ...text("env"), 6, ...text("memory"), 2];
const NO_MAXIMUM = 0;
const SHARED = 3; // with a maximum, which shared memory must have
const MAXIMUM = [0x80, 0x80, 4]; // 65,536 pages, all that 32-bit addresses reach

/** Throws a TypeError for a binary that is not of this package. Returns one that is for shared memory already as it is. */
export function sharedBuild(source: BufferSource): Uint8Array<ArrayBuffer> {
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
