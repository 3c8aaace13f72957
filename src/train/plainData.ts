/**
 * Plain data (numbers, text, booleans, null, arrays, objects, typed arrays) as JSON and named tensors. Each typed array
 * becomes a tensor named by its path in the data; all numbers are restored to the last bit, including those that JSON
 * cannot express.
 */
import { argumentError, show, typeError } from "../check.js";
import { isPlain } from "../host/realm.js";
import { dtypeOf, type SafeTensor } from "./safetensors.js";

type Entry = Pick<SafeTensor, "shape" | "data">;

/** JSON cannot express NaN and infinities, and loses the sign of -0. */
const lossy = (x: number): boolean => !Number.isFinite(x) || Object.is(x, -0);

/** Converts data to what JSON can express, and moves its typed arrays to `tensors`. */
export function pack(value: unknown, path: string, tensors: Record<string, Entry>): unknown {
  if (typeof value === "number") return lossy(value) ? { $number: show(value) } : value;
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") throw typeError(path, "plain data", value);
  if (Array.isArray(value)) return value.map((item, i) => pack(item, `${path}.${i}`, tensors));
  if (dtypeOf(value) !== undefined) {
    const data = value as Float32Array;
    tensors[path] = { shape: [data.length], data };
    return { $tensor: path };
  }
  if (!isPlain(value)) throw typeError(path, "plain data", value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  for (const [key] of entries) if (key.startsWith("$")) throw typeError(path, "keys that do not begin with $", key);
  return Object.fromEntries(entries.map(([key, item]) => [key, pack(item, `${path}.${key}`, tensors)]));
}

/** Undoes {@link pack}; typed arrays are copies of the tensors' numbers. `from` is the argument that they come from. */
export function unpack(value: unknown, tensors: ReadonlyMap<string, Entry>, from = "bytes"): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => unpack(item, tensors, from));
  const { $number, $tensor } = value as Record<string, unknown>;
  if (typeof $number === "string") return Number($number);
  if (typeof $tensor === "string") {
    const tensor = tensors.get($tensor);
    if (tensor === undefined) throw argumentError(from, `expected tensor ${show($tensor)}, got none`);
    return tensor.data.slice();
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item, tensors, from)]));
}
