/**
 * Chooses the register tile that is faster on the host. No fixed choice is right, because the register allocators of the
 * engines differ: 6x8 is 8 % faster on V8 13 with fused multiply-add, and takes twice the time of 4x8 without it, or on
 * V8 12. A timing at start-up would time the baseline compiler. So matrix products alternate between the tiles until the
 * optimizing compiler has compiled both, then both are timed, and the faster is kept.
 */

/** Rows of the tile. */
export type Tile = 4 | 6;

const LEAST = 1e5; // least multiplications of a product that is timed: some 5 µs, fifty times the cost of reading the clock
const WARM = 30; // milliseconds of work for each tile before the first sample
const SAMPLE = 2; // milliseconds of a sample: many times the resolution of a clock in a browser
const SAMPLES = 15; // their median decides: on a busy machine a sum would decide against the tile that was interrupted

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
    // Without a clock of its own the host has milliseconds at best (AudioWorklet, bare contexts): too coarse for a sample.
    this.#decided = pinned !== undefined || typeof performance !== "object";
  }

  /** Call before a product of `work` multiplications; pass the result to `end`. */
  begin(work: number): number {
    if (this.#decided || work < LEAST) return -1;
    this.#work = work;
    return performance.now();
  }

  /**
   * Call after the product: adds its time to the sample, and at the end of a sample switches to the other tile, or at last
   * keeps the faster. It does not switch after every product: the layers of a net alternate too, and each would always run
   * on the same tile.
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
