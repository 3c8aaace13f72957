/** Trials that do nothing: what a sweep itself costs, in time and in the memory of its coordinator. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startRedis } from "../../test/support/redis.js";
import { folder, type Ran, run, worker, writePlan } from "./scene.js";

type Print = (line: string) => void;
const HEAD =
  "\n| empty trials | where | s | processor s | ms a trial | MB of the coordinator |\n| - | - | - | - | - | - |";

/** On threads of one process: without a journal, with one, and from one that has all results. */
export async function benchEmpty(most: number, print: Print): Promise<void> {
  print(HEAD);
  const ways = (trials: number): [string, string[]][] => [
    ["2 threads", []],
    ["2 threads, a journal", ["--journal", `local${trials}.jsonl`]],
    ["all of it from a journal", ["--journal", `local${trials}.jsonl`]],
  ];
  await measured(most, print, (trials) => ways(trials).map(([where, words]) => [where, [...words, "--workers", "2"]]));
}

/** By two workers that take the trials from a queue. */
export async function benchRedis(most: number, print: Print): Promise<void> {
  const redis = await startRedis();
  const workers = await Promise.all([1, 2].map(() => worker(redis.url, "--module", "empty.mjs")));
  print(HEAD);
  await measured(most, print, (trials) => [
    ["Redis, 2 workers, a journal", ["--redis", redis.url, "--journal", `redis${trials}.jsonl`]],
  ]);
  for (const { child } of workers) child.kill("SIGKILL");
  await redis.stop();
}

/** A row for each power of ten, and one for a million by what the last ten times as many trials took. */
async function measured(most: number, print: Print, ways: (trials: number) => [string, string[]][]): Promise<void> {
  const last = new Map<string, [before: Ran | undefined, ran: Ran, trials: number]>();
  for (let trials = 1000; trials <= most; trials *= 10) {
    writePlan(`empty${trials}.json`, {
      ...{ version: 1, task: { module: "empty.mjs" }, space: { x: { from: 0, to: 1 } } },
      search: { kind: "random", trials },
    });
    for (const [where, words] of ways(trials)) {
      const ran = await run("sweep", `empty${trials}.json`, ...words);
      last.set(where, [last.get(where)?.[1], ran, trials]);
      print(row(trials, where, ran));
    }
  }
  for (const [where, [before, ran, trials]] of last) {
    if (before === undefined || trials >= 1e6) continue;
    const at = (of: "seconds" | "cpu" | "megabytes") =>
      ran[of] + ((ran[of] - before[of]) * (1e6 - trials)) / (trials - trials / 10);
    const far = { seconds: at("seconds"), cpu: at("cpu"), megabytes: at("megabytes") };
    print(row(1e6, `${where}; by the slope`, far));
  }
}

function row(trials: number, where: string, { seconds, cpu, megabytes }: Omit<Ran, "stdout">): string {
  const each = (1000 * seconds) / trials;
  return `| ${trials.toLocaleString("en")} | ${where} | ${seconds.toFixed(1)} | ${cpu.toFixed(1)} | ${each.toPrecision(2)} | ${megabytes.toFixed(0)} |`;
}

writeFileSync(join(folder, "empty.mjs"), "export const run = ({ x }) => ({ loss: x });\n");
