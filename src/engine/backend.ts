/**
 * The interface of the two backends. A kernel has a name, under which a binary exports it, and a twin: the same computation
 * on Float32Arrays, bit for bit. Callers hold `Ref`s and need not know which backend runs.
 */
import type { BinaryText } from "./wasm/binaryText.js";

/** A binary of the caller's, from `kernelBinary`. */
export interface OwnBinary {
  /** @internal Its exports on this memory, where `load` instantiates it the first time. */
  exports(memory: object, load: (bytes: Uint8Array<ArrayBuffer>) => object): Readonly<Record<string, unknown>>;
}

/** Binaries to look for a kernel in, for a backend that has not loaded it yet: modules of `wasm/binaries/`, or the caller's. */
export type Binaries = readonly (BinaryText | OwnBinary)[];

/** An array, as a kernel takes it: its address on wasm, the array itself on js. Opaque to all but backends. */
export type Ref = number | Float32Array | Int32Array | Float64Array;

type Referred<A> = { [I in keyof A]: A[I] extends Float32Array | Int32Array | Float64Array ? Ref : A[I] };

/** The signature of a twin with a `Ref` for every array. */
export type OnRefs<F> = F extends (...args: infer A) => infer R ? (...args: Referred<A>) => R : never;

/** The twin of an update kernel: n elements of parameters, gradients and slots; the first scalar is `gradScale`. */
export type Twin = (n: number, p: Float32Array, g: Float32Array, slots: Float32Array[], scalars: Float32Array) => void;

/** An update kernel ready to run, on the first `count` slots (on all, where there are fewer). */
export type Update = (n: number, p: Ref, g: Ref, slots: Ref[], count: number, scalars: Float32Array) => void;

/** Elements of a block of a sum: each block is summed, and the sums of blocks are added up in order (assembly/reduce.ts). */
export const BLOCK = 4096;

/**
 * How a kernel's work may be cut into shares for threads: what is cut, then what a share does with each argument after the
 * counts.
 *
 * - "sum": the sum over n elements of one array or two.
 * - "elements": kernel(n, …). An "array" has an element for each of the n; a "counter" is a number that grows by 1 with
 *   each.
 * - "rows": kernel(rows, columns, …). A "matrix" has that shape; a "column" has one number a row, "pairs" has two.
 *
 * "same" is passed to every share as it is: a scalar, or an array that all shares read. Arguments after the last one listed
 * are "same" too.
 */
export type Partition =
  | readonly ["sum"]
  | readonly ["elements", ...("array" | "counter" | "same")[]]
  | readonly ["rows", ...("matrix" | "column" | "pairs" | "same")[]];

/** The partitions of a table of twins; a kernel without one stays on the caller's thread. */
export type Partitions<T> = { readonly [K in keyof T]?: Partition };

/** Elements that an array of `length` is padded to: multiples of four vectors of four, the most that one turn of a kernel takes. */
export const padded = (length: number): number => Math.ceil(length / 16) * 16;

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

/** The error of a backend and of the engine when memory runs out. */
export function outOfMemory(bytes: number, used: number, limitMiB: number, held = used): RangeError {
  const all = held > used ? ` (${mib(held)} with working memory and gaps)` : "";
  return new RangeError(
    `out of memory: a request of ${mib(bytes)} with ${mib(used)} in use${all} and a limit of ${mib(limitMiB * 2 ** 20)}`,
  );
}

/** The error for a request that is too large under any limit. */
export const tooLarge = (bytes: number, largest: number): RangeError =>
  new RangeError(`out of memory: a request of ${mib(bytes)}, and one tensor holds at most ${mib(largest)} on wasm`);

/** A matrix product C [m, n] = op(A) op(B) (+ C). transA: A is stored as [k, m]; transB: B is stored as [n, k]. */
export interface Product {
  transA: boolean;
  transB: boolean;
  m: number;
  n: number;
  k: number;
  accumulate: boolean;
}

/** What a backend does for the engine. */
export interface Backend {
  readonly name: "wasm" | "js";
  readonly simd: "relaxed" | "strict" | "none";
  /** Bytes taken from the host: memory in use, working memory, and gaps between allocations. */
  readonly held: number;
  /** The most bytes of one allocation. */
  readonly largest: number;
  /** Zeroed memory for `length` f32, padded; throws when memory runs out. */
  allocate(length: number): Ref;
  free(ref: Ref): void;
  /** The part of an allocation that starts `offset` elements in. */
  at(ref: Ref, offset: number, length: number): Ref;
  /** A view, valid until memory grows. */
  floats(ref: Ref, length: number): Float32Array;
  ints(ref: Ref, length: number): Int32Array;
  /** The same memory, as an array of i32. */
  asInts(ref: Ref, length: number): Ref;
  /** A view of the same memory as `length` f64, two f32 each. */
  doubles(ref: Ref, length: number): Float64Array;
  /** The same memory, as an array of f64. */
  asDoubles(ref: Ref, length: number): Ref;
  /** Whether memory has grown since this view was made, which makes it useless. */
  stale(view: Float32Array | Int32Array | Float64Array): boolean;
  /** Why the backend no longer works, once it has lost a thread in a call; empty until then. */
  readonly broken: string;
  /** Threads that work, the caller's included. */
  readonly threads: number;
  /** Why there are fewer than at the start; empty while there are not. */
  readonly lost: string;
  /** @param binaries where to look for a kernel that not every engine loads */
  kernel<F extends (...args: never[]) => unknown>(
    name: string,
    twin: F,
    partition?: Partition,
    binaries?: Binaries,
  ): OnRefs<F>;
  /** One of the kernels that every part of the library shares (commonKernels.ts). */
  common(name: string, partition: Partition | undefined): unknown;
  update(name: string, twin: Twin, binaries?: Binaries): Update;
  gemm(product: Product, a: Ref, b: Ref, c: Ref): void;
  /** Allocates the working memory of such a product. */
  reserve(product: Product): void;
  dispose(): void;
}
