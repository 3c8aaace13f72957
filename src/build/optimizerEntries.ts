/**
 * What `thalweg optimizers NAME` shows and docs/optimizers.md says of each optimizer, from its rule and the docstrings of
 * its source.
 */
import { readFileSync } from "node:fs";
import type { OptimizerEntry } from "../cli/optimizerData.js";
import { greatest, least } from "../math/extremes.js";
import type { Trials } from "../optim/core/rule.js";
import * as factories from "../optim/index.js";

interface AnyRule {
  paper: string;
  follows: string;
  hyper: object;
  slots(h: object, shape: readonly number[]): Record<string, readonly number[]>;
  doubles?(h: object, shape: readonly number[]): Record<string, readonly number[]>;
}

/** A slot: how many numbers it has, and the bytes of each. */
interface SlotSize {
  size: number;
  bytes: 4 | 8;
}

/** THE TABLE as data. */
export const entries = (): Promise<OptimizerEntry[]> =>
  Promise.all(Object.entries<{ rule: unknown }>({ ...factories }).map(entry));

async function entry([name, factory]: [string, { rule: unknown }]): Promise<OptimizerEntry> {
  const rule = factory.rule as AnyRule;
  const { trials } = (await import(`../optim/${name}.js`)) as { trials: Trials<object> };
  const sets = [{}, ...Object.values(trials.variants)];
  const bytes = sets.map((set) => {
    const held = sizes(rule, { ...rule.hyper, ...set }, MATRIX);
    return held.reduce((total, { size, bytes: each }) => total + each * size, 0) / product(MATRIX);
  });
  const source = readFileSync(new URL(`../optim/${name}.ts`, import.meta.url), "utf8");
  const options = Object.entries(rule.hyper).map(([key, value]) => ({
    name: key,
    default: value === Number.POSITIVE_INFINITY ? "Infinity" : value,
    meaning: described(source, key),
  }));
  const { paper, follows } = rule;
  const state = [least(bytes), greatest(bytes)] as const;
  const stateOf = {
    matrix: formula(rule, [M, N], { mn: M * N, "m²": M * M, "n²": N * N, m: M, n: N, "": 1 }),
    vector: formula(rule, [N], { "n²": N * N, n: N, "": 1 }),
  };
  return { name, paper, follows, state, stateOf, options, ...docstring(source, name) };
}

/** The matrix whose bytes a parameter are given. */
const MATRIX = [512, 512];
/** Sides that tell rows, columns and elements of a matrix apart. */
const [M, N] = [512, 384];

const product = (shape: readonly number[]): number => shape.reduce((size, side) => size * side, 1);

/** The slots of a parameter, f32 and f64. */
const sizes = (rule: AnyRule, h: object, shape: readonly number[]): SlotSize[] => {
  const floats = Object.values(rule.slots(h, shape)).map((slot): SlotSize => ({ size: product(slot), bytes: 4 }));
  const doubles = Object.values(rule.doubles?.(h, shape) ?? {});
  return [...floats, ...doubles.map((slot): SlotSize => ({ size: product(slot), bytes: 8 }))];
};

/** The bytes of state at the defaults, by what they grow with: elements, pairs of rows or columns, rows, columns, or nothing. */
function formula(rule: AnyRule, shape: readonly number[], units: Readonly<Record<string, number>>): string {
  const held = sizes(rule, rule.hyper, shape);
  const terms = Object.entries(units).flatMap(([unit, size]) => {
    const own = held.filter((slot) => slot.size === size);
    const bytes = own.reduce((total, slot) => total + slot.bytes, 0);
    return bytes === 0 ? [] : [`${bytes}${unit}`];
  });
  const known = Object.values(units);
  const other = held.find(({ size }) => !known.includes(size));
  if (other)
    throw new Error(`expected slots of ${Object.keys(units).join(", ")} or one number, got one of ${other.size}`);
  return terms.join(" + ") || "0";
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
