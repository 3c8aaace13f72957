/** Races of the page: the newest one asked for is run, at most one a frame, by `race` of the library. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type Landscape, type Race, type RaceOptions, type Runner, race, rateGrid } from "../../../landscape/index.js";
import { labEngine } from "./engine.js";

export interface Wanted {
  readonly landscape: Landscape;
  readonly runners: readonly { readonly optimizer: string; readonly label?: string; readonly options?: object }[];
  readonly start: readonly number[];
  readonly steps: number;
  /** "best": the best rate of a sweep for each, over the rates that `thalweg race --sweep lr` has. */
  readonly rates: number | "defaults" | "best";
  readonly seed?: number;
}

/** As `thalweg race --sweep lr` has them. */
const PER_DECADE = 20;
export const SWEPT = rateGrid(1e-4, 100, PER_DECADE);
/** Steps of a sweep between two frames: some 30 ms. */
const AT_ONCE = 15_000;

export interface Raced {
  readonly race: Race;
  /** Of a sweep, decades of rate that arrived, by label. */
  readonly decades: Readonly<Record<string, number>>;
}

/** Runs what it is asked for; a newer question makes an older one void. */
export class Racer {
  readonly #result = signal<Raced | undefined>(undefined);
  readonly #problem = signal("");
  readonly #busy = signal(false);
  #generation = 0;
  #frame = 0;
  #running = false;
  /** Asked for while another was running: the newest alone is run next. */
  #next: (() => Promise<void>) | undefined;
  /** The rates of the last sweep, which hold while a start is being dragged. */
  #held: Record<string, number> = {};

  get result(): ReadonlySignal<Raced | undefined> {
    return this.#result;
  }
  /** Why there is no race, in one line. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }
  /** Whether a sweep is on its way. */
  get busy(): ReadonlySignal<boolean> {
    return this.#busy;
  }

  /** Runs a race at the next frame; `hasty` leaves a sweep for later and takes the rates of the last one. */
  ask(wanted: Wanted, hasty = false): void {
    const mine = ++this.#generation;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#next = () => this.#run(wanted, hasty, mine);
      void this.#drain();
    });
  }

  /** A long race gives the page its turns, and is over before the next begins. */
  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let run = this.#next; run !== undefined; run = this.#next) {
      this.#next = undefined;
      await run();
    }
    this.#running = false;
  }

  dispose(): void {
    this.#generation++;
    this.#next = undefined;
    cancelAnimationFrame(this.#frame);
  }

  async #run(wanted: Wanted, hasty: boolean, mine: number): Promise<void> {
    try {
      const made = wanted.rates === "best" ? await this.#best(wanted, hasty, mine) : await raced(wanted, wanted.rates);
      if (mine !== this.#generation || made === undefined) return;
      this.#problem.value = "";
      this.#result.value = "race" in made ? made : { race: made, decades: {} };
    } catch (error) {
      if (mine === this.#generation) this.#problem.value = error instanceof Error ? error.message : String(error);
    } finally {
      if (mine === this.#generation) this.#busy.value = false;
    }
  }

  /** The sweep of each runner in turn, a few rates between two frames; then all at their best rates. */
  async #best(wanted: Wanted, hasty: boolean, mine: number): Promise<Raced | undefined> {
    const decades: Record<string, number> = {};
    const known = wanted.runners.every((each) => labelOf(each) in this.#held);
    if (!hasty || !known) {
      this.#busy.value = true;
      const rates: Record<string, number> = {};
      for (const runner of wanted.runners) {
        let least = Number.POSITIVE_INFINITY;
        let arrived = 0;
        const some = Math.max(1, Math.ceil(AT_ONCE / wanted.steps));
        for (let at = 0; at < SWEPT.length; at += some) {
          const made = await raced({ ...wanted, runners: [runner] }, SWEPT.slice(at, at + some));
          for (const { lr, loss } of made.runs[0].sweep!) {
            if (loss < least || rates[labelOf(runner)] === undefined) rates[labelOf(runner)] = lr;
            least = Math.min(least, loss);
            if (loss < made.tolerance) arrived++;
          }
          await new Promise((resolve) => setTimeout(resolve));
          if (mine !== this.#generation) return undefined;
        }
        decades[labelOf(runner)] = arrived / PER_DECADE;
      }
      this.#held = rates;
    }
    const runners = wanted.runners.map((each) => ({
      ...each,
      options: { ...each.options, lr: this.#held[labelOf(each)] },
    }));
    return { race: await raced({ ...wanted, runners }, "defaults"), decades };
  }
}

const labelOf = ({ label, optimizer }: Wanted["runners"][number]): string => label ?? optimizer;

async function raced({ landscape, runners, start, steps, seed }: Wanted, rates: RaceOptions["rates"]): Promise<Race> {
  const engine = await labEngine();
  return race(landscape, runners as readonly Runner[], {
    start,
    steps,
    rates,
    engine,
    ...(seed !== undefined && { seed }),
  });
}
