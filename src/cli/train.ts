import { isArgumentError, printable } from "../check.js";
import type { Examples } from "../data/encode.js";
import { type Prepared, prepare } from "../data/prepare.js";
import type { Engine } from "../engine/engine.js";
import { checkpointFile } from "../node/checkpointFile.js";
import { lockFile } from "../node/lock.js";
import { readTable } from "../node/tableFile.js";
import { DivergedError } from "../train/divergedError.js";
import { evaluate } from "../train/evaluate.js";
import type { Data } from "../train/loadData.js";
import type { CheckpointOptions } from "../train/options.js";
import { train as trainModel } from "../train/train.js";
import { asUsageError } from "./args.js";
import { engineOf } from "./engineOptions.js";
import { Interrupted, interruptible } from "./interrupt.js";
import { sha256 } from "./parameterHash.js";
import { progressOf } from "./progress.js";
import {
  checkData,
  checkSavePath,
  type Extra,
  PROGRAM,
  readSavedRun,
  resumed,
  type SavedRun,
  settle,
} from "./savedRun.js";
import { lossesOf, partsOf, type Settings, withDefaults } from "./settings.js";
import { readingWords } from "./tableOptions.js";
import { type TrainCommand, trainOptions } from "./trainOptions.js";
import { json, type Result, report, type Score } from "./trainReport.js";

/** Everything that a run works with. */
interface Run {
  engine: Engine;
  command: TrainCommand;
  settings: Settings;
  prepared: Prepared;
  saved: SavedRun | undefined;
}

/** `thalweg train`: trains a network on a CSV file and reports the result. */
export async function train(args: string[]): Promise<void> {
  const command = trainOptions(args);
  if (command === undefined) return;
  const { file, test, header, reading, given, save, resume, backend, threads } = command;
  const saved = resume === undefined ? undefined : await readSavedRun(resume);
  const settings = saved ? resumed(saved, given) : withDefaults(given);
  const { target, task, validation, seed, simd } = settings;
  using engine = await engineOf({ backend, simd, ...(threads !== undefined && { threads }) });
  const table = await readTable(file, { header, ...reading });
  const prepared = prepare(table, {
    target,
    task,
    validation,
    seed,
    test: test === undefined ? undefined : await readTable(test, { header, ...reading }),
  });
  if (saved) checkData(saved, prepared.schema, prepared.train.rows);
  if (save !== undefined) await checkSavePath(save);
  const run = { engine, command, settings, prepared, saved };
  const release = save === undefined ? undefined : await lockFile(save);
  let result: Result;
  try {
    result = await interruptible((signal) => trained(run, signal));
  } finally {
    await release?.();
  }
  const text = command.json
    ? printable(JSON.stringify(json(engine, settings, result)))
    : report(engine, { command, settings, prepared, table, result });
  process.stdout.write(`${text}\n`);
}

async function trained(run: Run, signal: AbortSignal): Promise<Result> {
  const { engine, command, settings, prepared, saved } = run;
  const { epochs, batch, seed, clip, earlyStop } = settings;
  const { train, validation, test, unit, schema } = prepared;
  const loss = lossesOf(settings, schema);
  const parts = partsOf(engine, settings, schema, train.rows);
  using model = parts.model;
  using optimizer = parts.optimizer;
  const data = dataOf(engine, prepared, train);
  const held = validation && dataOf(engine, prepared, validation);
  // The target of a regression is standardised; its squared errors are reported in its own units.
  const scale = unit * unit;
  const progress = progressOf(epochs, command.json, {
    validation: held !== undefined,
    ...(saved && { before: resumedText(saved, parts.steps) }),
  });
  const at = { step: saved?.steps ?? 0, saved: saved && command.save === saved.file ? saved.steps : undefined };
  const start = performance.now();
  let samples = 0;
  const speed = () => (samples * 1000) / (performance.now() - start);
  const history = await trainModel(model, data, {
    optimizer,
    loss: loss.training,
    epochs,
    batchSize: batch,
    seed,
    signal,
    ...(clip !== undefined && { clipNorm: clip }),
    ...(held && { validation: held }),
    ...(earlyStop !== undefined && { earlyStopping: { patience: earlyStop } }),
    ...(parts.averages && { averages: parts.averages }),
    ...(command.save !== undefined && { checkpoint: checkpointsTo(command.save, run, at) }),
    ...(saved && { resume: saved.checkpoint }),
    onStep: ({ epoch, step, steps, rows, loss }) => {
      at.step = step;
      samples += rows;
      progress.step({ step, steps, epoch: epoch + 1, loss: loss * scale, speed: speed() });
    },
    onEpoch: ({ epoch, loss, validation }) => {
      const figures = validation && { ...validation, loss: validation.loss * scale };
      progress.epoch({ epoch: epoch + 1, loss: loss * scale, speed: speed(), validation: figures });
    },
  })
    .catch((error: unknown) => {
      throw ended(error, run, at);
    })
    .finally(() => progress.stop());
  const seconds = (performance.now() - start) / 1000;
  settle({ optimizer, averages: parts.averages });
  const measured = (examples: Data): Score => {
    const { loss: value, accuracy = null } = evaluate(model, examples, { loss: loss.reported, confusion: false });
    return { loss: value * scale, accuracy };
  };
  const last = history.epochs.at(-1)!;
  return {
    losses: history.epochs.map(({ loss }) => loss * scale),
    epochs: history.epochs.length,
    steps: last.steps,
    allSteps: parts.steps,
    seconds,
    samples,
    schedule: parts.schedule === undefined ? null : String(parts.schedule),
    best: history.best ? { epoch: history.best.epoch + 1, loss: history.best.value * scale } : null,
    resumedAt: saved?.steps ?? null,
    saved: command.save ?? null,
    train: measured(data),
    validation: held ? measured(held) : null,
    test: test ? measured(dataOf(engine, prepared, test)) : null,
    parametersSha256: sha256(model.parameters()),
  };
}

