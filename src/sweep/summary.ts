import { type SweepPlan, valueIn } from "./plan.js";
import type { SweepRow } from "./sweep.js";

/** What is to be said of a sweep, taken from its rows one by one: of any number of them it keeps the best alone. */
export class Summary {
  /** Each trial where it got furthest, from best to worst: so many, without those that were not measured. */
  readonly top: SweepRow[] = [];
  /** The names of all measures. */
  readonly measures = new Set<string>();
  count = 0;
  failed = 0;
  firstFailed: SweepRow | undefined;
  readonly #most: number;
  readonly #stages: boolean;
  readonly #valueOf: ReturnType<typeof valueIn>;

  constructor(plan: SweepPlan, most: number) {
    this.#most = most;
    this.#stages = plan.search.kind === "stages";
    this.#valueOf = valueIn(plan);
  }

  add(row: SweepRow): void {
    this.count++;
    if (row.failed !== undefined) {
      this.failed++;
      this.firstFailed ??= row;
    }
    if (row.measures === undefined) return;
    for (const name of Object.keys(row.measures)) this.measures.add(name);
    const { top } = this;
    const same = top.findIndex(({ id }) => id === row.id);
    if (same >= 0 && this.#order(row, top[same]) > 0) return;
    if (same >= 0) top.splice(same, 1);
    let place = top.length;
    while (place > 0 && this.#order(row, top[place - 1]) < 0) place--;
    top.splice(place, 0, row);
    if (top.length > this.#most) top.pop();
  }

  /** Who went further is ahead, then who measured better, then who was first. */
  #order(a: SweepRow, b: SweepRow): number {
    const value = ({ measures }: SweepRow) => this.#valueOf({ measures: measures! }) ?? Number.POSITIVE_INFINITY;
    const [va, vb] = [value(a), value(b)];
    const loss = this.#stages ? a.measures!.loss - b.measures!.loss : 0; // as the stages rank
    return (b.until ?? 0) - (a.until ?? 0) || (va === vb ? 0 : va - vb) || loss || a.trial - b.trial;
  }
}
