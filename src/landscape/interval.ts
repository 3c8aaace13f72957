/**
 * Arithmetic of intervals, rounded outwards: what goes in as bounds of the operands comes out as bounds of the result (Moore,
 * Interval analysis, 1966). A result is left in `result`, so that millions of them leave no garbage.
 */
import { exp } from "../math/f64.js";

/** The bounds of the last result. In an array: Node 20 allocates a number for each write to a variable of a module. */
export const result = new Float64Array(2);

/** Twice the largest relative error of a rounding: one for the result, one for this product itself. */
const ROUNDING = 2 ** -52;
/** The functions of f64.ts are within 2 ulp; 4 for the reduction of a bound that is itself rounded. */
const FUNCTION = 2 ** -50;

function set(low: number, high: number, by = ROUNDING): void {
  result[0] = low - by * Math.abs(low);
  result[1] = high + by * Math.abs(high);
}

export const add = (aLo: number, aHi: number, bLo: number, bHi: number): void => set(aLo + bLo, aHi + bHi);

/** A product by a constant. */
export function scale(aLo: number, aHi: number, c: number): void {
  if (c >= 0) set(aLo * c, aHi * c);
  else set(aHi * c, aLo * c);
}

export function multiply(aLo: number, aHi: number, bLo: number, bHi: number): void {
  if (aLo >= 0 && bLo >= 0 && aHi < Number.POSITIVE_INFINITY && bHi < Number.POSITIVE_INFINITY) {
    set(aLo * bLo, aHi * bHi);
    return;
  }
  const p = product(aLo, bLo);
  const q = product(aLo, bHi);
  const r = product(aHi, bLo);
  const s = product(aHi, bHi);
  set(Math.min(p, q, r, s), Math.max(p, q, r, s));
}

/** 0 times an end at infinity is 0: no number of that interval is infinite. */
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

export function square(aLo: number, aHi: number): void {
  const p = aLo * aLo;
  const q = aHi * aHi;
  set(aLo <= 0 && aHi >= 0 ? 0 : Math.min(p, q), Math.max(p, q));
}

export const exponential = (aLo: number, aHi: number): void => set(exp(aLo), exp(aHi), FUNCTION);

/** The root of the part that is not negative. */
export const root = (aLo: number, aHi: number): void => set(Math.sqrt(Math.max(0, aLo)), Math.sqrt(Math.max(0, aHi)));

/** A sine or cosine of this period, which is 1 at `peak` and -1 half a period on. */
export function wave(f: (x: number) => number, aLo: number, aHi: number, period: number, peak: number): void {
  // A bound that is rounded to either side of a peak loses less than FUNCTION there: it is flat.
  const has = (at: number): boolean => Math.floor((aHi - at) / period) >= Math.ceil((aLo - at) / period);
  const high = has(peak);
  const low = has(peak + period / 2);
  if (high && low) {
    result[0] = -1;
    result[1] = 1;
    return;
  }
  const p = f(aLo);
  const q = f(aHi);
  set(low ? -1 : Math.min(p, q), high ? 1 : Math.max(p, q), FUNCTION);
}
