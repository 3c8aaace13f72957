/** What a sweep varies: for each setting a list of values, or a range to draw from or to divide into steps. */
import { argumentError, checkNumber, checkWhole, rangeError, typeError } from "../check.js";
import { exp, log } from "../math/f64.js";
import { type Random, random } from "../math/random.js";
import { canonical, checkJson, type Json, trialSeed } from "./trial.js";
import { checkWords } from "./words.js";

/** A range of numbers. */
export interface Range {
  from: number;
  to: number;
  /** Whether it is divided, or drawn from, evenly in the number or in its logarithm. Default: "linear". */
  scale?: "linear" | "log";
  /** The number of values on a grid, both ends included. A random search draws from the whole range. */
  steps?: number;
  /** Only whole numbers. */
  whole?: boolean;
}

/** The values of a setting: those of a list, or of a range. */
export type Dimension = readonly Json[] | Range;

/** The settings that are varied, by name. */
export type Space = Readonly<Record<string, Dimension>>;

/** Steps of a range: their values are kept. */
const MOST_STEPS = 1_000_000;

const isList = (dimension: Dimension): dimension is readonly Json[] => Array.isArray(dimension);

/** Refuses a space that is empty, a range that has no numbers, and, for a grid, one that has infinitely many. */
export function checkSpace(space: Space, grid: boolean): void {
  if (typeof space !== "object" || space === null || Array.isArray(space))
    throw typeError("space", "an object with a list or a range for each setting", space);
  if (Object.keys(space).length === 0) throw argumentError("space", "expected at least one setting to vary, got none");
  for (const [name, dimension] of Object.entries(space)) checkDimension(`space.${name}`, dimension, grid);
}

function checkDimension(name: string, dimension: Dimension, grid: boolean): void {
  if (isList(dimension)) {
    if (dimension.length === 0) throw rangeError(name, "at least one value", dimension);
    const seen = new Set<string>();
    for (const [i, value] of dimension.entries()) {
      checkJson(`${name}[${i}]`, value);
      if (seen.has(canonical(value))) throw rangeError(name, "values that differ", dimension);
      seen.add(canonical(value));
    }
    return;
  }
  if (typeof dimension !== "object" || dimension === null)
    throw typeError(name, "a list of values, or a range { from, to }", dimension);
  checkWords(name, dimension, ["from", "to", "scale", "steps", "whole"]);
  const { from, to, scale = "linear", steps, whole = false } = dimension;
  checkNumber(`${name}.from`, from, "a finite number", () => true);
  checkNumber(`${name}.to`, to, `a number above ${from}, the start of the range`, (x) => x > from);
  if (scale !== "linear" && scale !== "log") throw rangeError(`${name}.scale`, '"linear" or "log"', scale);
  if (scale === "log" && !(from > 0)) throw rangeError(`${name}.from`, "a number > 0, with a logarithmic scale", from);
  if (typeof whole !== "boolean") throw typeError(`${name}.whole`, "true or false", whole);
  if (whole && !(Number.isInteger(from) && Number.isInteger(to)))
    throw rangeError(name, "whole numbers as the ends of a range of such", [from, to]);
  if (steps !== undefined) checkWhole(`${name}.steps`, steps, 2);
  if (steps !== undefined && steps > MOST_STEPS) throw rangeError(`${name}.steps`, `at most ${MOST_STEPS}`, steps);
  if (steps === undefined && grid)
    throw rangeError(`${name}.steps`, "a number of steps: a grid over a range has infinitely many", steps);
}

/** The values that a grid has along a dimension. */
export function valuesOf(dimension: Dimension): readonly Json[] {
  if (isList(dimension)) return dimension;
  const { steps = 2 } = dimension;
  const values = Array.from({ length: steps }, (_, i) => at(dimension, i / (steps - 1)));
  return [...new Set(values)]; // whole numbers can be closer to each other than the steps
}

/** The number of points of a grid. */
export const gridSize = (space: Space): number =>
  Object.values(space).reduce((product, dimension) => product * valuesOf(dimension).length, 1);

/** A grid as a function of the number of the point, so that a million of them take no memory. The last setting moves first. */
export function grid(space: Space): (number: number) => Record<string, Json> {
  const axes = Object.entries(space)
    .map(([name, dimension]) => ({ name, values: valuesOf(dimension) }))
    .reverse();
  return (number) => {
    const picked: [string, Json][] = [];
    let rest = number;
    for (const { name, values } of axes) {
      picked.push([name, values[rest % values.length]]);
      rest = Math.floor(rest / values.length);
    }
    return Object.fromEntries(picked.reverse());
  };
}

/** Random points as a function of their number: any of them can be had without those before. */
export function randomPoints(space: Space, seed: number): (number: number) => Record<string, Json> {
  return (number) => {
    const generator = random(trialSeed(seed, number));
    return Object.fromEntries(Object.entries(space).map(([name, dimension]) => [name, drawn(dimension, generator)]));
  };
}

function drawn(dimension: Dimension, generator: Random): Json {
  const u = generator.uniform();
  if (isList(dimension)) return dimension[Math.floor(u * dimension.length)];
  const { from, to, whole, scale } = dimension;
  // Each whole number has a share of its own, the ends too.
  if (whole && scale !== "log") return from + Math.floor(u * (to - from + 1));
  return at(dimension, u);
}

/** The number at a fraction of a range, with six digits, or more where its ends share some; within it when rounded, too. */
function at({ from, to, scale, whole }: Range, fraction: number): number {
  if (fraction === 0) return from;
  if (fraction === 1) return to;
  // Of logarithms and not of a ratio, which can be infinite.
  const x = scale === "log" ? exp(log(from) + fraction * (log(to) - log(from))) : from + fraction * (to - from);
  if (whole) return Math.round(x);
  const shared = Math.ceil(log(Math.max(Math.abs(from), Math.abs(to)) / (to - from)) / Math.LN10);
  return Math.min(to, Math.max(from, Number(x.toPrecision(Math.min(17, Math.max(6, 4 + shared))))));
}
