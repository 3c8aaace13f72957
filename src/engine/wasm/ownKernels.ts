import { rangeError, typeError } from "../../check.js";
import type { OwnBinary } from "../backend.js";

const [START, DATA] = [8, 11]; // numbers of sections

/**
 * A binary of your own for the kernels of a rule (docs/own-optimizer.md): a WebAssembly module that imports `env.memory` and
 * exports update kernels under the names that the rule gives them. Its names are its own: another rule may have the same.
 *
 * @param bytes of the module; they are copied
 * @throws TypeError for what is no module; RangeError for one with static data or a start function, which would write over
 *   parameters when it is instantiated on the engine's memory
 * @example
 * const mine = optimizer({ ...sgd.rule, name: "mine", binaries: [kernelBinary(bytes)] });
 */
export function kernelBinary(bytes: ArrayBuffer | ArrayBufferView): OwnBinary {
  const binary = checked(bytes);
  const loaded = new WeakMap<object, object>();
  return {
    exports(memory, load) {
      let found = loaded.get(memory);
      if (!found) {
        found = load(binary);
        loaded.set(memory, found);
      }
      return found as Readonly<Record<string, unknown>>;
    },
  };
}

function checked(source: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  // By its tag, as it may be of another realm.
  const whole = ArrayBuffer.isView(source) || Object.prototype.toString.call(source) === "[object ArrayBuffer]";
  if (!whole) throw typeError("bytes", "the bytes of a WebAssembly module", source);
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
  // A host without WebAssembly runs the twins.
  if (typeof WebAssembly === "object" && !WebAssembly.validate(bytes))
    throw typeError("bytes", "the bytes of a WebAssembly module that this host can run", source);
  for (let at = 8; at < bytes.length; ) {
    const section = bytes[at++];
    let size = 0;
    // LEB128: groups of seven bits, the lowest first.
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    if (section === DATA && bytes[at] !== 0)
      throw rangeError("bytes", "kernels without static data, which would overwrite parameters", "data segments");
    if (section === START) throw rangeError("bytes", "kernels without a start function", "one");
    at += size;
  }
  return bytes;
}
