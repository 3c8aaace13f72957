/** Cuts each kind of kernel into shares, from the size where that pays. Loaded only where there is a pool. */

import { BLOCK, type Partition } from "../backend.js";
import { call, type Kernel, setArguments } from "../wasm/call.js";
import { MAX_BLOCKS } from "./control.js";
import type { Pool } from "./pool.js";

// The least work for which two threads are faster than one. To hand work over and get it back costs 1.2 µs while the workers
// spin, and the second core fetches its half of the data from the first one's cache.
/**
 * Array elements that an element-wise kernel touches. At it axpy, of 65,536 elements, takes as long on two threads as on
 * one, 6 µs; Adam takes 12 µs for 16,384 elements either way, and 0.6 times as long for 65,536.
 */
const LEAST_TOUCHED = 131072;
/** Elements of a sum: 16,384 take 4 µs either way, 65,536 take 15 µs on one thread and 10 µs on two. */
const LEAST_SUMMED = 8 * BLOCK;

/** Element-wise kernels are cut at multiples of this: a page of memory, so that no two threads write to one line of the cache. */
const GRAIN = 1024;
/** Row kernels are cut at multiples of this: they may write to the end of a vector, which is then the end of a row. */
const ROWS = 4;

/** Bytes by which an argument advances for each element or row; a matrix advances by a whole row. */
const STRIDES: Record<string, number> = { array: 4, column: 4, pairs: 8, counter: 1 };

/** A kernel of up to eight arguments, with the result of a sum where it is one. */
type Split = (...args: number[]) => number | undefined;

/** A kernel that runs on the pool when there is enough work. Its arguments are written out so that it makes no garbage (call.ts). */
export function splitKernel(pool: Pool, found: Kernel, [kind, ...kinds]: Partition): Split {
  const kernel = found as Split;
  const index = pool.kernels.indexOf(found);
  if (kind === "sum") return splitSum(pool, index, kernel);
  return kind === "elements" ? splitElements(pool, index, kernel, kinds) : splitRows(pool, index, kernel, kinds);
}

/** @param kinds of the arguments after n */
function splitElements(pool: Pool, index: number, kernel: Split, kinds: readonly string[]): Split {
  const arity = kernel.length;
  const { least: scale = 1, grain = GRAIN } = pool.options;
  const least = (LEAST_TOUCHED * scale) / kinds.filter((kind) => kind === "array").length;
  const strides = Array.from({ length: arity }, (_, i) => STRIDES[kinds[i - 1]] ?? 0);
  return (n, a, b, c, d, e, f, g) => {
    if (n <= grain || n < least) return kernel(n, a, b, c, d, e, f, g);
    setArguments(pool.arguments, n, a, b, c, d, e, f, g);
    for (let i = 1; i < arity; i++) pool.strides[i] = strides[i];
    pool.ranges(index, arity, n, grain);
    return undefined;
  };
}

/** @param kinds of the arguments after the rows and columns */
function splitRows(pool: Pool, index: number, kernel: Split, kinds: readonly string[]): Split {
  const arity = kernel.length;
  const { least: scale = 1 } = pool.options;
  const least = (LEAST_TOUCHED * scale) / kinds.filter((kind) => kind === "matrix").length;
  const strides = Array.from({ length: arity }, (_, i) => STRIDES[kinds[i - 2]] ?? 0);
  const strideOfColumn = strides.map((_, i) => (kinds[i - 2] === "matrix" ? 4 : 0));
  return (rows, columns, b, c, d, e, f, g) => {
    if (rows <= ROWS || rows * columns < least) return kernel(rows, columns, b, c, d, e, f, g);
    setArguments(pool.arguments, rows, columns, b, c, d, e, f, g);
    for (let i = 1; i < arity; i++) pool.strides[i] = strides[i] + strideOfColumn[i] * columns;
    pool.ranges(index, arity, rows, ROWS);
    return undefined;
  };
}

/** Sums whole blocks, and adds these sums up in order: the same bits as on one thread, whose sum is made of the same blocks. */
function splitSum(pool: Pool, index: number, kernel: Split): Split {
  const { least: scale = 1, blocks: most = MAX_BLOCKS } = pool.options;
  const least = LEAST_SUMMED * scale;
  const { sums } = pool.control;
  return (n, x, y) => {
    if (n <= BLOCK || n < least) return kernel(n, x, y);
    let total = 0;
    for (let from = 0; from < n; from += most * BLOCK) {
      const count = Math.min(n - from, most * BLOCK);
      const blocks = Math.ceil(count / BLOCK);
      setArguments(pool.arguments, count, x + 4 * from, y + 4 * from);
      pool.sums(index, blocks);
      for (let i = 0; i < blocks; i++) total += sums[i];
    }
    return total;
  };
}

/** An update kernel: parameters, gradients and slots are all cut alike. `args` holds the arguments for `call`. */
export function splitUpdate(pool: Pool, kernel: Kernel): (arity: number, arrays: number, args: Float64Array) => void {
  const index = pool.kernels.indexOf(kernel);
  const { least: scale = 1, grain = GRAIN } = pool.options;
  return (arity, arrays, args) => {
    const n = args[0];
    if (n <= grain || n * arrays < LEAST_TOUCHED * scale) {
      call(kernel, arity, args);
      return;
    }
    pool.arguments.set(args);
    for (let i = 1; i < arity; i++) pool.strides[i] = i <= arrays ? 4 : 0;
    pool.ranges(index, arity, n, grain);
  };
}
