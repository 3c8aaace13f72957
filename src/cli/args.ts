import { Command, CommanderError, Option } from "commander";
import { isArgumentError, quoted } from "../check.js";
import { nearest } from "../nearest.js";
import { helpText } from "./helpText.js";
import { program } from "./program.js";
import { optionMeant, plainWord, valueMeant } from "./synonyms.js";
import { textColumns } from "./terminal.js";

/** A mistake in the call of a command; the process exits with code 2. */
export class UsageError extends Error {}

/** Parses the value of an option; `name` is the option as the user types it. */
type Read<T> = (name: string, text: string) => T;

/**
 * A command to add options to: it prints its help to stdout, and {@link parsed} throws its errors. Below the options its
 * help has the `rest` (see {@link helpText}).
 */
export function command(name: string, summary: string, usage: string, rest = ""): Command {
  return new Command(`${program()} ${name}`)
    .summary(summary)
    .usage(usage)
    .helpOption("-h, --help", "show this help")
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ optionTerm: (option) => option.flags, helpWidth: textColumns() })
    .addHelpText("before", () => `${helpText(`thalweg ${name}: ${summary}`)}\n`)
    .addHelpText("after", () => helpText(rest));
}

/** An option with a value, which `read` parses. */
export function option<T>(flags: string, description: string, read: Read<T>, fallback?: T): Option {
  const made = new Option(flags, description);
  made.argParser((text: string) => read(made.long!, text));
  if (fallback !== undefined) made.default(fallback, String(fallback));
  return made;
}

/** The options of a call, defaults included, and its other words; undefined if the help has been shown instead. */
export function parsed<O extends object>(command: Command, args: string[]): { values: O; words: string[] } | undefined {
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return undefined;
    throw new UsageError(complaint(error, command));
  }
  return { values: command.opts<O>(), words: command.args };
}

/**
 * Rewrites an error of Commander, which has no fields, in the form of our messages: one line, what was expected, what
 * came.
 */
function complaint({ code, message }: CommanderError, { options }: Command): string {
  const name = message.match(/'(--?[^'\s=]*)/)?.[1] ?? "";
  if (code === "commander.optionMissingArgument") return `${name}: expected a value, got none`;
  if (code !== "commander.unknownOption") return message.replace("error: ", "").replaceAll("'", "");
  if (options.some(({ long, short }) => long === name || short === name)) return `${name}: expected no value, got one`;
  const flags = options.flatMap(({ long }) => long ?? []);
  const meant = optionMeant(name.replace(/^-+/, ""), flags) ?? nearest(name, flags);
  return `unknown option ${name.slice(0, LONGEST)}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

/** The most characters of a word in a message. */
const LONGEST = 60;

/** An option of the library as the user types it: --weight-decay for weightDecay. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
/**
 * Converts an error of the library about one of its options to one about the flag; returns any other error as it is.
 */
export const asUsageError = (error: unknown): unknown =>
  isArgumentError(error) ? new UsageError(`${flagOf(error.argument)}: ${error.problem}`) : error;

/** Any text. */
export const text: Read<string> = (_, text) => text;

/** A finite number. */
export const number: Read<number> = (name, text) => {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`${name}: expected a finite number, got ${quoted(text)}`);
  return value;
};

/** A number for which `holds` is true; `expected` describes the condition. */
export function numberIn(expected: string, holds: (x: number) => boolean): Read<number> {
  return (name, text) => {
    const value = number(name, text);
    if (holds(value)) return value;
    throw new UsageError(`${name}: expected ${expected}, got ${text}`);
  };
}

/** A whole number, at least `least`. */
export function whole(least = 1): Read<number> {
  const range = least === Number.MIN_SAFE_INTEGER ? "" : ` ≥ ${least}`;
  return numberIn(`a whole number${range}`, (value) => Number.isSafeInteger(value) && value >= least);
}

/** Threads: each takes memory of its own, and a system has a limit for them. */
const MOST_THREADS = 1024;

/** A number of threads. */
export const threadCount: Read<number> = numberIn(
  `a whole number from 1 to ${MOST_THREADS}`,
  (value) => Number.isInteger(value) && value >= 1 && value <= MOST_THREADS,
);

/** A fraction, as 0.05 or as 5%. */
export const fraction: Read<number> = (name, text) => {
  const value = text.endsWith("%") ? number(name, text.slice(0, -1)) / 100 : number(name, text);
  if (value > 0 && value < 1) return value;
  throw new UsageError(`${name}: expected a fraction between 0 and 1, or 0% and 100%, got ${text}`);
};

/** One of a few words, in capitals or not, with a suggestion for a misspelt one. */
export function choice<T extends string>(choices: readonly T[]): Read<T> {
  return (name, text) => {
    const found = spelt(text, choices);
    if (found !== undefined) return found;
    const expected = choices.length === 1 ? choices[0] : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
    throw new UsageError(`${name}: expected ${expected}, got ${quoted(text)}${hint(text, choices)}`);
  };
}

/** The word among these that a text is but for capitals, - and _: ReLU, AdamW, leaky_relu. */
export const spelt = <T extends string>(text: string, known: readonly T[]): T | undefined =>
  known.find((word) => word === text) ?? known.find((word) => plainWord(word) === plainWord(text));

/** The suggestion "; did you mean relu?", if a known word is close, or is called so elsewhere. */
export function hint(word: string, known: readonly string[]): string {
  const lower = known.map((name) => name.toLowerCase());
  const near = nearest(word.toLowerCase(), lower);
  const meant = valueMeant(word, known) ?? (near === undefined ? undefined : known[lower.indexOf(near)]);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
