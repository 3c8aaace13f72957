import { rangeError, typeError } from "../check.js";
import { isLength } from "./result.js";

/** The differences between model and data at x: as many at every x. */
export type Residuals = (x: Float64Array) => ArrayLike<number>;
/** Their derivatives: a row for each residual, a number in it for each element of x. */
export type Jacobian = (x: Float64Array) => ArrayLike<ArrayLike<number>>;

/** The width of a difference, as a share of x: 2^-17, near the cube root of 2^-52, where rounding and curvature balance. */
const WIDTH = 2 ** -17;

/** Residuals and their derivatives as arrays of one length, counted. A call that throws gives NaN, and is remembered. */
export class Measured {
  evaluations = 0;
  /** What the last evaluation threw. */
  threw: { error: unknown } | undefined;
  /** Residuals. */
  readonly m: number;
  readonly #residuals: Residuals;
  readonly #jacobian: Jacobian | undefined;
  readonly #n: number;
  readonly #x: Float64Array;
  readonly #ahead: Float64Array;
  readonly #behind: Float64Array;
  /** The residuals at the start. */
  readonly first: Float64Array;

  constructor(residuals: Residuals, jacobian: Jacobian | undefined, x0: Float64Array) {
    this.#residuals = residuals;
    this.#jacobian = jacobian;
    this.#n = x0.length;
    this.#x = x0.slice();
    const first = residuals(this.#x);
    this.evaluations++;
    const length = (first as { length?: unknown } | null | undefined)?.length;
    if (typeof first !== "object" || !isLength(length)) throw typeError("residuals(x0)", "an array of numbers", first);
    if (length === 0) throw rangeError("residuals(x0)", "at least one number", first);
    for (let i = 0; i < length; i++) checkEach("residuals(x0)", first, i);
    this.m = length;
    this.first = Float64Array.from(first);
    this.#ahead = new Float64Array(length);
    this.#behind = new Float64Array(length);
  }

  /** Writes the residuals at x to `into`; returns whether all are finite. */
  at(x: Float64Array, into: Float64Array): boolean {
    this.#x.set(x);
    this.evaluations++;
    this.threw = undefined;
    let given: ArrayLike<number>;
    try {
      given = this.#residuals(this.#x);
    } catch (error) {
      this.threw = { error };
      into.fill(Number.NaN);
      return false;
    }
    if (given?.length !== this.m) throw rangeError("residuals(x)", `${this.m} numbers, as at x0`, given);
    for (let i = 0; i < this.m; i++) checkEach("residuals(x)", given, i);
    into.set(given);
    return into.every(Number.isFinite);
  }

  /** Writes the derivatives to `into` [m, n], row-major; returns whether all are finite. */
  derivatives(x: Float64Array, into: Float64Array, r: Float64Array): boolean {
    this.threw = undefined;
    if (this.#jacobian === undefined) this.#differences(x, into, r);
    else {
      this.#x.set(x);
      const rows = this.#jacobian(this.#x);
      if (rows?.length !== this.m) throw rangeError("jacobian(x)", `${this.m} rows, one for each residual`, rows);
      for (let i = 0; i < this.m; i++) {
        const row = rows[i];
        if (row?.length !== this.#n) throw rangeError(`jacobian(x)[${i}]`, `${this.#n} numbers`, row);
        for (let j = 0; j < this.#n; j++) checkEach(`jacobian(x)[${i}]`, row, j);
        into.set(row, i * this.#n);
      }
    }
    for (let i = 0; i < this.m * this.#n; i++) if (!Number.isFinite(into[i])) return false;
    return true;
  }

  /** Central differences; on the side that is finite where one is not. */
  #differences(x: Float64Array, into: Float64Array, r: Float64Array): void {
    const n = this.#n;
    const moved = x.slice();
    for (let j = 0; j < n; j++) {
      const width = WIDTH * Math.abs(x[j]) || WIDTH;
      moved[j] = x[j] + width;
      const to = moved[j];
      const ahead = this.at(moved, this.#ahead);
      moved[j] = x[j] - width;
      const from = moved[j];
      const behind = this.at(moved, this.#behind);
      moved[j] = x[j];
      const [high, a] = ahead ? [to, this.#ahead] : [x[j], r];
      const [low, b] = behind ? [from, this.#behind] : [x[j], r];
      for (let i = 0; i < this.m; i++) into[i * n + j] = (a[i] - b[i]) / (high - low);
    }
  }
}

/** Refuses an element that is no number, which an array of f64 would turn into one: null into 0. */
function checkEach(name: string, list: ArrayLike<unknown>, i: number): void {
  if (typeof list[i] !== "number") throw typeError(`${name}[${i}]`, "a number", list[i]);
}
