import { printable } from "../check.js";
import type { Prepared } from "../data/prepare.js";
import type { Table } from "../data/table.js";
import { whyClasses } from "../data/target.js";
import type { Engine } from "../engine/engine.js";
import { greatest, least } from "../math/extremes.js";
import { hyperparameters, rateOf } from "../tabular/optimizer.js";
import type { Change } from "../tabular/savedRun.js";
import type { Score } from "../tabular/score.js";
import type { Settings } from "../tabular/settings.js";
import { lossCurve } from "./chart.js";
import { labelled, type Row } from "./labelledRows.js";
import { errorText, lossText, percentText, speedText } from "./progress.js";
import { clipped, textColumns } from "./terminal.js";
import type { TrainCommand } from "./trainOptions.js";

/** An epoch, counted from 1: the mean loss over its batches, and the measures of the validation after it. */
export interface EpochResult {
  epoch: number;
  loss: number;
  validation: Score | null;
}

/** The result of a training run. */
export interface Result {
  history: EpochResult[];
  /** Epochs and steps taken, those before a resume included. */
  epochs: number;
  steps: number;
  /** Steps that the run would take without early stopping. */
  allSteps: number;
  /** Since the start of the command. */
  seconds: number;
  samples: number;
  schedule: string | null;
  /** With early stopping: the best epoch, counted from 1, whose parameters the model has, and its loss. */
  best: { epoch: number; loss: number } | null;
  /** The last step before the run was resumed. */
  resumedAt: number | null;
  /** Why a resumed run had no more steps to take. */
  done: "epochs" | "earlyStop" | null;
  /** The settings that the run was resumed with other values of. */
  changes: readonly Change[];
  /** The file that the run was saved to. */
  saved: string | null;
  train: Score;
  validation: Score | null;
  test: Score | null;
  parametersSha256: string;
}

/** The object that `--json` prints. */
export function json({ backend, simd, threads, reason }: Engine, settings: Settings, result: Result) {
  const { history, epochs: epochsRun, allSteps: _, samples: __, done: ___, ...rest } = result;
  const { lr, weightDecay, momentum } = settings;
  const given = Object.entries({ lr, weightDecay, momentum }).filter(([, value]) => value !== undefined);
  return {
    backend,
    simd,
    threads,
    engine: reason,
    epochs: settings.epochs,
    epochsRun,
    ...rest,
    settings: { ...settings, hyperparameters: { ...hyperparameters(settings), ...Object.fromEntries(given) } },
    history,
  };
}

interface About {
  command: TrainCommand;
  settings: Settings;
  prepared: Prepared;
  table: Table;
  result: Result;
}

/** The loss curve and the summary at the end of a run. */
export function report(engine: Engine, about: About): string[] {
  const { command, settings, prepared, result } = about;
  const rows: Row[] = [
    ...dataRows(about),
    ["Network", networkText(settings, prepared)],
    ["Training", trainingText(settings)],
    ...(result.schedule === null ? [] : [["Learning rate", result.schedule] satisfies Row]),
    ["", timeText(result)],
    ...runRows(about),
    ...(command.verbose ? engineRows(engine, result) : []),
    ["Train", score(result.train)],
    ...(result.validation ? [["Validation", score(result.validation)] satisfies Row] : []),
    ...testRows(result),
  ];
  const curve = curveOf(about);
  return [...(curve.length > 0 ? ["", ...curve] : []), "", ...labelled(rows, textColumns())];
}

/** The score of the test, or what gives one: a score on the rows trained on alone says little of other rows. */
function testRows({ validation, test }: Result): Row[] {
  if (test) return [["Test", score(test)]];
  if (validation) return [["Test", "none given (--test FILE)"]];
  return [["Held out", "none: --validation 20% measures on rows held out (or --test FILE)"]];
}

const engineRows = ({ reason }: Engine, { parametersSha256 }: Result): Row[] => [
  ["Engine", reason],
  ["SHA-256", parametersSha256],
];

function curveOf({ settings, prepared, result }: About): string[] {
  const losses = result.history.map(({ loss }) => loss);
  const validation = result.validation ? result.history.map((epoch) => epoch.validation?.loss ?? Number.NaN) : [];
  const all = [...losses, ...validation].filter(Number.isFinite);
  const log = greatest(all) > 10 * least(all);
  const name = prepared.task === "classification" ? "Cross-entropy" : "Mean squared error";
  const smoothed =
    settings.labelSmoothing === undefined
      ? ""
      : `, ${validation.length > 0 ? "training " : ""}labels smoothed by ${settings.labelSmoothing}`;
  const curves = { losses, validation, best: result.best?.epoch ?? bestOf(validation) };
  return lossCurve(curves, 1, {
    title: `${name} of each epoch${smoothed}${log ? ", logarithmic" : ""}`,
    xLabel: "epoch",
    log,
  });
}

/** The epoch of the least loss, counted from 1; undefined if there is none. */
function bestOf(losses: readonly number[]): number | undefined {
  const at = losses.indexOf(least(losses.filter(Number.isFinite)));
  return at < 0 ? undefined : at + 1;
}

