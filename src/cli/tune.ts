import { type Prepared, prepare } from "../data/prepare.js";
import type { Table } from "../data/table.js";
import { checkpointFile } from "../node/checkpointFile.js";
import { lockFile } from "../node/lock.js";
import { readTable } from "../node/tableFile.js";
import type { SweepPlan } from "../sweep/plan.js";
import type { TrialSettings } from "../sweep/trial.js";
import { preparation } from "../tabular/defaults.js";
import type { Score } from "../tabular/score.js";
import type { Settings } from "../tabular/settings.js";
import { trainTable } from "../tabular/trainTable.js";
import { planTuning, type TunePlan } from "../tabular/tune/plan.js";
import { tuningData } from "../tabular/tune/trial.js";
import { tune as search, type TuneResults } from "../tabular/tune/tune.js";
import { Interrupted, interruptible } from "./interrupt.js";
import { labelled, type Row } from "./labelledRows.js";
import { print, printJson } from "./output.js";
import { asCall, checkSavePath, completed } from "./savedRun.js";
import { textColumns } from "./terminal.js";
import { score } from "./trainReport.js";
import { type TuneCommand, tuneOptions } from "./tuneOptions.js";
import { tuneProgress } from "./tuneProgress.js";
import { tuneSummary, tuneTable } from "./tuneReport.js";
import { WorkerRunner } from "./tuneRunner.js";

/** The files of a call. */
interface Tables {
  table: Table;
  test: Table | undefined;
}

/** `thalweg tune`: finds good settings for a table, and trains with them if asked to. */
export async function tune(args: string[]): Promise<void> {
  const command = tuneOptions(args);
  if (command === undefined) return;
  const { save } = command;
  const how = { header: command.header, ...command.reading };
  const table = await readTable(command.file, how);
  const test = command.test === undefined ? undefined : await readTable(command.test, how);
  if (save !== undefined) await checkSavePath(save);
  const release = save === undefined ? undefined : await lockFile(save);
  try {
    await interruptible((signal) => tuned(command, { table, test }, signal));
  } finally {
    await release?.();
  }
}

async function tuned(command: TuneCommand, tables: Tables, signal: AbortSignal): Promise<void> {
  const { given, folds, stages, trials, json } = command;
  // Refuses what is wrong with the test set now, not when all is done.
  const prepared = prepare(tables.table, {
    ...preparation(completed(given)),
    validation: undefined,
    test: tables.test,
  });
  const { rows } = prepared.train;
  const plan = asCall(() => planTuning(given, { rows, task: prepared.task, folds, stages, trials }));
  if (command.printPlan)
    return print(JSON.stringify(sweepPlanOf(plan, command.file, prepared.task), null, 2).split("\n"));
  const start = performance.now();
  const results = await searched(command, tables, plan, signal);
  const seconds = (performance.now() - start) / 1000;
  if (!json) {
    const table = tuneTable(results);
    print([...table, ...(table.length > 0 ? [""] : []), ...tuneSummary({ command, prepared, results, seconds })]);
  }
  const settings = signal.aborted ? undefined : results.best?.settings;
  const last = settings && (await trainedOnAll(command, tables, settings, signal));
  if (json) printJson({ ...results, seconds, test: last?.test ?? null, saved: last?.saved ?? null });
  else if (last) print(["", ...labelled(lastRows(last), textColumns())]);
  if (signal.aborted) throw interrupted(signal, results);
}

/** The same search, with the same trials, for `thalweg sweep`. */
const sweepPlanOf = (
  { base, validation, stages, trials }: TunePlan,
  file: string,
  task: Prepared["task"],
): SweepPlan => ({
  version: 1,
  task: { table: file },
  settings: {
    ...(base as unknown as TrialSettings),
    ...("folds" in validation ? validation : { validation: validation.share }),
  },
  search: { kind: "stages", stages, ...(trials !== undefined && { trials }) },
  measure: task === "classification" ? "accuracy" : "loss",
  goal: task === "classification" ? "max" : "min",
});

async function searched(
  { minutes, workers, json }: TuneCommand,
  { table }: Tables,
  plan: TunePlan,
  signal: AbortSignal,
): Promise<TuneResults> {
  const progress = tuneProgress(json);
  const pool = new WorkerRunner(workers);
  try {
    const onProgress = progress.show;
    return await search(plan, tuningData(table, plan), { runner: pool.run, minutes, signal, onProgress });
  } finally {
    progress.stop();
    pool.dispose();
  }
}

/** What has come of the run with the best settings. */
interface Last {
  test: Score | undefined;
  saved: string | undefined;
}

/** Trains with the best settings on all rows, to measure or to save that; undefined if nothing asks for it. */
async function trainedOnAll(
  { save }: TuneCommand,
  { table, test }: Tables,
  settings: Settings,
  signal: AbortSignal,
): Promise<Last | undefined> {
  if (save === undefined && test === undefined) return undefined;
  const { model, test: score } = await trainTable(table, {
    ...settings,
    signal,
    ...(test && { test }),
    ...(save !== undefined && { save: checkpointFile(save).save }),
  });
  model.dispose();
  return { test: score, saved: save };
}

const lastRows = ({ test, saved }: Last): Row[] => [
  ...(test ? [["Test", `${score(test)}, with the best settings, on rows that no trial has seen`] satisfies Row] : []),
  ...(saved === undefined ? [] : [["Saved", saved] satisfies Row]),
];

/** The error that ends a search which was interrupted. */
function interrupted({ reason }: AbortSignal, { rows, cut, best }: TuneResults): unknown {
  if (!(reason instanceof Interrupted)) return reason;
  const found = best ? "; the best settings until then are in the report" : "; nothing was measured yet";
  return new Interrupted(reason.signal, ` after ${rows.length} of ${rows.length + (cut?.left ?? 0)} trials${found}`);
}
