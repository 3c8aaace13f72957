/** The generated parts of docs/optimizers.md: the table of optimizers, and a section for each from its docstring. */
import { readFileSync } from "node:fs";
import { markdownTable } from "markdown-table";
import { type OptimizerRow, plain, rows } from "../src/cli/optimizers.js";

/** Every optimizer, one row each, with a link to its section. */
export async function optimizerTable(): Promise<string> {
  const body = (await rows()).map((row) => [
    `[\`${row.name}\`](#${row.name.toLowerCase()})`,
    row.paper,
    row.follows,
    bytes(row),
    Object.entries(row.defaults)
      .map(([key, value]) => `${key} ${plain(value)}`)
      .join(", "),
  ]);
  return markdownTable([["name", "paper", "follows", "state, bytes", "defaults"], ...body]);
}

/** A section for each optimizer: what it does, its options, and where it comes from. */
export async function optimizerSections(): Promise<string> {
  return (await rows()).map(section).join("\n\n");
}

function section(row: OptimizerRow): string {
  const { name, follows, defaults } = row;
  const source = readFileSync(new URL(`../src/optim/${name}.ts`, import.meta.url), "utf8");
  const { text, example } = docstring(source, name);
  const options = Object.entries(defaults).map(([key, value]) => [
    `\`${key}\``,
    `\`${plain(value)}\``,
    described(source, key),
  ]);
  return [
    `### \`${name}\``,
    text,
    markdownTable([["option", "default", "meaning"], ...options], { stringLength: width }),
    [
      `- Follows ${follows === "authors" || follows === "paper" ? `the ${follows}` : follows} in names, defaults and details.`,
      `- State: ${bytes(row)} bytes a parameter.`,
      `- Rule and twin: [src/optim/${name}.ts](../src/optim/${name}.ts); kernel:`,
      `  [assembly/optim/${name}.ts](../assembly/optim/${name}.ts).`,
      `- Example: \`${example}\``,
    ].join("\n"),
  ].join("\n\n");
}

const bytes = ({ state: [least, most] }: OptimizerRow): string => (least === most ? `${least}` : `${least}–${most}`);

/** Columns that a text takes: ε̂ is two characters in one. */
const width = (text: string): number => text.replace(/\p{M}/gu, "").length;

/** What stands above the factory: the text, and the one line of its example. */
function docstring(source: string, name: string): { text: string; example: string } {
  const comment = source.match(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*\\nexport const ${name} = `))?.[1];
  const [, text, example] = lines(comment ?? "").match(/^([\s\S]*?)\n@example\n(.*)/) ?? [];
  if (!text || !example) throw new Error(`src/optim/${name}.ts: expected a docstring of ${name} with an @example`);
  return { text: text.trim().replace(/^```\n([\s\S]*?)\n```\n+/gm, "```text\n$1\n```\n\n"), example };
}

/** The docstring of an option, on one line; empty where it has none. */
function described(source: string, key: string): string {
  const fields = source.match(/export interface \w+Hyper[^{]*\{([\s\S]*?)\n\}/)?.[1] ?? "";
  const comment = fields.match(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*\\n  ${key}: `))?.[1] ?? "";
  return lines(comment).replace(/\s+/g, " ").trim().replace(/\|/g, "\\|");
}

/** The text of a comment without its stars; links become names. */
const lines = (comment: string): string =>
  comment
    .replace(/^ *\* ?/gm, "")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .trim();
