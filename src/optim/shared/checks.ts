import { rangeError, typeError } from "../../check.js";

/** Throws unless `pair` is a pair whose numbers both pass `check`. */
export function checkPair(name: string, pair: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(pair)) throw typeError(name, "a pair of numbers", pair);
  if (pair.length !== 2) throw rangeError(name, "a pair of numbers", pair);
  checkEach(name, pair, check);
}

/** Throws unless `triple` has three numbers that all pass `check`. */
export function checkTriple(name: string, triple: unknown, check: (name: string, x: unknown) => void): void {
  if (!Array.isArray(triple)) throw typeError(name, "three numbers", triple);
  if (triple.length !== 3) throw rangeError(name, "three numbers", triple);
  checkEach(name, triple, check);
}

/** The names of parts, "betas[0]", by the name of the whole. */
const names = /* @__PURE__ */ new Map<string, string[]>();

/** Runs at every step with a schedule, so it allocates nothing: a loop by index, and the names of parts are kept. */
function checkEach(name: string, parts: readonly unknown[], check: (name: string, x: unknown) => void): void {
  let own = names.get(name);
  if (own === undefined) names.set(name, (own = []));
  while (own.length < parts.length) own.push(`${name}[${own.length}]`);
  for (let i = 0; i < parts.length; i++) check(own[i], parts[i]);
}

/** Throws unless `value` is a growth factor: at least 1, or Infinity for growth without a limit. */
export function checkGrowth(name: string, value: unknown): void {
  const expected = "a number ≥ 1, or Infinity";
  if (typeof value !== "number") throw typeError(name, expected, value);
  if (!(value >= 1)) throw rangeError(name, expected, value);
}
