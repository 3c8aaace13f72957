import { checkKeys, typeError } from "../check.js";
import { checkTable } from "../data/checkTable.js";
import { type Prepared, type PrepareOptions, prepare } from "../data/prepare.js";
import type { Table } from "../data/table.js";
import { createEngine } from "../engine/create.js";
import { Engine } from "../engine/engine.js";
import type { HostAbortSignal } from "../host/hostTypes.js";
import { isSignal } from "../host/realm.js";
import type { CheckpointOptions, EpochReport, History, StepReport } from "../train/options.js";
import { checkSettings, SETTINGS } from "./checkSettings.js";
import { preparation, withDefaults } from "./defaults.js";
import { resumedRun } from "./resume.js";
import { runOn } from "./run.js";
import { checkData } from "./sameData.js";
import { readSavedRun } from "./savedRun.js";
import type { Score } from "./score.js";
import type { Settings } from "./settings.js";
import { preparedAs, startedSettings } from "./start.js";
import { TableModel } from "./tableModel.js";

/** How to train: settings, all with defaults except for the target, and what a program adds to them. */
export interface TrainTableOptions extends Partial<Settings> {
  /** Further rows to measure the trained model on. */
  test?: Table;
  /** The engine to use, which stays the caller's. Default: a new one, which ends with the model. */
  engine?: Engine;
  /** Stores the bytes of a saved run, after each `saveEvery` epochs and at the end. */
  save?: CheckpointOptions["save"];
  /** The bytes of a saved run of the same table to go on with, under its settings except for those given. */
  resume?: Uint8Array | ArrayBuffer;
  /** A model to start from, in place of random weights: its columns and classes are kept. */
  weights?: TableModel;
  /** Called after each step, with one object for all of them. */
  onStep?: (step: StepReport) => void;
  /** Called after each epoch; a promise is awaited. */
  onEpoch?: (epoch: EpochReport) => void | Promise<void>;
  /** Ends the run after the present step. */
  signal?: HostAbortSignal;
}

/** The result of {@link trainTable}. */
export interface TrainedTable {
  model: TableModel;
  /** All settings of the run, the defaults included. */
  settings: Settings;
  /** The losses are in the target's units, squared, for a regression. */
  history: History;
  train: Score;
  validation: Score | undefined;
  test: Score | undefined;
}

const HOOKS = ["test", "engine", "save", "resume", "weights", "onStep", "onEpoch", "signal"];

/**
 * Trains a network on a table, as `thalweg train` does: finds out what the columns are, prepares them, and trains dense
 * layers to predict the target.
 *
 * @returns the model, and its scores on the rows trained on, held out for validation, and given as `test`
 * @throws RangeError or TypeError naming the setting, or the file, row and column; rejects as `train` does
 * @example
 * const table = parseTable(await readFile("iris.csv"), "iris.csv");
 * const { model, validation } = await trainTable(table, { target: "species", validation: 0.2 });
 * model.predict([{ sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 }]);
 * await writeFile("iris.safetensors", model.save());
 */
export async function trainTable(table: Table, options: TrainTableOptions): Promise<TrainedTable> {
  checkKeys("trainTable", options, [...SETTINGS, ...HOOKS]);
  checkTable(table);
  return await trainOn((how) => prepare(table, how), table, options);
}

/** The same of a table that is checked, with what the caller may have prepared of it before. */
export async function trainOn(
  preparedFor: (how: PrepareOptions) => Prepared,
  table: Table,
  options: TrainTableOptions,
): Promise<TrainedTable> {
  const { test, engine: given, save, resume, weights, onStep, onEpoch, signal, ...asked } = options;
  checkHooks(options);
  checkSettings(asked);
  const before = resume === undefined ? undefined : readSavedRun(resume);
  const start = weights ? startedSettings(weights, asked) : asked;
  const first = before ? resumedRun(before, asked) : { saved: undefined, settings: withDefaults(start) };
  const how = { ...preparation(first.settings), test };
  const prepared = weights ? preparedAs(weights.schema, table, how) : preparedFor(how);
  const { saved } = first;
  if (saved) checkData(saved, "the saved run", prepared.schema, prepared.train.rows);
  // The defaults of the epochs and the batch depend on the rows.
  const settings = saved ? first.settings : withDefaults(start, prepared.train.rows);
  const engine = given ?? (await createEngine({ simd: settings.simd }));
  const ownsEngine = given === undefined;
  try {
    const finished = await runOn({
      ...{ engine, settings, prepared, saved, save, signal },
      weights: weights?.network.parameters().map((tensor) => tensor.toArray()),
      ...(onStep && { onStep }),
      ...(onEpoch && { onEpoch }),
    });
    const { parts, history, train, validation: held, test: tested } = finished;
    parts.averages?.dispose();
    parts.optimizer.dispose();
    const { hidden, activation } = settings;
    const shape = { hidden, activation };
    const model = new TableModel({ engine, ownsEngine, model: parts.model, shape, schema: prepared.schema });
    return { model, settings, history, train, validation: held, test: tested };
  } catch (error) {
    if (ownsEngine) engine.dispose();
    throw error;
  }
}

/** Refuses, before anything is made, what a program adds to the settings. */
function checkHooks({ test, engine, save, weights, onStep, onEpoch, signal }: TrainTableOptions): void {
  if (test !== undefined) checkTable(test, "test");
  if (engine !== undefined && !(engine instanceof Engine)) throw typeError("engine", "an engine", engine);
  if (weights !== undefined && !(weights instanceof TableModel))
    throw typeError("weights", "a model, as loadModel or trainTable makes it", weights);
  if (signal !== undefined && !isSignal(signal)) throw typeError("signal", "an AbortSignal", signal);
  for (const [name, hook] of Object.entries({ save, onStep, onEpoch }))
    if (hook !== undefined && typeof hook !== "function") throw typeError(name, "a function", hook);
}
