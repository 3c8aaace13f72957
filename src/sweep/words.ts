import { argumentError, quoted, typeError } from "../check.js";
import { nearest } from "../nearest.js";

/** Refuses what is no object, and keys that it may not have, with the one that is meant. */
export function checkWords(name: string, given: unknown, known: readonly string[]): asserts given is object {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw typeError(name, `an object with ${known.join(", ")}`, given);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  throw argumentError(name, `expected keys among ${known.join(", ")}, got ${quoted(unknown)}${meant}`);
}
