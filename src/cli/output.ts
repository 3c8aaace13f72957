/**
 * All that the command prints for people goes through here: an element is one line of the terminal, whatever names of
 * files, columns and classes are in it (see printable.ts).
 */
import { printable, printableJson } from "../printable.js";

/** Prints lines on stdout. */
export const print = (lines: readonly string[]): void => write(process.stdout, lines);

/** Prints lines on stderr. */
export const printAside = (lines: readonly string[]): void => write(process.stderr, lines);

/** Prints a value as JSON on one line of stdout. */
export const printJson = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`);

function write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  stream.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** Prints data on stdout: exactly on a pipe or in a file, as text for people on a terminal. */
export function printData(data: string): void {
  if (process.stdout.isTTY) print(data.replace(/\n$/, "").split("\n"));
  else process.stdout.write(data);
}