/** The present step of a run, and the step at which it was last saved. */
interface Position {
  step: number;
  saved: number | undefined;
}

function checkpointsTo(file: string, { settings, prepared }: Run, at: Position): CheckpointOptions {
  const { schema, train } = prepared;
  const extra: Extra = { program: PROGRAM, settings, schema, rows: train.rows };
  const target = checkpointFile(file);
  return {
    extra,
    every: { epochs: settings.saveEvery ?? 1 },
    async save(bytes, { step }) {
      try {
        await target.save(bytes);
      } catch (error) {
        throw new Error(`${file}: could not be written (${(error as Error).message})${kept(file, at)}`);
      }
      at.saved = step;
    },
  };
}

const kept = (file: string, { saved }: Position): string =>
  saved === undefined ? `; nothing was saved yet` : `; ${file} keeps the run as it was after step ${saved}`;

/** The error to report for a run that has not reached its end. */
function ended(error: unknown, { command, saved }: Run, at: Position): unknown {
  const { save } = command;
  if (error instanceof Interrupted) {
    const then =
      save === undefined
        ? "nothing was saved (--save FILE saves)"
        : `saved to ${save}; resume with: ${resumeLine(command, save)}`;
    return new Interrupted(error.signal, ` after step ${at.step}; ${then}`);
  }
  if (error instanceof DivergedError) {
    const { step, epoch, reason } = error;
    const advice = `try a smaller --lr or --clip 1${save === undefined ? "" : kept(save, at)}`;
    return new Error(`training diverged at step ${step} (epoch ${epoch + 1}): ${reason}; ${advice}`);
  }
  // The file of a resumed run and its options disagree.
  if (saved && isArgumentError(error)) {
    if (error.argument === "checkpoint") return new Error(`${saved.file}: ${error.problem}`);
    if (error.argument === "epochs") return asUsageError(error);
  }
  return error;
}

/** The command that resumes a run: all other options are in the file. */
function resumeLine({ file, test, header, reading, backend, threads, json }: TrainCommand, save: string): string {
  const words = ["thalweg", "train", file, "--resume", save];
  if (test !== undefined) words.push("--test", test);
  if (header !== undefined) words.push(header ? "--header" : "--no-header");
  words.push(...readingWords(reading));
  if (backend !== "auto") words.push("--backend", backend);
  if (threads !== undefined) words.push("--threads", String(threads));
  if (json) words.push("--json");
  return words.map((word) => (/^[\w./=@%+,:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

const resumedText = ({ file, steps, epochs }: SavedRun, all: number): string =>
  `resumed ${file} after step ${steps} of ${all}, in epoch ${epochs + 1}`;

function dataOf(engine: Engine, { inputs }: Prepared, { rows, x, y }: Examples): Data {
  return {
    x: engine.tensor([rows, inputs], x),
    y: y instanceof Int32Array ? y : engine.tensor([rows, 1], y),
  };
}
