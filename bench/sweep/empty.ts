/** Trials that do nothing: what a sweep itself costs, in time and in the memory of its coordinator. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startRedis } from "../../test/support/redis.js";
import { folder, run, worker, writePlan } from "./scene.js";

/** Prints how far its memory went, since a process that has ended cannot be asked. */
const PROBE = `process.on("exit", () => {
  const { maxRSS } = process.resourceUsage();
  console.error("maxRSS " + maxRSS);
});`;

export async function benchEmpty(most: number, print: (line: string) => void): Promise<void> {
  writeFileSync(join(folder, "empty.mjs"), "export const run = ({ x }) => ({ loss: x });\n");
  writeFileSync(join(folder, "probe.mjs"), PROBE);
  const redis = await startRedis();
  const workers = await Promise.all([1, 2].map(() => worker(redis.url, "--module", "empty.mjs")));
  print("\n| empty trials | where | s | ms a trial | MB of the coordinator |\n| - | - | - | - | - |");
  for (let trials = 1000; trials <= most; trials *= 10) {
    writePlan(`empty${trials}.json`, {
      ...{ version: 1, task: { module: "empty.mjs" }, space: { x: { from: 0, to: 1 } } },
      search: { kind: "random", trials },
    });
    const plan = ["sweep", `empty${trials}.json`];
    const ways: [string, string[]][] = [
      ["2 threads", [...plan, "--workers", "2"]],
      ["2 threads, journal", [...plan, "--workers", "2", "--journal", `local${trials}.jsonl`]],
      ["the journal again", [...plan, "--workers", "2", "--journal", `local${trials}.jsonl`]],
      ["Redis, 2 workers, journal", [...plan, "--redis", redis.url, "--journal", `redis${trials}.jsonl`]],
    ];
    for (const [where, words] of ways) {
      const { seconds, rss } = await measured(words);
      const each = (1000 * seconds) / trials;
      print(`| ${trials} | ${where} | ${seconds.toFixed(1)} | ${each.toFixed(3)} | ${(rss / 1024).toFixed(0)} |`);
    }
  }
  for (const { child } of workers) child.kill("SIGKILL");
  await redis.stop();
}

async function measured(words: string[]): Promise<{ seconds: number; rss: number }> {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--import ${join(folder, "probe.mjs")}`;
  try {
    const { seconds, stderr } = await run(...words);
    const found = [...stderr.matchAll(/maxRSS (\d+)/g)].map(([, kib]) => Number(kib));
    return { seconds, rss: found.reduce((a, b) => Math.max(a, b), 0) };
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}
