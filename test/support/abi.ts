/** Calls kernels by dist/wasm/abi.json alone, as a host without the package would: nothing here imports the library. */
import { readFileSync } from "node:fs";
import type { Abi, ArrayArgument, Kernel } from "../../src/build/abi/types.js";
import { built } from "./built.js";
import { numbers } from "./numbers.js";

export const abi = JSON.parse(readFileSync(built("wasm/abi.json"), "utf8")) as Abi;

export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
const ARRAYS = { u8: Uint8Array, i32: Int32Array, f32: Float32Array, f64: Float64Array };
const LINE = 64;
/** What memory holds around arrays: no two places alike, so that what is moved from one to the other is seen too. */
const MARKS = Uint8Array.from({ length: 2 ** 22 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

/** The value of an expression of abi.json in the arguments of a call. */
export function value(expression: string, given: Record<string, number>, functions: object = {}): number {
  const known = { ceil: Math.ceil, ...given, ...functions };
  return Number(new Function(...Object.keys(known), `return ${expression}`)(...Object.values(known)));
}

/** A call with all its operands, before or after it. */
export interface Call {
  kernel: string;
  /** Sizes and scalars by name. */
  given: Record<string, number>;
  arrays: Record<string, Numbers>;
}

type Exported = (...args: number[]) => number | undefined;

/** What a call leaves. */
export interface Made {
  result: number | undefined;
  after: Call["arrays"];
  harmed: string[];
}

/** A binary on a memory of its own, in which calls lay their arrays out. */
export class Raw {
  readonly exports: Record<string, Exported>;
  readonly memory: WebAssembly.Memory;

  constructor(binary: string, pages = 256) {
    const { memory } = abi.binaries[binary];
    this.memory = new WebAssembly.Memory({
      initial: pages,
      ...(memory.maximum !== null && { maximum: memory.maximum }),
      shared: memory.shared,
    });
    const module = new WebAssembly.Module(readFileSync(built(`wasm/${binary}`)));
    const imports = { [memory.module]: { [memory.name]: this.memory } };
    this.exports = new WebAssembly.Instance(module, imports).exports as never;
  }

  /**
   * Makes a call. Returns its result, the arrays after it, and the name of what was written although abi.json does not say
   * so: the rest of memory, or an array that is only read.
   * @param shift bytes by which arrays are off the best alignment
   * @param make makes the call in another way, given its arguments
   */
  call({ kernel, given, arrays }: Call, shift = 0, make?: (args: number[], kernel: Exported) => void): Made {
    const { arguments: list } = abi.kernels[kernel];
    const bytes = new Uint8Array(this.memory.buffer);
    const places = new Map<string, { at: number; capacity: number; argument: ArrayArgument }>();
    let at = 4096 + shift;
    for (const argument of list) {
      if (argument.role !== "array") continue;
      const { byteLength } = arrays[argument.name];
      const capacity = argument.padded ? Math.ceil(byteLength / LINE) * LINE : byteLength;
      places.set(argument.name, { at, capacity, argument });
      at += Math.ceil(capacity / LINE) * LINE + LINE;
    }
    if (at > Math.min(bytes.length, MARKS.length))
      throw new Error(`${kernel}: expected ${at} bytes of memory at most ${bytes.length}`);
    bytes.set(MARKS.subarray(0, at));
    for (const [name, { at: place }] of places) bytes.set(bytesOf(arrays[name]), place);
    const before = bytes.slice(0, at);

    const args = list.map(({ name }) => places.get(name)?.at ?? given[name]);
    const exported = this.exports[kernel];
    const result = make ? undefined : exported(...args);
    make?.(args, exported);

    const harmed = new Set<string>();
    for (const { at: place, capacity, argument } of places.values()) {
      const written = argument.access !== "in" && argument.access !== "none";
      if (written) before.set(bytes.subarray(place, place + capacity), place);
      else if (!same(before.subarray(place, place + capacity), bytes.subarray(place, place + capacity)))
        harmed.add(argument.name);
    }
    if (harmed.size === 0 && !same(before, bytes.subarray(0, at))) harmed.add("memory beside the arrays");
    const after = Object.fromEntries(
      [...places].map(([name, { at: place, argument }]) => {
        const { length, byteLength } = arrays[name];
        return [name, new ARRAYS[argument.element](bytes.slice(place, place + byteLength).buffer, 0, length)];
      }),
    );
    return { result, after, harmed: [...harmed] };
  }
}

const bytesOf = (x: Numbers): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** How a call is made up: sizes in turn, the place among the values of each choice, and whether numbers are positive. */
export interface Draw {
  sizes: readonly number[];
  choice: number;
  positive: boolean;
  seed: number;
}

/** Arguments for any kernel, from what abi.json says of them. */
export function draw(kernel: string, { sizes, choice, positive, seed }: Draw, functions: object = {}): Call {
  const { arguments: list } = abi.kernels[kernel];
  const next = numbers(seed);
  const given: Record<string, number> = {};
  let [size, chosen] = [0, choice];
  // Choices come first, as sizes may depend on them, and then what depends on sizes.
  for (const argument of list) {
    if (argument.role !== "scalar") continue;
    const { name, type, values } = argument;
    if (values?.every((text) => /^\d+$/.test(text))) {
      given[name] = Number(values[chosen % values.length]);
      chosen = Math.floor(chosen / values.length);
    } else if (type === "i32") given[name] = Math.floor(1000 * next());
    else given[name] = type === "f32" ? Math.fround(0.05 + 0.9 * next()) : 0.05 + 0.9 * next();
  }
  for (const { name, role, ...argument } of list) {
    if (role !== "size") continue;
    const { multipleOf = 1, least } = argument as { multipleOf?: number; least?: string };
    const drawn = sizes[size++ % sizes.length] * multipleOf;
    given[name] = least ? value(least, given) + (drawn % 4) : drawn;
  }
  for (const argument of list) {
    if (argument.role !== "scalar" || !argument.values || /^\d+$/.test(argument.values.join(""))) continue;
    const [from, to] = [argument.values[0], argument.values.at(-1)!].map((text) => value(text, given));
    given[argument.name] = from + Math.floor((to - from + 1) * next());
  }
  const arrays = Object.fromEntries(
    list.flatMap((argument) => {
      if (argument.role !== "array") return [];
      const length = value(argument.length, given, functions);
      return [[argument.name, filled(argument, length, given, next, positive)]];
    }),
  );
  return { kernel, given, arrays };
}

function filled(
  argument: ArrayArgument,
  length: number,
  given: Record<string, number>,
  next: () => number,
  positive: boolean,
): Numbers {
  const array = new ARRAYS[argument.element](length);
  const below = argument.below ? value(argument.below, given) : 256;
  const number = () =>
    argument.element === "i32" || argument.element === "u8"
      ? Math.floor(below * next())
      : positive
        ? 0.1 + next()
        : 2 * next() - 1;
  for (let i = 0; i < length; i++) array[i] = number();
  // Matrices of linear algebra are symmetric and positive definite, which some kernels ask for and none minds.
  if (argument.length === "n * n") {
    const { n } = given;
    for (let i = 0; i < n; i++) {
      array[i * n + i] += 2 * n;
      for (let j = 0; j < i; j++) array[i * n + j] = array[j * n + i];
    }
  }
  return array;
}

/** The kernels that calls can be drawn for, and the exports that are no kernels. */
export const drawn = Object.entries(abi.kernels).filter(([, { arguments: list }]: [string, Kernel]) =>
  list.some(({ role }) => role === "array"),
);
