/** The position of a run of `train` in its checkpoints, and the check that another run may resume from it. */
import { rangeError } from "../check.js";
import type { Model } from "../nn/sequential.js";
import type { BatchPosition } from "./batches.js";
import type { BestEpochState } from "./bestEpoch.js";
import type { Checkpoint } from "./checkpoint.js";
import type { DataSplit } from "./dataSplit.js";
import { DivergedError } from "./divergedError.js";
import type { EpochReport, TrainOptions } from "./options.js";

/** The position of a run, as its checkpoints save it. */
export interface RunState {
  /** The options that decide which rows each step has: they must be the same when the run resumes. */
  plan: Record<string, unknown>;
  batches: BatchPosition;
  /** Loss summed over the rows of the present epoch so far, the number of these rows, and the time they took. */
  total: number;
  seen: number;
  seconds: number;
  epochs: EpochReport[];
  best: BestEpochState | undefined;
  over: boolean;
}

/** The options that decide which rows each step has. */
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

/** Refuses to save parameters that a step has made NaN or infinite. */
export function checkParameters(model: Model, step: number, epoch: number): void {
  for (const [name, tensor] of model.namedParameters()) {
    const bad = tensor.data.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw new DivergedError(step, epoch, bad, name);
  }
}
