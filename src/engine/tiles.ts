/**
 * Which register tile a host runs faster. No fixed choice is right, because the register allocators of the engines
 * differ; and a timing at start-up would time the baseline compiler. So large products take turns between the tiles
 * until both have run long enough to be compiled for good, then each is timed as long again, and the faster is kept.
 */

/** Rows of the tile. */
export type Tile = 4 | 6;

const LARGE = 1e6; // multiplications that make a product worth timing: some 50 µs
const WARM = 30; // milliseconds of work for each tile before the first sample
const SAMPLE = 2; // milliseconds of a sample: many times what the clock of a browser can tell
const SAMPLES = 15; // their median decides: on a busy machine a sum would fall to whoever was interrupted last

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

  /** Before a product of `work` multiplications; returns what `end` needs. */
  begin(work: number): number {
    if (this.#decided || work < LARGE) return -1;
    this.#work = work;
    return performance.now();
  }

  /** After it: takes the time, and turns to the other tile or keeps the faster. */
  end(start: number): void {
    if (start < 0) return;
    const trials = this.#trials;
    const mine = trials[this.tile];
    mine.time += performance.now() - start;
    mine.work += this.#work;
    if (!this.#warm) this.#warmUp();
    else if (mine.time >= SAMPLE) {
      mine.rates.push(mine.work / mine.time);
      mine.time = mine.work = 0;
    }
    this.tile = this.tile === 4 ? 6 : 4;
    if (trials[4].rates.length < SAMPLES || trials[6].rates.length < SAMPLES) return;
    this.tile = middle(trials[6].rates) > middle(trials[4].rates) ? 6 : 4;
    this.#decided = true;
  }

  #warmUp(): void {
    if (this.#trials[4].time < WARM || this.#trials[6].time < WARM) return;
    this.#warm = true;
    this.#trials = { 4: trial(), 6: trial() };
  }
}

const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
