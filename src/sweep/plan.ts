import { argumentError, checkOneOf, checkWhole, rangeError, typeError } from "../check.js";
import { Halving, hyperbandBrackets, rungsBetween } from "./halving.js";
import { allOf, type Search } from "./search.js";
import { checkSpace, grid, gridSize, randomPoints, type Space } from "./space.js";
import { checkStages, Stages, type StagesPlan, stagesSpace } from "./stages.js";
import { checkJson, hashOf, type Json, jobOf, type Outcome, type Trial, type TrialSettings, trialOf } from "./trial.js";
import { checkWords } from "./words.js";

/**
 * Every point of a grid; so many random points; halving, over a resource such as epochs; or, on a table, the stages of
 * `tune`, which say themselves what varies.
 */
export type SearchPlan =
  | StagesPlan
  | { kind: "grid" }
  | { kind: "random"; trials: number }
  | { kind: "asha"; trials: number; max: number; min?: number; eta?: number; parallel?: number }
  | { kind: "hyperband"; max: number; eta?: number; parallel?: number };

/** What a trial does: trains a network on a table (thalweg/data), or calls `run` of a module. */
export type TaskPlan = { table: string } | { module: string };

/** A sweep, as plain JSON data. */
export interface SweepPlan {
  version: 1;
  task: TaskPlan;
  /** The settings that all trials have. */
  settings?: TrialSettings;
  /** What varies; none with stages. */
  space?: Space;
  search: SearchPlan;
  /** The measure to rank by. Default: "loss". */
  measure?: string;
  /** Whether small or large values of it are good. Default: "min". */
  goal?: "min" | "max";
  /** Of random points. Default: 0. */
  seed?: number;
}

const KEYS: Readonly<Record<SearchPlan["kind"], readonly string[]>> = {
  grid: [],
  random: ["trials"],
  asha: ["trials", "min", "max", "eta", "parallel"],
  hyperband: ["max", "eta", "parallel"],
  stages: ["stages", "trials"],
};

/** The fraction that goes on from a rung to the next is 1 / η; 3 or 4 in the papers. */
const ETA = 3;
/** Jobs at a time, of halving. A number of the plan and not of the machine: what is decided depends on it. */
const PARALLEL = 8;
/** Beyond, a number of a trial is no whole number that JavaScript tells from its neighbours. */
const MOST_TRIALS = 2 ** 53;

/**
 * Refuses a plan that contradicts itself, has unknown keys, or an empty or infinite space.
 *
 * @throws RangeError or TypeError naming the key
 */
export function checkPlan(plan: SweepPlan): void {
  checkWords("plan", plan, ["version", "task", "settings", "space", "search", "measure", "goal", "seed"]);
  if (plan.version !== 1) throw rangeError("version", "1, that of the plans this version can follow", plan.version);
  checkTask(plan.task);
  const { settings = {}, space, search, measure, goal, seed } = plan;
  if (typeof settings !== "object" || settings === null || Array.isArray(settings))
    throw typeError("settings", "an object", settings);
  checkJson("settings", settings);
  checkSearch(search);
  if (search.kind === "stages") checkTuning(plan, search);
  else checkSpace(space as Space, search.kind === "grid");
  for (const name of Object.keys(space ?? {}))
    if (Object.hasOwn(settings, name)) throw rangeError("space", "settings that are not fixed by `settings`", name);
  if (search.kind === "grid" && gridSize(space!) > MOST_TRIALS)
    throw rangeError("space", "at most 2^53 points", gridSize(space!));
  if (search.kind === "hyperband" && hyperbandTrials(search) > MOST_TRIALS)
    throw rangeError("search.max", "one of which brackets have at most 2^53 trials", search.max);
  if (measure !== undefined && typeof measure !== "string") throw typeError("measure", "a name", measure);
  if (goal !== undefined) checkOneOf("goal", goal, ["min", "max"]);
  if (seed !== undefined) checkWhole("seed", seed, 0);
}

/** The measures that stages rank by, with what is good of them. */
const TUNED: Readonly<Record<string, "min" | "max">> = { loss: "min", rmse: "min", accuracy: "max" };

