import { printable } from "../check.js";
import type { Prepared } from "../data/prepare.js";
import type { Table } from "../data/table.js";
import type { Engine } from "../engine/engine.js";
import { greatest, least } from "../extremes.js";
import { rateOf } from "../tabular/optimizer.js";
import type { Score } from "../tabular/run.js";
import type { Change } from "../tabular/savedRun.js";
import type { Settings } from "../tabular/settings.js";
import { lossCurve } from "./chart.js";
import { labelled, type Row } from "./labelledRows.js";
import { lossText, percentText, speedText } from "./progress.js";
import type { TrainCommand } from "./trainOptions.js";

/** The result of a training run. */
export interface Result {
  /** Mean loss over the batches of each epoch. */
  losses: number[];
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
export function json({ backend, simd, threads }: Engine, { epochs }: Settings, result: Result) {
  const { losses: _, epochs: epochsRun, allSteps: __, samples: ___, done: ____, ...rest } = result;
  return { backend, simd, threads, epochs, epochsRun, ...rest };
}

interface About {
  command: TrainCommand;
  settings: Settings;
  prepared: Prepared;
  table: Table;
  result: Result;
}

/** The loss curve and the summary at the end of a run. */
export function report(engine: Engine, about: About): string {
  const { settings, prepared, result } = about;
  const { task } = prepared;
  const rows: Row[] = [
    ...dataRows(about),
    ["Network", networkText(settings, prepared)],
    ["Training", trainingText(settings)],
    ...(result.schedule === null ? [] : [["Learning rate", result.schedule] satisfies Row]),
    ["", `${result.seconds.toFixed(2)} s, ${speedText(result.samples / result.seconds)} samples/s`],
    ...runRows(about),
    ["Engine", engine.reason],
    ["Parameters", `sha256 ${result.parametersSha256}`],
    ["Train", score(task, result.train)],
    ...(result.validation ? [["Validation", score(task, result.validation)] satisfies Row] : []),
    ["Test", result.test ? score(task, result.test) : "none given (--test FILE)"],
  ];
  const curve = curveOf(about);
  const shown = rows.map(([label, text]): Row => [label, printable(text)]);
  return [...(curve ? ["", curve] : []), "", ...labelled(shown, process.stdout.columns)].join("\n");
}

function curveOf({ settings, prepared, result }: About): string {
  const log = greatest(result.losses) > 10 * least(result.losses);
  const name = prepared.task === "classification" ? "Cross-entropy" : "Mean squared error";
  const smoothed = settings.labelSmoothing === undefined ? "" : `, labels smoothed by ${settings.labelSmoothing}`;
  return lossCurve(result.losses, 1, {
    title: `${name} of each epoch${smoothed}${log ? ", logarithmic" : ""}`,
    xLabel: "epoch",
    log,
  });
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
  rows.push(["Target", `${target}: ${task}${classes ? `, ${classes.length} classes (${some(classes)})` : ""}`]);
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

export function score(task: Prepared["task"], { loss, accuracy }: Score): string {
  if (accuracy !== null) return `loss ${lossText(loss)}, accuracy ${percentText(accuracy)}`;
  return task === "regression" ? `mean squared error ${lossText(loss)}, its root ${lossText(Math.sqrt(loss))}` : "";
}

function some(classes: readonly string[]): string {
  return classes.length > 10 ? `${classes.slice(0, 9).join(", ")} …` : classes.join(", ");
}

const yes = (header: boolean): string => (header ? "a" : "no");
const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`;
export const plural = (n: number, thing: string): string =>
  `${n.toLocaleString("en-US")} ${thing}${n === 1 ? "" : "s"}`;
