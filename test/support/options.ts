/** What batteries over THE TABLE need to know of each optimizer: one entry a row, keyed by its name. */
import { type Optimizer, optimizer } from "../../src/optim/optimizer.js";
import type { Rule } from "../../src/optim/rule.js";
import { optimizers } from "../../src/optim/table.js";

/** Hyperparameters of any rule. */
export type Hyper = Record<string, unknown>;
export type AnyRule = Rule<Hyper, object>;
export type AnyOptimizer = Optimizer<Hyper, object>;
export type AnyFactory = ReturnType<typeof optimizer<Hyper, object>>;

/** THE TABLE, for tests that do not care which rule they drive. */
export const table = Object.entries(optimizers) as unknown as [string, AnyFactory][];

/**
 * Option sets that together reach every kernel of a rule, and every option that changes a kernel's scalars. What is
 * not given stands at its default.
 */
export const optionSets: Record<string, readonly Hyper[]> = {
  sgd: [
    { lr: 0.05 },
    { lr: 0.05, weightDecay: 0.1 },
    { lr: 0.05, momentum: 0.9 },
    { lr: 0.05, momentum: 0.9, dampening: 0.5, weightDecay: 0.01 },
    { lr: 0.05, momentum: 0.9, nesterov: true },
    { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  ],
  adam: [
    {},
    { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    { lr: 0.01, eps: 0 },
    { lr: 0.01, betas: [0, 0.9], weightDecay: 0.05, amsgrad: true },
    { lr: 0.01, weightDecay: 0.3, decoupled: true },
    { lr: 0.01, weightDecay: 0.3, decoupled: true, amsgrad: true },
  ],
  adamw: [
    {},
    { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0 },
    { lr: 0.01, eps: 0, weightDecay: 0.3 },
    { lr: 0.01, weightDecay: 0.3, amsgrad: true },
  ],
};

/** The option sets of a row; a row without any fails the run. */
export function setsOf(name: string): readonly Hyper[] {
  const sets = optionSets[name];
  if (!sets?.length) throw new Error(`test/support/options.ts has no option sets for ${name}`);
  return sets;
}

/** Every row with every one of its option sets. */
export const rows = table.flatMap(([name, factory]) =>
  setsOf(name).map((hyper) => ({ name, factory, hyper, title: `${name} ${JSON.stringify(hyper)}` })),
);

/** The factory of a rule, as `optimizer` makes it, with the types that the batteries use. */
export const factoryOf = <H extends object, S extends object>(rule: Rule<H, S>): AnyFactory =>
  optimizer(rule as unknown as AnyRule);
