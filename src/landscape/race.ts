import { checkKeys, checkNumber, checkPositive, checkWhole, rangeError, typeError } from "../check.js";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import { now } from "../host/clock.js";
import { type Hold, holding } from "../host/holding.js";
import { TURN, turn } from "../host/turn.js";
import { greatest, least } from "../math/extremes.js";
import { log } from "../math/f64.js";
import { apart } from "./classify.js";
import { checkedPoint, checkLandscape, type Landscape } from "./landscape.js";
import { type Entrant, entrantsOf, limitOf, type RateLimit, type Runner } from "./runner.js";

/** Options of {@link race}. */
export interface RaceOptions {
  /** Where all start: a point of the domain. */
  start: ArrayLike<number>;
  /** How many steps each may take. */
  steps: number;
  /** The learning rates: one for all, "defaults", or a list from which each gets its best. */
  rates: number | "defaults" | readonly number[];
  /** The seed of the noise, on a surface that has some. */
  seed?: number;
  /** A loss nearer than this to that of the global minima counts as reaching them. Default 1e-3. */
  tolerance?: number;
  /** The engine to run on. Default: one of its own, in strict mode, whose bits are the same on every host. */
  engine?: Engine;
}

/** How a race is fair. */
export type RaceMode = "one shared rate" | "each library's default" | "best of a sweep";

/** One rate of a sweep. */
export interface SweptRate {
  readonly lr: number;
  /** The last loss above that of the global minima; Infinity for a run that diverged. */
  readonly loss: number;
  /** The first step with a loss within the tolerance. */
  readonly reached?: number;
}

/** How one runner fared. */
export interface Run {
  readonly label: string;
  /** The name of the optimizer. */
  readonly optimizer: string;
  /** Its learning rate; undefined if it has none. */
  readonly lr: number | undefined;
  /** "reached": a loss within the tolerance. "escaped": out of the domain of a surface without a lowest point. */
  readonly outcome: "reached" | "not reached" | "diverged" | "escaped";
  /** The outcome in words: "diverged at step 17; limit 2/λmax = 0.067". */
  readonly summary: string;
  /** The points from the start on, as f32 has them. A run that diverged or escaped ends there. */
  readonly path: readonly (readonly number[])[];
  /** The value at each of these points. */
  readonly losses: readonly number[];
  /** The first step with a loss within the tolerance. */
  readonly reached?: number;
  /** The first step from which on the run stays within the tolerance, in distance, of a global minimum. */
  readonly settled?: number;
  /** The step at which it diverged or escaped. */
  readonly ended?: number;
  /** The limit of its learning rate by the curvature at the minimum, for gradient descent and its forms with momentum. */
  readonly limit?: RateLimit;
  /** What each rate of a sweep led to. */
  readonly sweep?: readonly SweptRate[];
  /** Of the sweep, decades of rate that ended within the tolerance. */
  readonly decades?: number;
}

/** The result of a race. */
export interface Race {
  readonly landscape: string;
  readonly mode: RaceMode;
  readonly rates: RaceOptions["rates"];
  readonly start: readonly number[];
  readonly steps: number;
  readonly tolerance: number;
  /** In the order of the runners. */
  readonly runs: readonly Run[];
  /** From first to last: by the step that reached the tolerance, then by the last loss, then by the step that diverged. */
  readonly ranking: readonly Run[];
}

/** A loss so many times above that of the start has left for good: surfaces rise less in the way of an overshoot. */
const FAR = 1e4;

/**
 * Lets optimizers descend a surface from one start, and says where each went. They are the shipped ones, on f32 parameters of
 * an engine; gradients are computed in f64 at these and rounded, losses are in f64.
 *
 * A race is fair in one of three ways, which the result names: all have one rate (`rates: 0.03`); each has the default of the
 * library that it follows (`rates: "defaults"`); or each has the best of the same list of rates within the same number of
 * steps, judged by the last loss (`rates: rateGrid(1e-3, 1, 4)`). That a run diverges is a result, and no error. Between
 * runs the event loop gets a turn when it has had none for 50 ms.
 *
 * Throws a TypeError or RangeError for a start outside the domain, for steps that are not a whole number ≥ 1, for unknown
 * optimizers, and for rates that are not positive.
 *
 * @example
 * await race(landscapes.ravine, ["sgd", "adam"], { start: [-4, 2], steps: 200, rates: 0.03 });
 */
