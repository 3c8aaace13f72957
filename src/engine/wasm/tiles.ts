/**
 * Finds out which register tile the host runs faster. No fixed choice is right, because register allocators of JavaScript
 * engines differ: 6x8 is faster by 8 % on V8 13 with fused multiply-add, and takes twice the time of 4x8 without it or on
 * V8 12. A timing at start-up would measure code of the baseline compiler. So matrix products alternate between the tiles
 * until both have run long enough to be optimized; then samples of both are timed, and the faster tile is kept.
 */

/** Rows of the tile. */
export type Tile = 4 | 6;

const LEAST = 1e5; // multiplications from which on a product is timed: some 5 µs, fifty times what reading the clock takes
const WARM = 30; // milliseconds of work for each tile before the first sample
const SAMPLE = 2; // milliseconds of a sample: many times the resolution of a browser's clock
const SAMPLES = 15; // the median decides: on a busy machine a sum would depend on which tile was interrupted

interface Trial {
  time: number;
  work: number;
  /** Multiplications a millisecond. */
  rates: number[];
}
const trial = (): Trial => ({ time: 0, work: 0, rates: [] });

export class Tiles {
  /** The tile of the next product. */
  tile: Tile;
  #decided: boolean;
  #warm = false;
  #work = 0;
  #trials: Record<Tile, Trial> = { 4: trial(), 6: trial() };

  constructor(pinned?: Tile) {
    this.tile = pinned ?? 4;
    this.#decided = pinned !== undefined;
  }

  /** Called before a product of `work` multiplications; returns the argument of `end`. */
  begin(work: number): number {
    if (this.#decided || work < LEAST) return -1;
    this.#work = work;
    return performance.now();
  }

  /**
   * Called after the product: adds its time, and at the end of a sample turns to the other tile or keeps the faster one. A
   * turn after every product would not do: the layers of a net alternate too, and each would always meet the same tile.
   */
  end(start: number): void {
    if (start < 0) return;
    const mine = this.#trials[this.tile];
    mine.time += performance.now() - start;
    mine.work += this.#work;
    if (mine.time < (this.#warm ? SAMPLE : WARM)) return;
    if (this.#warm) mine.rates.push(mine.work / mine.time);
    mine.time = mine.work = 0;
    if (this.tile === 4) this.tile = 6;
    else if (this.#trials[6].rates.length < SAMPLES) {
      this.tile = 4;
      this.#warm = true;
    } else {
      this.tile = middle(this.#trials[6].rates) > middle(this.#trials[4].rates) ? 6 : 4;
      this.#decided = true;
    }
  }
}

const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
