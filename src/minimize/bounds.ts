import { argumentError, rangeError, typeError } from "../check.js";

/** The least and the most that each element of x may be; null, or an infinity, where there is no such limit. */
export type Bounds = readonly (readonly [least: number | null, most: number | null])[];

/** Bounds as arrays, and what is done with points and gradients to respect them. */
export class Box {
  readonly least: Float64Array;
  readonly most: Float64Array;

  /** Without bounds, nothing is limited. Throws unless there is a pair for each of n elements, the least first. */
  constructor(n: number, bounds: Bounds | undefined) {
    this.least = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    this.most = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    if (bounds === undefined) return;
    if (!Array.isArray(bounds)) throw typeError("bounds", "an array of pairs [least, most]", bounds);
    if (bounds.length !== n)
      throw argumentError("bounds", `expected ${n} pairs, one for each element of x0, got ${bounds.length}`);
    for (const [i, pair] of bounds.entries()) {
      const name = `bounds[${i}]`;
      if (!Array.isArray(pair) || pair.length !== 2) throw typeError(name, "a pair [least, most]", pair);
      for (const [k, limit] of pair.entries())
        if (limit !== null && typeof limit !== "number") throw typeError(`${name}[${k}]`, "a number or null", limit);
      const [least, most] = [pair[0] ?? Number.NEGATIVE_INFINITY, pair[1] ?? Number.POSITIVE_INFINITY];
      if (!(least <= most) || least === Number.POSITIVE_INFINITY || most === Number.NEGATIVE_INFINITY)
        throw rangeError(name, "a pair [least, most] with numbers between them", pair);
      this.least[i] = least;
      this.most[i] = most;
    }
  }

  /** Whether anything is limited. */
  get bounded(): boolean {
    return this.least.some(Number.isFinite) || this.most.some(Number.isFinite);
  }

  within(i: number, at: number): number {
    return Math.max(this.least[i], Math.min(at, this.most[i]));
  }

  /** Moves each element of x to the nearest allowed number. */
  project(x: Float64Array): void {
    for (let i = 0; i < x.length; i++) x[i] = this.within(i, x[i]);
  }

  /** The largest change in x that a step of -g makes within the bounds: without any, the largest magnitude in g. */
  gradientNorm(x: Float64Array, g: Float64Array): number {
    let most = 0;
    for (let i = 0; i < x.length; i++) {
      const room = g[i] > 0 ? x[i] - this.least[i] : this.most[i] - x[i];
      const size = Math.min(Math.abs(g[i]), room);
      if (Number.isNaN(size)) return size;
      if (size > most) most = size;
    }
    return most;
  }
}
