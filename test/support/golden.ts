/** The reference trajectories of test/golden/, recorded from PyTorch, Optax and others, ready to run. */
import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import type { StepOptions } from "../../src/optim/core/optimizer.js";
import type { HessianOptimizer } from "../../src/optim/shared/hessianOptimizer.js";
import { type AnyFactory, type AnyOptimizer, type AnyRule, type Hyper, matricesAlone, table } from "./options.js";
import { camel } from "./renamed.js";
import { type Curvature, type Special, specials } from "./variants.js";

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
  /** What each step may take the estimate of the Hessian's diagonal from. */
  hessians?: number[][];
  cases: Case[];
}

export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"));
}
/** The file of an optimizer: `opt.schedule_free_adamw.json` for scheduleFreeAdamw. */
export const golden = (name: string): Golden =>
  readGolden(`opt.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`) as Golden;

/** A file of test/golden/ with an optimizer that takes it, and the file's hyperparameters in our names. */
export interface Trajectory {
  title: string;
  factory: AnyFactory;
  file: Golden;
  rename(given: Hyper): Hyper;
  /** How the runs use `file.hessians`. */
  curvature?: ((given: Hyper) => Curvature) | undefined;
  /** What a step of such a case does besides. */
  stepOptions(given: Hyper): StepOptions;
}

/**
 * Optimizers that have golden files but no row in THE TABLE yet. A new row must leave this list, and every file of its
 * optimizer must then be run: those of another reference through `variants.ts`.
 */
export const notYet: readonly string[] = [];

/** The optimizer that a golden file is named for: "lamb" for `opt.lamb.timm.json`. */
const namesake = (title: string): string => camel(title.split(".")[0]);

/** The titles of all opt.*.json: "adam.keras" for `opt.adam.keras.json`. */
const titles = readdirSync(new URL("../golden/", import.meta.url))
  .filter((name) => name.startsWith("opt."))
  .map((name) => name.slice("opt.".length, -".json".length));

/** The optimizers that `notYet` has to name, as the files have it. */
export const awaited: readonly string[] = [...new Set(titles.filter((title) => !takersOf(title)).map(namesake))];

/**
 * The rows of THE TABLE that run a golden file. `opt.schedule_free_adamw.json` is scheduleFreeAdamw's by its name; a file
 * that follows another reference than the rule, or has other names for its hyperparameters, has an entry in `variants.ts`.
 * @returns undefined for a file of an optimizer that is `notYet` there
 * @throws for any other file that no row takes: it would be left out silently
 */
export function takersOf(title: string): { factory: AnyFactory; special: Partial<Special> }[] | undefined {
  const takers = [specials[title] ?? { optimizer: camel(title) }].flat().flatMap((special: Partial<Special>) => {
    const row = table.find(([name]) => name === special.optimizer);
    return row ? [{ factory: row[1], special }] : [];
  });
  if (takers.length > 0) return takers;
  if (notYet.includes(namesake(title)) && !table.some(([name]) => name === namesake(title))) return undefined;
  throw new Error(`opt.${title}.json: expected an optimizer of THE TABLE that takes it, got none; see variants.ts`);
}

/** Every run of a golden file by an optimizer of THE TABLE. */
export const trajectories: Trajectory[] = titles.flatMap((title) => {
  const takers = takersOf(title);
  if (!takers) return [];
  const file = readGolden(`opt.${title}`) as Golden;
  return takers.map(({ factory, special: { takes, hyper, step, curvature } }) => {
    const cases = file.cases.filter((one) => takes?.(one.hyper) ?? true);
    const rename = (given: Hyper) => hyper?.(given) ?? hyperOf(factory.rule, given);
    const stepOptions = (given: Hyper) => step?.(given) ?? {};
    if (file.hessians && !curvature)
      throw new Error(`opt.${title}.json: expected its hessians to be used; see variants.ts`);
    return { title, factory, file: { ...file, cases }, rename, stepOptions, curvature };
  });
});

/** A reference's hyperparameters in our names. Throws for one that the rule does not have: it would be ignored silently. */
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

/** Hands an optimizer the diagonal of a step, if it is one at which the run takes it. */
function feed(
  engine: Engine,
  opt: AnyOptimizer,
  tensors: readonly [Tensor, Tensor],
  row: readonly number[],
  diagonal: Curvature["diagonal"],
): void {
  const values = diagonal(row.map(Math.fround));
  const diagonals = [engine.tensor([5, 5], values.slice(0, W)), engine.tensor(12, values.slice(W))];
  (opt as unknown as HessianOptimizer).updateHessian(tensors, diagonals);
  for (const tensor of diagonals) tensor.dispose();
}

export const flat = (tensors: readonly Tensor[]): number[] => tensors.flatMap(({ data }) => [...data]);

/**
 * By how much an f32 run may differ at one step: 1e-6 of the largest parameter, or 4 times the difference of the
 * reference's own f32 run if that is larger.
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

/** Runs one case and compares it with the reference after every step. */
export function follow(
  engine: Engine,
  factory: AnyFactory,
  file: Golden,
  golden: Case,
  hyper: Hyper = hyperOf(factory.rule, golden.hyper),
  after: (opt: AnyOptimizer, tensors: readonly Tensor[], step: number) => void = () => {},
  { step, curvature }: { step?: StepOptions; curvature?: Curvature | undefined } = {},
): void {
  const tensors = start(engine, file);
  // The file of a rule for matrices leaves b as it is.
  const opt = factory(matricesAlone.has(factory.rule.name) ? [tensors[0]] : tensors, hyper);
  expect(golden.f64).toHaveLength(file.grads.length);
  for (const [t, grads] of file.grads.entries()) {
    setGrads(tensors, grads);
    const taken = curvature && t % curvature.every === 0 ? curvature : undefined;
    if (taken?.when === "before") feed(engine, opt, tensors, file.hessians![t], taken.diagonal);
    opt.step(undefined, step);
    if (taken?.when === "after") feed(engine, opt, tensors, file.hessians![t], taken.diagonal);
    const want = golden.f64[t];
    expectClose(flat(tensors), want, bound(golden, want), `step ${t + 1}`);
    after(opt, tensors, t);
  }
  opt.dispose();
}
