/** The reference trajectories of test/golden/, made by running PyTorch and its like, ready to run. */
import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { type AnyFactory, type AnyOptimizer, type AnyRule, type Hyper, table } from "./options.js";
import { camel } from "./renamed.js";
import { type Special, specials } from "./variants.js";

/** One run of a reference: parameters after each step, in double precision. */
export interface Case {
  hyper: Hyper;
  f64: number[][];
  /** How far the reference's own f32 run strays from its f64 run. */
  f32_vs_f64_maxabs: number;
  /** Schedule-Free: the point to evaluate the model at. */
  x_f64?: number[][];
}
export interface Golden {
  params0: number[];
  grads: number[][];
  cases: Case[];
}

export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"));
}
/** The file of an optimizer: `opt.schedule_free_adamw.json` for scheduleFreeAdamw. */
export const golden = (name: string): Golden =>
  readGolden(`opt.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`) as Golden;

/** A file of test/golden/ with the optimizer that it is for, and how its hyperparameters read in ours. */
export interface Trajectory {
  title: string;
  factory: AnyFactory;
  file: Golden;
  rename(given: Hyper): Hyper;
}

/**
 * Every opt.*.json whose optimizer is in THE TABLE. `opt.schedule_free_adamw.json` is scheduleFreeAdamw's by its name;
 * what follows another reference than the rule does, or names things otherwise, stands in `variants.ts`.
 */
export const trajectories: Trajectory[] = readdirSync(new URL("../golden/", import.meta.url))
  .filter((name) => name.startsWith("opt."))
  .flatMap((name) => {
    const title = name.slice("opt.".length, -".json".length);
    const file = readGolden(`opt.${title}`) as Golden;
    const special = specials[title] ?? { optimizer: camel(title) };
    return [special].flat().flatMap(({ optimizer, takes, hyper }: Partial<Special>) => {
      const found = table.find(([row]) => row === optimizer);
      if (!found) return [];
      const [, factory] = found;
      const cases = file.cases.filter((one) => takes?.(one.hyper) ?? true);
      const rename = (given: Hyper) => hyper?.(given) ?? hyperOf(factory.rule, given);
      return [{ title, factory, file: { ...file, cases }, rename }];
    });
  });

/** A reference's hyperparameters in our names. One that the rule does not have would be silently left out: it throws. */
export function hyperOf(rule: AnyRule, given: Hyper): Hyper {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const name = camel(key);
      if (!(name in rule.hyper) && name !== "maximize") throw new Error(`${rule.name} has no ${name} for ${key}`);
      return [name, value];
    }),
  );
}

const W = 25; // the first 25 numbers are W [5, 5], the other 12 are b

/** The two tensors of a golden file, with f32 values: the files print them to 9 digits. */
export function start(engine: Engine, { params0 }: Golden): [Tensor, Tensor] {
  const values = params0.map(Math.fround);
  return [engine.tensor([5, 5], values.slice(0, W)), engine.tensor(12, values.slice(W))];
}

export function setGrads([w, b]: readonly [Tensor, Tensor], grads: readonly number[]): void {
  const values = grads.map(Math.fround);
  w.grad.set(values.slice(0, W));
  b.grad.set(values.slice(W));
}

export const flat = (tensors: readonly Tensor[]): number[] => tensors.flatMap(({ data }) => [...data]);

/**
 * What an f32 run may differ by at one step: 1e-6 of the largest parameter, or 4 times what the reference's own f32
 * run differs by where that is more.
 */
export function bound({ f32_vs_f64_maxabs }: Case, want: readonly number[]): number {
  return Math.max(1e-6 * Math.max(...want.map(Math.abs)), 4 * f32_vs_f64_maxabs);
}

export function expectClose(got: readonly number[], want: readonly number[], within: number, where: string): void {
  expect(got).toHaveLength(want.length);
  for (const [i, value] of got.entries()) {
    const off = Math.abs(value - want[i]);
    // Written so that NaN fails.
    if (!(off <= within)) expect.fail(`${where}, element ${i}: ${value}, not ${want[i]} within ${within}`);
  }
}

/** Runs one case and holds it against the reference after every step. */
export function follow(
  engine: Engine,
  factory: AnyFactory,
  file: Golden,
  golden: Case,
  hyper: Hyper = hyperOf(factory.rule, golden.hyper),
  after: (opt: AnyOptimizer, tensors: readonly Tensor[], step: number) => void = () => {},
): void {
  const tensors = start(engine, file);
  const opt = factory(tensors, hyper);
  expect(golden.f64).toHaveLength(file.grads.length);
  for (const [t, grads] of file.grads.entries()) {
    setGrads(tensors, grads);
    opt.step();
    const want = golden.f64[t];
    expectClose(flat(tensors), want, bound(golden, want), `step ${t + 1}`);
    after(opt, tensors, t);
  }
  opt.dispose();
}
