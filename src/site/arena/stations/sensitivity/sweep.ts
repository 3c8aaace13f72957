/** Sweeps of the learning rate, a few rates at a time, so that the page has its frames between them. */
import { signal } from "@preact/signals-core";
import { type LandscapeName, landscapes, race, type SweptRate } from "../../../../landscape/index.js";
import { labEngine } from "../../lab/engine.js";
import { SWEPT } from "../../lab/raced.js";

export interface Course {
  readonly surface: LandscapeName;
  readonly start: readonly number[];
  readonly steps: number;
}

/** Loss within which a run has arrived: that of `race`. */
const TOLERANCE = 1e-3;
/** Steps of a run between two frames. */
const AT_ONCE = 4000;
const PER_DECADE = 20;

export class Sweeps {
  /** What is known of each optimizer, by its name; partial while it is being swept. */
  readonly found = signal<Readonly<Record<string, readonly SweptRate[]>>>({});
  readonly problem = signal("");
  #generation = 0;
  #course = "";

  /** Sweeps those of the names that are not known on this course. */
  async ask(course: Course, names: readonly string[]): Promise<void> {
    const mine = ++this.#generation;
    const { surface, start, steps } = course;
    const key = `${surface} ${start.join()} ${steps}`;
    if (key !== this.#course) {
      this.#course = key;
      this.found.value = {};
    }
    try {
      const engine = await labEngine();
      const some = Math.max(1, Math.ceil(AT_ONCE / steps));
      for (const name of names) {
        const known = [...(this.found.peek()[name] ?? [])];
        while (known.length < SWEPT.length) {
          const rates = SWEPT.slice(known.length, known.length + some);
          const { runs } = await race(landscapes[surface], [name], { start, steps, rates, engine });
          await new Promise((resolve) => setTimeout(resolve));
          if (mine !== this.#generation) return;
          for (const each of runs[0].sweep!) known.push(each);
          this.found.value = { ...this.found.peek(), [name]: [...known] };
        }
      }
      this.problem.value = "";
    } catch (error) {
      if (mine === this.#generation) this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  dispose(): void {
    this.#generation++;
  }
}

/** The best rate, by its last loss, as `race` has it. */
export const bestOf = (swept: readonly SweptRate[]): SweptRate | undefined =>
  swept.reduce<SweptRate | undefined>(
    (best, each) => (best === undefined || each.loss < best.loss ? each : best),
    undefined,
  );

export const arrivedAt = ({ loss }: SweptRate): boolean => loss < TOLERANCE;
/** Decades of rate that end within the tolerance. */
export const decadesOf = (swept: readonly SweptRate[]): number => swept.filter(arrivedAt).length / PER_DECADE;
