import { checkOneOf, rangeError, typeError } from "../check.js";
import { fromBase64, toBase64 } from "../host/base64.js";
import { pack, unpack } from "./plainData.js";
import { dtypeOf, type SafeTensor } from "./safetensors.js";

/** A state as JSON can express it: made by {@link stateDictToJSON}. */
export interface StateJson {
  format: "thalweg-state-1";
  /** The state; arrays and numbers that JSON cannot express are objects that begin with $. */
  state: unknown;
  /** The arrays by their path in the state: the kind of their numbers, and their bytes in little-endian order. */
  arrays: Record<string, { dtype: "F32" | "F64" | "I32" | "U8"; base64: string }>;
}

const FORMAT = "thalweg-state-1";
const ARRAYS = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array };

/**
 * A state as data that JSON can express, to the last bit: NaN, infinities and −0 included, which `JSON.stringify` alone
 * loses, as it turns arrays into objects. For a whole run `saveCheckpoint` writes a file of half the size.
 *
 * @param state what `stateDict()` of an optimizer, of averages or of a schedule returned
 * @throws TypeError for anything that is not plain data
 * @example
 * const text = JSON.stringify(stateDictToJSON(opt.stateDict()));
 * opt.loadStateDict(stateDictFromJSON(JSON.parse(text)));
 */
export function stateDictToJSON(state: object): StateJson {
  if (typeof state !== "object" || state === null) throw typeError("state", "what stateDict() returned", state);
  const arrays: Record<string, Pick<SafeTensor, "shape" | "data">> = {};
  const packed = pack(state, "state", arrays);
  const encoded = Object.entries(arrays).map(([path, { data }]) => {
    const dtype = dtypeOf(data) as keyof typeof ARRAYS;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [path, { dtype, base64: toBase64(bytes) }] as const;
  });
  return { format: FORMAT, state: packed, arrays: Object.fromEntries(encoded) };
}

/**
 * The state that {@link stateDictToJSON} was given, for `loadStateDict`.
 *
 * @param json what it returned, or that after `JSON.parse(JSON.stringify(…))`
 * @throws TypeError or RangeError for anything else
 * @example
 * opt.loadStateDict(stateDictFromJSON(JSON.parse(text)));
 */
// biome-ignore lint/suspicious/noExplicitAny: the state of whatever was saved; loadStateDict checks it
export function stateDictFromJSON(json: StateJson): any {
  if (typeof json !== "object" || json === null) throw typeError("json", "what stateDictToJSON() returned", json);
  const { format, state, arrays } = json;
  if (format !== FORMAT) throw rangeError("json.format", `"${FORMAT}", as stateDictToJSON() writes`, format);
  if (typeof state !== "object" || state === null) throw typeError("json.state", "an object", state);
  if (typeof arrays !== "object" || arrays === null) throw typeError("json.arrays", "an object", arrays);
  const decoded = new Map<string, Pick<SafeTensor, "shape" | "data">>();
  for (const [path, entry] of Object.entries(arrays)) {
    const name = `json.arrays["${path}"]`;
    if (typeof entry !== "object" || entry === null) throw typeError(name, "an object { dtype, base64 }", entry);
    checkOneOf(`${name}.dtype`, entry.dtype, Object.keys(ARRAYS));
    if (typeof entry.base64 !== "string") throw typeError(`${name}.base64`, "text", entry.base64);
    const bytes = fromBase64(entry.base64);
    const Kind = ARRAYS[entry.dtype];
    const expected = `base64 of numbers of ${Kind.BYTES_PER_ELEMENT} bytes`;
    if (bytes === undefined || bytes.length % Kind.BYTES_PER_ELEMENT !== 0)
      throw rangeError(`${name}.base64`, expected, entry.base64.slice(0, 40));
    decoded.set(path, { shape: [], data: new Kind(bytes.buffer) });
  }
  return unpack(state, decoded, "json.arrays");
}
