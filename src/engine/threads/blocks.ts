/** Cuts a matrix product into blocks of C, one a thread, never along k: so every element is the same running sum. */
import * as AT from "../wasm/gemmArguments.js";
import type { Pool } from "./pool.js";

/** Multiplications from which two threads are faster than one: 64 cubed takes 11 µs on one and 8 µs on two. */
const LEAST = 262144;
/** C is cut at multiples of this many columns, those of a tile. */
const COLUMNS = 8;
/** Cost of packing one element of A or B, in multiplications: every thread packs what its block needs. */
const PACK = 16;
/**
 * Least length of the part of a row that a thread reads, where a vector is multiplied by rows of a matrix: fewer threads work
 * where there are more. Two take 1.15 times as long as one with 512 of 1,024, whose prefetches run into each other's part, and
 * 0.7 with 2,048 of 4,096.
 */
const ROW_PART = 1024;
/** A cut pays only if no thread has more than this part of the work of the whole product. */
const GAIN = 0.8;

const up = (x: number, multiple: number): number => Math.ceil(x / multiple) * multiple;

/** The blocks of the product at hand. One object, refilled for each product, so that none makes garbage. */
export class Blocks {
  rows = 0;
  columns = 0;
  /** Bytes of working memory for each thread; set by the backend. */
  work = 0;
  readonly #threads: number;
  readonly #least: number;

  constructor({ threads, options }: Pool) {
    this.#threads = threads;
    this.#least = LEAST * (options.least ?? 1);
  }

  /** Chooses the blocks of C [m, n], for gemm's arguments; returns false where one thread is faster. */
  choose(x: Float64Array): boolean {
    const tile = x[AT.TILE];
    const m = x[AT.M];
    const n = x[AT.N];
    const k = x[AT.K];
    if (m * n * k < this.#least) return false;
    const forced = this.#least === 0; // by tests
    const leastRows = n === 1 && x[AT.TRANS_A] === 1 && !forced ? ROW_PART : 0;
    const leastColumns = m === 1 && x[AT.TRANS_B] === 0 && !forced ? ROW_PART : 0;
    const whole = cost(up(m, tile), up(n, COLUMNS), k);
    let best = forced ? Number.POSITIVE_INFINITY : GAIN * whole;
    let found = false;
    for (let down = 1; down <= this.#threads; down++) {
      if (this.#threads % down !== 0) continue;
      let rows = up(Math.max(m / down, leastRows), tile);
      while (m > 1 && m % rows === 1) rows += tile; // the relaxed build sums a single row in an order of its own (vector.ts)
      const columns = up(Math.max((n * down) / this.#threads, leastColumns), COLUMNS);
      const price = cost(rows, columns, k);
      if (price >= best) continue;
      best = price;
      found = true;
      this.rows = rows;
      this.columns = columns;
    }
    return found;
  }
}

const cost = (rows: number, columns: number, k: number): number => (rows * columns + PACK * (rows + columns)) * k;
