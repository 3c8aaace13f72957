import type { Prepared } from "../data/prepare.js";
import { greatest } from "../math/extremes.js";
import { hyperparameters, rateOf } from "../tabular/optimizer.js";
import type { Settings } from "../tabular/settings.js";
import { ranked } from "../tabular/tune/halving.js";
import type { TuneRow } from "../tabular/tune/search.js";
import type { TuneStageName } from "../tabular/tune/stages.js";
import type { TuneResults } from "../tabular/tune/tune.js";
import { columned } from "./columns.js";
import { labelled, type Row } from "./labelledRows.js";
import { errorText, lossText, percentText } from "./progress.js";
import { textColumns } from "./terminal.js";
import { plural } from "./trainReport.js";
import { trainCall } from "./trainWords.js";
import type { TuneCommand } from "./tuneOptions.js";

/** The stages as people call them. */
export const STAGE_WORDS: Readonly<Record<TuneStageName, string>> = {
  lr: "learning rate",
  weightDecay: "weight decay",
  batch: "batch size",
  schedule: "schedule",
  network: "network",
  labelSmoothing: "label smoothing",
  lrAgain: "learning rate again",
  epochs: "epochs",
};

/** What settings are called in a table, and how a missing one reads. */
const WORDS: Partial<Record<keyof Settings, [word: string, none: string]>> = {
  lr: ["lr", "default"],
  weightDecay: ["weight decay", "default"],
  batch: ["batch", ""],
  schedule: ["", "constant"],
  warmup: ["warm-up", ""],
  hidden: ["", "none"],
  dropout: ["dropout", ""],
  labelSmoothing: ["", "none"],
  epochs: ["", ""],
};

/** The table of all that was tried: each candidate of a stage where it got furthest, the winner marked. */
export function tuneTable({ plan, rows }: TuneResults): string[] {
  if (rows.length === 0) return [];
  const classes = rows.some(({ measure }) => measure?.accuracy != null);
  const cells: string[][] = [];
  for (const [number, { name, candidates }] of plan.stages.entries()) {
    const tried = rows.filter(({ stage }) => stage === number);
    if (tried.length === 0) continue;
    const last = greatest(tried.map(({ rung }) => rung));
    const [winner] = ranked(tried.filter(({ rung }) => rung === last));
    const keys = keysOf(candidates);
    const furthest = [...new Map(tried.map((row) => [row.candidate, row])).values()];
    for (const [i, row] of furthest.entries())
      cells.push([
        i === 0 ? STAGE_WORDS[name] : "",
        row === winner ? "▸" : "",
        settingText(row.settings, keys),
        ...figures(row),
      ]);
  }
  const head = ["Stage", "", "Setting", "Epochs", classes ? "Accuracy" : "RMSE", "Loss"];
  return columned(head, cells, { right: [3, 4], within: textColumns() });
}

/** The settings that a stage's candidates differ in. */
function keysOf(candidates: TuneResults["plan"]["stages"][number]["candidates"]): (keyof Settings)[] {
  const keys = candidates.flatMap(({ set = {}, times = {}, lrWithBatch }) => [
    ...Object.keys(set),
    ...Object.keys(times),
    ...(lrWithBatch ? ["lr"] : []),
  ]);
  return [...new Set(keys)] as (keyof Settings)[];
}

function settingText(settings: Settings, keys: readonly (keyof Settings)[]): string {
  const texts = keys.map((key) => {
    const [word, none] = WORDS[key] ?? [key, "none"];
    const value = key === "lr" ? rateOf(settings) : (settings[key] ?? hyperparameters(settings)[key]);
    const text = value === undefined || String(value) === "" ? none : String(value);
    return text && [word, text].filter(Boolean).join(" ");
  });
  return texts.filter(Boolean).join(", ");
}

function figures({ epochs, measure, failed }: TuneRow): string[] {
  if (measure === null) return [String(epochs), "failed", failed ?? ""];
  const { accuracy, rmse, loss } = measure;
  return [String(epochs), accuracy === null ? errorText(rmse!) : percentText(accuracy), lossText(loss)];
}

/** What a report says besides the table. */
interface About {
  command: TuneCommand;
  prepared: Prepared;
  results: TuneResults;
  seconds: number;
}

/** The lines below the table: what was done and left out, the best settings, and the command that trains with them. */
export function tuneSummary({ command, prepared, results, seconds }: About): string[] {
  const { plan, rows, best, cut, trained, work } = results;
  const { validation } = plan;
  const all = prepared.train.rows;
  const how =
    "folds" in validation
      ? `${validation.folds} folds, each by a network trained on the others`
      : `${percentText(validation.share)} of them, which no trial was trained on`;
  const told: Row[] = [
    ["Data", `${command.file}: ${all.toLocaleString("en-US")} rows, measured on ${how}`],
    ...prepared.warnings.map((warning): Row => ["Note", warning]),
    [
      "Trials",
      `${rows.length}, of ${plural(trained, "network")} and ${work.toExponential(1)} steps × parameters, in ${seconds.toFixed(0)} s on ${command.workers} ${command.workers === 1 ? "worker" : "workers"}`,
    ],
  ];
  if (cut) {
    const why = {
      trials: `--trials ${command.trials}`,
      minutes: `--minutes ${command.minutes}`,
      signal: "the interrupt",
    };
    told.push([
      "Left out",
      `${plural(cut.left, "trial")}, from the stage ${STAGE_WORDS[cut.name]} on, by ${why[cut.by]}`,
    ]);
  }
  if (best === undefined) {
    told.push(["Best", "nothing was measured: the first rung needs more trials or time"]);
    return labelled(told, textColumns());
  }
  const { accuracy, rmse, loss } = best.measure;
  const figure = accuracy === null ? `RMSE ${errorText(rmse!)}` : `accuracy ${percentText(accuracy)}`;
  told.push(["Best", `${figure}, loss ${lossText(loss)}, over ${plural(best.epochs, "epoch")}`]);
  return [
    ...labelled(told, textColumns()),
    "",
    "To train with the best settings, on all rows:",
    "",
    ...trainCall(command, best.settings),
  ];
}
