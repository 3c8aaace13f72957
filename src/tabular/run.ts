import { rangeError } from "../check.js";
import type { Examples } from "../data/encode.js";
import type { Prepared } from "../data/prepare.js";
import type { Engine } from "../engine/engine.js";
import type { HostAbortSignal } from "../host/hostTypes.js";
import { isInt32 } from "../host/realm.js";
import { evaluate, predict } from "../train/evaluate.js";
import type { Data } from "../train/loadData.js";
import type { CheckpointOptions, EpochReport, History, StepReport } from "../train/options.js";
import { train } from "../train/train.js";
import { lossesOf } from "./network.js";
import { type Parts, partsOf, settle } from "./parts.js";
import { type Change, type Extra, PROGRAM, type SavedRun } from "./savedRun.js";
import { type Score, scoreOf } from "./score.js";
import type { Settings } from "./settings.js";

/** A training run on a table. */
export interface Run {
  engine: Engine;
  settings: Settings;
  prepared: Prepared;
  /** The run to resume, as `resumedRun` returned it. */
  saved?: SavedRun | undefined;
  /** The parameters to start from, in place of random ones. */
  weights?: readonly Float32Array[] | undefined;
  /** Stores a checkpoint. */
  save?: CheckpointOptions["save"] | undefined;
  signal?: HostAbortSignal | undefined;
  /** Called before the first step. */
  onStart?: (parts: Parts) => void;
  /** Called after each step, with one object for all of them. */
  onStep?: (step: StepReport) => void;
  onEpoch?: (epoch: EpochReport) => void | Promise<void>;
}

/** What has come of a run. */
export interface Finished {
  parts: Parts;
  history: History;
  train: Score;
  validation: Score | undefined;
  test: Score | undefined;
}

/**
 * Trains a network on prepared examples, and measures it. The losses that it reports are in the target's own units. The
 * caller disposes of the parts.
 */
export async function runOn(run: Run): Promise<Finished> {
  const { engine, settings, prepared, saved, signal, onStep, onEpoch } = run;
  const { train: examples, validation, test, unit, schema } = prepared;
  const { epochs, batch, seed, clip, earlyStop } = settings;
  const loss = lossesOf(settings, schema, isInt32(examples.y) ? examples.y : []);
  const parts = partsOf(engine, settings, schema, examples.rows);
  const own: Data[] = [];
  const load = (some: Examples): Data => {
    const data = dataOf(engine, prepared.inputs, some);
    own.push(data);
    return data;
  };
  // The target of a regression is standardised; its squared errors are reported in its own units.
  const scale = unit * unit;
  const report: StepReport = { epoch: 0, step: 0, steps: 0, rows: 0, loss: 0 }; // one for all steps, as that of train()
  try {
    if (run.weights) startFrom(parts, run.weights);
    const data = load(examples);
    const held = validation && load(validation);
    run.onStart?.(parts);
    const history = await train(parts.model, data, {
      optimizer: parts.optimizer,
      loss: loss.training,
      epochs,
      batchSize: batch,
      seed,
      ...(signal && { signal }),
      ...(clip !== undefined && { clipNorm: clip }),
      ...(held && { validation: held }),
      ...(earlyStop !== undefined && { earlyStopping: { patience: earlyStop } }),
      ...(parts.averages && { averages: parts.averages }),
      ...(run.save && { checkpoint: checkpoints(run, run.save) }),
      ...(saved && { resume: saved.checkpoint }),
      ...(onStep && {
        onStep: (step) => {
          Object.assign(report, step).loss *= scale;
          onStep(report);
        },
      }),
      ...(onEpoch && { onEpoch: (epoch) => onEpoch(inUnits(epoch, scale)) }),
    });
    settle(parts);
    const score = (some: Data, of: Examples): Score =>
      scoreOf(schema, evaluate(parts.model, some, { loss: loss.reported }), () => predict(parts.model, some.x), of.y);
    return {
      parts,
      history: {
        epochs: history.epochs.map((epoch) => inUnits(epoch, scale)),
        ...(history.best && { best: { ...history.best, value: history.best.value * scale } }),
      },
      train: score(data, examples),
      validation: held && score(held, validation!),
      test: test && score(load(test), test),
    };
  } catch (error) {
    disposeParts(parts);
    throw error;
  } finally {
    for (const { x, y } of own) for (const tensor of [x, y]) if ("dispose" in tensor) tensor.dispose();
  }
}

export function disposeParts({ model, optimizer, averages }: Parts): void {
  averages?.dispose();
  optimizer.dispose();
  model.dispose();
}

/** A report with its losses in the target's units. */
const inUnits = (report: EpochReport, scale: number): EpochReport => ({
  ...report,
  loss: report.loss * scale,
  ...(report.validation && { validation: { ...report.validation, loss: report.validation.loss * scale } }),
});

function startFrom({ model }: Parts, weights: readonly Float32Array[]): void {
  const tensors = model.parameters();
  for (const [i, tensor] of tensors.entries()) {
    if (weights[i]?.length !== tensor.size) throw rangeError("weights", `${tensor.size} numbers`, weights[i]);
  }
  for (const [i, tensor] of tensors.entries()) tensor.data.set(weights[i]);
}

function checkpoints({ settings, prepared, saved }: Run, save: CheckpointOptions["save"]): CheckpointOptions {
  const changes: Change[] = saved?.changes ?? [];
  const extra: Extra = { program: PROGRAM, settings, schema: prepared.schema, rows: prepared.train.rows, changes };
  return { extra, ...(settings.saveEvery !== undefined && { every: { epochs: settings.saveEvery } }), save };
}

function dataOf(engine: Engine, inputs: number, { rows, x, y }: Examples): Data {
  return {
    x: engine.tensor([rows, inputs], x),
    y: isInt32(y) ? y : engine.tensor([rows, 1], y),
  };
}
