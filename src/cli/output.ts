/**
 * All that the command prints for people goes through here: an element is one line of the terminal, whatever names of
 * files, columns and classes are in it (see `printable` in check.ts).
 */
import { printable } from "../check.js";
import { columns, wrapped } from "./terminal.js";

/** Prints lines on stdout. */
export const print = (lines: readonly string[]): void => write(process.stdout, lines);

/** Prints lines on stderr. */
export const printAside = (lines: readonly string[]): void => write(process.stderr, lines);

/**
 * Prints an error on stderr: as one line, which on a terminal is wrapped between words. A call to paste, at its end, stays
 * whole.
 */
export function printError(message: string): void {
  const [problem, ...call] = message.split(/(?<=; (?:try|resume with): )/);
  const lines = [...wrapped(problem, columns(process.stderr), "  "), ...call.map((words) => `  ${words}`)];
  printAside(process.stderr.isTTY ? lines : [message]);
}

/** Prints a value as JSON on one line of stdout; what a terminal must not have raw is written as JSON's own escapes. */
export const printJson = (value: unknown): void => void process.stdout.write(`${jsonText(value)}\n`);

export const jsonText = (value: unknown): string =>
  JSON.stringify(value, finite).replace(/[\u007f-\uffff]/g, (character) =>
    printable(character) === character ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Numbers that JSON lacks, as text: it would write null. */
const finite = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

function write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  stream.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** Prints records of data, such as CSV, on stdout: exactly on a pipe or in a file, as text for people on a terminal. */
export function printRecords(records: readonly string[]): void {
  if (process.stdout.isTTY) print(records);
  else process.stdout.write(recordsText(records));
}

export const recordsText = (records: readonly string[]): string => `${records.join("\n")}\n`;
