import { rangeError, typeError } from "../check.js";
import { isFloat64 } from "../host/realm.js";
import { Evaluator } from "./evaluate.js";
import { type Formula, type Graph, record } from "./expression.js";

/** A point with the value of the surface there. */
export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
}

/** A surface: a function of one or more variables with its derivatives and what is known of it. */
export interface Landscape {
  /** Its name in the table. */
  readonly name: string;
  /** The number of variables. */
  readonly dims: number;
  /** Whether {@link inDims} gives it in other numbers of variables. */
  readonly anyDims: boolean;
  /** The formula, as text. */
  readonly formula: string;
  /** Who defined it, and where. */
  readonly source: string;
  /** What it is good for, and what is odd about it. */
  readonly note: string;
  /** For each variable the interval that is shown and searched. The function is defined beyond it too. */
  readonly domain: readonly (readonly [from: number, to: number])[];
  /** The global minima; none if the surface has no lowest point. */
  readonly minima: readonly Minimum[];
  /** Points without a Hessian, where the gradient counts as 0. */
  readonly cusps: readonly (readonly number[])[];
  /** The value at x, of length `dims`. */
  readonly f: (x: ArrayLike<number>) => number;
  /** The gradient at x, into `out` if it is given. */
  readonly grad: (x: ArrayLike<number>, out?: Float64Array) => Float64Array;
  /** The rows of the matrix of second derivatives at x. At a cusp they are NaN. */
  readonly hessian: (x: ArrayLike<number>) => Float64Array[];
  /**
   * The gradient that an optimizer is given at a step, counted from 0, where that is not the gradient itself: with noise
   * from (seed, step).
   */
  readonly noisyGrad?: (x: ArrayLike<number>, step: number, out?: Float64Array) => Float64Array;
  /** The same surface with noise of another seed, where it has noise. */
  readonly withSeed?: (seed: number) => Landscape;
  /** The same surface in another number of variables; a RangeError where it has none. */
  readonly inDims: (dims: number) => Landscape;
  /** @internal */
  readonly evaluator: Evaluator;
}

/** What defines a surface in so many variables. */
export interface Surface {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  readonly note: string;
  readonly f: Formula;
  /** The least number of variables that it can have; 2 and no other number, if absent. */
  readonly leastDims?: number;
  readonly domain: (i: number, dims: number) => readonly [number, number];
  /** The value of the global minima, 0 if absent, and where they are. */
  readonly least?: (dims: number) => number;
  readonly minima?: (dims: number) => readonly (readonly number[])[];
  readonly cusps?: (dims: number) => readonly (readonly number[])[];
}

/** More would take minutes for one Hessian, and the memory of all. */
const MOST_DIMS = 10_000;

/** Makes the landscape of a surface in so many variables. */
export function landscapeOf(surface: Surface, dims = 2): Landscape {
  const { name, formula, source, note, leastDims } = surface;
  const expected = leastDims === undefined ? `2, which ${name} is defined in` : `a whole number ≥ ${leastDims}`;
  if (typeof dims !== "number") throw typeError("dims", expected, dims);
  if (leastDims === undefined ? dims !== 2 : !Number.isInteger(dims) || dims < leastDims)
    throw rangeError("dims", expected, dims);
  if (dims > MOST_DIMS) throw rangeError("dims", `at most ${MOST_DIMS}`, dims);
  // Most entries of the table are never evaluated: the formula is recorded when first asked for.
  let made: Evaluator | undefined;
  const evaluator = (): Evaluator => (made ??= new Evaluator(recorded(surface, dims)));
  return {
    name,
    dims,
    anyDims: leastDims !== undefined,
    formula,
    source,
    note,
    domain: Array.from({ length: dims }, (_, i) => surface.domain(i, dims)),
    minima: (surface.minima?.(dims) ?? []).map((point) => ({ point, value: surface.least?.(dims) ?? 0 })),
    cusps: surface.cusps?.(dims) ?? [],
    f: (x) => evaluator().value(checkedPoint("x", x, dims)),
    grad(x, out = new Float64Array(dims)) {
      checkedPoint("x", x, dims);
      checkOut(out, dims);
      evaluator().gradient(x, out);
      return out;
    },
    hessian(x) {
      const rows = Array.from({ length: dims }, () => new Float64Array(dims));
      evaluator().hessian(checkedPoint("x", x, dims), rows);
      return rows;
    },
    inDims: (other) => landscapeOf(surface, other),
    get evaluator() {
      return evaluator();
    },
  };
}

const recorded = ({ f }: Surface, dims: number): Graph => record(dims, f);

/** Throws unless x is a list of so many finite numbers. */
export function checkedPoint(name: string, x: ArrayLike<number>, dims: number): ArrayLike<number> {
  const expected = `${dims} finite number${dims === 1 ? "" : "s"}`;
  if (typeof x !== "object" || x === null || typeof x.length !== "number") throw typeError(name, expected, x);
  if (x.length !== dims) throw rangeError(name, expected, x);
  for (let i = 0; i < dims; i++) {
    if (typeof x[i] !== "number") throw typeError(`${name}[${i}]`, "a finite number", x[i]);
    if (!Number.isFinite(x[i])) throw rangeError(`${name}[${i}]`, "a finite number", x[i]);
  }
  return x;
}

export function checkOut(out: Float64Array, dims: number): void {
  const expected = `a Float64Array of ${dims}`;
  if (!isFloat64(out)) throw typeError("out", expected, out);
  if (out.length !== dims) throw rangeError("out", expected, out);
}

/** Throws for what is not a landscape. */
export function checkLandscape(landscape: Landscape): void {
  const given = landscape as Partial<Landscape> | null | undefined;
  if (typeof given !== "object" || given === null || typeof given.inDims !== "function")
    throw typeError("landscape", "a landscape, such as landscapes.bowl", landscape);
}
