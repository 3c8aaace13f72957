/** How a matrix product is cut: into blocks of C, one for each thread, and never over k, so that no element's sum changes. */
import type { Pool } from "./pool.js";

/** Multiplications from which on two threads are faster than one: 64³ takes 11 µs on one and 8 on two. */
const LEAST = 262144;
/** Columns at which C is cut: the columns of a register tile. */
const COLUMNS = 8;
/** The cost of packing an element of A or B, in multiplications. Each thread packs what its block needs. */
const PACK = 16;
/** The part of the whole cost that the block of one thread may cost at most; otherwise the product stays whole. */
const GAIN = 0.8;

const up = (x: number, multiple: number): number => Math.ceil(x / multiple) * multiple;

/** The blocks of one matrix product after another: one object, so that a product makes no garbage. */
export class Blocks {
  rows = 0;
  columns = 0;
  readonly #threads: number;
  readonly #least: number;

  constructor({ threads, options }: Pool) {
    this.#threads = threads;
    this.#least = LEAST * (options.least ?? 1);
  }

  /** Chooses the blocks of C [m, n]; false where the product is faster whole. */
  choose(tile: number, m: number, n: number, k: number): boolean {
    if (m * n * k < this.#least) return false;
    const whole = cost(up(m, tile), up(n, COLUMNS), k);
    let best = this.#least === 0 ? Number.POSITIVE_INFINITY : GAIN * whole;
    let found = false;
    for (let down = 1; down <= this.#threads; down++) {
      if (this.#threads % down !== 0) continue;
      const rows = up(m / down, tile);
      const columns = up((n * down) / this.#threads, COLUMNS);
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
