import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { argumentError, checkOneOf, checkWhole, isArgumentError, printable, quoted } from "../check.js";
import { columnOf } from "../data/table.js";
import { nearest } from "../nearest.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { lockFile } from "../node/lock.js";
import { readTable } from "../node/tableFile.js";
import type { Executor } from "../sweep/executor.js";
import { contentOf } from "../sweep/loadTask.js";
import { sweepPage } from "../sweep/page/page.js";
import { checkPlan, planHash, type SweepPlan, type TaskPlan } from "../sweep/plan.js";
import { Summary } from "../sweep/summary.js";
import { type SweepResults, type SweepRow, sweep } from "../sweep/sweep.js";
import { checkTask, threads } from "../sweep/threads.js";
import { checkSettings, SETTINGS } from "../tabular/checkSettings.js";
import { checkOptimizer } from "../tabular/optimizer.js";
import { command, option, parsed, text, threadCount, UsageError, whole } from "./args.js";
import { Interrupted, interruptible } from "./interrupt.js";
import { print, printJson } from "./output.js";
import { planIn } from "./planText.js";
import { connected, endSoon } from "./redisOptions.js";
import { checkWritable } from "./savedRun.js";
import { checkDimension } from "./sweepDimension.js";
import { sweepProgress } from "./sweepProgress.js";
import { sweepReport } from "./sweepReport.js";
import { plural } from "./trainReport.js";
import { version } from "./version.js";

interface Values {
  journal?: string;
  html?: string;
  redis?: string;
  workers?: number;
  top: number;
  json?: true;
}

/** The command with its options. */
export function sweepCommand() {
  return command(
    "sweep",
    "tries settings by a plan",
    "plan.json [options]",
    `
A plan says what a trial does (task: a table to train on, or a module with a function run), which settings all trials have (settings), which are varied (space: lists of values, or ranges), how (search: grid, random, asha or hyperband) and what is measured (measure, goal). Paths in it are relative to its folder. docs/sweep.md has it in full.

With --journal each result is kept at once, and a second call goes on where the first one ended.

With --redis the environment has the secrets: THALWEG_SWEEP_KEY, which workers have too, and THALWEG_REDIS_PASSWORD.

For instance: { "version": 1, "task": { "table": "iris.csv" }, "settings": { "target": "species" }, "space": { "lr": [0.1, 0.01], "optimizer": ["adamw", "lion"] }, "search": { "kind": "grid" } }

Examples:
  thalweg sweep plan.json
  thalweg sweep plan.json --journal plan.jsonl --workers 2
  thalweg sweep plan.json --journal plan.jsonl --html report.html`,
  )
    .addOption(option("--journal <file>", "keep results in a file, and go on from those that are in it", text))
    .addOption(option("--html <file>", "write a report with pictures: one page, which opens from disk", text))
    .addOption(option("--redis <url>", "let `thalweg worker` on any machine run the trials: redis://host:port", text))
    .addOption(option("--workers <n>", "threads that run trials (default: one per core)", threadCount))
    .addOption(option("--top <n>", "show the n best", whole(), 10))
    .option("--json", "print one JSON object on one line: the plan, all results, the best");
}

/** `thalweg sweep`: follows a plan on worker threads. */
export async function runSweep(args: string[]): Promise<void> {
  const call = parsed<Partial<Values> & Pick<Values, "top">>(sweepCommand(), args);
  if (call === undefined) return;
  const [file, ...rest] = call.words;
  if (file === undefined) throw new UsageError("expected a plan, as in: thalweg sweep plan.json, got none");
  if (rest.length > 0) throw new UsageError(`expected one plan, got ${JSON.stringify(rest[0])} as well`);
  const { journal, html, redis, workers = availableParallelism(), top, json = false } = call.values;
  if (redis !== undefined && call.values.workers !== undefined)
    throw new UsageError("expected --redis or --workers, got both: each worker has its own --workers");
  const plan = await readPlan(file);
  if ("table" in plan.task) columnOf(await readTable(plan.task.table), plan.settings?.target as string);
  else await checkTask(plan.task);
  const content = await contentOf(plan.task);
  for (const path of [journal, html]) if (path !== undefined) await checkWritable(path);
  if (html !== undefined) await checkApart(html, [file, journal, ...Object.values(plan.task)]);
  const release = journal === undefined ? undefined : await lockFile(journal);
  // Of a plan without a journal too: a trial goes on from where the last rung has left it.
  const folder =
    journal === undefined ? await mkdtemp(join(tmpdir(), "thalweg-sweep-")) : `${resolve(journal)}.checkpoints`;
  const checkpoints = "max" in plan.search ? folder : undefined;
  const where = redis === undefined ? `on ${plural(workers, "thread")}` : "by workers of the queue";
  const progress = sweepProgress(json);
  const start = performance.now();
  try {
    await interruptible(async (signal) => {
      const executor = await executorOf({ plan, content, checkpoints, workers, redis, onAlone: progress.alone });
      const summary = new Summary(plan, top);
      const rows: SweepRow[] = [];
      const keep = json || html !== undefined;
      const onRow = (row: SweepRow) => {
        summary.add(row);
        if (keep) rows.push(row);
      };
      let results: SweepResults;
      try {
        results = {
          ...(await sweep(plan, { executor, content, journal, signal, onRow, onProgress: progress.show })),
          rows,
        };
      } finally {
        progress.stop();
        await executor.close();
      }
      const seconds = (performance.now() - start) / 1000;
      if (json) printJson({ ...results, seconds });
      else print(sweepReport(results, { summary, seconds, where }));
      if (html !== undefined) await writeReport(html, results);
      if (signal.aborted && redis !== undefined) endSoon();
      if (signal.aborted) throw interrupted(signal, summary, journal);
      if (results.best === undefined && summary.count > 0) throw unmeasured(plan, summary);
    });
  } finally {
    if (journal === undefined) await rm(folder, { recursive: true, force: true });
    await release?.();
  }
}

