/** What adapters take: an optimizer by its factory, with its hyperparameters. */
import { rangeError, typeError } from "../check.js";
import { Engine } from "../engine/engine.js";
import type { Common } from "../optim/core/hyperparameters.js";
import type { Optimizer } from "../optim/core/optimizer.js";
import { type Rule, type Scheduled, takesHessian } from "../optim/core/rule.js";

/** A factory of THE TABLE, or any function that makes an optimizer of parameters: `(params) => sam(sgd(params))`. */
export interface Factory<H extends object> {
  // biome-ignore lint/suspicious/noExplicitAny: the parameters of a group have the hyperparameters of any rule
  (params: any, hyper?: Partial<Scheduled<H> & Common>): Optimizer<any, any>;
  // biome-ignore lint/suspicious/noExplicitAny: the state of any rule
  readonly rule?: Rule<H, any>;
}

/** @param closures whether the adapter can evaluate the loss for the rules that ask for it */
export function checkFactory(factory: unknown, hyper: unknown, engine: unknown, closures: boolean): void {
  if (typeof factory !== "function") throw typeError("factory", "an optimizer's factory, such as adamw", factory);
  const { rule } = factory as Factory<object>;
  if (rule && (takesHessian(rule) || (rule.closure === "required" && !closures)))
    throw rangeError("factory", "an optimizer that steps by gradients alone", rule.name);
  if (typeof hyper !== "object" || hyper === null) throw typeError("hyper", "an object of hyperparameters", hyper);
  if (engine !== undefined && !(engine instanceof Engine))
    throw typeError("engine", "an engine made by createEngine()", engine);
}

/** Refuses bad hyperparameters at once, and not at the first step: an optimizer of one number is made on trial. */
export function checkHyper<H extends object>(
  engine: Engine,
  factory: Factory<H>,
  hyper: Partial<Scheduled<H> & Common>,
): void {
  if (!factory.rule) return; // a function may want more than one parameter
  const trial = engine.tensor([1, 1]);
  try {
    factory([trial], hyper).dispose();
  } finally {
    trial.dispose();
  }
}
