/** What a binary imports and exports, read from its bytes: the host that builds may not support its instructions. */
import { createHash } from "node:crypto";
import type { Binary } from "./types.js";

const IMPORTS = 2;
const EXPORTS = 7;
const FUNCTION = 0; // kinds of imports and exports
const MEMORY = 2;

/** @throws for a binary that does not import one memory, or exports anything but functions and that memory */
export function readBinary(bytes: Uint8Array, simd: Binary["simd"]): Binary {
  let memory: Binary["memory"] | undefined;
  const exports: string[] = [];
  const reader = new Reader(bytes);
  reader.at = 8;
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === IMPORTS) memory = readMemory(reader);
    else if (section === EXPORTS) {
      for (let left = reader.number(); left > 0; left--) {
        const name = reader.text();
        const kind = reader.byte();
        reader.number();
        if (kind === FUNCTION) exports.push(name);
        else if (kind !== MEMORY) throw new Error(`expected functions and the memory as exports, got kind ${kind}`);
      }
    }
    reader.at = end;
  }
  if (!memory) throw new Error("expected a binary that imports one memory");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { bytes: bytes.length, sha256, simd, memory, exports };
}

function readMemory(reader: Reader): Binary["memory"] | undefined {
  if (reader.number() !== 1) return undefined;
  const [module, name] = [reader.text(), reader.text()];
  if (reader.byte() !== MEMORY) return undefined;
  const flags = reader.byte();
  const initial = reader.number();
  return { module, name, initial, maximum: flags & 1 ? reader.number() : null, shared: (flags & 2) !== 0 };
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  byte(): number {
    return this.#bytes[this.at++];
  }
  /** A number in LEB128: groups of seven bits, the lowest first. */
  number(): number {
    for (let shift = 0, value = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
  text(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.#bytes.subarray(this.at - length, this.at));
  }
}