/** Refuses a report in place of what the sweep reads or keeps. */
async function checkApart(html: string, others: readonly (string | undefined)[]): Promise<void> {
  const real = (path: string) => realpath(path).catch(() => resolve(path));
  const report = await real(html);
  for (const path of others)
    if (path !== undefined && (await real(path)) === report)
      throw new Error(`--html: expected a file of its own for the report, got ${html}, which the sweep needs`);
}

async function writeReport(html: string, results: SweepResults): Promise<void> {
  await writeFileAtomic(html, Buffer.from(sweepPage(results))).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${html}: expected to write the report, got ${error.code ?? error.message}`, { cause: error });
  });
}

/** Why a sweep has no best trial. */
function unmeasured({ measure = "loss" }: SweepPlan, { measures, firstFailed }: Summary): Error {
  if (firstFailed !== undefined && measures.size === 0)
    return new Error(`no trial could be measured: ${firstFailed.failed}`);
  const near = nearest(measure, [...measures]);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  return argumentError(
    "measure",
    printable(`expected one of ${[...measures].join(", ")}, got ${quoted(measure)}${meant}`),
  );
}

function interrupted({ reason }: AbortSignal, { count }: Summary, journal: string | undefined): unknown {
  if (!(reason instanceof Interrupted)) return reason;
  const kept =
    journal === undefined || count === 0 ? "" : `; ${journal} has them, and the same call goes on from there`;
  return new Interrupted(reason.signal, ` after ${plural(count, "result")}${kept}`);
}

interface Where {
  plan: SweepPlan;
  content: string;
  checkpoints: string | undefined;
  workers: number;
  /** The URL of a server, for workers on other machines. */
  redis: string | undefined;
  /** Called when no worker is there, and when there is one again. */
  onAlone: (alone: boolean) => void;
}

/** What runs the trials: threads here, or workers that take them from a queue. */
async function executorOf({ plan, content, checkpoints, workers, redis, onAlone }: Where): Promise<Executor> {
  const { task } = plan;
  if (redis === undefined) return threads({ task, checkpoints }, workers);
  const { key, connection } = await connected(redis);
  const { RedisExecutor } = await import("../sweep/redis/coordinator.js");
  const sweep = planHash(plan, { task, content });
  const shared = { connection, key, version: version(), sweep, onAlone };
  if (!("table" in task)) return new RedisExecutor({ ...shared, work: { module: true, content } });
  const { storeTable } = await import("../sweep/redis/blobs.js");
  const { told } = await import("../sweep/redis/connect.js");
  const store = async () => {
    await storeTable(connection.redis, content, await readFile(task.table)).catch((error: Error) => {
      throw told(error, connection.place);
    });
  };
  await store().catch((error) => {
    connection.close(); // an open one keeps the process from its end
    throw error;
  });
  return new RedisExecutor({ ...shared, work: { table: basename(task.table), content }, store });
}

/** Reads and checks a plan, its paths made absolute. */
async function readPlan(file: string): Promise<SweepPlan> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const got = { ENOENT: "no such file", EISDIR: "a directory", EACCES: "a file without permission" }[
      error.code ?? ""
    ];
    throw new Error(`${file}: expected a plan, got ${got ?? error.code}`, { cause: error });
  });
  try {
    const plan = planIn(bytes) as SweepPlan;
    checkPlan(plan);
    if ("table" in plan.task) checkTableSettings(plan);
    return { ...plan, task: resolved(plan.task, dirname(file)) };
  } catch (error) {
    if (!isArgumentError(error)) throw error;
    const problem = error.problem.replace(/, got undefined$/, ", got none"); // JSON has no such thing
    throw new Error(`${file}: ${error.argument}: ${problem}`, { cause: error });
  }
}

const resolved = (task: TaskPlan, folder: string): TaskPlan =>
  "table" in task ? { table: resolve(folder, task.table) } : { module: resolve(folder, task.module) };

/** Refuses settings that `thalweg train` does not have, and values that it would refuse. */
function checkTableSettings({ settings: { folds, ...settings } = {}, space = {}, search, measure }: SweepPlan): void {
  if (folds !== undefined) {
    checkWhole("settings.folds", folds as number, 2);
    if (settings.validation !== undefined) throw argumentError("settings", "expected folds or validation, got both");
    if ("max" in search) throw argumentError("settings", "expected validation, a share, in halving, got folds");
  }
  for (const [where, names] of [
    ["settings", Object.keys(settings)],
    ["space", Object.keys(space)],
  ] as const) {
    const unknown = names.find((name) => !SETTINGS.includes(name));
    if (unknown === undefined) continue;
    const near = nearest(unknown, SETTINGS);
    const meant = near ? `; did you mean ${near}?` : `; expected one of ${SETTINGS.join(", ")}`;
    throw argumentError(
      where,
      printable(`expected settings of a training run, got ${JSON.stringify(unknown)}${meant}`),
    );
  }
  if (settings.target === undefined)
    throw argumentError("settings", "expected target, the column to predict, got none");
  checkSettings(settings);
  if (settings.optimizer !== undefined) checkOptimizer(settings.optimizer as string);
  for (const [name, dimension] of Object.entries(space)) checkDimension(name, dimension, search);
  if (measure !== undefined) checkOneOf("measure", measure, ["loss", "accuracy", "rmse"]);
  const { epochs } = settings;
  if ("max" in search && epochs !== undefined && (epochs as number) < search.max)
    throw argumentError("settings", `expected at least ${search.max} epochs, search.max, got ${epochs}`);
}