function checkTuning(
  { task, space, settings = {}, measure = "loss", goal = "min" }: SweepPlan,
  search: StagesPlan,
): void {
  if (!("table" in task)) throw argumentError("task", "expected a table, whose settings stages sweep, got a module");
  if (space !== undefined) throw argumentError("space", "expected none, as stages say what varies, got one");
  checkOneOf("measure", measure, Object.keys(TUNED));
  if (goal !== TUNED[measure]) throw rangeError("goal", `"${TUNED[measure]}" for ${measure}`, goal);
  checkStages({ search, settings });
}

const hyperbandTrials = ({ max, eta = ETA }: { max: number; eta?: number }): number =>
  hyperbandBrackets(max, eta).reduce((sum, { trials }) => sum + trials, 0);

function checkTask(task: TaskPlan): void {
  checkWords("task", task, ["table", "module"]);
  const paths = Object.values(task);
  if (paths.length !== 1) throw rangeError("task", "either table or module", Object.keys(task));
  if (typeof paths[0] !== "string" || paths[0] === "") throw typeError("task", "a path", paths[0]);
}

function checkSearch(search: SearchPlan): void {
  if (typeof search !== "object" || search === null) throw typeError("search", "an object with kind", search);
  const kinds = Object.keys(KEYS) as SearchPlan["kind"][];
  checkOneOf("search.kind", search.kind, kinds);
  checkWords("search", search, ["kind", ...KEYS[search.kind]]);
  if (search.kind === "random" || search.kind === "asha") {
    checkWhole("search.trials", search.trials);
    if (search.trials > MOST_TRIALS) throw rangeError("search.trials", "at most 2^53", search.trials);
  }
  if (search.kind === "stages" && search.trials !== undefined) checkWhole("search.trials", search.trials);
  if (search.kind !== "asha" && search.kind !== "hyperband") return;
  const { max, eta, parallel } = search;
  checkWhole("search.max", max);
  if (eta !== undefined) checkWhole("search.eta", eta, 2);
  if (parallel !== undefined) checkWhole("search.parallel", parallel);
  if (search.kind === "asha" && search.min !== undefined) {
    checkWhole("search.min", search.min);
    if (search.min > max) throw rangeError("search.min", `at most max, ${max}`, search.min);
  }
}

/** What trials have in common. Data may change under the same name, so the ids of trials have its hash. */
export interface TaskIdentity {
  task: TaskPlan;
  /** SHA-256 of the table's or the module's bytes. */
  content: string;
}

/** The jobs of a plan. */
export function searchOf(plan: SweepPlan, identity: TaskIdentity): Search {
  const { search, space = {}, seed = 0, settings = {}, measure } = plan;
  const task = hashOf(identity.content);
  if (search.kind === "stages")
    return new Stages({
      ...{ search, settings, accuracy: measure === "accuracy" },
      trial: (number, all) => trialOf(task, number, all),
    });
  const points = search.kind === "grid" ? grid(space) : randomPoints(space, seed);
  const trial = (number: number): Trial => trialOf(task, number, { ...settings, ...points(number) });
  if (search.kind === "grid") return allOf(gridSize(space), (number) => jobOf(trial(number)));
  if (search.kind === "random") return allOf(search.trials, (number) => jobOf(trial(number)));
  const { max, eta = ETA, parallel = PARALLEL } = search;
  const brackets =
    search.kind === "asha"
      ? [{ trials: search.trials, rungs: rungsBetween(search.min ?? 1, max, eta) }]
      : hyperbandBrackets(max, eta);
  return new Halving({ brackets, eta, parallel, trial, valueOf: valueIn(plan) });
}

/** What varies from trial to trial of a plan. */
export const variedIn = ({ search, space = {}, settings = {} }: SweepPlan): Space =>
  search.kind === "stages" ? stagesSpace({ search, settings }) : space;

/** What a plan ranks outcomes by: smaller is better; undefined for one that failed or lacks the measure. */
export function valueIn({ measure = "loss", goal = "min" }: SweepPlan): (outcome: Outcome) => number | undefined {
  return (outcome) => {
    const value =
      "failed" in outcome || !Object.hasOwn(outcome.measures, measure) ? undefined : outcome.measures[measure];
    if (value === undefined) return undefined;
    return goal === "min" ? value : -value;
  };
}

/** What tells one plan's journal from another's. Not the path of its task: a folder may be moved, or be another machine's. */
export const planHash = (plan: SweepPlan, { content }: TaskIdentity): string =>
  hashOf({ plan: { ...plan, task: Object.keys(plan.task) } as unknown as Json, content });
