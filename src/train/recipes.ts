/**
 * The entry `thalweg/recipes`: optimizers and settings for typical situations, each of which can build its optimizer.
 * It is separate from the main entry because it imports several optimizers.
 */
import { checkKeys, checkNonNegative, checkWhole, rangeError, typeError } from "../check.js";
import { Tensor } from "../engine/tensor.js";
import { adagrad } from "../optim/adagrad.js";
import { adam } from "../optim/adam.js";
import { adamw } from "../optim/adamw.js";
import { decayGroups, layerGroups } from "../optim/core/decayGroups.js";
import type { Optimizer } from "../optim/core/optimizer.js";
import type { OptimizerFactory } from "../optim/core/ruleOptimizer.js";
import { lamb } from "../optim/lamb.js";
import { lion } from "../optim/lion.js";
import { rmsprop } from "../optim/rmsprop.js";
import { scheduleFreeAdamw } from "../optim/scheduleFreeAdamw.js";
import { sgd } from "../optim/sgd.js";
import { overRun, type RunShape } from "../schedule/run.js";
import { type RecipeRow, rows } from "./recipeTable.js";

export { type HyperparameterRow, hyperparameters, tuning } from "./hyperparameterTable.js";
export type { RecipeRow } from "./recipeTable.js";

// biome-ignore lint/suspicious/noExplicitAny: the optimizer that a recipe names decides the hyperparameters
type AnyFactory = OptimizerFactory<any, any>;

/** The optimizers that recipes name and this version of the library has. */
const factories: Record<string, AnyFactory> = { adagrad, adam, adamw, lamb, lion, rmsprop, scheduleFreeAdamw, sgd };

/** Options of {@link Recipe.build}. */
export interface BuildOptions {
  /** Steps of the whole run, warm-up included. */
  steps: number;
  /** The peak learning rate. Default: the recipe's. */
  lr?: number;
  /** Weight decay. Default: the recipe's. */
  weightDecay?: number;
  /** Steps of the warm-up. Default: the recipe's fraction of the run. */
  warmup?: number;
}

/** A row of {@link recipes} that can build its optimizer. */
export interface Recipe extends RecipeRow {
  /**
   * Builds the optimizer of the recipe, with its schedule.
   * @throws RangeError or TypeError for options that do not fit, and an Error where this version of the library does
   *   not have the optimizer yet
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  build(params: readonly Tensor[], options: BuildOptions): Optimizer<any, any>;
}

/**
 * The recipes as a table: situation → optimizer, learning rate, schedule, weight decay, source.
 *
 * @example
 * for (const { name, optimizer, lr, source } of Object.values(recipes)) console.log(name, optimizer, lr, source);
 */
export const recipes: Readonly<Record<string, RecipeRow>> = rows;

/**
 * Looks up a recipe by its name.
 *
 * If the source excludes biases and the gains of normalisations from weight decay, `build` does so too: it puts tensors
 * of one dimension in a second group with weightDecay 0, and for LAMB without its ratio.
 * @throws RangeError for an unknown name
 * @example
 * const optimizer = recipe("vision-transformer").build(model.parameters(), { steps: 10_000 });
 */
export function recipe(name: string): Recipe {
  if (typeof name !== "string") throw typeError("name", "the name of a recipe", name);
  if (!Object.hasOwn(rows, name)) throw rangeError("name", `one of ${Object.keys(rows).join(", ")}`, name);
  const row = rows[name];
  return { ...row, build: (params, options) => build(row, params, options) };
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function build(row: RecipeRow, params: readonly Tensor[], options: BuildOptions): Optimizer<any, any> {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object { steps }", options);
  checkKeys("build", options, ["steps", "lr", "weightDecay", "warmup"]);
  const { steps, lr = row.lr, weightDecay = row.weightDecay } = options;
  checkWhole("steps", steps);
  checkNonNegative("lr", lr);
  checkNonNegative("weightDecay", weightDecay);
  const factory = factories[row.optimizer];
  if (factory === undefined) {
    throw new Error(
      `${row.name}: expected the optimizer ${row.optimizer}, which this version of thalweg does not have`,
    );
  }
  const hyper = { ...row.hyper, lr: schedule(row, lr, steps, options.warmup), weightDecay };
  // A source that leaves biases without decay leaves them without LAMB's ratio too.
  const adapts = Object.hasOwn(factory.rule.hyper, "layerAdaptation");
  if (!row.excludesBiases || (weightDecay === 0 && !adapts)) return factory(params, hyper);
  // The optimizer refuses anything but a list of tensors.
  if (!Array.isArray(params) || !params.length || !params.every((p) => p instanceof Tensor))
    return factory(params, hyper);
  const named = params.map((p, i) => [String(i), p] as const);
  return factory(adapts ? layerGroups(named, weightDecay) : decayGroups(named, weightDecay), hyper);
}

function schedule({ schedule: { shape, warmup = 0, to } }: RecipeRow, lr: number, steps: number, given?: number) {
  // Round a fraction of a short run up to a whole step, but leave at least one step after the warm-up.
  const rise = given ?? Math.min(Math.ceil(warmup * steps), steps - 1);
  if (shape === "constant" && rise === 0) return lr;
  return overRun(shape satisfies RunShape, {
    peak: lr,
    steps,
    warmup: rise,
    ...(to !== undefined && { to: to * lr }),
  });
}
