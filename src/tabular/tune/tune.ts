import { checkKeys, checkPositive } from "../../check.js";
import { now } from "../../host/clock.js";
import type { HostAbortSignal } from "../../host/hostTypes.js";
import type { TuneMeasure } from "./halving.js";
import { checkPlan, type TunePlan } from "./plan.js";
import { inThisThread, type TuneRunner } from "./runner.js";
import {
  epochsOf,
  type Round,
  type RoundEnd,
  StagedSearch,
  type TuneBest,
  type TuneCut,
  type TuneRow,
} from "./search.js";
import type { TuneStageName } from "./stages.js";
import { type FailedTrial, type Trial, type TrialResult, type TuneData, together, workOf } from "./trial.js";

/** The results of a plan, as plain JSON data. */
export interface TuneResults {
  version: 1;
  plan: TunePlan;
  /** What was tried, in the order of the plan. */
  rows: TuneRow[];
  /** The settings that won, and how good they are after so many epochs; undefined if nothing was measured. */
  best: TuneBest | undefined;
  cut: TuneCut | null;
  /** Networks trained, and their steps × parameters. */
  trained: number;
  work: number;
}

/** Options of {@link tune}. */
export interface TuneOptions {
  /** Runs the trials of a rung. Default: one after the other in this thread. */
  runner?: TuneRunner;
  /** A rung that would end later, by the time that the work so far has taken, is not begun, except for the first. */
  minutes?: number | undefined;
  /** Ends the search; what was measured until then is returned. */
  signal?: HostAbortSignal | undefined;
  /** Called before a rung with what it will do, and after each network that has been trained. */
  onProgress?: (progress: TuneProgress) => void;
}

export interface TuneProgress {
  /** The stage. */
  name: TuneStageName;
  rung: number;
  /** Settings in the rung, and the epochs of the first of them. */
  count: number;
  epochs: number;
  /** Networks trained in this rung so far, of all to train. */
  done: number;
  of: number;
  /** Rows of the table so far, of all that the plan has. */
  rows: number;
  allRows: number;
  /** The best measure of the last rung that is complete. */
  best: TuneMeasure | undefined;
}

/**
 * Follows a plan: tries settings stage by stage, and in each stage those that were best over few epochs again over more. A
 * trial starts anew in each rung, with its schedule over the epochs of the rung: so it depends on nothing but its settings,
 * and is a run that `train` would make. The same plan and data give the same rows, however many trials run at a time and in
 * whichever order they end; only `minutes` and `signal` can make them fewer, by whole rungs.
 *
 * @param data as `tuningData` prepares them for the plan
 * @throws RangeError or TypeError for a plan of another version, or one that contradicts itself; Error if no trial at all
 *   could be measured, with the first reason
 * @example
 * const plan = planTuning({ target: "species" }, { rows: table.rows.length, task: "classification" });
 * const { best, rows } = await tune(plan, tuningData(table, plan));
 */
export async function tune(plan: TunePlan, data: TuneData, options: TuneOptions = {}): Promise<TuneResults> {
  checkKeys("tune", options, ["runner", "minutes", "signal", "onProgress"]);
  if (options.minutes !== undefined) checkPositive("minutes", options.minutes);
  checkPlan(plan);
  return await new Tuning(plan, data, options).run();
}

/** A search under way. */
class Tuning {
  readonly #plan: TunePlan;
  readonly #data: TuneData;
  readonly #options: TuneOptions;
  readonly #start = now();
  readonly #search: StagedSearch;
  #trained = 0;
  #work = 0;

  constructor(plan: TunePlan, data: TuneData, options: TuneOptions) {
    this.#plan = plan;
    this.#data = data;
    this.#options = options;
    this.#search = new StagedSearch(plan);
  }

  async run(): Promise<TuneResults> {
    const { rows } = this.#search;
    const rounds = this.#search.rounds();
    let step = rounds.next();
    while (!step.done) step = rounds.next(await this.#round(step.value));
    const { best } = this.#search;
    const { failed } = rows.find((row) => row.failed !== undefined) ?? {};
    if (best === undefined && failed !== undefined) throw new Error(`no trial could be measured: ${failed}`);
    return {
      version: 1,
      plan: this.#plan,
      rows,
      best,
      cut: step.value,
      trained: this.#trained,
      work: this.#work,
    };
  }

  /** Measures the entrants of a rung; says what forbade to, or ended it. */
  async #round(round: Round): Promise<RoundEnd> {
    const { signal, minutes } = this.#options;
    if (signal?.aborted) return { begun: false, by: "signal" };
    const trials = round.missing.flatMap((settings) => this.#data.map((_, fold): Trial => ({ settings, fold })));
    const work = sum(trials.map((trial) => workOf(trial, this.#data)));
    const late = minutes !== undefined && this.#seconds() + this.#estimate(work) > minutes * 60;
    if (late && this.#search.rows.length > 0) return { begun: false, by: "minutes" };
    const whole = await this.#runAll(trials, round);
    this.#work += work;
    return { begun: true, ...(!whole && { by: "signal" }) };
  }

  /** Runs trials; returns whether all of them were. */
  async #runAll(trials: readonly Trial[], { name, rung, divisor, entrants }: Round): Promise<boolean> {
    const { runner = inThisThread, signal, onProgress } = this.#options;
    const search = this.#search;
    const results = new Array<TrialResult | FailedTrial | undefined>(trials.length).fill(undefined);
    const progress: TuneProgress = {
      ...{ name, rung, count: entrants.length, epochs: epochsOf(entrants[0].settings, divisor) },
      ...{ done: 0, of: trials.length, rows: search.rungRows, allRows: search.allRows, best: search.best?.measure },
    };
    onProgress?.({ ...progress });
    let whole = true;
    try {
      await runner(
        trials,
        this.#data,
        (i, result) => {
          results[i] = result;
          progress.done++;
          onProgress?.({ ...progress });
        },
        signal,
      );
    } catch (error) {
      if (!signal?.aborted) throw error;
      whole = false;
    }
    this.#trained += results.filter(Boolean).length;
    // The folds of a trial are next to each other.
    for (let i = 0; i < trials.length; i += this.#data.length) {
      const folds = results.slice(i, i + this.#data.length);
      if (folds.every((result) => result !== undefined))
        search.record(trials[i].settings, together(folds as (TrialResult | FailedTrial)[]));
      else if (whole) throw new Error(`the runner has not reported trial ${i + folds.indexOf(undefined)}`);
    }
    return whole;
  }

  /** Seconds that work will take, by what it has taken so far. */
  #estimate(work: number): number {
    return this.#work === 0 ? 0 : (this.#seconds() * work) / this.#work;
  }

  #seconds(): number {
    return (now() - this.#start) / 1000;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);
