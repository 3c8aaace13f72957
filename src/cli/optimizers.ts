import { markdownTable } from "markdown-table";
import { greatest, least } from "../extremes.js";
import type { Trials } from "../optim/core/rule.js";
import { optimizers } from "../optim/table.js";
import { command, parsed } from "./args.js";

/** One row of the table that the command and the documentation show. */
export interface OptimizerRow {
  name: string;
  paper: string;
  follows: string;
  /** Bytes of state per parameter: the minimum and the maximum over its options. */
  state: readonly [number, number];
  defaults: Record<string, unknown>;
}

interface AnyRule {
  paper: string;
  follows: string;
  hyper: object;
  slots(h: object, shape: readonly number[]): Record<string, readonly number[]>;
}

/** THE TABLE as data. */
export async function rows(): Promise<OptimizerRow[]> {
  return Promise.all(Object.entries(optimizers).map(row));
}

async function row([name, factory]: [string, { rule: unknown }]): Promise<OptimizerRow> {
  const rule = factory.rule as AnyRule;
  const file = `../optim/${name}.js`; // a variable: a literal path would make the bundler write a file for each optimizer
  const { trials } = (await import(file)) as { trials: Trials<object> };
  const sets = [{}, ...Object.values(trials.variants)];
  const bytes = sets.map((set) => 4 * Object.keys(rule.slots({ ...rule.hyper, ...set }, [1])).length);
  const defaults = rule.hyper as Record<string, unknown>;
  return {
    name,
    paper: rule.paper,
    follows: rule.follows,
    state: [least(bytes), greatest(bytes)],
    defaults,
  };
}

/** The rows as a Markdown table, which is readable on a terminal too. */
export async function table(): Promise<string> {
  const body = (await rows()).map(({ name, paper, follows, state: [least, most], defaults }) => [
    `\`${name}\``,
    paper,
    follows,
    least === most ? `${least}` : `${least}–${most}`,
    Object.entries(defaults)
      .map(([key, value]) => `${key} ${plain(value)}`)
      .join(", "),
  ]);
  return markdownTable([["name", "paper", "follows", "state, bytes", "defaults"], ...body]);
}

/** Formats a value for a table. */
export function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(" ");
  if (typeof value !== "number" || value === 0) return String(value);
  return Math.abs(value) < 0.01 || Math.abs(value) >= 1e6 ? value.toExponential().replace("e+", "e") : String(value);
}

/** The command. */
export async function listOptimizers(args: string[]): Promise<void> {
  const list = command("optimizers", "lists all optimizers with source, state and defaults", "[--json]");
  const call = parsed<{ json?: true }>(list.option("--json", "print one JSON array on one line"), args);
  if (call) process.stdout.write(`${call.values.json ? JSON.stringify(await rows()) : await table()}\n`);
}
