/** THE TABLE as batteries over it need it. */

import type { Rule, Trials } from "../../src/optim/core/rule.js";
import { optimizer, type RuleOptimizer } from "../../src/optim/core/ruleOptimizer.js";
import { optimizers } from "../../src/optim/table.js";

/** Hyperparameters of any rule. */
export type Hyper = Record<string, unknown>;
export type AnyRule = Rule<Hyper, object>;
export type AnyOptimizer = RuleOptimizer<Hyper, object>;
export type AnyFactory = ReturnType<typeof optimizer<Hyper, object>>;

/**
 * THE TABLE, for tests that do not care which rule they drive. They hand vectors to all of them, and a rule for matrices
 * takes a vector as a matrix of one row here; that it refuses vectors in the library, test/optim/muon.test.ts shows.
 */
export const table = (Object.entries(optimizers) as unknown as [string, AnyFactory][]).map(
  ([name, factory]): [string, AnyFactory] => [
    name,
    factory.rule.checkShape ? optimizer(ofAnyShape(factory.rule)) : factory,
  ],
);

function ofAnyShape({ checkShape: _, ...rule }: AnyRule): AnyRule {
  return rule;
}

/** The rules that take matrices alone, by name. */
export const matricesAlone: ReadonlySet<string> = new Set(
  Object.values(optimizers).flatMap((one) => (one?.rule.checkShape ? [one.rule.name] : [])),
);

const found = new Map<string, Trials<Hyper>>();
for (const [name] of table) found.set(name, (await import(`../../src/optim/${name}.ts`)).trials);

/** What a row is tried with. A row without any option set fails the run. */
export function trialsOf({ name }: AnyRule): Trials<Hyper> {
  const trials = found.get(name);
  if (!trials || Object.keys(trials.variants).length === 0) throw new Error(`the rule ${name} has no trials`);
  return trials;
}

/** The option sets of a row: its variants. */
export const setsOf = (rule: AnyRule): readonly Hyper[] => Object.values(trialsOf(rule).variants);

/**
 * The rows whose steps follow from gradients alone, in any groups. The others search the loss of a closure, which must belong
 * to the gradients, and take one group: test/optim/lbfgs.test.ts has what these batteries ask for.
 */
export const driven = table.filter(([, { rule }]) => !rule.oneGroup);

/** Every one of these with every one of its option sets. */
export const rows = driven.flatMap(([name, factory]) =>
  setsOf(factory.rule).map((hyper) => ({ name, factory, hyper, title: `${name} ${JSON.stringify(hyper)}` })),
);

/** The factory of a rule, as `optimizer` makes it, with the types that the batteries use. */
export const factoryOf = <H extends object, S extends object>(rule: Rule<H, S>): AnyFactory =>
  optimizer(rule as unknown as AnyRule);