export async function race(landscape: Landscape, runners: readonly Runner[], options: RaceOptions): Promise<Race> {
  checkLandscape(landscape);
  checkKeys("options", options, ["start", "steps", "rates", "seed", "tolerance", "engine"]);
  const { steps, rates, seed, tolerance = 1e-3 } = options;
  const start = checkStart(landscape, options.start);
  checkWhole("steps", steps);
  checkPositive("tolerance", tolerance);
  if (seed !== undefined) checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  if (options.engine !== undefined && typeof options.engine?.tensor !== "function")
    throw typeError("engine", "an engine, as createEngine() returns it", options.engine);
  const mode = modeOf(rates);
  const entrants = entrantsOf(runners, mode !== "each library's default");
  const surface = seed === undefined ? landscape : (landscape.withSeed?.(seed) ?? landscape);
  const engine = options.engine ?? (await createEngine({ simd: "strict" }));
  try {
    const course: Course = { engine, surface, start, steps, tolerance, lastTurn: now() };
    const runs: Run[] = [];
    for (const entrant of entrants) {
      const many = typeof rates !== "number" && rates !== "defaults";
      runs.push(await (many ? bestOf(course, entrant, rates) : run(course, entrant, rates)));
    }
    const ranking = [...runs].sort((a, b) => place(a, b, surface));
    return { landscape: landscape.name, mode, rates, start, steps, tolerance, runs, ranking };
  } finally {
    if (options.engine === undefined) engine.dispose();
  }
}

interface Course {
  engine: Engine;
  surface: Landscape;
  start: readonly number[];
  steps: number;
  tolerance: number;
  lastTurn: number;
}

function modeOf(rates: RaceOptions["rates"]): RaceMode {
  if (rates === "defaults") return "each library's default";
  const expected = 'a rate, "defaults" or an array of rates';
  if (typeof rates === "number") {
    checkPositive("rates", rates);
    return "one shared rate";
  }
  if (typeof rates === "string") throw rangeError("rates", expected, rates);
  if (!Array.isArray(rates)) throw typeError("rates", expected, rates);
  if (rates.length === 0) throw rangeError("rates", "at least one rate", rates);
  for (const [i, rate] of rates.entries()) checkPositive(`rates[${i}]`, rate);
  return "best of a sweep";
}

function checkStart({ dims, domain }: Landscape, start: ArrayLike<number>): number[] {
  checkedPoint("start", start, dims);
  for (const [i, [from, to]] of domain.entries()) {
    if (start[i] < from || start[i] > to)
      throw rangeError(`start[${i}]`, `a number in the domain, from ${from} to ${to}`, start[i]);
  }
  return Array.from(start);
}

/** Runs once, at this rate or at the optimizer's own, after a turn of the event loop where that is due. */
async function run(course: Course, entrant: Entrant, rate: number | "defaults"): Promise<Run> {
  if (now() - course.lastTurn > TURN) {
    await turn();
    course.lastTurn = now();
  }
  return holding((hold) => ran(hold, course, entrant, rate === "defaults" ? undefined : rate));
}

