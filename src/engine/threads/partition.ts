/** How each kind of kernel is cut into shares, and from what size on that pays. Without a pool none of this is loaded. */

import { BLOCK, type Form } from "../backend.js";
import { call, type Kernel } from "../wasm/call.js";
import { MAX_BLOCKS } from "./control.js";
import type { Pool } from "./pool.js";

// From what work on two threads are faster than one. Handing work over and getting it back costs 1.2 µs while the workers
// spin, and the second core fetches its half of the data from the first one's cache.
/** Array elements that an element-wise kernel touches: below, axpy of 65,536 elements takes as long on two threads as on
 * one, 6 µs; Adam takes 12 µs for 16,384 either way, and 0.6 times as long for 65,536. */
const LEAST_TOUCHED = 131072;
/** Elements of a sum: 16,384 take 4 µs either way, 65,536 take 15 µs on one thread and 10 on two. */
const LEAST_SUMMED = 8 * BLOCK;

/** Elements at which passes are cut: a page of memory, so that no two threads write to one line of the cache. */
const GRAIN = 1024;
/** Rows at which row kernels are cut: they may write to the end of a vector, which this makes the end of a row. */
const ROWS = 4;

/** Bytes by which an argument grows for each unit of work, by its letter; a matrix by a row. */
const STRIDES: Record<string, number> = { x: 4, v: 4, w: 8, i: 1 };

type Any = (...args: number[]) => number | undefined;

/** A kernel that takes its work to the pool when there is enough of it. Written-out arguments, as in call.ts. */
export function splitKernel(pool: Pool, found: Kernel, form: Form): Any {
  const kernel = found as Any;
  const index = pool.kernels.indexOf(found);
  if (form.startsWith("+")) return splitSum(pool, index, kernel);
  return form.startsWith("n") ? splitElements(pool, index, kernel, form) : splitRows(pool, index, kernel, form);
}

function splitElements(pool: Pool, index: number, kernel: Any, form: Form): Any {
  const letters = [...form];
  const arity = letters.length;
  const strides = letters.map((letter) => STRIDES[letter] ?? 0);
  const { least: scale = 1, grain = GRAIN } = pool.options;
  const least = (LEAST_TOUCHED * scale) / letters.filter((letter) => letter === "x").length;
  return (n, a, b, c, d, e, f, g) => {
    if (n <= grain || n < least) return kernel(n, a, b, c, d, e, f, g);
    fill(pool.arguments, n, a, b, c, d, e, f, g);
    for (let i = 1; i < arity; i++) pool.strides[i] = strides[i];
    pool.ranges(index, arity, n, grain);
    return undefined;
  };
}

function splitRows(pool: Pool, index: number, kernel: Any, form: Form): Any {
  const letters = [...form];
  const arity = letters.length;
  const strides = letters.map((letter) => STRIDES[letter] ?? 0);
  const matrices = letters.map((letter) => (letter === "m" ? 4 : 0));
  const { least: scale = 1 } = pool.options;
  const least = (LEAST_TOUCHED * scale) / letters.filter((letter) => letter === "m").length;
  return (rows, columns, b, c, d, e, f, g) => {
    if (rows <= ROWS || rows * columns < least) return kernel(rows, columns, b, c, d, e, f, g);
    fill(pool.arguments, rows, columns, b, c, d, e, f, g);
    for (let i = 1; i < arity; i++) pool.strides[i] = strides[i] + matrices[i] * columns;
    pool.ranges(index, arity, rows, ROWS);
    return undefined;
  };
}

/** Whole blocks, whose sums the caller adds up in their order: the bits of one thread, whose sum is made of the same blocks. */
function splitSum(pool: Pool, index: number, kernel: Any): Any {
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

/** An update kernel: parameters, gradients and slots are all cut alike. `args` holds what `call` takes. */
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

/** What a caller leaves out becomes NaN, and no kernel reads it. */
function fill(
  to: Float64Array,
  n?: number,
  a?: number,
  b?: number,
  c?: number,
  d?: number,
  e?: number,
  f?: number,
  g?: number,
): void {
  to[0] = n!;
  to[1] = a!;
  to[2] = b!;
  to[3] = c!;
  to[4] = d!;
  to[5] = e!;
  to[6] = f!;
  to[7] = g!;
}
