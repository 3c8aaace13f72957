import { checkKeys, checkPositive } from "../../check.js";
import { now } from "../../host/clock.js";
import type { HostAbortSignal } from "../../host/hostTypes.js";
import type { Settings } from "../settings.js";
import { ranked, type TuneMeasure } from "./halving.js";
import { checkPlan, type TunePlan } from "./plan.js";
import { inThisThread, type TuneRunner } from "./runner.js";
import { keyOf, settingsOf, type TuneChange, type TuneStageName } from "./stages.js";
import { type FailedTrial, type Trial, type TrialResult, type TuneData, workOf } from "./trial.js";

/** Settings that were tried in a rung. */
export interface TuneRow {
  /** The number of the stage in the plan, from 0, and its name. */
  stage: number;
  name: TuneStageName;
  /** The number of the rung in its stage, from 0. */
  rung: number;
  /** The number of the candidate in its stage: 0 is the best of the stages before. */
  candidate: number;
  /** How it differs from that. */
  change: TuneChange;
  /** All settings; the epochs are those of the whole run. */
  settings: Settings;
  /** Epochs trained for in this rung. */
  epochs: number;
  /** Over all folds; null if one of them failed. */
  measure: TuneMeasure | null;
  /** Why it failed. */
  failed?: string;
}

/** Why and where a plan was not followed to its end. */
export interface TuneCut {
  by: "trials" | "minutes" | "signal";
  stage: number;
  name: TuneStageName;
  rung: number;
  /** Rows of the table that are missing. */
  left: number;
}

/** The results of a plan, as plain JSON data. */
export interface TuneResults {
  version: 1;
  plan: TunePlan;
  /** What was tried, in the order of the plan. */
  rows: TuneRow[];
  /** The settings that won, and how good they are after so many epochs; undefined if nothing was measured. */
  best: { settings: Settings; epochs: number; measure: TuneMeasure } | undefined;
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

interface Entrant {
  candidate: number;
  change: TuneChange;
  settings: Settings;
  measure: TuneMeasure | null;
}

/** A rung to run. */
interface Round {
  stage: number;
  name: TuneStageName;
  rung: number;
  divisor: number;
  entrants: Entrant[];
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
  readonly #rows: TuneRow[] = [];
  /** What is known of settings over a number of epochs: a rung of a later stage may ask again. */
  readonly #known = new Map<string, Outcome>();
  /** Rows that the plan has, and those of them in rungs that are complete. */
  readonly #allRows: number;
  #rungRows = 0;
  #best: TuneResults["best"];
  #trained = 0;
  #work = 0;

  constructor(plan: TunePlan, data: TuneData, options: TuneOptions) {
    this.#plan = plan;
    this.#data = data;
    this.#options = options;
    this.#allRows = sum(plan.stages.flatMap(({ rungs }) => rungs.map(({ count }) => count)));
  }

  async run(): Promise<TuneResults> {
    const cut = await this.#stages();
    const { failed } = this.#rows.find((row) => row.failed !== undefined) ?? {};
    if (this.#best === undefined && failed !== undefined) throw new Error(`no trial could be measured: ${failed}`);
    return {
      version: 1,
      plan: this.#plan,
      rows: this.#rows,
      best: this.#best,
      cut,
      trained: this.#trained,
      work: this.#work,
    };
  }

  async #stages(): Promise<TuneCut | null> {
    let best = this.#plan.base;
    for (const [stage, planned] of this.#plan.stages.entries()) {
      const { name, rungs } = planned;
      let entrants = settingsOf(planned, best).map((one, candidate): Entrant => ({ ...one, candidate, measure: null }));
      const [first] = entrants;
      for (const [rung, { count, divisor }] of rungs.entries()) {
        if (rung > 0) entrants = entrants.slice(0, count);
        // A stage must not end with worse settings than it began with: those are in its last rung, measured already.
        const back = divisor === 1 && stage > 0 && !entrants.includes(first);
        if (back) entrants.push(first);
        const before = this.#rows.length;
        const by = await this.#rung({ stage, name, rung, divisor, entrants });
        if (by !== undefined)
          return { by, stage, name, rung, left: this.#allRows - this.#rungRows - (this.#rows.length - before) };
        this.#rungRows += count;
        entrants = ranked(entrants.sort((a, b) => a.candidate - b.candidate));
        const [{ measure, settings }] = entrants;
        // Over few epochs settings win that lose over all: a stage that is cut changes nothing, but for the first.
        if (measure && (stage === 0 || divisor === 1))
          this.#best = { settings, epochs: epochsOf(settings, divisor), measure };
      }
      best = entrants[0].settings;
    }
    return null;
  }

  /** Measures the entrants of a rung; says what forbade to, or ended it. */
  async #rung(round: Round): Promise<TuneCut["by"] | undefined> {
    const { trials: most } = this.#plan;
    const { stage, name, rung, divisor, entrants } = round;
    const { signal, minutes } = this.#options;
    if (signal?.aborted) return "signal";
    if (most !== undefined && this.#rows.length + entrants.length > most) return "trials";
    const trials = entrants
      .map(({ settings }) => ({ ...settings, epochs: epochsOf(settings, divisor) }))
      .filter((settings) => !this.#known.has(keyOf(settings)))
      .flatMap((settings) => this.#data.map((_, fold): Trial => ({ settings, fold })));
    const work = sum(trials.map((trial) => workOf(trial, this.#data)));
    if (minutes !== undefined && this.#rows.length > 0 && this.#seconds() + this.#estimate(work) > minutes * 60)
      return "minutes";
    const whole = await this.#runAll(trials, round);
    this.#work += work;
    for (const entrant of entrants) {
      const { candidate, change, settings } = entrant;
      const epochs = epochsOf(settings, divisor);
      const outcome = this.#known.get(keyOf({ ...settings, epochs }));
      if (!outcome) continue; // of a rung that was interrupted
      entrant.measure = outcome.measure;
      this.#rows.push({ stage, name, rung, candidate, change, settings, epochs, ...outcome });
    }
    return whole ? undefined : "signal";
  }

  /** Runs trials; returns whether all of them were. */
  async #runAll(trials: readonly Trial[], { name, rung, divisor, entrants }: Round): Promise<boolean> {
    const { runner = inThisThread, signal, onProgress } = this.#options;
    const results = new Array<TrialResult | FailedTrial | undefined>(trials.length).fill(undefined);
    const progress: TuneProgress = {
      ...{ name, rung, count: entrants.length, epochs: epochsOf(entrants[0].settings, divisor) },
      ...{ done: 0, of: trials.length, rows: this.#rungRows, allRows: this.#allRows, best: this.#best?.measure },
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
        this.#known.set(keyOf(trials[i].settings), together(folds as (TrialResult | FailedTrial)[]));
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

type Outcome = Pick<TuneRow, "measure" | "failed">;

/** The measure over the rows of all folds. */
function together(folds: readonly (TrialResult | FailedTrial)[]): Outcome {
  const failed = folds.find((result) => "failed" in result);
  if (failed) return { measure: null, failed: failed.failed };
  const results = folds as readonly TrialResult[];
  const rows = sum(results.map((result) => result.rows));
  const loss = sum(results.map((result) => result.loss * result.rows)) / rows;
  const classes = results[0].right !== null;
  return {
    measure: {
      loss,
      accuracy: classes ? sum(results.map(({ right }) => right!)) / rows : null,
      rmse: classes ? null : Math.sqrt(loss),
    },
  };
}

const epochsOf = ({ epochs }: Settings, divisor: number): number => Math.ceil(epochs / divisor);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);
