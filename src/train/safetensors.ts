/**
 * The safetensors format: the length of the header (u64), the header (JSON: dtype, shape and offsets of every tensor,
 * and text under `__metadata__`), then the numbers, little-endian, without gaps. No library of the npm registry both
 * reads and writes it; the tests read what this module writes with an independent reader.
 */
import { argumentError, show, typeError } from "../check.js";
import { sizeOf } from "../engine/tensor.js";
import type { Bytes } from "../host/hostTypes.js";
import { isFloat32, isFloat64, isInt32, isKind } from "../host/realm.js";

type Values =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor of a safetensors file. */
export interface SafeTensor {
  /** "F32", "F64", "I32" …, as in the file. */
  dtype: string;
  shape: readonly number[];
  /** The numbers, row-major. F16 and BF16 are converted to a Float32Array, BOOL to a Uint8Array. */
  data: Values;
}

/** The contents of a safetensors file. */
export interface SafeTensors {
  tensors: Map<string, SafeTensor>;
  metadata: Map<string, string>;
}

/** By dtype: the bytes per element, and a function that reads n elements at an offset that is a multiple of these. */
const READ: Record<string, readonly [number, (buffer: ArrayBuffer, at: number, n: number) => Values]> = {
  F64: [8, (buffer, at, n) => new Float64Array(buffer, at, n)],
  I64: [8, (buffer, at, n) => new BigInt64Array(buffer, at, n)],
  U64: [8, (buffer, at, n) => new BigUint64Array(buffer, at, n)],
  F32: [4, (buffer, at, n) => new Float32Array(buffer, at, n)],
  I32: [4, (buffer, at, n) => new Int32Array(buffer, at, n)],
  U32: [4, (buffer, at, n) => new Uint32Array(buffer, at, n)],
  F16: [2, (buffer, at, n) => Float32Array.from(new Uint16Array(buffer, at, n), fromHalf)],
  BF16: [
    2,
    (buffer, at, n) => new Float32Array(Uint32Array.from(new Uint16Array(buffer, at, n), (x) => x << 16).buffer),
  ],
  I16: [2, (buffer, at, n) => new Int16Array(buffer, at, n)],
  U16: [2, (buffer, at, n) => new Uint16Array(buffer, at, n)],
  I8: [1, (buffer, at, n) => new Int8Array(buffer, at, n)],
  U8: [1, (buffer, at, n) => new Uint8Array(buffer, at, n)],
  BOOL: [1, (buffer, at, n) => new Uint8Array(buffer, at, n)],
};

/** The dtype that an array is written as; undefined for one that is not supported. */
export function dtypeOf(data: unknown): string | undefined {
  if (isFloat32(data)) return "F32";
  if (isFloat64(data)) return "F64";
  if (isInt32(data)) return "I32";
  if (isKind("Uint8Array", data)) return "U8";
  return undefined;
}

/**
 * The longest header in bytes: 300,000 tensors, read in 2 seconds. The reference implementation's limit is 100 MB,
 * within which a file of a million empty tensors, without any numbers, takes 6 seconds and 1 GB.
 */
const MAX_HEADER = 2 ** 25;

/**
 * Writes tensors and text as the bytes of a safetensors file.
 *
 * @param tensors by name: a Float32Array (F32), Float64Array (F64), Int32Array (I32) or Uint8Array (U8), and its shape
 * @throws TypeError for other arrays, RangeError for a shape that does not fit the length of its array
 * @example
 * const bytes = encodeSafetensors({ w: { shape: [2, 1], data: Float32Array.of(1, 2) } }, { origin: "a test" });
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Pick<SafeTensor, "shape" | "data">>>,
  metadata: Readonly<Record<string, string>> = {},
): Bytes {
  if (!isRecord(tensors)) throw typeError("tensors", "an object of tensors by name", tensors);
  if (!isRecord(metadata)) throw typeError("metadata", "an object of texts by name", metadata);
  for (const [key, text] of Object.entries(metadata))
    if (typeof text !== "string") throw typeError(`metadata.${key}`, "text", text);
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    if (!isRecord(tensor)) throw typeError(`tensors.${name}`, "an object { shape, data }", tensor);
    const { shape, data } = tensor;
    if (!Array.isArray(shape) || !shape.every(whole))
      throw typeError(`tensors.${name}.shape`, "an array of whole numbers", shape);
    const dtype = dtypeOf(data);
    if (dtype === undefined)
      throw typeError(`tensors.${name}.data`, "a Float32Array, Float64Array, Int32Array or Uint8Array", data);
    const size = sizeOf(shape);
    if (size !== data.length)
      throw new RangeError(`tensors.${name}: expected ${size} numbers for shape ${show(shape)}, got ${data.length}`);
    if (name === "__metadata__") throw new RangeError('tensors: expected names other than "__metadata__", got it');
    return { name, dtype, shape, data };
  });
  // The widest elements first, as in the reference: every tensor then starts at a multiple of its element size.
  entries.sort((a, b) => READ[b.dtype][0] - READ[a.dtype][0] || (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let end = 0;
  for (const { name, dtype, shape, data } of entries) {
    header.push([name, { dtype, shape, data_offsets: [end, (end += data.byteLength)] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start); // the header is padded with blanks
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  let at = start;
  for (const { data } of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads the bytes of a safetensors file. Everything is checked: nothing outside the bytes is read, and tensors fill
 * them without gap or overlap.
 *
 * @throws RangeError for bytes that are cut short, damaged or of another format; TypeError for other arguments
 * @example
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * console.log(tensors.get("0.weight").shape);
 */
