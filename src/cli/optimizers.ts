import { quoted } from "../check.js";
import { command, hint, parsed, spelt, UsageError } from "./args.js";
import { columned } from "./columns.js";
import { labelled, type Row } from "./labelledRows.js";
import { type OptimizerEntry, optimizerEntries } from "./optimizerData.js";
import { outside } from "./optimizerName.js";
import { print, printJson } from "./output.js";
import { program } from "./program.js";
import { columns, textColumns, width, wrapped } from "./terminal.js";

/** The command. */
export async function listOptimizers(args: string[]): Promise<void> {
  const list = command(
    "optimizers",
    "lists all optimizers, or shows one in full",
    "[NAME] [--json]",
    `
Without NAME: a line for each optimizer. With NAME: what it does, its formula, and its options with their defaults.

Examples:
  thalweg optimizers
  thalweg optimizers adamw`,
  ).option("--json", "print JSON on one line");
  const call = parsed<{ json?: true }>(list, args);
  if (call === undefined) return;
  const [name, ...rest] = call.words;
  if (rest.length > 0) throw new UsageError(`expected one optimizer, got ${quoted(rest[0])} as well`);
  const all = optimizerEntries();
  const one = name === undefined ? undefined : all.find((entry) => entry.name === known(name, all));
  if (call.values.json) printJson(one ? data(one) : all.map(data));
  else if (one) print(details(one));
  else print([...overview(all), "", `${program()} optimizers NAME shows one in full: formula, options, defaults.`]);
}

function known(name: string, all: readonly OptimizerEntry[]): string {
  const names = all.map((entry) => entry.name);
  const found = spelt(name, names);
  if (found !== undefined) return found;
  const near = hint(name, names) || " (without NAME, lists them)";
  throw new UsageError(`expected ${outside(name) ?? `an optimizer, got ${quoted(name)}${near}`}`);
}

/** An optimizer as `--json` prints it. */
function data({ options, ...rest }: OptimizerEntry) {
  return { ...rest, defaults: Object.fromEntries(options.map((option) => [option.name, option.default])), options };
}

function overview(all: readonly OptimizerEntry[]): string[] {
  const rows = all.map((entry) => {
    const rate = entry.options.find(({ name }) => name === "lr")?.default;
    return [entry.name, stateText(entry), rate === undefined ? "" : plain(rate), entry.paper];
  });
  return columned(["optimizer", "bytes", "lr", "paper"], rows, { right: [1, 2], within: columns() });
}

function details(entry: OptimizerEntry): string[] {
  const { name, paper, follows, example, options } = entry;
  const rows: Row[] = [
    ["Paper", paper],
    [
      "Follows",
      `${follows === "authors" || follows === "paper" ? `the ${follows}` : follows} in names, defaults and details`,
    ],
    ["State", `${stateText(entry)} bytes a parameter`],
    ["Example", example],
  ];
  const body = options.map((option) => [option.name, plain(option.default), option.meaning.replaceAll("`", "")]);
  return [
    name,
    "",
    ...textLines(entry.text),
    "",
    ...columned(["option", "default", "meaning"], body, { within: textColumns() }),
    "",
    ...labelled(rows, textColumns()),
  ];
}

/** The lines of a text in Markdown: paragraphs are wrapped, formulas are indented. */
export function textLines(text: string): string[] {
  const blocks = text.split(/^```\w*\n([\s\S]*?)\n```$/m).flatMap((part, i) => {
    if (i % 2 === 1) return [part.split("\n").flatMap(formulaLines)];
    const written = part.split(/\n{2,}/).map((each) => each.replaceAll("`", "").replace(/\s+/g, " ").trim());
    return written.filter(Boolean).map((words) => wrapped(words, textColumns()));
  });
  return blocks.flatMap((block, i) => (i === 0 ? block : ["", ...block]));
}

/** A line of a formula, whose blanks count; where it is too long, the remark to its right comes below. */
function formulaLines(line: string): string[] {
  const [, formula, remark] = line.match(/^(.*?\S) {3,}(\S.*)$/) ?? [];
  const room = textColumns() - 2;
  const lead = line.match(/^ */)![0].slice(0, 8);
  const below = (text: string) => wrapped(text, room - 4).map((each) => `    ${each}`);
  const lines =
    width(line) <= room
      ? [line]
      : formula === undefined
        ? wrapped(line.trimStart(), room - lead.length, "    ").map((each) => lead + each)
        : [...wrapped(formula.trimStart(), room, "    "), ...below(remark!)];
  return lines.map((each) => (each === "" ? "" : `  ${each}`));
}

/** The bytes of state a parameter, to three digits: "8", or "4–20". */
export const stateText = ({ state }: Pick<OptimizerEntry, "state">): string => {
  const [least, most] = state.map((bytes) => `${+bytes.toPrecision(3)}`) as [string, string];
  return least === most ? least : `${least}–${most}`;
};

/** Formats a value for a table. */
export function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(" ");
  if (typeof value !== "number" || value === 0) return String(value);
  return Math.abs(value) < 0.01 || Math.abs(value) >= 1e6 ? value.toExponential().replace("e+", "e") : String(value);
}
