import { existsSync } from "node:fs";
import { isArgumentError } from "../check.js";
import { type Prepared, prepare } from "../data/prepare.js";
import type { Table } from "../data/table.js";
import type { Engine } from "../engine/engine.js";
import { checkpointFile } from "../node/checkpointFile.js";
import { lockFile } from "../node/lock.js";
import { readTable } from "../node/tableFile.js";
import { preparation } from "../tabular/defaults.js";
import { doneBy, resumedRun } from "../tabular/resume.js";
import { disposeParts, runOn } from "../tabular/run.js";
import { checkData } from "../tabular/sameData.js";
import type { SavedRun } from "../tabular/savedRun.js";
import type { Settings } from "../tabular/settings.js";
import { preparedAs, startedSettings } from "../tabular/start.js";
import { DivergedError } from "../train/divergedError.js";
import type { CheckpointOptions } from "../train/options.js";
import { asUsageError } from "./args.js";
import { engineOf } from "./engineOptions.js";
import { Interrupted, interruptible } from "./interrupt.js";
import { print, printJson } from "./output.js";
import { sha256 } from "./parameterHash.js";
import { program, shell } from "./program.js";
import { progressOf } from "./progress.js";
import { asCall, checkSavePath, completed, loadModelFile, type RunFile, readRunFile } from "./savedRun.js";
import { readingWords } from "./tableOptions.js";
import { type TrainCommand, trainOptions } from "./trainOptions.js";
import { json, type Result, report } from "./trainReport.js";

/** Everything that a run works with. */
interface Run {
  engine: Engine;
  command: TrainCommand;
  settings: Settings;
  prepared: Prepared;
  saved: SavedRun | undefined;
  /** The parameters to start from. */
  weights: Float32Array[] | undefined;
  table: Table;
}

/** `thalweg train`: trains a network on a CSV file and reports the result. */
export async function train(args: string[]): Promise<void> {
  const command = trainOptions(args);
  if (command === undefined) return;
  const { save, resume, backend, threads, given } = command;
  const before = resume === undefined ? undefined : await readRunFile(resume);
  const { simd = "auto" } = { ...before?.settings, ...given };
  using engine = await engineOf({ backend, simd, ...(threads !== undefined && { threads }) });
  const run = await (before ? resuming(command, engine, before) : starting(command, engine));
  if (save !== undefined) await checkSavePath(save);
  const release = save === undefined ? undefined : await lockFile(save);
  let result: Result;
  try {
    result = await interruptible((signal) => trained(run, signal));
  } finally {
    await release?.();
  }
  const { settings, prepared, table } = run;
  if (command.json) printJson(json(engine, settings, result));
  else print(report(engine, { command, settings, prepared, table, result }));
}

/** A run from its beginning, from random weights or from those of a file. */
async function starting(command: TrainCommand, engine: Engine): Promise<Run> {
  const { given, weights } = command;
  const { table, test } = await tablesOf(command);
  const common = { engine, command, saved: undefined, table };
  if (weights === undefined) {
    const prepared = prepare(table, { ...preparation(completed(given)), test });
    return { ...common, prepared, settings: completed(given, prepared.train.rows), weights };
  }
  using model = await loadModelFile(weights, { engine });
  const asked = asCall(() => startedSettings(model, given, weights));
  const prepared = preparedAs(model.schema, table, { ...preparation(completed(asked)), test });
  const start = model.network.parameters().map((tensor) => tensor.toArray());
  return { ...common, prepared, settings: completed(asked, prepared.train.rows), weights: start };
}

/** A run from where its file says that it was. */
async function resuming(command: TrainCommand, engine: Engine, before: RunFile): Promise<Run> {
  const { saved, settings } = asCall(() => resumedRun(before, command.given, before.file));
  const { table, test } = await tablesOf(command);
  const prepared = prepare(table, { ...preparation(settings), test });
  checkData(saved, before.file, prepared.schema, prepared.train.rows);
  return { engine, command, settings, prepared, saved, weights: undefined, table };
}

