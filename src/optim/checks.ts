import { rangeError, typeError } from "../check.js";

/** Refuses what is not a pair of numbers that each pass `check`. */
export function checkPair(name: string, pair: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(pair)) throw typeError(name, "a pair of numbers", pair);
  if (pair.length !== 2) throw rangeError(name, "a pair of numbers", pair);
  for (const [i, x] of pair.entries()) check(`${name}[${i}]`, x);
}

/** The same for three numbers. */
export function checkTriple(name: string, triple: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(triple)) throw typeError(name, "three numbers", triple);
  if (triple.length !== 3) throw rangeError(name, "three numbers", triple);
  for (const [i, x] of triple.entries()) check(`${name}[${i}]`, x);
}

/** Refuses what is not a factor by which something may grow: at least 1, and Infinity where it may grow at will. */
export function checkGrowth(name: string, value: unknown): void {
  const expected = "a number ≥ 1, or Infinity";
  if (typeof value !== "number") throw typeError(name, expected, value);
  if (!(value >= 1)) throw rangeError(name, expected, value);
}
