import type { Schema } from "../data/schema.js";
import type { Engine } from "../engine/engine.js";
import type { Model } from "../nn/sequential.js";
import type { Optimizer } from "../optim/core/optimizer.js";
import { ema, type WeightAverage } from "../optim/wrappers/averages.js";
import type { Schedule } from "../schedule/schedule.js";
import { network } from "./network.js";
import { optimizerOf, scheduleOf } from "./optimizer.js";
import type { Settings } from "./settings.js";

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
  const optimizer = optimizerOf(settings, model.parameters(), schedule);
  // Debiased: in a short run the initial weights would outweigh the learned ones.
  const averages =
    settings.ema === undefined ? undefined : ema(model.parameters(), { decay: settings.ema, biasCorrection: true });
  return { model, optimizer, averages, schedule, steps };
}

/** Prepares the model for measuring and predictions. */
export function settle({ optimizer, averages }: Pick<Parts, "optimizer" | "averages">): void {
  optimizer.eval();
  averages?.swapIn();
}
