/**
 * THE TABLE: every optimizer by name. Tests, benches, the command, the README and the arena go through it. Kept out of
 * the main entry, so that a bundler drops the optimizers that an app does not use.
 */
import type { OptimizerFactory } from "./core/ruleOptimizer.js";
import * as factories from "./index.js";

/** The name of an optimizer: "adamw". */
export type OptimizerName = keyof typeof factories;

/** A factory whose optimizer is known at run time alone: its hyperparameters are not checked by the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: of any rule
export type AnyOptimizerFactory = OptimizerFactory<any, any>;

/**
 * {@link optimizers}: under its name each with its own type, under any text a factory. A name that is not in it has none, which
 * the compiler says with `noUncheckedIndexedAccess`.
 */
export type OptimizerTable = typeof factories & { readonly [name: string]: AnyOptimizerFactory };

/**
 * Every optimizer by name, for names that are known at run time.
 *
 * @example
 * const make = optimizers[name];
 * if (make === undefined) throw new RangeError(`no optimizer "${name}"`);
 * const opt = make(model.parameters(), { lr: 0.01 });
 */
export const optimizers: OptimizerTable = { ...factories };
