import { argumentError, typeError } from "../check.js";
import type { Box } from "./bounds.js";
import { largest } from "./result.js";

/** What the function of {@link minimize} returns at x: its value, or its value and gradient. */
export type Evaluated = number | { value: number; gradient: ArrayLike<number> };
/** A function of n variables. It may keep x, which is a copy. */
export type Objective = (x: Float64Array) => Evaluated;

/** The width of a difference: 2^-17, near the cube root of 2^-52, where rounding and curvature balance, times |x|, at least 1. */
const WIDTH = 2 ** -17;
/** By how much a gradient may differ from differences: as a share of itself, and of the largest element. */
const OFF = 1e-4;
const OFF_OF_LARGEST = 1e-6;
/** How many roundings a value may be off by. */
const ROUNDINGS = 16;

/** A function with its gradient, counted. A call that throws gives NaN, and is remembered. */
export class Measured {
  evaluations = 0;
  /** What the last evaluation threw. */
  threw: { error: unknown } | undefined;
  /** Set once the function has returned what it may not. */
  misuse: Error | undefined;
  /** Whether it returns its gradient. */
  readonly exact: boolean;
  readonly #f: Objective;
  readonly #box: Box;
  readonly #n: number;
  #gradient: ArrayLike<number> | undefined;

  /** Evaluates it at x0, with its gradient. */
  constructor(f: Objective, x0: Float64Array, box: Box, g0: Float64Array) {
    this.#f = f;
    this.#box = box;
    this.#n = x0.length;
    this.value = this.#call(x0, "f(x0)");
    if (this.misuse) throw this.misuse;
    this.exact = this.#gradient !== undefined;
    this.#fill(x0, this.value, g0);
    if (this.misuse) throw this.misuse;
  }

  /** The value at x0. */
  readonly value: number;

  /** Evaluations that a value with its gradient takes. */
  get cost(): number {
    return this.exact ? 1 : 2 * this.#n + 1;
  }

  /** The value at x; writes the gradient there to `g`: NaN where the value is not finite. */
  at(x: Float64Array, g: Float64Array): number {
    this.threw = undefined;
    const value = this.#call(x, "f(x)");
    this.#fill(x, value, g);
    return value;
  }

  /**
   * Compares the gradient at x0 with central differences.
   * @throws RangeError for the first element that differs by more than both roundings and curvature explain
   */
  check(x0: Float64Array, g0: Float64Array): void {
    const found = new Float64Array(this.#n);
    this.#differences(x0, this.value, found);
    const most = largest(found);
    for (let i = 0; i < this.#n; i++) {
      const rounding = (ROUNDINGS * Number.EPSILON * Math.max(1, Math.abs(this.value))) / WIDTH;
      const off = OFF * Math.max(Math.abs(g0[i]), Math.abs(found[i])) + OFF_OF_LARGEST * (most || 0) + rounding;
      if (!(Math.abs(g0[i] - found[i]) > off)) continue;
      const name = `f(x0).gradient[${i}]`;
      throw argumentError(name, `expected ${found[i].toPrecision(9)}, as by central differences, got ${g0[i]}`);
    }
  }

  #call(x: Float64Array, name: string): number {
    this.evaluations++;
    this.#gradient = undefined;
    let given: unknown;
    try {
      given = this.#f(x.slice());
    } catch (error) {
      this.threw = { error };
      return Number.NaN;
    }
    if (typeof given === "number") return given;
    const { value, gradient } = (given ?? {}) as { value?: unknown; gradient?: unknown };
    if (typeof value !== "number" || typeof (gradient as { length?: unknown } | undefined)?.length !== "number")
      return this.#refuse(typeError(name, "a number, or { value, gradient }", given));
    this.#gradient = gradient as ArrayLike<number>;
    if (this.#gradient.length !== this.#n) {
      const length = `expected ${this.#n} numbers, as in x0, got ${this.#gradient.length}`;
      return this.#refuse(argumentError(`${name}.gradient`, length));
    }
    return value;
  }

  #refuse(error: Error): number {
    this.misuse ??= error;
    return Number.NaN;
  }

  #fill(x: Float64Array, value: number, g: Float64Array): void {
    if (!Number.isFinite(value)) g.fill(Number.NaN);
    else if (!this.exact) this.#differences(x, value, g);
    else if (this.#gradient) g.set(this.#gradient);
    else this.#refuse(typeError("f(x)", "{ value, gradient }, as at x0", value));
  }

  /** Central differences within the bounds; on the side that is finite where one is not. */
  #differences(x: Float64Array, value: number, g: Float64Array): void {
    const moved = x.slice();
    for (let i = 0; i < this.#n; i++) {
      const width = WIDTH * Math.max(1, Math.abs(x[i]));
      moved[i] = this.#box.within(i, x[i] + width);
      let to = moved[i];
      let ahead = to === x[i] ? value : this.#call(moved, "f(x)");
      moved[i] = this.#box.within(i, x[i] - width);
      let from = moved[i];
      let behind = from === x[i] ? value : this.#call(moved, "f(x)");
      moved[i] = x[i];
      if (!Number.isFinite(ahead)) [to, ahead] = [x[i], value];
      if (!Number.isFinite(behind)) [from, behind] = [x[i], value];
      // Between bounds that meet nothing can move.
      g[i] = this.#box.least[i] === this.#box.most[i] ? 0 : (ahead - behind) / (to - from);
    }
    this.threw = undefined;
  }
}
