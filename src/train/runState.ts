/** Where a run of `train` stands: what a checkpoint says of it, and whether another run may go on from there. */
import { rangeError } from "../check.js";
import type { Model } from "../nn/sequential.js";
import type { BatchPosition } from "./batches.js";
import type { BestEpochState } from "./bestEpoch.js";
import type { Checkpoint } from "./checkpoint.js";
import type { DataSplit } from "./dataSplit.js";
import { DivergedError } from "./divergedError.js";
import type { EpochReport, TrainOptions } from "./options.js";

/** The position of a run, as plain data of its checkpoints. */
export interface RunState {
  /** What decides which rows a step has, and so must be the same when a run goes on. */
  plan: Record<string, unknown>;
  batches: BatchPosition;
  /** Sums over the part of an epoch that is done. */
  total: number;
  seen: number;
  seconds: number;
  epochs: EpochReport[];
  best: BestEpochState | undefined;
  over: boolean;
}

/** What decides which rows a step has. */
export function planOf(o: TrainOptions, { training, validation }: DataSplit): RunState["plan"] {
  const { seed = 0, shuffle = true, dropLast = false, accumulate = 1, batchSize } = o;
  const rows = training.rows.length;
  return { seed, shuffle, dropLast, accumulate, batchSize, rows, validationRows: validation?.rows.length ?? 0 };
}

/** The position of the run that a checkpoint was saved by; undefined for one that was saved by hand. */
export const runOf = ({ state }: Checkpoint): RunState | undefined => state.run as RunState | undefined;

/** The run of a checkpoint, if a run with these options may resume it. */
export function checkedRun(checkpoint: Checkpoint, o: TrainOptions, split: DataSplit): RunState {
  const run = runOf(checkpoint);
  if (run === undefined) throw rangeError("resume", "a checkpoint of train()", "one that was saved by hand");
  for (const [key, value] of Object.entries(planOf(o, split))) {
    if (run.plan[key] !== value) throw rangeError(`resume: ${key}`, `${run.plan[key]}, as in the checkpoint`, value);
  }
  const least = run.batches.epoch + Number(run.batches.batch > 0);
  if (o.epochs < least) throw rangeError("epochs", `at least ${least}, for this checkpoint`, o.epochs);
  return run;
}

/** Refuses to save what a step has spoilt. */
export function checkParameters(model: Model, step: number, epoch: number): void {
  for (const [name, tensor] of model.namedParameters()) {
    const bad = tensor.data.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw new DivergedError(step, epoch, bad, name);
  }
}
