import {
  checkBoolean,
  checkKeys,
  checkNonNegative,
  checkOneOf,
  checkPositive,
  checkWhole,
  rangeError,
  typeError,
} from "../check.js";
import type { Tensor } from "../engine/tensor.js";
import type { Bytes, HostAbortSignal } from "../host/hostTypes.js";
import { isSignal } from "../host/realm.js";
import type { Loss } from "../nn/loss.js";
import { Optimizer } from "../optim/core/optimizer.js";
import { checkBatchOptions } from "./batches.js";
import { type Checkpoint, checkStateful, type Stateful } from "./checkpoint.js";
import type { Evaluation } from "./evaluate.js";
import type { Data } from "./loadData.js";
import { checkModel } from "./weights.js";

// biome-ignore lint/suspicious/noExplicitAny: training does not depend on the rule of the optimizer
export type AnyOptimizer = Optimizer<any, any>;

/** How to train. */
export interface TrainOptions {
  optimizer: AnyOptimizer;
  loss: Loss;
  /** Passes over the data. */
  epochs: number;
  /** Rows per batch; the last one of an epoch may have fewer. A number above that of the rows means all of them. */
  batchSize: number;
  /** Seed of the shuffling, which differs in every epoch, and of the validation split. Default 0. */
  seed?: number;
  /** Shuffle the rows anew for each epoch. Default true. */
  shuffle?: boolean;
  /** Drop the last batch of an epoch if it is smaller than the others. Default false. */
  dropLast?: boolean;
  /**
   * Batches per step, whose gradients are averaged with equal weights. The last step of an epoch may have fewer.
   * Default 1.
   */
  accumulate?: number;
  /** Clip gradients to this global norm. */
  clipNorm?: number;
  /** Data to measure the model on after each epoch, or the fraction of the rows to hold out for that. */
  validation?: number | Data;
  /** Count the confusion matrix at each validation. Default false. */
  confusion?: boolean;
  /** End the run when it no longer improves. */
  earlyStopping?: EarlyStopping;
  /**
   * Averages of the weights (EMA, SWA): updated after each step that was taken, and swapped into the model for each
   * validation. After the run the model has the trained weights; `swapIn()` replaces them by the averages.
   */
  averages?: Averages;
  /**
   * Further state that the run depends on and checkpoints must include. The optimizer's state already includes its
   * schedules, those that follow a metric too.
   */
  stateful?: Readonly<Record<string, Stateful>>;
  /**
   * "throw", the default: a loss that is NaN or infinite rejects with a DivergedError before its step, and so do
   * parameters that are after the last step. "propagate": the run continues, and the data may have such numbers too.
   */
  onNonFiniteLoss?: "throw" | "propagate";
  /** Save all that is needed to resume the run. */
  checkpoint?: CheckpointOptions;
  /** A checkpoint of a run with the same data and options, to resume from. */
  resume?: Uint8Array | ArrayBuffer | Checkpoint | undefined;
  /** Called after each step. */
  onStep?: (step: StepReport) => void;
  /** Called after each epoch and its validation; a promise is awaited. */
  onEpoch?: (epoch: EpochReport) => void | Promise<void>;
  /**
   * Ends the run after the present step: a checkpoint is saved if the run saves any, and `train` rejects with the
   * signal's reason. The model stays as it is.
   */
  signal?: HostAbortSignal;
}

/** When to end a run early. */
export interface EarlyStopping {
  /** The run ends after this number of epochs without improvement. */
  patience: number;
  /** The least improvement that counts. Default 0. */
  minDelta?: number;
  /**
   * "loss", the default, or "accuracy": of the validation if there is one, else of the epoch, which has only a loss.
   */
  metric?: "loss" | "accuracy";
  /**
   * Leave the model with the parameters of its best epoch, and `averages` with theirs; `swapIn()` then gives the model
   * that was measured. Default true.
   */
  restoreBest?: boolean;
}

/** What `train` requires of averages of the weights. */
export interface Averages extends Stateful {
  /** Whether they are in the model now: a run must begin with the trained weights there. */
  readonly swapped?: boolean;
  update(): void;
  swapIn(): void;
  swapOut(): void;
}

/** When and where to save checkpoints. The last one of a run is saved at its end. */
export interface CheckpointOptions {
  /**
   * Save after every so many steps or epochs. Default: after an epoch, the first one and each that ends when saves have
   * taken at most a tenth of the time since.
   */
  every?: { steps: number } | { epochs: number };
  /**
   * Stores the bytes of a safetensors file; a promise is awaited. `checkpointFile` of `thalweg/node` writes them
   * safely.
   */
  save: (bytes: Bytes, at: { epoch: number; step: number }) => void | Promise<void>;
  /** Plain data to save in each checkpoint. */
  extra?: unknown;
}

/** A report on one step. All steps reuse one object. */
export interface StepReport {
  /** Counted from 0. */
  epoch: number;
  /** Counted from 1 over the whole run. */
  step: number;
  /** Steps of the whole run. */
  steps: number;
  /** Rows of this step. */
  rows: number;
  /** Mean loss over the rows of this step, before the step. */
  loss: number;
}

