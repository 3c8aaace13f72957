/**
 * The settings of a run of `thalweg train`, as plain data, and the model, optimizer and schedule that they describe.
 */
import { inputsOf, type Schema } from "../data/schema.js";
import type { Task } from "../data/target.js";
import type { Engine } from "../engine/engine.js";
import { elu, leakyRelu, relu, selu, sigmoid, tanh } from "../nn/activation.js";
import { softmaxCrossEntropy } from "../nn/crossEntropy.js";
import { dense } from "../nn/dense.js";
import { dropout } from "../nn/dropout.js";
import type { Init } from "../nn/init.js";
import type { Layer } from "../nn/layer.js";
import type { Loss } from "../nn/loss.js";
import { type Model, sequential } from "../nn/sequential.js";
import { gelu, mish, silu, softplus } from "../nn/smoothActivation.js";
import { mse } from "../nn/squaredError.js";
import type { Optimizer } from "../optim/core/optimizer.js";
import type { OptimizerFactory } from "../optim/core/ruleOptimizer.js";
import { optimizers } from "../optim/table.js";
import { ema, type WeightAverage } from "../optim/wrappers/averages.js";
import { overRun, type RunShape } from "../schedule/run.js";
import type { Schedule } from "../schedule/schedule.js";
import { asUsageError, flagOf, fraction, hint, UsageError } from "./args.js";

/** Everything that a file must hold to resume its run; the names are those of the options. */
export interface Settings {
  target: string;
  task?: Task;
  hidden: number[];
  activation: string;
  dropout?: number;
  optimizer: string;
  lr?: number;
  weightDecay?: number;
  momentum?: number;
  schedule?: RunShape;
  /** Steps, or a fraction of the run as text. */
  warmup?: number | string;
  clip?: number;
  labelSmoothing?: number;
  ema?: number;
  validation?: number;
  earlyStop?: number;
  /** Epochs from one checkpoint to the next. */
  saveEvery?: number;
  epochs: number;
  batch: number;
  seed: number;
  simd: "auto" | "relaxed" | "strict";
}

/**
 * The activations by name, each with the initialization of the weights before it: He's for those that switch units off.
 */
export const activations: Readonly<Record<string, readonly [layer: () => Layer, init: Init]>> = {
  relu: [relu, "heUniform"],
  leakyRelu: [leakyRelu, "heUniform"],
  elu: [elu, "heUniform"],
  selu: [selu, "glorotUniform"],
  gelu: [gelu, "heUniform"],
  silu: [silu, "heUniform"],
  mish: [mish, "heUniform"],
  softplus: [softplus, "glorotUniform"],
  sigmoid: [sigmoid, "glorotUniform"],
  tanh: [tanh, "glorotUniform"],
};

/** An optimizer of THE TABLE, with any hyperparameters. */
type AnyFactory = OptimizerFactory<Record<string, unknown>, object>;
const factories = optimizers as unknown as Record<string, AnyFactory>;
export const OPTIMIZERS = Object.keys(optimizers);

/** Reads --optimizer. */
export function optimizerName(name: string, text: string): string {
  if (Object.hasOwn(optimizers, text)) return text;
  const expected = `one of ${OPTIMIZERS.join(", ")}`;
  throw new UsageError(`${name}: expected ${expected}, got ${JSON.stringify(text)}${hint(text, OPTIMIZERS)}`);
}

/** Completes settings with the defaults, and refuses contradictions. */
export function withDefaults(given: Partial<Settings>): Settings {
  const defaults = { hidden: [64], activation: "relu", optimizer: "adamw", epochs: 30, batch: 32, seed: 1 };
  const settings = { target: "", simd: "auto" as const, ...defaults, ...given };
  const { hidden, dropout, schedule, optimizer } = settings;
  if (dropout !== undefined && hidden.length === 0)
    throw new UsageError("--dropout: expected hidden layers, whose units it drops, got --hidden none");
  const hyper = hyperOf(settings);
  if ((schedule ?? settings.warmup) !== undefined && rateOf(settings) === undefined)
    throw new UsageError(`--schedule: expected an optimizer with a learning rate, got ${optimizer}`);
  const { rule } = factories[optimizer];
  try {
    rule.check({ ...rule.hyper, ...hyper });
  } catch (error) {
    throw asUsageError(error);
  }
  return settings;
}

