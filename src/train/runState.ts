/** The position of a run of `train` in its checkpoints, and the check that another run may resume from it. */
import { checkBoolean, checkNumber, checkWhole, rangeError, typeError } from "../check.js";
import { isFloat32 } from "../host/realm.js";
import type { Model } from "../nn/sequential.js";
import type { BatchPosition } from "./batches.js";
import type { BestEpochState } from "./bestEpoch.js";
import type { Checkpoint } from "./checkpoint.js";
import type { DataSplit } from "./dataSplit.js";
import { DivergedError } from "./divergedError.js";
import { type SavedHistory, unpackHistory } from "./history.js";
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
  history: SavedHistory;
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

/** The reports on a run's epochs before its checkpoint. */
export const epochsOf = (run: RunState): EpochReport[] => {
  // Before there were columns, a file had the reports themselves.
  const { epochs } = run as unknown as { epochs?: unknown };
  return epochs === undefined ? unpackHistory(run.history) : checkedReports(epochs);
};

/** The run of a checkpoint, if a run with these options may resume it, and its history. */
export function checkedRun(
  checkpoint: Checkpoint,
  model: Model,
  o: TrainOptions,
  split: DataSplit,
): { run: RunState; epochs: EpochReport[] } {
  const run = runOf(checkpoint);
  if (run === undefined) throw rangeError("resume", "a checkpoint of train()", "one that was saved by hand");
  checkShape(run);
  const epochs = epochsOf(run);
  checkBest(run.best, model);
  for (const [key, value] of Object.entries(planOf(o, split))) {
    if (run.plan[key] !== value) throw rangeError(`resume: ${key}`, `${run.plan[key]}, as in the checkpoint`, value);
  }
  const rows = split.training.rows.length;
  const batches = rows / Math.min(o.batchSize, rows);
  const count = o.dropLast ? Math.floor(batches) : Math.ceil(batches);
  if (run.batches.batch >= count) throw rangeError("resume.batches.batch", `less than ${count}`, run.batches.batch);
  const least = run.batches.epoch + Number(run.batches.batch > 0);
  if (o.epochs < least) throw rangeError("epochs", `at least ${least}, for this checkpoint`, o.epochs);
  return { run, epochs };
}

/** Refuses a position that no run has saved: a file may be sealed right and still say anything. */
function checkShape(run: RunState): void {
  for (const key of ["plan", "batches"] as const) {
    if (typeof run[key] !== "object" || run[key] === null) throw typeError(`resume.${key}`, "an object", run[key]);
  }
  const { epoch, batch, generator } = run.batches;
  checkWhole("resume.batches.epoch", epoch, 0);
  checkWhole("resume.batches.batch", batch, 0);
  const words = list("batches.generator", generator);
  if (words.length !== 4 || !words.every((word) => Number.isInteger(word) && word === ((word as number) | 0)))
    throw rangeError("resume.batches.generator", "four whole numbers of 32 bits", generator);
  // A run that lets its loss diverge (onNonFiniteLoss: "propagate") resumes as any other.
  if (typeof run.total !== "number") throw typeError("resume.total", "a number", run.total);
  for (const key of ["seen", "seconds"] as const) finite(key, run[key]);
  checkBoolean("resume.over", run.over);
}

function checkedReports(epochs: unknown): EpochReport[] {
  list("epochs", epochs).forEach((report, i) => {
    const { epoch, steps, loss, seconds } = (report ?? {}) as Partial<EpochReport>;
    checkWhole(`resume.epochs[${i}].epoch`, epoch, 0);
    checkNumber(`resume.epochs[${i}].steps`, steps, "a whole number", Number.isSafeInteger);
    if (typeof loss !== "number") throw typeError(`resume.epochs[${i}].loss`, "a number", loss);
    finite(`epochs[${i}].seconds`, seconds);
  });
  return epochs as EpochReport[];
}

function list(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw typeError(`resume.${name}`, "an array", value);
  return value;
}

function finite(name: string, value: unknown): void {
  checkNumber(`resume.${name}`, value, "a finite number", () => true);
}

/** Refuses the state of early stopping that no run on this model has saved. */
export function checkBest(best: RunState["best"], model: Model): void {
  if (best === undefined) return;
  checkWhole("resume.best.epoch", best.epoch, 0);
  if (typeof best.value !== "number") throw typeError("resume.best.value", "a number", best.value);
  if (best.parameters === undefined) return;
  const tensors = model.parameters();
  const fits = (array: unknown, i: number) => isFloat32(array) && array.length === tensors[i]?.size;
  if (!Array.isArray(best.parameters) || best.parameters.length !== tensors.length || !best.parameters.every(fits))
    throw rangeError("resume.best.parameters", "an array of numbers for each parameter", best.parameters);
}

/** Refuses parameters that a step has made NaN or infinite; `saved` says whether a checkpoint was made before it. */
export function checkParameters(model: Model, at: { step: number; epoch: number; saved: boolean }): void {
  for (const [name, tensor] of model.namedParameters()) {
    const bad = tensor.data.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw new DivergedError(at.step, at.epoch, bad, { parameter: name, saved: at.saved });
  }
}
