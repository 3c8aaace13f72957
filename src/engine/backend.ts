/**
 * What a kernel is on either backend. A kernel has a name, under which the binary exports it, and a twin: the same
 * computation on Float32Arrays, bit for bit. Callers hold `Ref`s and never ask which backend runs.
 */
import type { Code } from "./wasm/binaryText.js";

/** Binaries that have a kernel, for a backend that lacks it: modules of `binaries/`. */
export type Codes = readonly Code[];

/** Where a kernel finds an array: its address on wasm, the array itself on js. Only backends look inside. */
export type Ref = number | Float32Array | Int32Array;

type Referred<A> = { [I in keyof A]: A[I] extends Float32Array | Int32Array ? Ref : A[I] };

/** The signature of a twin with a `Ref` for every array. */
export type OnRefs<F> = F extends (...args: infer A) => infer R ? (...args: Referred<A>) => R : never;

/** The twin of an update kernel: n elements of parameters, gradients and slots; the first scalar is `gradScale`. */
export type Twin = (n: number, p: Float32Array, g: Float32Array, slots: Float32Array[], scalars: Float32Array) => void;

/** An update kernel ready to run, on the first `count` of the slots (on all, where there are fewer). */
export type Update = (n: number, p: Ref, g: Ref, slots: Ref[], count: number, scalars: Float32Array) => void;

/** Elements of a block: sums are made block by block, and the sums of blocks added up in order (assembly/reduce.ts). */
export const BLOCK = 4096;

/**
 * How a kernel's work may be cut for threads, one letter an argument. Over vectors: `n` elements, an array `x` of that
 * many, a number `i` that counts on with the elements. Over matrices: `r` rows, `c` columns, a matrix `m`, an array `v`
 * of one number a row, `w` of two. `-`: the same for every share (a scalar, an array that all read). "+": a sum over n elements of
 * one or two arrays.
 */
export type Form = "+" | `n${string}` | `rc${string}`;

/** The forms of a table of twins; what has none stays on the caller's thread. */
export type Forms<T> = { readonly [K in keyof T]?: Form };

/** Elements that an array of `length` takes up: fours of vectors of four, the most that a kernel takes in one turn. */
export const padded = (length: number): number => Math.ceil(length / 16) * 16;

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

/** What a backend and the engine throw when memory runs out. */
export function outOfMemory(bytes: number, used: number, limitMiB: number, held = used): RangeError {
  const all = held > used ? ` (${mib(held)} with working memory and gaps)` : "";
  return new RangeError(
    `out of memory: a request of ${mib(bytes)} with ${mib(used)} in use${all} and a limit of ${mib(limitMiB * 2 ** 20)}`,
  );
}

/** What the engine throws for a request that no limit would let through. */
export const tooLarge = (bytes: number, largest: number): RangeError =>
  new RangeError(`out of memory: a request of ${mib(bytes)}, and one tensor holds at most ${mib(largest)} on wasm`);

/** A product C [m, n] = op(A) op(B) (+ C); transA: A is stored as [k, m], transB: B is stored as [n, k]. */
export interface Product {
  transA: boolean;
  transB: boolean;
  m: number;
  n: number;
  k: number;
  accumulate: boolean;
}

/** What the engine asks of a backend. */
export interface Backend {
  readonly name: "wasm" | "js";
  readonly simd: "relaxed" | "strict" | "none";
  /** Bytes taken from the host: what is in use, working memory, and gaps between blocks. */
  readonly held: number;
  /** The most bytes of one allocation. */
  readonly largest: number;
  /** Zeroed memory for `length` f32, rounded up to fours of vectors; throws when there is none left. */
  allocate(length: number): Ref;
  free(ref: Ref): void;
  /** The part of an allocation that starts `offset` elements in. */
  at(ref: Ref, offset: number, length: number): Ref;
  /** A view that is good until memory grows. */
  floats(ref: Ref, length: number): Float32Array;
  ints(ref: Ref, length: number): Int32Array;
  /** The same memory as a place for i32. */
  asInts(ref: Ref, length: number): Ref;
  /** Whether a view made earlier no longer looks at this memory. */
  stale(view: Float32Array | Int32Array): boolean;
  /** Why it works no more, where it has lost a thread; empty while it does. */
  readonly broken: string;
  readonly threads: number;
  /** @param codes where it is, for kernels that not every engine needs */
  kernel<F extends (...args: never[]) => unknown>(name: string, twin: F, form?: Form, codes?: Codes): OnRefs<F>;
  /** One of the kernels that all share. */
  common(name: string, form: Form | ""): unknown;
  update(name: string, twin: Twin, codes?: Codes): Update;
  gemm(product: Product, a: Ref, b: Ref, c: Ref): void;
  /** Makes the working memory of such a product. */
  reserve(product: Product): void;
  dispose(): void;
}