/** Reads the files of the call. */
async function tablesOf({
  file,
  test,
  header,
  reading,
}: TrainCommand): Promise<{ table: Table; test: Table | undefined }> {
  const how = { header, ...reading };
  const table = await readTable(file, how);
  return { table, test: test === undefined ? undefined : await readTable(test, how) };
}

async function trained(run: Run, signal: AbortSignal): Promise<Result> {
  const { command, settings, prepared, saved } = run;
  const { save, resume } = command;
  const at: Position = { step: saved?.steps ?? 0, saved: saved && save === resume ? saved.steps : undefined };
  const start = performance.now();
  let samples = 0;
  const speed = () => (samples * 1000) / (performance.now() - start);
  let progress: ReturnType<typeof progressOf> | undefined;
  const finished = await runOn({
    ...run,
    signal,
    ...(save !== undefined && { save: savingTo(save, at) }),
    onStart: ({ steps }) => {
      progress = progressOf(settings.epochs, command.json, {
        validation: prepared.validation !== undefined,
        ...(saved && { before: resumedText(resume!, saved, steps) }),
      });
    },
    onStep: ({ epoch, step, steps, rows, loss }) => {
      at.step = step;
      samples += rows;
      progress!.step({ step, steps, epoch: epoch + 1, loss, speed: speed() });
    },
    onEpoch: ({ epoch, loss, validation }) => progress!.epoch({ epoch: epoch + 1, loss, speed: speed(), validation }),
  })
    .catch((error: unknown) => {
      throw ended(error, run, at);
    })
    .finally(() => progress?.stop());
  const { parts, history, train, validation, test } = finished;
  const seconds = (performance.now() - start) / 1000;
  const parametersSha256 = sha256(parts.model.parameters());
  disposeParts(parts);
  return {
    history: history.epochs.map(({ loss, validation }, i) => ({
      epoch: i + 1,
      loss,
      validation: validation ? { loss: validation.loss, accuracy: validation.accuracy ?? null } : null,
    })),
    epochs: history.epochs.length,
    steps: history.epochs.at(-1)!.steps,
    allSteps: parts.steps,
    seconds,
    samples,
    schedule: parts.schedule === undefined ? null : String(parts.schedule),
    best: history.best ? { epoch: history.best.epoch + 1, loss: history.best.value } : null,
    resumedAt: saved?.steps ?? null,
    done: (saved && doneBy(saved, settings)) ?? null,
    changes: saved?.changes ?? [],
    saved: save ?? null,
    train,
    validation: validation ?? null,
    test: test ?? null,
    parametersSha256,
  };
}

/** The present step of a run, and the step at which it was last saved. */
interface Position {
  step: number;
  saved: number | undefined;
}

function savingTo(file: string, at: Position): CheckpointOptions["save"] {
  const target = checkpointFile(file);
  return async (bytes, { step }) => {
    try {
      await target.save(bytes);
    } catch (error) {
      throw new Error(`${file}: could not be written (${(error as Error).message})${kept(file, at)}`);
    }
    at.saved = step;
  };
}

/** What a file has of a run that could not go on, as it is now: others may have removed it. */
function kept(file: string, { saved }: Position): string {
  if (saved === undefined) return "; nothing was saved yet";
  const there = existsSync(file) ? "keeps the run as it was" : "was removed; it had the run as it was";
  return `; ${file} ${there} after step ${saved}`;
}

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
    if (error.argument === "checkpoint") return new Error(`${command.resume}: ${error.problem}`);
  }
  return asUsageError(error);
}

/** The command that resumes a run: all other options are in the file. */
function resumeLine({ file, test, header, reading, backend, threads, json }: TrainCommand, save: string): string {
  const words = ["train", file, "--resume", save];
  if (test !== undefined) words.push("--test", test);
  if (header !== undefined) words.push(header ? "--header" : "--no-header");
  for (const word of readingWords(reading)) words.push(word);
  if (backend !== "auto") words.push("--backend", backend);
  if (threads !== undefined) words.push("--threads", String(threads));
  if (json) words.push("--json");
  return `${program()} ${shell(words)}`;
}

const resumedText = (file: string, { steps, epochs }: SavedRun, all: number): string =>
  `resumed ${file} after step ${steps} of ${all}, in epoch ${epochs + 1}`;
