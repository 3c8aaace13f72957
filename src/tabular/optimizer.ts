import { argumentError, quoted } from "../check.js";
import type { Tensor } from "../engine/tensor.js";
import { nearest } from "../nearest.js";
import { adamw } from "../optim/adamw.js";
import type { Optimizer } from "../optim/core/optimizer.js";
import { takesHessian } from "../optim/core/rule.js";
import type { OptimizerFactory } from "../optim/core/ruleOptimizer.js";
import { optimizers } from "../optim/table.js";
import { combine } from "../optim/wrappers/combine.js";
import { overRun } from "../schedule/run.js";
import type { Schedule } from "../schedule/schedule.js";
import { fractionOf } from "./checkSettings.js";
import type { Settings } from "./settings.js";

/** An optimizer of THE TABLE, with any hyperparameters. */
type AnyFactory = OptimizerFactory<Record<string, unknown>, object>;
const factories = optimizers as unknown as Record<string, AnyFactory>;
/** Those that a run can have: it makes no estimates of the Hessian's diagonal. */
export const OPTIMIZERS: readonly string[] = Object.keys(optimizers).filter(
  (name) => !takesHessian(factories[name].rule),
);

/** Why a run cannot have this optimizer of THE TABLE; undefined for one that it can have, and for a name of none. */
export const whyNot = (name: string): string | undefined =>
  Object.hasOwn(factories, name) && !OPTIMIZERS.includes(name)
    ? `expected an optimizer that steps by gradients alone, got ${name}, which needs opt.updateHessian() in a loop of your own`
    : undefined;

/** Refuses the name of an optimizer that a run cannot have. */
export function checkOptimizer(name: string): void {
  const refusal = whyNot(name);
  if (refusal !== undefined) throw argumentError("optimizer", refusal);
  if (OPTIMIZERS.includes(name)) return;
  const near = nearest(name, OPTIMIZERS);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  throw argumentError("optimizer", `expected one of ${OPTIMIZERS.join(", ")}, got ${quoted(name)}${meant}`);
}

type OptimizerSettings = Pick<Settings, "optimizer" | "lr" | "weightDecay" | "momentum">;

/** The given hyperparameters. One that the optimizer does not have is refused, not ignored. */
function hyperOf({ optimizer, lr, weightDecay, momentum }: OptimizerSettings): Record<string, number> {
  const { rule } = factories[optimizer];
  const hyper: Record<string, number> = {};
  for (const [name, value] of Object.entries({ lr, weightDecay, momentum })) {
    if (value === undefined) continue;
    if (!(name in rule.hyper)) {
      const known = Object.keys(rule.hyper).join(", ");
      throw argumentError(name, `expected an optimizer that has it, got ${rule.name}, which has ${known}`);
    }
    hyper[name] = value;
  }
  return hyper;
}

/** Refuses hyperparameters that the optimizer does not have, or not with these values. */
export function checkHyper(settings: OptimizerSettings): void {
  const { rule } = factories[settings.optimizer];
  rule.check({ ...rule.hyper, ...hyperOf(settings) });
}

/** The defaults of a run's optimizer. */
export const hyperparameters = ({ optimizer }: Pick<Settings, "optimizer">): Record<string, unknown> =>
  factories[optimizer].rule.hyper;

/** The peak learning rate of a run; undefined if the optimizer has no learning rate. */
export function rateOf(settings: Pick<Settings, "optimizer" | "lr">): number | undefined {
  return settings.lr ?? (hyperparameters(settings).lr as number | undefined);
}

/** The schedule of the learning rate over a number of steps; undefined if the rate is constant. */
export function scheduleOf(settings: Settings, steps: number): Schedule | undefined {
  const { schedule, warmup } = settings;
  if (schedule === undefined && warmup === undefined) return undefined;
  // At least one step: a fraction that rounds to none would be ignored.
  const rise = typeof warmup === "string" ? Math.max(1, Math.round(fractionOf("warmup", warmup) * steps)) : warmup;
  return overRun(schedule ?? "constant", {
    peak: rateOf(settings)!,
    steps,
    ...(rise !== undefined && { warmup: rise }),
  });
}

/** The optimizer of a run over these parameters. */
export function optimizerOf(
  settings: OptimizerSettings,
  parameters: readonly Tensor[],
  schedule: Schedule | undefined,
): Optimizer<Record<string, unknown>, object> {
  const hyper: Record<string, number | Schedule> = hyperOf(settings);
  if (schedule) hyper.lr = schedule;
  const factory = factories[settings.optimizer];
  if (!factory.rule.checkShape) return factory(parameters, hyper);
  // AdamW takes what is no matrix, at the same rate: the rule is asked to fit one that is meant for AdamW.
  const { momentum: _, ...common } = hyper;
  const matrices = parameters.filter(({ shape }) => shape.length === 2);
  const others = parameters.filter(({ shape }) => shape.length !== 2);
  const parts = [factory(matrices, { ...hyper, adjustLrFn: "matchRmsAdamw" })];
  const all = others.length > 0 ? [...parts, adamw(others, common) as unknown as (typeof parts)[0]] : parts;
  return combine(all) as Optimizer<object, object> as Optimizer<Record<string, unknown>, object>;
}
