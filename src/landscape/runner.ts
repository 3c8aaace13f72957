import { argumentError, checkKeys, quoted, rangeError, typeError } from "../check.js";
import { nearest } from "../nearest.js";
import { takesHessian } from "../optim/core/rule.js";
import type { OptimizerFactory } from "../optim/core/ruleOptimizer.js";
import { optimizers } from "../optim/table.js";
import { eigenOf } from "./eigen.js";
import type { Landscape } from "./landscape.js";

type AnyFactory = OptimizerFactory<Record<string, unknown>, object>;

/** Who runs: an optimizer by its name or factory, or one with options and a label of its own. */
export type Runner =
  | string
  // biome-ignore lint/suspicious/noExplicitAny: of any rule
  | OptimizerFactory<any, any>
  | {
      // biome-ignore lint/suspicious/noExplicitAny: of any rule
      optimizer: string | OptimizerFactory<any, any>;
      /** What it is called in the result. Default: the name of the optimizer. */
      label?: string;
      /** Hyperparameters; the learning rate only where rates are "defaults". */
      options?: Readonly<Record<string, unknown>>;
    };

/** A runner, ready to run. */
export interface Entrant {
  readonly label: string;
  readonly factory: AnyFactory;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The largest learning rate at which a method stands still at the steepest curvature, and below which it converges. */
export interface RateLimit {
  readonly rate: number;
  /** The formula, such as "2/λmax". */
  readonly formula: string;
}

/** Checks runners; `rated` if the race sets their learning rates. */
export function entrantsOf(runners: readonly Runner[], rated: boolean): Entrant[] {
  if (!Array.isArray(runners)) throw typeError("runners", "an array of optimizers", runners);
  if (runners.length === 0) throw rangeError("runners", "at least one optimizer", runners);
  const entrants = (runners as readonly Runner[]).map((runner, i) => entrantOf(`runners[${i}]`, runner));
  for (const [i, { label, factory, options }] of entrants.entries()) {
    const { rule } = factory;
    if (entrants.findIndex((other) => other.label === label) < i)
      throw rangeError(`runners[${i}].label`, "a label of its own", label);
    for (const key of Object.keys(options)) {
      if (!(key in rule.hyper))
        throw rangeError(`runners[${i}].options`, `options among ${Object.keys(rule.hyper).join(", ")}`, key);
    }
    if (rated && !("lr" in rule.hyper)) throw rangeError(`runners[${i}]`, "an optimizer that has lr", rule.name);
    if (rated && "lr" in options) throw rangeError(`runners[${i}].options`, "no lr, which rates sets", options.lr);
    if (rule.checkShape)
      throw rangeError(`runners[${i}]`, "an optimizer that takes a point, not matrices alone", rule.name);
    if (takesHessian(rule))
      throw rangeError(`runners[${i}]`, "an optimizer that steps by gradients alone, without updateHessian", rule.name);
    rule.check({ ...rule.hyper, ...options });
  }
  return entrants;
}

function entrantOf(name: string, runner: Runner): Entrant {
  if (typeof runner === "string" || typeof runner === "function") {
    const factory = factoryOf(name, runner);
    return { label: factory.rule.name, factory, options: {} };
  }
  checkKeys(name, runner, ["optimizer", "label", "options"]);
  const factory = factoryOf(`${name}.optimizer`, runner.optimizer);
  const { label = factory.rule.name, options = {} } = runner;
  if (typeof label !== "string") throw typeError(`${name}.label`, "a string", label);
  if (typeof options !== "object" || options === null) throw typeError(`${name}.options`, "an object", options);
  return { label, factory, options };
}

function factoryOf(name: string, optimizer: unknown): AnyFactory {
  if (typeof optimizer === "function" && "rule" in optimizer) return optimizer as unknown as AnyFactory;
  if (optimizer === "kfac" || (typeof optimizer === "function" && optimizer.name === "kfac"))
    throw argumentError(name, "expected an optimizer that takes a point, got kfac, which takes a model");
  if (typeof optimizer !== "string") throw typeError(name, "an optimizer or its name", optimizer);
  const table = optimizers as unknown as Record<string, AnyFactory>;
  if (Object.hasOwn(table, optimizer)) return table[optimizer];
  const near = nearest(optimizer, Object.keys(table));
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  throw argumentError(name, `expected the name of an optimizer, got ${quoted(optimizer)}${meant}`);
}

/**
 * The limit of gradient descent and its two forms with momentum at the first minimum of the table: 2/λ, 2(1 + β)/λ, and with
 * Nesterov's 2(1 + β)/(λ(1 + 2β)) (from the roots of their recurrences on a quadratic). Undefined for others.
 */
export function limitOf({ minima, cusps, hessian }: Landscape, { factory, options }: Entrant): RateLimit | undefined {
  const { rule } = factory;
  const hyper = { ...rule.hyper, ...options } as Record<string, unknown>;
  const plain = ["sgd", "momentum", "nag"].includes(rule.name) && !hyper.dampening && hyper.variant !== "ema";
  if (!plain || minima.length === 0 || cusps.length > 0) return undefined;
  const steepest = eigenOf(hessian(minima[0].point)).values.at(-1)!;
  const beta = Number(hyper.momentum ?? 0);
  if (beta === 0) return { rate: 2 / steepest, formula: "2/λmax" };
  if (hyper.nesterov || rule.name === "nag")
    return { rate: (2 * (1 + beta)) / (steepest * (1 + 2 * beta)), formula: "2(1 + β)/(λmax(1 + 2β))" };
  return { rate: (2 * (1 + beta)) / steepest, formula: "2(1 + β)/λmax" };
}