function ran(
  hold: Hold,
  { engine, surface, start, steps, tolerance }: Course,
  entrant: Entrant,
  rate: number | undefined,
): Run {
  const { label, factory, options } = entrant;
  const { rule } = factory;
  const hyper = rate === undefined ? options : { ...options, lr: rate };
  const lr = (rate ?? options.lr ?? (rule.hyper as { lr?: unknown }).lr) as number | undefined;
  const { evaluator, minima, domain, dims } = surface;
  const lowest = minima[0]?.value;
  const parameters = hold(engine.tensor(dims, start));
  const optimizer = factory([parameters], hyper);
  const gradient = new Float64Array(dims);
  const path: number[][] = [Array.from(parameters.data)];
  const losses = [evaluator.value(path[0])];
  const far = FAR * Math.max(losses[0] - (lowest ?? 0), tolerance);
  let ended: { step: number; how: "diverged" | "escaped" } | undefined;
  for (let step = 1; step <= steps; step++) {
    const closure = (): number => {
      const at = parameters.data;
      const value = evaluator.gradient(at, gradient);
      if (surface.noisyGrad && at.every(Number.isFinite)) surface.noisyGrad(at, step - 1, gradient);
      parameters.grad.set(gradient);
      return value;
    };
    optimizer.step(closure);
    if (rule.mode) optimizer.eval();
    const point = Array.from(parameters.data);
    if (rule.mode) optimizer.train();
    const loss = point.every(Number.isFinite) ? evaluator.value(point) : Number.NaN;
    if (!Number.isFinite(loss) || (lowest !== undefined && loss - lowest > far)) ended = { step, how: "diverged" };
    else if (lowest === undefined && point.some((x, i) => x < domain[i][0] || x > domain[i][1]))
      ended = { step, how: "escaped" };
    if (Number.isFinite(loss)) {
      path.push(point);
      losses.push(loss);
    }
    if (ended) break;
  }
  optimizer.dispose();
  const limit = limitOf(surface, entrant);
  const first = lowest === undefined ? -1 : losses.findIndex((loss) => loss - lowest < tolerance);
  const reached = first >= 0 && ended === undefined ? first : undefined;
  const settled = ended === undefined ? settledAt(path, minima, tolerance) : undefined;
  const outcome = ended?.how ?? (reached === undefined ? "not reached" : "reached");
  return {
    label,
    optimizer: rule.name,
    lr,
    outcome,
    summary: summaryOf(outcome, lowest, reached ?? ended?.step, limit),
    path,
    losses,
    ...(reached !== undefined && { reached }),
    ...(settled !== undefined && { settled }),
    ...(ended && { ended: ended.step }),
    ...(limit && { limit }),
  };
}

function settledAt(path: Run["path"], minima: Landscape["minima"], tolerance: number): number | undefined {
  let from = path.length;
  while (from > 0 && minima.some(({ point }) => apart(point, path[from - 1]) <= tolerance)) from--;
  return from === path.length ? undefined : from;
}

function summaryOf(
  outcome: Run["outcome"],
  lowest: number | undefined,
  step: number | undefined,
  limit: RateLimit | undefined,
): string {
  // Where there is no lowest point there is none to reach.
  const stayed = lowest === undefined ? "not escaped" : outcome;
  const words = step === undefined ? stayed : `${outcome} at step ${step}`;
  if (outcome !== "diverged" || limit === undefined) return words;
  return `${words}; limit ${limit.formula} = ${Number(limit.rate.toPrecision(2))}`;
}

/** The run at the rate with the lowest last loss, of equals the lowest rate. */
async function bestOf(course: Course, entrant: Entrant, rates: readonly number[]): Promise<Run> {
  const runs: Run[] = [];
  for (const rate of rates) runs.push(await run(course, entrant, rate));
  const above = runs.map((each) => lastLoss(each, course.surface));
  const best = above.reduce(
    (at, loss, i) => (loss < above[at] || (loss === above[at] && rates[i] < rates[at]) ? i : at),
    0,
  );
  const sweep = runs.map(({ reached }, i) => ({
    lr: rates[i],
    loss: above[i],
    ...(reached !== undefined && { reached }),
  }));
  const apartBy = rates.length < 2 ? 0 : log(greatest(rates) / least(rates)) / Math.LN10 / (rates.length - 1);
  const decades = above.filter((loss) => loss < course.tolerance).length * apartBy;
  return { ...runs[best], sweep, decades: Number(decades.toFixed(6)) };
}

const lastLoss = ({ outcome, losses }: Run, { minima }: Landscape): number =>
  outcome === "diverged" ? Number.POSITIVE_INFINITY : losses[losses.length - 1] - (minima[0]?.value ?? 0);

function place(a: Run, b: Run, surface: Landscape): number {
  const never = Number.POSITIVE_INFINITY;
  if (a.reached !== b.reached) return (a.reached ?? never) - (b.reached ?? never);
  const [left, right] = [lastLoss(a, surface), lastLoss(b, surface)];
  if (left !== right) return left - right;
  return (b.ended ?? never) - (a.ended ?? never) || 0;
}