export function decodeSafetensors(bytes: Uint8Array | ArrayBuffer): SafeTensors {
  const all = isKind("ArrayBuffer", bytes) ? new Uint8Array(bytes) : bytes;
  if (!isKind("Uint8Array", all)) throw typeError("bytes", "a Uint8Array or an ArrayBuffer", bytes);
  if (all.length < 8) throw refusal(`${all.length} bytes`);
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER) throw refusal(`one that begins with a header of ${length} bytes`);
  if (length > all.length - 8) throw refusal(`${all.length} bytes, cut short within a header of ${length}`);
  const header = parsed(all.subarray(8, 8 + length));
  const numbers = all.subarray(8 + length);
  const { entries, metadata } = checkedHeader(header, 8 + length, all.length);
  // Only now, when no two tensors share bytes: the memory that they take together is then at most that of the file.
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    const [width, read] = READ[dtype];
    tensors.set(name, { dtype, shape, data: read(...aligned(numbers, from, to, width), (to - from) / width) });
  }
  return { tensors, metadata };
}

/** The description of a tensor in the header. */
interface Entry {
  name: string;
  dtype: string;
  shape: number[];
  from: number;
  to: number;
}

/**
 * The tensors of a header, in its order, and its metadata. Refuses tensors that do not fill exactly the bytes after
 * `start`.
 */
function checkedHeader(header: Record<string, unknown>, start: number, bytes: number) {
  const length = bytes - start;
  const entries: Entry[] = [];
  const metadata = new Map<string, string>();
  for (const name in header) {
    const value = header[name];
    if (name === "__metadata__") {
      if (!isRecord(value)) throw refusal("metadata that is not an object");
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== "string") throw refusal(`metadata ${show(key)} that is not text`);
        metadata.set(key, text);
      }
      continue;
    }
    const entry = checkedEntry(name, value);
    if (entry.to > length) throw refusal(`${bytes} bytes, cut short: tensor ${show(name)} ends at ${start + entry.to}`);
    entries.push(entry);
  }
  let end = 0;
  for (const { name, from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) throw refusal(`tensor ${show(name)} that begins at ${from}, not at ${end}`);
    end = to;
  }
  if (end !== length) throw refusal(`${length - end} bytes after the last tensor`);
  return { entries, metadata };
}

const refusal = (got: string): Error => argumentError("bytes", `expected a whole safetensors file, got ${got}`);

const isRecord = <T>(value: T): value is T & Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
    if (isRecord(header)) return header;
  } catch {
    // Neither invalid UTF-8 nor invalid JSON is readable.
  }
  throw refusal("one without a readable header");
}

const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkedEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (isRecord(value) ? value : {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(READ, dtype))
    throw refusal(`tensor ${show(name)} of dtype ${show(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(whole)) throw refusal(`tensor ${show(name)} of shape ${show(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole) || offsets[0] > offsets[1])
    throw refusal(`tensor ${show(name)} at ${show(offsets)}`);
  const [from, to] = offsets as [number, number];
  const size = sizeOf(shape);
  if (to - from !== size * READ[dtype][0])
    throw refusal(`tensor ${show(name)} of ${to - from} bytes for ${dtype} ${show(shape)}`);
  return { name, dtype, shape, from, to };
}

/** A buffer with these bytes and their offset in it: the file's own buffer if the offset is aligned, else a copy. */
function aligned(bytes: Uint8Array, from: number, to: number, width: number): [ArrayBuffer, number] {
  const at = bytes.byteOffset + from;
  if (at % width === 0 && isKind("ArrayBuffer", bytes.buffer)) return [bytes.buffer, at];
  return [new Uint8Array(bytes.subarray(from, to)).buffer, 0];
}

/** Converts the bits of an IEEE 754 binary16 number. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}
