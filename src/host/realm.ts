/**
 * What a value is, in whatever realm it was made: a frame, a test runner's context, an extension. `instanceof` knows the
 * classes of one realm alone, and a tag is the same in all.
 */

interface Kinds {
  ArrayBuffer: ArrayBuffer;
  Date: Date;
  Float32Array: Float32Array;
  Float64Array: Float64Array;
  Int32Array: Int32Array;
  Map: Map<unknown, unknown>;
  Uint8Array: Uint8Array;
  URL: URL;
  "WebAssembly.Module": WebAssembly.Module;
}

/** The tag of a value: "Float32Array", "Object". */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Whether a value is of this kind. A host that lacks the kind has no such value. */
export const isKind = <K extends keyof Kinds>(kind: K, value: unknown): value is Kinds[K] => tagOf(value) === kind;

// Every batch asks: a view's own tag is no new string, as 276 bytes a step were.
const isView = (kind: string, value: unknown): boolean =>
  ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === kind;
export const isFloat32 = (value: unknown): value is Float32Array => isView("Float32Array", value);
export const isFloat64 = (value: unknown): value is Float64Array => isView("Float64Array", value);
export const isInt32 = (value: unknown): value is Int32Array => isView("Int32Array", value);

/** An AbortSignal by what it does: TaskSignal and polyfills have tags of their own. */
export const isSignal = (value: unknown): value is AbortSignal =>
  typeof value === "object" &&
  typeof (value as AbortSignal | null)?.aborted === "boolean" &&
  typeof (value as AbortSignal).addEventListener === "function";

/** Whether a value is an object without a class: `{…}`, or without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A copy of plain data, as structuredClone makes, which not every host has. */
export function plainCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return (value as unknown as Float32Array).slice() as T;
  if (Array.isArray(value)) return value.map(plainCopy) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainCopy(item)])) as T;
}