/** The given hyperparameters. One that the optimizer does not have is refused, not ignored. */
function hyperOf({ optimizer, lr, weightDecay, momentum }: Settings): Record<string, number> {
  const { rule } = factories[optimizer];
  const hyper: Record<string, number> = {};
  for (const [name, value] of Object.entries({ lr, weightDecay, momentum })) {
    if (value === undefined) continue;
    if (!(name in rule.hyper)) {
      const known = Object.keys(rule.hyper).join(", ");
      throw new UsageError(`${flagOf(name)}: expected an optimizer that has it, got ${rule.name}, which has ${known}`);
    }
    hyper[name] = value;
  }
  return hyper;
}

/** The defaults of a run's optimizer. */
export const hyperparameters = ({ optimizer }: Settings): Record<string, unknown> => factories[optimizer].rule.hyper;

/** The peak learning rate of a run; undefined if the optimizer has no learning rate. */
export function rateOf(settings: Settings): number | undefined {
  return settings.lr ?? (hyperparameters(settings).lr as number | undefined);
}

/** The schedule of the learning rate over a number of steps; undefined if the rate is constant. */
export function scheduleOf(settings: Settings, steps: number): Schedule | undefined {
  const { schedule, warmup } = settings;
  if (schedule === undefined && warmup === undefined) return undefined;
  // At least one step: a fraction that rounds to none would be ignored.
  const rise = typeof warmup === "string" ? Math.max(1, Math.round(fraction("--warmup", warmup) * steps)) : warmup;
  try {
    return overRun(schedule ?? "constant", {
      peak: rateOf(settings)!,
      steps,
      ...(rise !== undefined && { warmup: rise }),
    });
  } catch (error) {
    throw asUsageError(error);
  }
}

/** The parts of a run that have a state. */
export interface Parts {
  model: Model;
  optimizer: Optimizer<Record<string, unknown>, object>;
  averages: WeightAverage | undefined;
  schedule: Schedule | undefined;
  /** Steps of the whole run. */
  steps: number;
}

/** Makes the parts of a run on this number of rows. The engine owns their memory. */
export function partsOf(engine: Engine, settings: Settings, schema: Schema, rows: number): Parts {
  const { epochs, batch } = settings;
  const steps = epochs * Math.ceil(rows / batch);
  const schedule = scheduleOf(settings, steps);
  const model = network(engine, settings, schema);
  const hyper: Record<string, number | Schedule> = hyperOf(settings);
  if (schedule) hyper.lr = schedule;
  const optimizer = factories[settings.optimizer](model.parameters(), hyper);
  // Debiased: in a short run the initial weights would outweigh the learned ones.
  const averages =
    settings.ema === undefined ? undefined : ema(model.parameters(), { decay: settings.ema, biasCorrection: true });
  return { model, optimizer, averages, schedule, steps };
}

/** Dense layers with the activation, and dropout if any, between them. */
function network(engine: Engine, { hidden, activation, dropout: p, seed }: Settings, schema: Schema): Model {
  const [layer, init] = activations[activation];
  const widths = [inputsOf(schema), ...hidden];
  const layers = hidden.flatMap((width, i) => [
    dense(widths[i], width, { init }),
    layer(),
    ...(p === undefined ? [] : [dropout(p)]),
  ]);
  const output = dense(widths.at(-1)!, schema.target.classes?.length ?? 1, { init: "glorotUniform" });
  return sequential(engine, [...layers, output], { seed });
}

/** The loss to train with, and the loss to report, which is without label smoothing. */
export function lossesOf(
  { labelSmoothing }: Settings,
  { target: { task } }: Schema,
): { training: Loss; reported: Loss } {
  if (task === "classification") {
    const training = labelSmoothing === undefined ? softmaxCrossEntropy : softmaxCrossEntropy.with({ labelSmoothing });
    return { training, reported: softmaxCrossEntropy };
  }
  if (labelSmoothing !== undefined)
    throw new UsageError("--label-smoothing: expected classes to predict, got a regression");
  return { training: mse, reported: mse };
}
