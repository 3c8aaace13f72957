/** The library's own safetensors files: metadata that names their kind, and a checksum over all of their contents. */
import { argumentError } from "../check.js";
import type { Bytes } from "../host/hostTypes.js";
import { crc32 } from "./crc32.js";
import { decodeSafetensors, dtypeOf, encodeSafetensors, type SafeTensor, type SafeTensors } from "./safetensors.js";

export type Kind = "weights" | "checkpoint";
type Entry = Pick<SafeTensor, "shape" | "data">;

/** Version of the format; it changes when the meaning of a file does. */
const VERSION = "1";

/**
 * Encodes a file with its checksum. Its `format` is "thalweg", unless `text` has another: "pt" for PyTorch's layout.
 */
export function seal(
  kind: Kind,
  tensors: Readonly<Record<string, Entry>>,
  text: Readonly<Record<string, string>>,
): Bytes {
  const metadata: Record<string, string> = { format: "thalweg", kind, version: VERSION, ...text };
  const named = Object.entries(tensors).map(([name, { shape, data }]) => [name, dtypeOf(data)!, shape, data] as const);
  metadata.checksum = checksum(named, Object.entries(metadata));
  return encodeSafetensors(tensors, metadata);
}

/**
 * Reads a safetensors file, and refuses one whose checksum does not match. Files of other programs have no checksum.
 */
export function unseal(bytes: Uint8Array | ArrayBuffer): SafeTensors {
  const file = decodeSafetensors(bytes);
  const { metadata, tensors } = file;
  if (metadata.get("format") !== "thalweg" && !metadata.has("checksum")) return file;
  const named = [...tensors].map(([name, { dtype, shape, data }]) => [name, dtype, shape, data] as const);
  const found = checksum(
    named,
    [...metadata].filter(([key]) => key !== "checksum"),
  );
  const expected = metadata.get("checksum");
  if (found !== expected)
    throw argumentError(
      "bytes",
      `expected checksum ${expected ?? "in a file of thalweg"}, got ${found}: the file is damaged`,
    );
  const version = metadata.get("version");
  if (version !== VERSION)
    throw argumentError("bytes", `expected a file of version ${VERSION}, got version ${version}`);
  return file;
}

/**
 * CRC-32 of the tensors' names, dtypes, shapes and numbers, then of the metadata, each sorted by name: a file that
 * another tool has rewritten in another order, metadata included, still passes.
 */
function checksum(
  tensors: readonly (readonly [string, string, readonly number[], SafeTensor["data"]])[],
  text: readonly (readonly [string, string])[],
): string {
  const encoder = new TextEncoder();
  let crc = 0;
  const add = (...words: unknown[]) => {
    crc = crc32(encoder.encode(`${words.join("\0")}\0`), crc);
  };
  for (const [name, dtype, shape, data] of [...tensors].sort(byName)) {
    add(name, dtype, shape);
    crc = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), crc);
  }
  for (const [key, value] of [...text].sort(byName)) add(key, value);
  return crc.toString(16).padStart(8, "0");
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number =>
  a < b ? -1 : a > b ? 1 : 0;
