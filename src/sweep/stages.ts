/**
 * The search of `tune` as one of a sweep: one setting after the other, each stage by successive halving, so that a journal
 * and other machines serve it too. A trial of it is settings over the epochs of a rung, begun anew.
 */
import { rangeError } from "../check.js";
import type { Settings } from "../tabular/settings.js";
import type { TuneMeasure } from "../tabular/tune/halving.js";
import { checkPlan, type TunePlan } from "../tabular/tune/plan.js";
import { type Round, type RoundEnd, StagedSearch, type TuneCut } from "../tabular/tune/search.js";
import { keyOf, settingsOf, type TuneStage } from "../tabular/tune/stages.js";
import type { Search } from "./search.js";
import type { Space } from "./space.js";
import { type Job, type Json, jobOf, type Outcome, type Trial, type TrialSettings } from "./trial.js";

/** Stages, and the most results: a rung that would exceed them is not begun. */
export interface StagesPlan {
  kind: "stages";
  stages: TuneStage[];
  trials?: number;
}

interface Given {
  search: StagesPlan;
  settings: TrialSettings;
}

/** The share of the rows that trials are measured on, unless they say otherwise. */
const VALIDATION = 0.2;

/** The plan of `tune` in that of a sweep. */
function tunePlanOf({ search, settings }: Given): TunePlan {
  const { folds, validation = VALIDATION, ...base } = settings as unknown as Settings & { folds?: number };
  return {
    version: 1,
    base,
    validation: folds === undefined ? { share: validation } : { folds },
    stages: search.stages,
    ...(search.trials !== undefined && { trials: search.trials }),
  };
}

/** Refuses stages that contradict themselves, and settings that lack what `tune` starts from. */
export function checkStages(given: Given): void {
  const plan = tunePlanOf(given);
  checkPlan(plan);
  const first = settingsOf(plan.stages[0], plan.base).length;
  if (plan.trials !== undefined && plan.trials < first)
    throw rangeError("search.trials", `at least ${first}, those of the first rung`, plan.trials);
}

/** The settings of a plan with stages that are not the same in all trials, and the values that they start from or are set to. */
export function stagesSpace({ search, settings }: Given): Space {
  const values = new Map<string, Set<string>>();
  const add = (name: string, value: Json | undefined) => {
    const all = values.get(name) ?? new Set();
    values.set(name, all);
    if (value !== undefined) all.add(JSON.stringify(value));
  };
  for (const { candidates } of search.stages)
    for (const { set = {}, times = {}, lrWithBatch } of candidates) {
      for (const [name, value] of Object.entries(set)) add(name, value as Json);
      for (const name of [...Object.keys(times), ...(lrWithBatch ? ["lr"] : [])]) add(name, undefined);
    }
  add("epochs", undefined);
  for (const name of values.keys()) add(name, settings[name]);
  return Object.fromEntries([...values].map(([name, all]) => [name, [...all].map((text) => JSON.parse(text) as Json)]));
}

export interface StagesOptions extends Given {
  /** The trial of a number with these settings. */
  trial: (number: number, settings: TrialSettings) => Trial;
  /** Ranks by accuracy, then by loss; otherwise by loss alone. */
  accuracy: boolean;
}

export class Stages implements Search {
  readonly most: number;
  readonly #options: StagesOptions;
  readonly #search: StagedSearch;
  readonly #rounds: Generator<Round, TuneCut | null, RoundEnd>;
  /** What all trials are measured on. */
  readonly #measured: TrialSettings;
  /** All jobs so far by the key of their settings, with what has come of them. */
  readonly #jobs = new Map<string, { job: Job; outcome?: Outcome }>();
  /** Settings of the rung that are to be given out, and the number of those of which nothing has come yet. */
  #waiting: Settings[] = [];
  #running = 0;
  #begun = false;

  constructor(options: StagesOptions) {
    this.#options = options;
    const { search, settings } = options;
    const plan = tunePlanOf(options);
    this.#search = new StagedSearch(plan);
    this.#rounds = this.#search.rounds();
    this.#measured =
      "folds" in settings ? { folds: settings.folds } : { validation: settings.validation ?? VALIDATION };
    // Of the first rung the settings that the stage begins with may be one more, of the last one again.
    const all = search.stages.reduce(
      (sum, { rungs }) => sum + 1 + Number(rungs.length > 1) + rungs.reduce((of, { count }) => of + count, 0),
      0,
    );
    this.most = Math.min(all, search.trials ?? all);
  }

  next(): Job | "wait" | undefined {
    while (this.#waiting.length === 0) {
      if (this.#running > 0) return "wait";
      const step = this.#begun ? this.#rounds.next({ begun: true }) : this.#rounds.next();
      this.#begun = true;
      if (step.done) return undefined;
      this.#waiting = [...step.value.missing];
    }
    const settings = this.#waiting.shift()!;
    const all = { ...settings, ...this.#measured } as unknown as TrialSettings;
    const job = jobOf(this.#options.trial(this.#jobs.size, all));
    this.#jobs.set(keyOf(settings), { job });
    this.#running++;
    return job;
  }

  record(job: Job, outcome: Outcome): void {
    const { folds: _, validation: __, ...settings } = job.trial.settings as unknown as Settings & { folds?: number };
    this.#jobs.get(keyOf(settings))!.outcome = outcome;
    this.#running--;
    this.#search.record(
      settings,
      "failed" in outcome ? { measure: null, ...outcome } : { measure: this.#measureOf(outcome) },
    );
  }

  #measureOf({ measures }: Extract<Outcome, { measures: unknown }>): TuneMeasure {
    const { loss, accuracy = null, rmse = null } = measures;
    return { loss, accuracy: this.#options.accuracy ? accuracy : null, rmse };
  }

  best(): { job: Job; outcome: Outcome } | undefined {
    const { best } = this.#search;
    if (best === undefined) return undefined;
    const { job, outcome } = this.#jobs.get(keyOf({ ...best.settings, epochs: best.epochs }))!;
    return { job, outcome: outcome! };
  }
}
