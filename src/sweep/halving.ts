/**
 * Asynchronous successive halving, ASHA (Li et al., A system for massively parallel hyperparameter tuning, MLSys 2020,
 * algorithm 2), and Hyperband as several brackets of it (Li et al., JMLR 18, 2018, algorithm 1).
 *
 * In the paper a decision depends on which jobs happen to have ended. Here the jobs are numbered as they are decided on, and
 * decision k knows the outcomes of all jobs up to k − parallel, and of no others, even if they are there: the same jobs come
 * of it on any number of machines, and up to `parallel` run at a time.
 */
import type { Search } from "./search.js";
import { SortedList } from "./sortedList.js";
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

/** A trial at a rung, by its number: what it consists of follows from that. */
interface Entrant {
  number: number;
  value: number;
}

const better = (a: Entrant, b: Entrant): boolean => a.value < b.value || (a.value === b.value && a.number < b.number);

/** A rung: those who wait and those who have gone on, both from best to worst. */
class Rung {
  readonly waiting = new SortedList(better);
  readonly promoted = new SortedList(better);
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
  /** The jobs whose outcomes are not known to the next decision yet, in the order of the decisions: at most `parallel`. */
  readonly #decided: Decided[] = [];
  readonly #outcomes = new Map<string, Outcome>();

  constructor(options: HalvingOptions) {
    this.#options = options;
    const { brackets, eta } = options;
    this.#rungs = brackets.map(({ rungs }) => rungs.map(() => new Rung()));
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
    while (this.#decided.length >= parallel) if (!this.#learn()) return "wait";
    for (;;) {
      const decided = this.#promotion() ?? this.#beginning();
      if (decided) {
        this.#decided.push(decided);
        return decided.job;
      }
      if (this.#decided.length === 0) return undefined;
      if (!this.#learn()) return "wait";
    }
  }

  /** Makes the outcome of one more job known to decisions, if it has come. */
  #learn(): boolean {
    const { job, bracket, rung } = this.#decided[0];
    const outcome = this.#outcomes.get(job.id);
    if (outcome === undefined) return false;
    this.#outcomes.delete(job.id);
    this.#decided.shift();
    const value = this.#options.valueOf(outcome) ?? Number.POSITIVE_INFINITY;
    this.#rungs[bracket][rung].waiting.insert({ number: job.trial.number, value });
    return true;
  }

  /** A trial that is among the best 1 / η of its rung and has not gone on yet, from the highest rung that has one. */
  #promotion(): Decided | undefined {
    const { brackets, eta, trial } = this.#options;
    for (const [bracket, { rungs }] of brackets.entries()) {
      for (let rung = rungs.length - 2; rung >= 0; rung--) {
        const { waiting, promoted } = this.#rungs[bracket][rung];
        const best = waiting.first;
        if (best === undefined || best.value === Number.POSITIVE_INFINITY) continue;
        // All that are better than the best of those who wait have gone on.
        if (promoted.rank(best) >= Math.floor((waiting.length + promoted.length) / eta)) continue;
        waiting.shift();
        promoted.insert(best);
        return { job: jobOf(trial(best.number), rungs[rung + 1], rungs[rung]), bracket, rung: rung + 1 };
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
