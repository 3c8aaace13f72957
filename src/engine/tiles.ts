/**
 * Which register tile a host runs faster. No fixed choice is right, because the register allocators of the engines
 * differ; and a timing at start-up would time the baseline compiler. So large products take turns between the tiles
 * until both have run long enough to be compiled for good, then each is timed as long again, and the faster is kept.
 */

/** Rows of the tile. */
export type Tile = 4 | 6;

const LARGE = 1e6; // multiplications that make a product worth timing: some 50 µs
const SPAN = 30; // milliseconds of work for each tile, first to warm up and then to measure

interface Trial {
  warm: number;
  time: number;
  work: number;
}

export class Tiles {
  /** The tile of the next product. */
  tile: Tile;
  #decided: boolean;
  #work = 0;
  #trials: Record<Tile, Trial> = { 4: { warm: 0, time: 0, work: 0 }, 6: { warm: 0, time: 0, work: 0 } };

  constructor(pinned?: Tile) {
    this.tile = pinned ?? 4;
    this.#decided = pinned !== undefined;
  }

  /** Before a product of `work` multiplications; returns what `end` needs. */
  begin(work: number): number {
    if (this.#decided || work < LARGE) return -1;
    this.#work = work;
    return performance.now();
  }

  /** After it: takes the time, and turns to the other tile or keeps the faster. */
  end(start: number): void {
    if (start < 0) return;
    const time = performance.now() - start;
    const trials = this.#trials;
    const trial = trials[this.tile];
    if (trials[4].warm < SPAN || trials[6].warm < SPAN) trial.warm += time;
    else {
      trial.time += time;
      trial.work += this.#work;
    }
    if (trials[4].time < SPAN || trials[6].time < SPAN) {
      this.tile = this.tile === 4 ? 6 : 4;
      return;
    }
    this.#decided = true;
    this.tile = trials[6].work / trials[6].time > trials[4].work / trials[4].time ? 6 : 4;
  }
}
