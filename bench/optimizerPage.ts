/** The generated parts of docs/optimizers.md: the table of optimizers, and a section for each from its docstring. */
import { markdownTable } from "markdown-table";
import { entries } from "../src/build/optimizerEntries.js";
import type { OptimizerEntry } from "../src/cli/optimizerData.js";
import { plain, stateText } from "../src/cli/optimizers.js";
import { width } from "../src/cli/terminal.js";

/**
 * Every optimizer, one row each, with a link to its section: bytes of state a parameter of a matrix [512, 512], over its
 * options, and bytes of a matrix and of a vector at the defaults.
 */
export async function optimizerTable(): Promise<string> {
  const body = (await entries()).map((entry) => [
    `[\`${entry.name}\`](#${entry.name.toLowerCase()})`,
    entry.paper,
    entry.follows,
    stateText(entry),
    entry.stateOf.matrix,
    entry.stateOf.vector,
    entry.options.map((option) => `${option.name} ${plain(option.default)}`).join(", "),
  ]);
  return markdownTable([["name", "paper", "follows", "state, bytes", "of [m, n]", "of [n]", "defaults"], ...body]);
}

/** A section for each optimizer: what it does, its options, and where it comes from. */
export async function optimizerSections(): Promise<string> {
  return (await entries()).map(section).join("\n\n");
}

function section(entry: OptimizerEntry): string {
  const { name, follows, text, example } = entry;
  const options = entry.options.map(({ name: key, default: value, meaning }) => [
    `\`${key}\``,
    `\`${plain(value)}\``,
    meaning.replace(/\|/g, "\\|"),
  ]);
  return [
    `### \`${name}\``,
    text.replace(/^```\n([\s\S]*?)\n```\n+/gm, "```text\n$1\n```\n\n"),
    markdownTable([["option", "default", "meaning"], ...options], { stringLength: width }),
    [
      `- Follows ${follows === "authors" || follows === "paper" ? `the ${follows}` : follows} in names, defaults and details.`,
      `- State: ${stateText(entry)} bytes a parameter.`,
      `- Rule and twin: [src/optim/${name}.ts](../src/optim/${name}.ts); kernel:`,
      `  [assembly/optim/${name}.ts](../assembly/optim/${name}.ts).`,
      `- Example: \`${example}\``,
    ].join("\n"),
  ].join("\n\n");
}
