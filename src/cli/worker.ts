import { mkdir } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { contentOf } from "../sweep/loadTask.js";
import { startWorker } from "../sweep/redis/worker.js";
import { checkTask } from "../sweep/threads.js";
import type { Job, Outcome } from "../sweep/trial.js";
import { command, numberIn, option, parsed, text, threadCount, UsageError } from "./args.js";
import { Interrupted, interruptible } from "./interrupt.js";
import { print } from "./output.js";
import { connected, endSoon } from "./redisOptions.js";
import { version } from "./version.js";

interface Values {
  redis?: string;
  module?: string;
  workers?: number;
  cache?: string;
  stalledAfter: number;
  verbose?: true;
}

/** The command with its options. */
export function workerCommand() {
  return command(
    "worker",
    "runs the trials of sweeps that are started elsewhere",
    "--redis URL [options]",
    `
Takes trials that \`thalweg sweep --redis\` puts into a queue on Redis or Valkey, until it is interrupted; it ends when the trials at hand are done. THALWEG_SWEEP_KEY has the secret that it shares with those who start sweeps: jobs that are not signed with it are refused. THALWEG_REDIS_PASSWORD has the server's password.

Examples:
  thalweg worker --redis redis://localhost:6379
  thalweg worker --redis rediss://queue.example:6380 --module task.mjs --workers 4`,
  )
    .addOption(option("--redis <url>", "the server: redis://host:port, or rediss:// for TLS", text))
    .addOption(option("--module <file>", "run trials of this module too, if it is the same as the sweep's", text))
    .addOption(option("--workers <n>", "threads that run trials (default: one per core)", threadCount))
    .addOption(option("--cache <folder>", "where tables and checkpoints are kept (default: a temporary folder)", text))
    .addOption(
      option(
        "--stalled-after <s>",
        "seconds after which trials of a silent worker are given to others",
        numberIn("a number ≥ 1", (x) => x >= 1),
        30,
      ),
    )
    .option("--verbose", "print a line for each trial");
}

/** `thalweg worker`: runs trials from a queue until it is interrupted. */
export async function work(args: string[]): Promise<void> {
  const call = parsed<Partial<Values> & Pick<Values, "stalledAfter">>(workerCommand(), args);
  if (call === undefined) return;
  if (call.words.length > 0) throw new UsageError(`expected options alone, got ${JSON.stringify(call.words[0])}`);
  const { redis, module, workers = availableParallelism(), stalledAfter, verbose } = call.values;
  if (redis === undefined) throw new UsageError("--redis: expected the URL of a server, got none");
  const cache = resolve(call.values.cache ?? join(tmpdir(), "thalweg-worker"));
  const modules = new Map<string, string>();
  if (module !== undefined) {
    const task = { module: resolve(module) };
    await checkTask(task);
    modules.set(await contentOf(task), task.module);
  }
  const { key, connection } = await connected(redis);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  print([`waiting for trials at ${connection.place}, on ${workers} ${workers === 1 ? "thread" : "threads"}`]);
  await interruptible(async (signal) => {
    const end = startWorker({
      ...{ connection, key, version: version(), modules, cache, count: workers, stalledAfter: stalledAfter * 1000 },
      ...(verbose && { onJob: (_, job, outcome) => print([lineOf(job, outcome)]) }),
    });
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    const { away, left } = await end();
    endSoon();
    if (!away || !(signal.reason instanceof Interrupted)) throw signal.reason;
    const given =
      left === 0
        ? ""
        : `; ${left === 1 ? "the trial" : `the ${left} trials`} at hand ${left === 1 ? "is" : "are"} left to other workers`;
    throw new Interrupted(signal.reason.signal, ` while the server at ${connection.place} is away${given}`);
  });
}

function lineOf({ trial, until }: Job, outcome: Outcome): string {
  const what = "failed" in outcome ? `failed: ${outcome.failed}` : JSON.stringify(outcome.measures);
  return `trial ${trial.number}${until === undefined ? "" : `, until ${until}`}: ${what}`;
}
