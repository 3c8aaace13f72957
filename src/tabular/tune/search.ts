/** What a plan tries, rung by rung: decided from what is known of settings, whoever trains them and wherever. */
import type { Settings } from "../settings.js";
import { ranked, type TuneMeasure } from "./halving.js";
import type { TunePlan } from "./plan.js";
import { keyOf, settingsOf, type TuneChange, type TuneStageName } from "./stages.js";

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

/** The settings that won, and how good they are after so many epochs. */
export interface TuneBest {
  settings: Settings;
  epochs: number;
  measure: TuneMeasure;
}

/** What has come of settings, over all folds. */
export type TuneOutcome = Pick<TuneRow, "measure" | "failed">;

interface Entrant {
  candidate: number;
  change: TuneChange;
  settings: Settings;
  measure: TuneMeasure | null;
}

/** A rung to run. */
export interface Round {
  stage: number;
  name: TuneStageName;
  rung: number;
  divisor: number;
  entrants: Entrant[];
  /** What is to be trained for it, with the epochs of the rung: all that is not known yet. */
  missing: Settings[];
}

/** What has come of a rung. */
export interface RoundEnd {
  /** Whether any of it was to be run. */
  begun: boolean;
  /** Why it is not complete. */
  by?: TuneCut["by"];
}

export class StagedSearch {
  readonly rows: TuneRow[] = [];
  /** Rows that the plan has, and those of them in rungs that are complete. */
  readonly allRows: number;
  rungRows = 0;
  /** Of the last stage that is complete. */
  best: TuneBest | undefined;
  readonly #plan: TunePlan;
  /** What is known of settings over a number of epochs: a rung of a later stage may ask again. */
  readonly #known = new Map<string, TuneOutcome>();

  constructor(plan: TunePlan) {
    this.#plan = plan;
    this.allRows = plan.stages.reduce((sum, { rungs }) => rungs.reduce((all, { count }) => all + count, sum), 0);
  }

  /** Takes what has come of settings of a rung. */
  record(settings: Settings, outcome: TuneOutcome): void {
    this.#known.set(keyOf(settings), outcome);
  }

  /** The rungs one after the other, each decided from what was recorded before; at last why there are no more. */
  *rounds(): Generator<Round, TuneCut | null, RoundEnd> {
    const { stages, base, trials = Number.POSITIVE_INFINITY } = this.#plan;
    let best = base;
    for (const [stage, planned] of stages.entries()) {
      const { name, rungs } = planned;
      let entrants = settingsOf(planned, best).map((one, candidate): Entrant => ({ ...one, candidate, measure: null }));
      const [first] = entrants;
      for (const [rung, { count, divisor }] of rungs.entries()) {
        if (rung > 0) entrants = entrants.slice(0, count);
        // A stage must not end with worse settings than it began with: those are in its last rung, measured already.
        const back = divisor === 1 && stage > 0 && !entrants.includes(first);
        if (back) entrants.push(first);
        const round = { stage, name, rung, divisor, entrants, missing: this.#missing(entrants, divisor) };
        const before = this.rows.length;
        const tooMany = before + entrants.length > trials;
        const { begun, by }: RoundEnd = tooMany ? { begun: false, by: "trials" } : yield round;
        if (begun) this.#take(round);
        if (by !== undefined)
          return { by, stage, name, rung, left: this.allRows - this.rungRows - (this.rows.length - before) };
        this.rungRows += count;
        entrants = ranked(entrants.sort((a, b) => a.candidate - b.candidate));
        const [{ measure, settings }] = entrants;
        // Over few epochs settings win that lose over all: a stage that is cut changes nothing, but for the first.
        if (measure && (stage === 0 || divisor === 1))
          this.best = { settings, epochs: epochsOf(settings, divisor), measure };
      }
      best = entrants[0].settings;
    }
    return null;
  }

  #missing(entrants: readonly Entrant[], divisor: number): Settings[] {
    return entrants
      .map(({ settings }) => ({ ...settings, epochs: epochsOf(settings, divisor) }))
      .filter((settings) => !this.#known.has(keyOf(settings)));
  }

  #take({ stage, name, rung, divisor, entrants }: Round): void {
    for (const entrant of entrants) {
      const { candidate, change, settings } = entrant;
      const epochs = epochsOf(settings, divisor);
      const outcome = this.#known.get(keyOf({ ...settings, epochs }));
      if (!outcome) continue; // of a rung that was interrupted
      entrant.measure = outcome.measure;
      this.rows.push({ stage, name, rung, candidate, change, settings, epochs, ...outcome });
    }
  }
}

/** The epochs of settings in a rung. */
export const epochsOf = ({ epochs }: Settings, divisor: number): number => Math.ceil(epochs / divisor);
