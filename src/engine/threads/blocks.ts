/** How a product is cut: into blocks of C, one a thread, never over k, so that every element is the same running sum. */
import type { Pool } from "./pool.js";

/** Multiplications from which on two threads are faster than one: 64 cubed takes 11 µs on one and 8 on two. */
const LEAST = 262144;
/** Columns at which C is cut: those of a tile. */
const COLUMNS = 8;
/** What it costs to pack an element of A or B, in multiplications: every thread packs what its block needs. */
const PACK = 16;
/** A cut must leave no thread more than this part of the work. */
const GAIN = 0.8;

const up = (x: number, multiple: number): number => Math.ceil(x / multiple) * multiple;

/** The blocks of the product at hand. An object that is filled, so that a product makes no garbage. */
export class Blocks {
  rows = 0;
  columns = 0;
  readonly #threads: number;
  readonly #least: number;

  constructor({ threads, options }: Pool) {
    this.#threads = threads;
    this.#least = LEAST * (options.least ?? 1);
  }

  /** Chooses the blocks of C [m, n]; false where the product had better stay whole. */
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
