/** How each kind of kernel is cut into shares, and from what size on that pays. Loaded with threads alone. */

import { BLOCK, type Partition } from "../backend.js";
import { call, fill, type Kernel } from "../wasm/call.js";
import { MAX_BLOCKS } from "./control.js";
import type { Pool } from "./pool.js";

// The work from which on two threads are faster than one. Handing work over and getting it back takes 1.2 µs while the
// workers spin, and the second core fetches its half of the data from the first one's cache.
/**
 * Array elements that an element-wise kernel touches: axpy of 65,536 elements takes 6 µs on one thread and on two; Adam
 * takes 12 µs for 16,384 on either, and 0.6 times as long on two for 65,536.
 */
const LEAST_TOUCHED = 131072;
/** Elements of a sum: 16,384 take 4 µs on either, 65,536 take 15 µs on one thread and 10 on two. */
const LEAST_SUMMED = 8 * BLOCK;

/** Elements at which element-wise kernels are cut: a page of memory, so that no two threads write to one cache line. */
const GRAIN = 1024;
/** Rows at which row kernels are cut: a kernel may write up to the end of a vector, and after four rows a row ends there. */
const ROWS = 4;

/** Bytes by which an argument advances for each element or row; a matrix advances by a whole row. */
const STRIDES: Record<string, number> = { array: 4, column: 4, pairs: 8, counter: 1 };

/** A kernel of up to eight arguments, with the result of a sum where it is one. */
type Split = (...args: number[]) => number | undefined;

/** A kernel that hands its work to the pool when there is enough of it. */
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
    fill(pool.arguments, n, a, b, c, d, e, f, g);
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
    fill(pool.arguments, rows, columns, b, c, d, e, f, g);
    for (let i = 1; i < arity; i++) pool.strides[i] = strides[i] + strideOfColumn[i] * columns;
    pool.ranges(index, arity, rows, ROWS);
    return undefined;
  };
}

/**
 * Threads sum whole blocks, and the caller adds up the sums of blocks in order: the bits of one thread, which sums by the
 * same blocks.
 */
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
      fill(pool.arguments, count, x + 4 * from, y + 4 * from);
      pool.sums(index, blocks);
      for (let i = 0; i < blocks; i++) total += sums[i];
    }
    return total;
  };
}

/** An update kernel, of which parameters, gradients and slots are all cut alike. `args` are those of `call`. */
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
