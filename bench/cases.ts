/** One case for each update kernel of THE TABLE, found by asking the rules; and what a kernel costs at the least. */
import { optimizers } from "thalweg/table";
import { compile } from "../src/engine/binaries/compile.js";

export interface Case {
  /** "adam amsgrad": the optimizer and the first of its variants that takes this kernel. */
  name: string;
  optimizer: keyof typeof optimizers;
  hyper: object;
  /** Arrays read and written: the parameters and the slots. */
  updated: number;
  /** Divisions and square roots an element; undefined for rules of several passes, whose limit is their traffic once. */
  divisions: number;
  roots: number;
}

interface AnyRule {
  hyper: object;
  variants?: Record<string, object>;
  state?(h: object): object;
  slots(h: object, shape: readonly number[]): Record<string, unknown>;
  prepare?(h: object, s: object, t: number, pass: { kernel: string; slots: number; scalars(): void }): void;
}

export async function cases(): Promise<Case[]> {
  const { text } = await compile("strict");
  return Object.entries(optimizers).flatMap(([optimizer, { rule }]) =>
    casesOf(optimizer as Case["optimizer"], rule as unknown as AnyRule, text),
  );
}

function casesOf(optimizer: Case["optimizer"], rule: AnyRule, text: string): Case[] {
  const found = new Map<string, Case>();
  for (const [variant, hyper] of Object.entries(rule.variants ?? { "": {} })) {
    const whole = { ...rule.hyper, ...hyper };
    const pass = { kernel: "", slots: 1000, scalars() {} };
    rule.prepare?.(whole, rule.state?.(whole) ?? {}, 1, pass);
    if (found.has(pass.kernel)) continue;
    const slots = Math.min(pass.slots, Object.keys(rule.slots(whole, [4])).length);
    const body = text.match(new RegExp(`^ \\(func \\S+/${pass.kernel}(?![\\w])[^]*?^ \\)`, "m"))?.[0] ?? "";
    const count = (instruction: string) => body.split(instruction).length - 1;
    const costs = { updated: slots + 1, divisions: count("f32x4.div"), roots: count("f32x4.sqrt") };
    found.set(pass.kernel, { name: `${optimizer} ${variant}`.trim(), optimizer, hyper, ...costs });
  }
  return [...found.values()];
}
