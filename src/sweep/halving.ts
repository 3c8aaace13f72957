/**
 * Asynchronous successive halving, ASHA (Li et al., A system for massively parallel hyperparameter tuning, MLSys 2020,
 * algorithm 2), and Hyperband as several brackets of it (Li et al., JMLR 18, 2018, algorithm 1).
 *
 * In the paper a decision depends on which jobs happen to have ended. Here the jobs are numbered as they are decided on, and
 * decision k knows the outcomes of all jobs up to k − parallel, and of no others, even if they are there: the same jobs come
 * of it on any number of machines, and up to `parallel` run at a time.
 */
import type { Search } from "./search.js";
import { type Job, jobOf, type Outcome, type Trial } from "./trial.js";

/** One bracket: so many trials, of which 1 in η goes on from each rung to the next, over η times the resource. */
export interface Bracket {
  trials: number;
  /** The resource at each rung, rising. */
  rungs: readonly number[];
}

/** The rungs from min to max: min·η^k, and max. */
export function rungsBetween(min: number, max: number, eta: number): number[] {
  const rungs: number[] = [];
  for (let r = min; r < max; r *= eta) rungs.push(r);
  rungs.push(max);
  return rungs;
}

/** The brackets of Hyperband for a largest resource: from many trials that start with 1 to a few that have all of it. */
export function hyperbandBrackets(max: number, eta: number): Bracket[] {
  let levels = 0;
  for (let r = eta; r <= max; r *= eta) levels++;
  return Array.from({ length: levels + 1 }, (_, i) => {
    const s = levels - i;
    const trials = Math.ceil(((levels + 1) / (s + 1)) * eta ** s);
    return { trials, rungs: rungsBetween(Math.max(1, Math.floor(max / eta ** s)), max, eta) };
  });
}

/** How outcomes compare: a smaller value is better; undefined for one that failed. */
export type Valued = (outcome: Outcome) => number | undefined;

interface Entrant {
  trial: Trial;
  value: number;
}

/** A rung: those who wait and those who have gone on, both from best to worst. */
interface Rung {
  waiting: Entrant[];
  promoted: Entrant[];
}

export interface HalvingOptions {
  brackets: readonly Bracket[];
  eta: number;
  /** Jobs that run at a time, at most. */
  parallel: number;
  trial: (number: number) => Trial;
  valueOf: Valued;
}

/** Where a decided job belongs. */
interface Decided {
  job: Job;
  bracket: number;
  rung: number;
}

export class Halving implements Search {
  readonly most: number;
  readonly #options: HalvingOptions;
  /** Of each bracket and rung, those whose outcomes decisions know. */
  readonly #rungs: Rung[][];
  /** Of each bracket: trials begun. */
  readonly #begun: number[];
  /** All jobs in the order of the decisions, and how many of their outcomes are known to the next one. */
  readonly #decided: Decided[] = [];
  readonly #outcomes = new Map<string, Outcome>();
  #known = 0;

  constructor(options: HalvingOptions) {
    this.#options = options;
    const { brackets, eta } = options;
    this.#rungs = brackets.map(({ rungs }) => rungs.map(() => ({ waiting: [], promoted: [] })));
    this.#begun = brackets.map(() => 0);
    this.most = brackets.reduce((sum, { trials, rungs }) => {
      let left = trials;
      for (const _ of rungs) {
        sum += left;
        left = Math.floor(left / eta);
      }
      return sum;
    }, 0);
  }

  record(job: Job, outcome: Outcome): void {
    this.#outcomes.set(job.id, outcome);
  }

  next(): Job | "wait" | undefined {
    const { parallel } = this.#options;
    while (this.#known < this.#decided.length - parallel + 1) if (!this.#learn()) return "wait";
    for (;;) {
      const decided = this.#promotion() ?? this.#beginning();
      if (decided) {
        this.#decided.push(decided);
        return decided.job;
      }
      if (this.#known === this.#decided.length) return undefined;
      if (!this.#learn()) return "wait";
    }
  }

  /** Makes the outcome of one more job known to decisions, if it has come. */
  #learn(): boolean {
    const { job, bracket, rung } = this.#decided[this.#known];
    const outcome = this.#outcomes.get(job.id);
    if (outcome === undefined) return false;
    this.#outcomes.delete(job.id);
    this.#known++;
    const value = this.#options.valueOf(outcome) ?? Number.POSITIVE_INFINITY;
    insert(this.#rungs[bracket][rung].waiting, { trial: job.trial, value });
    return true;
  }

  /** A trial that is among the best 1 / η of its rung and has not gone on yet, from the highest rung that has one. */
  #promotion(): Decided | undefined {
    const { brackets, eta } = this.#options;
    for (const [bracket, { rungs }] of brackets.entries()) {
      for (let rung = rungs.length - 2; rung >= 0; rung--) {
        const { waiting, promoted } = this.#rungs[bracket][rung];
        const [best] = waiting;
        if (best === undefined || best.value === Number.POSITIVE_INFINITY) continue;
        // All that are better than the best of those who wait have gone on.
        if (place(promoted, best) >= Math.floor((waiting.length + promoted.length) / eta)) continue;
        waiting.shift();
        insert(promoted, best);
        return { job: jobOf(best.trial, rungs[rung + 1], rungs[rung]), bracket, rung: rung + 1 };
      }
    }
    return undefined;
  }

  #beginning(): Decided | undefined {
    const { brackets, trial } = this.#options;
    let number = 0;
    for (const [bracket, { trials, rungs }] of brackets.entries()) {
      if (this.#begun[bracket] < trials) {
        number += this.#begun[bracket]++;
        return { job: jobOf(trial(number), rungs[0]), bracket, rung: 0 };
      }
      number += trials;
    }
    return undefined;
  }
}

/** Where an entrant stands, or would, among others. */
function place(sorted: readonly Entrant[], { value, trial }: Entrant): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (other.value < value || (other.value === value && other.trial.number < trial.number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const insert = (sorted: Entrant[], entrant: Entrant): unknown => sorted.splice(place(sorted, entrant), 0, entrant);
