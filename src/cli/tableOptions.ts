import type { Command } from "commander";
import { encodingOf } from "../data/decode.js";
import { decimalNamed, separatorNamed } from "../data/delimiter.js";
import type { TableOptions } from "../data/parseTable.js";
import { asUsageError, option, text, whole } from "./args.js";

/** How a table is read, as far as options say it. */
export type Reading = Omit<TableOptions, "header">;

/** Reports what `read` refuses as a mistake in the call. */
const checked =
  <T>(read: (text: string) => T) =>
  (_: string, text: string): T => {
    try {
      return read(text);
    } catch (error) {
      throw asUsageError(error);
    }
  };

/** Adds the options that say how a table is read. */
export function withTableOptions(command: Command): Command {
  return command
    .addOption(
      option("--delimiter <c>", "separator of cells: , ; | or tab (default: detected)", checked(separatorNamed)),
    )
    .addOption(option("--decimal <c>", "decimal sign of numbers: . or , (default: detected)", checked(decimalNamed)))
    .addOption(option("--skip <n>", "lines to leave out at the start of a file", whole()))
    .addOption(option("--comment <c>", "leave out lines that begin with this: #", text))
    .addOption(
      option("--encoding <e>", "encoding of a file: latin1 … (default: UTF-8 or UTF-16)", checked(encodingOf)),
    );
}

/** Takes those options from the values of a call. */
export function readingOf<V extends Reading>(values: V): { reading: Reading; others: Omit<V, keyof Reading> } {
  const { delimiter, decimal, skip, comment, encoding, ...others } = values;
  return { reading: { delimiter, decimal, skip, comment, encoding }, others };
}

/** The options as words, to call a command again. */
export function readingWords(reading: Reading): string[] {
  return Object.entries(reading).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value === "\t" ? "tab" : String(value)],
  );
}
