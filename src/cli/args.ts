import { parseArgs } from "node:util";

/** A mistake in how a command was called; the process ends with code 2. */
export class UsageError extends Error {}

interface Option {
  type: "string" | "boolean";
  short?: string;
  default?: string | boolean;
}
type Options = Record<string, Option>;
type Value<O extends Option> = O["type"] extends "string" ? string : boolean;

/** Options with a default are always there. */
interface Parsed<O extends Options> {
  values: { [K in keyof O]: O[K] extends { default: string | boolean } ? Value<O[K]> : Value<O[K]> | undefined };
  positionals: string[];
}

/** Options and the words between them, as `parseArgs` reads them; its complaints become one line each. */
export function parseCommand<O extends Options>(args: string[], options: O): Parsed<O> {
  try {
    return parseArgs({
      args: joined(args, options),
      options,
      strict: true,
      allowPositionals: true,
    }) as unknown as Parsed<O>;
  } catch (error) {
    throw new UsageError(complaint(error as NodeJS.ErrnoException, Object.keys(options)));
  }
}

/** `--lr -1` as `--lr=-1`: parseArgs takes the -1 for an option and says so in three lines. */
function joined(args: string[], options: Options): string[] {
  const whole: string[] = [];
  for (const arg of args) {
    const before = whole.at(-1)?.match(/^--([\w-]+)$/)?.[1];
    if (/^-[\d.]/.test(arg) && before && options[before]?.type === "string") whole[whole.length - 1] += `=${arg}`;
    else whole.push(arg);
  }
  return whole;
}

function complaint({ code, message }: NodeJS.ErrnoException, known: string[]): string {
  const name = message.match(/'(--?[^' ]*)/)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const near = nearest(
      name.replace(/^-+/, ""),
      known.filter((option) => option.length > 1),
    );
    return `unknown option ${name}${near ? `; did you mean --${near}?` : ""}`;
  }
  if (code !== "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") return message.split("\n")[0]!;
  return `${name}: expected ${message.includes("does not take") ? "no value, got one" : "a value, got none"}`;
}

/** The known word that a misspelt one most likely stands for, within two slips. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const close = known
    .map((candidate) => ({ candidate, slips: distance(word, candidate) }))
    .filter(({ candidate, slips }) => slips <= 2 && slips < candidate.length);
  close.sort((a, b) => a.slips - b.slips);
  return close[0]?.candidate;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The number that an option gives. */
export function numberOption(name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`${name}: expected a finite number, got ${JSON.stringify(text)}`);
  return value;
}

/** The whole number, at least `least`, that an option gives. */
export function wholeOption(name: string, text: string, least = 1): number {
  const value = numberOption(name, text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  const range = least === Number.MIN_SAFE_INTEGER ? "" : ` ≥ ${least}`;
  throw new UsageError(`${name}: expected a whole number${range}, got ${text}`);
}

/** One of a few words. */
export function choiceOption<T extends string>(name: string, text: string, choices: readonly T[]): T {
  if (choices.includes(text as T)) return text as T;
  const expected = `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
  throw new UsageError(`${name}: expected ${expected}, got ${JSON.stringify(text)}`);
}
