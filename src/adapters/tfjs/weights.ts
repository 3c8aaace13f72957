/**
 * The state of an optimizer as a list of numbered arrays and a text: what `getWeights` hands to TensorFlow.js, which saves
 * tensors alone. Exact: f64 travel as their bytes, and numbers that JSON lacks by name.
 */
import { typeError } from "../../check.js";

export type StateArray = Float32Array | Float64Array;

/** State taken apart. */
export interface Packed {
  /** The state as JSON, with an index in place of each array. */
  text: string;
  arrays: { path: string; values: StateArray }[];
}

const ARRAY = "$array";
const NUMBER = "$number";

export function pack(state: unknown): Packed {
  const arrays: Packed["arrays"] = [];
  const plain = (value: unknown, path: string): unknown => {
    if (value instanceof Float32Array || value instanceof Float64Array) {
      arrays.push({ path, values: value });
      return { [ARRAY]: arrays.length - 1 };
    }
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
      return { [NUMBER]: Object.is(value, -0) ? "-0" : String(value) };
    if (Array.isArray(value)) return value.map((one, i) => plain(one, `${path}/${i}`));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, `${path}/${key}`)]));
  };
  return { text: JSON.stringify(plain(state, "state")), arrays };
}

/** Puts it together again. Throws a TypeError for text that no `pack` has written. */
export function unpack(text: string, arrays: readonly StateArray[]): unknown {
  const whole = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(whole);
    if (typeof value !== "object" || value === null) return value;
    const { [ARRAY]: index, [NUMBER]: number } = value as Record<string, unknown>;
    if (typeof index === "number") {
      if (!arrays[index]) throw typeError("weights", `an array ${index} of the state`, undefined);
      return arrays[index];
    }
    if (typeof number === "string") return Number(number);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one)]));
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw typeError("weights", "what getWeights() of this optimizer returned", text);
  }
  return whole(parsed);
}

/** A text and f64 as 32-bit words, which every backend of TensorFlow.js holds exactly. */
export const wordsOf = (text: string): Int32Array =>
  Int32Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
export const textOf = (words: ArrayLike<number>): string =>
  Array.from(words, (word) => String.fromCharCode(word)).join("");
export const wordsOfDoubles = (values: Float64Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
export const doublesOf = (words: ArrayLike<number>): Float64Array => new Float64Array(Int32Array.from(words).buffer);
