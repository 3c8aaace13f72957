import { checkKeys, checkNumber, checkPositive, checkWhole, rangeError, typeError } from "../check.js";
import type { Loss } from "../nn/loss.js";
import { Model } from "../nn/sequential.js";
import { Optimizer } from "../optim/base.js";
import { random } from "../random.js";
import { Batches } from "./batches.js";
import { type Data, load } from "./dataset.js";

// biome-ignore lint/suspicious/noExplicitAny: training does not depend on which rule the optimizer follows
export type AnyOptimizer = Optimizer<any, any>;

/** How to train. */
export interface TrainOptions {
  optimizer: AnyOptimizer;
  loss: Loss;
  /** Passes over the data. */
  epochs: number;
  /** Rows a step; a last batch may have fewer. More than there are means all. */
  batchSize: number;
  /** Seed of the order of the rows, which changes every epoch. Default 0. */
  seed?: number;
  /** Clip gradients by their global norm. */
  clipNorm?: number;
  /** After each step. */
  onStep?: (step: StepReport) => void;
  /** After each epoch; a promise is waited for. */
  onEpoch?: (epoch: EpochReport) => void | Promise<void>;
  /** Ends the run after the present step: `train` then rejects with the signal's reason, and the model stays as it is. */
  signal?: AbortSignal;
}

/** One step. The same object at every step. */
export interface StepReport {
  /** Counted from 0. */
  epoch: number;
  /** Counted from 1 over the whole run. */
  step: number;
  /** Steps of the whole run. */
  steps: number;
  /** Rows of this batch. */
  rows: number;
  /** Loss of this batch, before the step. */
  loss: number;
}

/** One epoch. */
export interface EpochReport {
  /** Counted from 0. */
  epoch: number;
  /** Steps taken so far. */
  steps: number;
  /** Mean of the batches' losses, weighted by their rows. */
  loss: number;
  seconds: number;
}

/** What a run leaves behind. */
export interface History {
  epochs: EpochReport[];
}

/** How long steps may run before the event loop gets a turn, in milliseconds. */
const TURN = 50;

/**
 * Trains a model on mini-batches, reshuffled for each epoch.
 *
 * @returns the history, one entry an epoch
 * @throws RangeError or TypeError for data or options that do not fit; rejects with `signal.reason` when aborted
 * @example
 * const history = await train(model, { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] }, {
 *   optimizer: adam(model.parameters(), { lr: 0.05 }), loss: mse, epochs: 200, batchSize: 4, seed: 1,
 * });
 * console.log(history.epochs.at(-1).loss);
 */
export async function train(model: Model, data: Data, options: TrainOptions): Promise<History> {
  check(model, options);
  const { optimizer, loss, epochs, batchSize, seed = 0, clipNorm, onStep, onEpoch, signal } = options;
  const { engine } = model;
  const loaded = load(engine, data);
  let batches: Batches | undefined;
  try {
    checkLabels(model, loaded.y);
    batches = new Batches(engine, loaded, batchSize);
    const generator = random(seed);
    const stepOptions = clipNorm === undefined ? { zeroGrad: true } : { zeroGrad: true, clipNorm };
    const report: StepReport = { epoch: 0, step: 0, steps: epochs * batches.count, rows: 0, loss: 0 };
    const history: History = { epochs: [] };
    let turn = performance.now();
    model.train();
    optimizer.train();
    optimizer.zeroGrad();
    for (let epoch = 0; epoch < epochs; epoch++) {
      const start = performance.now();
      let total = 0;
      batches.shuffle(generator);
      for (let i = 0; i < batches.count; i++) {
        signal?.throwIfAborted();
        const { x, y } = batches.take(i);
        const rows = x.shape[0]!;
        const { value, grad } = loss(model.forward(x), y);
        model.backward(grad, WITHOUT_INPUT);
        optimizer.step(undefined, stepOptions);
        total += value * rows;
        if (onStep) {
          report.epoch = epoch;
          report.step = epoch * batches.count + i + 1;
          report.rows = rows;
          report.loss = value;
          onStep(report);
        }
        if (performance.now() - turn > TURN) {
          await new Promise<void>((resolve) => setTimeout(resolve, 0));
          turn = performance.now();
        }
      }
      const seconds = (performance.now() - start) / 1000;
      history.epochs.push({ epoch, steps: (epoch + 1) * batches.count, loss: total / loaded.rows, seconds });
      await onEpoch?.(history.epochs[epoch]!);
    }
    return history;
  } finally {
    batches?.dispose();
    loaded.dispose();
  }
}

const WITHOUT_INPUT = { inputGrad: false };

function check(model: unknown, options: TrainOptions): void {
  if (!(model instanceof Model)) throw typeError("model", "a model made by sequential()", model);
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("train", options, KEYS);
  const { optimizer, loss, epochs, batchSize, seed = 0, clipNorm, signal } = options;
  if (!(optimizer instanceof Optimizer)) throw typeError("optimizer", "an optimizer", optimizer);
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  if (optimizer.needsClosure) {
    throw rangeError("optimizer", "one that steps on given gradients", `${optimizer.name}, which needs a closure`);
  }
  checkWhole("epochs", epochs);
  checkWhole("batchSize", batchSize);
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  if (clipNorm !== undefined) checkPositive("clipNorm", clipNorm);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw typeError("signal", "an AbortSignal", signal);
}

/** All class numbers before the first step: the loss would find a wrong one in mid-run, with the model half trained. */
function checkLabels(model: Model, y: unknown): void {
  const classes = model.layers.reduce<number | undefined>((width, { outputs = width }) => outputs, undefined);
  if (!(y instanceof Int32Array) || classes === undefined) return;
  y.forEach((label, r) => {
    if (label < 0 || label >= classes) throw rangeError(`data.y[${r}]`, `a class from 0 to ${classes - 1}`, label);
  });
}

const KEYS = ["optimizer", "loss", "epochs", "batchSize", "seed", "clipNorm", "onStep", "onEpoch", "signal"];