/** A report on one epoch. */
export interface EpochReport {
  /** Counted from 0. */
  epoch: number;
  /** Steps taken so far. */
  steps: number;
  /** Mean of the batches' losses, weighted by their rows, each taken before its step. */
  loss: number;
  seconds: number;
  /** The evaluation of the model on the validation data. */
  validation?: Evaluation;
}

/** The history of a run. */
export interface History {
  epochs: EpochReport[];
  /** With early stopping: the best epoch and its metric. */
  best?: { epoch: number; value: number };
}

export function checkOptions(model: unknown, options: TrainOptions): void {
  checkModel(model);
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("train", options, KEYS);
  const { optimizer, loss, epochs, accumulate, clipNorm, confusion, averages, stateful, onNonFiniteLoss } = options;
  if (!(optimizer instanceof Optimizer)) throw typeError("optimizer", "an optimizer", optimizer);
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  const own = new Set(model.parameters());
  const { groups } = optimizer as AnyOptimizer;
  if (!groups.some(({ params }) => params.some((tensor: Tensor) => own.has(tensor))))
    throw new RangeError("optimizer: expected one over parameters of this model, got one over other tensors only");
  if (optimizer.needsClosure && (accumulate ?? 1) > 1) {
    throw rangeError("accumulate", `1 with ${optimizer.name}, which takes gradients at several points`, accumulate);
  }
  checkWhole("epochs", epochs);
  checkBatchOptions(options);
  if (accumulate !== undefined) checkWhole("accumulate", accumulate);
  if (clipNorm !== undefined) checkPositive("clipNorm", clipNorm);
  if (confusion !== undefined) checkBoolean("confusion", confusion);
  if (onNonFiniteLoss !== undefined) checkOneOf("onNonFiniteLoss", onNonFiniteLoss, ["throw", "propagate"]);
  checkEarlyStopping(options);
  if (averages !== undefined) {
    checkStateful("averages", averages);
    for (const name of ["update", "swapIn", "swapOut"] as const) checkFunction(`averages.${name}`, averages[name]);
    if (averages.swapped)
      throw new RangeError("averages: expected swapOut() before a run, got averages that are swapped in");
  }
  if (averages !== undefined && stateful && "averages" in stateful)
    throw rangeError("stateful", "names other than averages, which has an option of its own", "averages");
  for (const [name, one] of Object.entries(stateful ?? {})) checkStateful(`stateful.${name}`, one);
  checkCheckpoint(options.checkpoint);
  const { onStep, onEpoch, signal } = options;
  if (onStep !== undefined) checkFunction("onStep", onStep);
  if (onEpoch !== undefined) checkFunction("onEpoch", onEpoch);
  if (signal !== undefined && !isSignal(signal)) throw typeError("signal", "an AbortSignal", signal);
}

function checkEarlyStopping({ earlyStopping, validation }: TrainOptions): void {
  if (validation !== undefined && typeof validation !== "object" && typeof validation !== "number")
    throw typeError("validation", "a fraction between 0 and 1, or data", validation);
  if (typeof validation === "number" && !(validation > 0 && validation < 1))
    throw rangeError("validation", "a fraction between 0 and 1, or data", validation);
  if (earlyStopping === undefined) return;
  if (typeof earlyStopping !== "object" || earlyStopping === null)
    throw typeError("earlyStopping", "an object { patience }", earlyStopping);
  checkKeys("earlyStopping", earlyStopping, ["patience", "minDelta", "metric", "restoreBest"]);
  const { patience, minDelta, metric, restoreBest } = earlyStopping;
  checkWhole("earlyStopping.patience", patience);
  if (minDelta !== undefined) checkNonNegative("earlyStopping.minDelta", minDelta);
  if (metric !== undefined) checkOneOf("earlyStopping.metric", metric, ["loss", "accuracy"]);
  if (metric === "accuracy" && validation === undefined)
    throw rangeError("earlyStopping.metric", '"loss" without validation', metric);
  if (restoreBest !== undefined) checkBoolean("earlyStopping.restoreBest", restoreBest);
}

function checkCheckpoint(checkpoint: unknown): void {
  if (checkpoint === undefined) return;
  if (typeof checkpoint !== "object" || checkpoint === null)
    throw typeError("checkpoint", "an object { every, save }", checkpoint);
  checkKeys("checkpoint", checkpoint, ["every", "save", "extra"]);
  const { every, save } = checkpoint as { every?: unknown; save?: unknown };
  checkFunction("checkpoint.save", save);
  if (every === undefined) return;
  const wanted = "{ steps: n } or { epochs: n }";
  if (typeof every !== "object" || every === null) throw typeError("checkpoint.every", wanted, every);
  const [[unit, count] = [], ...more] = Object.entries(every);
  if ((unit !== "steps" && unit !== "epochs") || more.length > 0) throw rangeError("checkpoint.every", wanted, unit);
  checkWhole(`checkpoint.every.${unit}`, count);
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw typeError(name, "a function", value);
}

const KEYS = [
  ...["optimizer", "loss", "epochs", "batchSize", "seed", "shuffle", "dropLast", "accumulate", "clipNorm"],
  ...["validation", "confusion", "earlyStopping", "averages", "stateful", "onNonFiniteLoss", "checkpoint", "resume"],
  ...["onStep", "onEpoch", "signal"],
];
