import type { Settings } from "../tabular/settings.js";
import { flagOf } from "./args.js";
import { program, shell } from "./program.js";
import { readingWords } from "./tableOptions.js";
import { textColumns, width } from "./terminal.js";
import type { TrainCommand } from "./trainOptions.js";

/** What a call of `thalweg train` has besides settings. */
type Files = Pick<TrainCommand, "file" | "test" | "header" | "reading">;

/** The settings as options, each with its value. Those that are the command's defaults are left out. */
export function settingsWords(settings: Settings): string[][] {
  const usual: Partial<Settings> = { hidden: [64], activation: "relu", optimizer: "adamw", batch: 32, seed: 1 };
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === undefined || value === false || (name === "simd" && value === "auto")) return [];
    if (String(value) === String(usual[name as keyof Settings] ?? "\0")) return [];
    if (value === true) return [[flagOf(name)]];
    return [[flagOf(name), Array.isArray(value) && value.length === 0 ? "none" : String(value)]];
  });
}

/** The call that trains with these settings, in lines that can be pasted as they stand. */
export function trainCall({ file, test, header, reading }: Files, settings: Settings): string[] {
  const groups = [
    ...settingsWords(settings),
    ...(test === undefined ? [] : [["--test", test]]),
    ...(header === undefined ? [] : [[header ? "--header" : "--no-header"]]),
    ...pairs(readingWords(reading)),
  ];
  const lines = [`${program()} ${shell(["train", file])}`];
  for (const group of groups) {
    const words = shell(group);
    const line = `${lines.at(-1)} ${words}`;
    if (width(line) <= textColumns() - 2)
      lines[lines.length - 1] = line; // 2 for the backslash
    else lines.push(`  ${words}`);
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}

const pairs = (words: readonly string[]): string[][] =>
  Array.from({ length: words.length / 2 }, (_, i) => words.slice(2 * i, 2 * i + 2));