function dataRows({ command, settings, prepared, table }: About): Row[] {
  const { train, validation, test, schema, classes, task, target } = prepared;
  const all = train.rows + (validation?.rows ?? 0);
  const rows: Row[] = [
    [
      "Data",
      `${command.file}: ${plural(all, "row")}, ${plural(schema.features.length, "feature")}, ${yes(table.names !== undefined)} header`,
    ],
    ...(table.notes ?? []).map((note): Row => ["", note]),
  ];
  if (validation) {
    const held = `${plural(validation.rows, "row")} (${percent(settings.validation!)})`;
    rows.push(["", `${held} held out for validation, ${train.rows.toLocaleString("en-US")} trained on`]);
  }
  if (test) rows.push(["", `${command.test}: ${plural(test.rows, "row")}`]);
  const warnings = prepared.warnings.map((warning): Row => ["Note", warning]);
  const about = `${target}: ${task}${classes ? `, ${classes.length} classes (${some(classes)})` : ""}`;
  const because = whyClasses(classes, settings.task);
  const reason: Row[] = because === "" ? [] : [["", because]];
  return [...rows, ...columnRows(prepared, command.verbose), ["Target", about], ...reason, ...warnings];
}

/** The most columns that are shown unasked. */
const COLUMNS = 12;

/** What was made of each column: of those that are not plain numbers, or with --verbose of all. */
function columnRows({ summary }: Prepared, verbose: boolean): Row[] {
  const all = summary.filter(({ as }) => as !== "target");
  const told = verbose ? all : all.filter(({ as, why }) => as !== "number" || why !== "numbers");
  const shown = verbose ? told : told.slice(0, COLUMNS);
  const rows = shown.map(
    ({ name, as, why }, i): Row => [i === 0 ? "Columns" : "", `${name}: ${as === "number" ? why : `${as}; ${why}`}`],
  );
  if (told.length > shown.length) rows.push(["", `and ${told.length - shown.length} more (--verbose)`]);
  return rows;
}

function networkText({ hidden, activation, dropout }: Settings, { inputs, classes }: Prepared): string {
  const widths = [inputs, ...hidden, classes?.length ?? 1];
  const parameters = widths.slice(1).reduce((sum, width, i) => sum + width * (widths[i] + 1), 0);
  const between = hidden.length === 0 ? [] : [activation, ...(dropout === undefined ? [] : [`dropout ${dropout}`])];
  return [widths.join("-"), ...between, plural(parameters, "parameter")].join(", ");
}

function trainingText(settings: Settings): string {
  const { optimizer, weightDecay, momentum, clip, labelSmoothing, classWeights, ema, batch, epochs, seed } = settings;
  const given = {
    lr: rateOf(settings),
    momentum,
    "weight decay": weightDecay,
    clip,
    "label smoothing": labelSmoothing,
    "class weights": classWeights,
    ema,
  };
  const shown = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  return [optimizer, ...shown, `batch ${batch}`, plural(epochs, "epoch"), `seed ${seed}`].join(", ");
}

/** How long the run took; one that had nothing left to do has no speed. */
const timeText = ({ seconds, samples }: Result): string =>
  `${seconds.toFixed(2)} s${samples === 0 ? "" : `, ${speedText(samples / seconds)} samples/s`}`;

/** Where a run was resumed, where it stopped early, and where it was saved. */
function runRows({ command, settings, result }: About): Row[] {
  const { resumedAt, done, changes, best, epochs, saved, allSteps } = result;
  const rows: Row[] = [];
  if (resumedAt !== null) rows.push(["Resumed", `${command.resume}, after step ${resumedAt} of ${allSteps}`]);
  if (done === "epochs")
    rows.push(["", `nothing was left to do: go on with --epochs ${2 * epochs}, or any number above ${epochs}`]);
  if (done === "earlyStop") {
    const { earlyStop } = settings;
    rows.push(["", `nothing was left to do: it had stopped early; go on with --early-stop ${2 * earlyStop!} or more`]);
  }
  for (const { step, setting, from, to } of changes)
    rows.push(["Changed", `${setting} from ${from ?? "none"} to ${to ?? "none"} after step ${step}`]);
  if (best) {
    const early = epochs < settings.epochs ? `stopped after epoch ${epochs} of ${settings.epochs}; ` : "";
    const which = settings.validation === undefined ? "loss" : "validation loss";
    rows.push(["Best epoch", `${early}epoch ${best.epoch} had the best ${which}, ${lossText(best.loss)}, and is kept`]);
  }
  if (saved !== null) rows.push(["Saved", saved]);
  return rows;
}

/** A score as text. The measures are in the target's units, which its name says nothing of. */
export function score({ loss, accuracy, classification, regression }: Score): string {
  if (regression) {
    const { mae, rmse, r2 } = regression;
    return `RMSE ${errorText(rmse)}, MAE ${errorText(mae)}, R² ${Number.isNaN(r2) ? "undefined" : r2.toFixed(4)}`;
  }
  const f1 = classification ? `, macro F1 ${classification.macro.f1.toFixed(4)}` : "";
  return `loss ${lossText(loss)}, accuracy ${percentText(accuracy!)}${f1}`;
}

function some(classes: readonly string[]): string {
  const shown = classes.slice(0, classes.length > 10 ? 9 : 10).map((name) => clipped(printable(name), 30));
  return `${shown.join(", ")}${classes.length > 10 ? " …" : ""}`;
}

const yes = (header: boolean): string => (header ? "a" : "no");
const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`;
export const plural = (n: number, thing: string): string =>
  `${n.toLocaleString("en-US")} ${thing}${n === 1 ? "" : "s"}`;
