import { rangeError, typeError } from "../../check.js";

/** Refuses what is not a pair of numbers that each pass `check`. */
export function checkPair(name: string, pair: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(pair)) throw typeError(name, "a pair of numbers", pair);
  if (pair.length !== 2) throw rangeError(name, "a pair of numbers", pair);
  checkEach(name, pair, check);
}

/** The same for three numbers. */
export function checkTriple(name: string, triple: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(triple)) throw typeError(name, "three numbers", triple);
  if (triple.length !== 3) throw rangeError(name, "three numbers", triple);
  checkEach(name, triple, check);
}

const names = /* @__PURE__ */ new Map<string, string[]>();

/** Every step of a schedule comes by here: by index, and with the names of parts kept, it leaves no garbage. */
function checkEach(name: string, parts: readonly unknown[], check: (name: string, x: unknown) => void): void {
  let own = names.get(name);
  if (own === undefined) names.set(name, (own = []));
  while (own.length < parts.length) own.push(`${name}[${own.length}]`);
  for (let i = 0; i < parts.length; i++) check(own[i], parts[i]);
}

/** Refuses what is not a factor by which something may grow: at least 1, and Infinity where it may grow at will. */
export function checkGrowth(name: string, value: unknown): void {
  const expected = "a number ≥ 1, or Infinity";
  if (typeof value !== "number") throw typeError(name, expected, value);
  if (!(value >= 1)) throw rangeError(name, expected, value);
}
