/**
 * Checks of arguments of public functions. Every message has the form "name: expected X, got Y"; a wrong type is a
 * TypeError, a wrong value a RangeError.
 */

/** The most characters of a string in a message. */
const LONGEST = 200;

/**
 * Text of a file or of a caller as a terminal may have it: control characters, which could clear the screen or forge a line,
 * and marks of direction, which could reorder one, are written as escapes. JSON stays JSON.
 */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Text of a file in a message: in quotes, on one line, with at most 40 characters, and fit for a terminal. */
export function quoted(text: string, longest = 40): string {
  const shown = text.length > longest ? `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return printable(JSON.stringify(shown));
}

/** A value as a message shows it: short, with -0, NaN, strings and arrays recognisable. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === "string") return quoted(value, LONGEST);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  if (Array.isArray(value)) {
    if (value.length > 8 || depth > 2) return `an array of ${value.length}`;
    return `[${value.map((item) => show(item, depth + 1)).join(", ")}]`;
  }
  const name = (value as object).constructor?.name ?? "object";
  const length = (value as { length?: unknown }).length;
  // As they are said: a Uint8Array begins with a consonant.
  const kind = `${/^(?!Uint)[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
  return typeof length === "number" ? `${kind} of ${length}` : kind;
}

/** An error about one argument, for callers who know that argument by another name: a flag, the path of a file. */
export interface ArgumentError extends Error {
  /** The name that the message begins with. */
  readonly argument: string;
  /** The rest of the message: "expected X, got Y". */
  readonly problem: string;
}
export const isArgumentError = (error: unknown): error is ArgumentError =>
  error instanceof Error && "argument" in error && "problem" in error;

/** Its fields are not enumerable: consoles print the message alone. */
export function argumentError(argument: string, problem: string, Kind: ErrorConstructor = RangeError): ArgumentError {
  const fields = { argument: { value: argument }, problem: { value: problem } };
  return Object.defineProperties(new Kind(`${argument}: ${problem}`) as ArgumentError, fields);
}
export function typeError(name: string, expected: string, got: unknown): ArgumentError {
  return argumentError(name, `expected ${expected}, got ${show(got)}${ofAnotherCopy(expected, got)}`, TypeError);
}

/** What is refused although it is what was expected comes from another copy: its class alone would deny the obvious. */
function ofAnotherCopy(expected: string, got: unknown): string {
  const ours = typeof got === "object" && got !== null && ("engine" in got || "bytesInUse" in got);
  if (!ours || !/^an? (tensor|engine|optimizer(?!.* not a wrapper)|model)/.test(expected)) return "";
  return " of another copy of thalweg: import it or require it, not both";
}
export function rangeError(name: string, expected: string, got: unknown): ArgumentError {
  return argumentError(name, `expected ${expected}, got ${show(got)}`);
}

/** Throws for a value that is not a number, for NaN and infinities, and for numbers for which `holds` is false. */
export function checkNumber(name: string, value: unknown, expected: string, holds: (x: number) => boolean): void {
  if (typeof value !== "number") throw typeError(name, expected, value);
  // Of f32: kernels take numbers as that, where 1e39 is infinite.
  if (!Number.isFinite(Math.fround(value)) || !holds(value)) throw rangeError(name, expected, value);
}
export function checkNonNegative(name: string, value: unknown): void {
  checkNumber(name, value, "a finite number ≥ 0", (x) => x >= 0);
}
export function checkPositive(name: string, value: unknown): void {
  checkNumber(name, value, "a finite number > 0", (x) => x > 0);
}
/** A decay rate: 0 ≤ x < 1. */
export function checkRate(name: string, value: unknown): void {
  checkNumber(name, value, "a number in [0, 1)", (x) => x >= 0 && x < 1);
}
export function checkWhole(name: string, value: unknown, least = 1): void {
  checkNumber(name, value, `a whole number ≥ ${least}`, (x) => Number.isInteger(x) && x >= least);
}
export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw typeError(name, "true or false", value);
}
export function checkOneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): void {
  if (choices.includes(value as T)) return;
  const expected = choices.map((choice) => `"${choice}"`).join(" or ");
  throw typeof value === "string" ? rangeError(name, expected, value) : typeError(name, expected, value);
}
/** Throws for an unknown option: misspelt and ignored, it would silently take its default. */
export function checkKeys(name: string, options: unknown, known: readonly string[]): asserts options is object {
  if (typeof options !== "object" || options === null) throw typeError(name, "an object of options", options);
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw rangeError(name, `options among ${known.join(", ")}`, key);
  }
}
