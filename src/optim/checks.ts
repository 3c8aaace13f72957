import { rangeError, typeError } from "../check.js";

/** Refuses what is not a pair of numbers that each pass `check`. */
export function checkPair(name: string, pair: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(pair)) throw typeError(name, "a pair of numbers", pair);
  if (pair.length !== 2) throw rangeError(name, "a pair of numbers", pair);
  for (const [i, x] of pair.entries()) check(`${name}[${i}]`, x);
}
