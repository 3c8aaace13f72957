/**
 * What `thalweg optimizers NAME` shows and docs/optimizers.md says of each optimizer, from its rule and the docstrings of
 * its source.
 */
import { readFileSync } from "node:fs";
import type { OptimizerEntry } from "../cli/optimizerData.js";
import { greatest, least } from "../extremes.js";
import type { Trials } from "../optim/core/rule.js";
import { optimizers } from "../optim/table.js";

interface AnyRule {
  paper: string;
  follows: string;
  hyper: object;
  slots(h: object, shape: readonly number[]): Record<string, readonly number[]>;
}

/** THE TABLE as data. */
export const entries = (): Promise<OptimizerEntry[]> => Promise.all(Object.entries(optimizers).map(entry));

async function entry([name, factory]: [string, { rule: unknown }]): Promise<OptimizerEntry> {
  const rule = factory.rule as AnyRule;
  const { trials } = (await import(`../optim/${name}.js`)) as { trials: Trials<object> };
  const sets = [{}, ...Object.values(trials.variants)];
  const bytes = sets.map((set) => 4 * Object.keys(rule.slots({ ...rule.hyper, ...set }, [1])).length);
  const source = readFileSync(new URL(`../optim/${name}.ts`, import.meta.url), "utf8");
  const options = Object.entries(rule.hyper).map(([key, value]) => ({
    name: key,
    default: value === Number.POSITIVE_INFINITY ? "Infinity" : value,
    meaning: described(source, key),
  }));
  const { paper, follows } = rule;
  const state = [least(bytes), greatest(bytes)] as const;
  return { name, paper, follows, state, options, ...docstring(source, name) };
}

/** What stands above the factory: the text, and the one line of its example. */
function docstring(source: string, name: string): { text: string; example: string } {
  const comment = source.match(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*\\nexport const ${name} = `))?.[1];
  const [, text, example] = lines(comment ?? "").match(/^([\s\S]*?)\n@example\n(.*)/) ?? [];
  if (!text || !example) throw new Error(`src/optim/${name}.ts: expected a docstring of ${name} with an @example`);
  return { text: text.trim(), example };
}

/** The docstring of an option, on one line; empty where it has none. */
function described(source: string, key: string): string {
  const fields = source.match(/export interface \w+Hyper[^{]*\{([\s\S]*?)\n\}/)?.[1] ?? "";
  const comment = fields.match(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*\\n  ${key}: `))?.[1] ?? "";
  return lines(comment).replace(/\s+/g, " ").trim();
}

/** The text of a comment without its stars; links become names. */
const lines = (comment: string): string =>
  comment
    .replace(/^ *\* ?/gm, "")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .trim();
