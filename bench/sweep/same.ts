/** One plan of 64 trials in many ways: the same table, to the byte. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../src/math/random.js";
import { startRedis } from "../../test/support/redis.js";
import {
  digitsPlan,
  folder,
  pause,
  resultsOf,
  run,
  type Started,
  start,
  worker,
  writeDigits,
  writePlan,
} from "./scene.js";

const KILLS = 30;
const RESTARTS = 3;
const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

export async function benchSame(print: (line: string) => void): Promise<void> {
  writeDigits();
  writePlan("same.json", digitsPlan(15, { kind: "random", trials: 64 }));
  const told = (name: string, seconds: number, results: string) => {
    print(`| ${name} | ${seconds.toFixed(1)} | ${short(results)} |`);
    if (results !== expected) throw new Error(`${name}: expected the results of one thread, got others`);
  };
  print("\n| what ran the plan | s | SHA-256 of its results |\n| - | - | - |");
  const one = await run("sweep", "same.json", "--json", "--workers", "1");
  const expected = resultsOf(one.stdout);
  told("1 thread", one.seconds, expected);
  const two = await run("sweep", "same.json", "--json", "--workers", "2");
  told("2 threads", two.seconds, resultsOf(two.stdout));
  print(`\n2 threads over 1: ${(one.seconds / two.seconds).toFixed(2)}×, starts included\n`);
  const redis = await startRedis();
  for (const count of [1, 3]) {
    const workers = await Promise.all(Array.from({ length: count }, () => worker(redis.url)));
    const over = await run("sweep", "same.json", "--json", "--redis", redis.url);
    told(`Redis, ${count} ${count === 1 ? "worker" : "workers"}`, over.seconds, resultsOf(over.stdout));
    for (const { child } of workers) child.kill("SIGKILL");
  }
  const killed = await withKills(redis);
  told(killed.name, killed.seconds, killed.results);
  await redis.stop();
}

/** A sweep through kills of its processes and of the server, at random times while it has trials to do. */
async function withKills(redis: Awaited<ReturnType<typeof startRedis>>) {
  const draw = random(17);
  const journal = join(folder, "killed.jsonl");
  const sweep = () => start("sweep", "same.json", "--json", "--redis", redis.url, "--journal", "killed.jsonl");
  const lines = () => {
    try {
      return readFileSync(journal, "utf8").split("\n").slice(1, -1);
    } catch {
      return [];
    }
  };
  const from = performance.now();
  let coordinator = sweep();
  const workers: Started[] = [await worker(redis.url), await worker(redis.url)];
  const kills = { coordinator: 0, workers: 0, server: 0 };
  while (kills.coordinator + kills.workers < KILLS || kills.server < RESTARTS) {
    await pause(50 + 350 * draw.uniform());
    const left = KILLS - kills.coordinator - kills.workers;
    // Kills run ahead of results, so that all of them fall into the sweep.
    if (lines().length > 60 && left > 0) throw new Error(`the sweep was over with ${left} kills to come`);
    const event = draw.uniform();
    if (kills.server < RESTARTS && event < 0.12) {
      kills.server++;
      await redis.restart();
    } else if (left > 0 && event < 0.5) {
      kills.coordinator++;
      coordinator.child.kill("SIGKILL");
      await coordinator.ended;
      coordinator = sweep();
    } else if (left > 0) {
      kills.workers++;
      const place = Math.floor(2 * draw.uniform());
      workers[place].child.kill("SIGKILL");
      workers[place] = await worker(redis.url);
    }
  }
  const done = lines().length;
  if ((await coordinator.ended) !== 0) throw new Error(coordinator.out.stderr);
  for (const { child } of workers) child.kill("SIGKILL");
  const jobs = lines().map((line) => JSON.parse(line).job);
  if (jobs.length !== 64 || new Set(jobs).size !== 64) throw new Error(`expected 64 results once, got ${jobs.length}`);
  const { coordinator: c, workers: w, server } = kills;
  return {
    name: `Redis, ${c} kills of the coordinator and ${w} of workers, ${server} of Redis, all before result ${done + 1}`,
    seconds: (performance.now() - from) / 1000,
    results: resultsOf(coordinator.out.stdout),
  };
}
