/** One plan of 64 trials in many ways: the same table, to the byte. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../src/math/random.js";
import { startRedis } from "../../test/support/redis.js";
import {
  beginWorker,
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
/** The last kill comes when there are about so many of the 64 results: all of them fall into the sweep. */
const BEFORE = 48;
/** A kill waits no longer for results, in milliseconds: those before may have left nobody to bring one. */
const LONGEST = 1000;
const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

export async function benchSame(print: (line: string) => void): Promise<void> {
  writeDigits();
  writePlan("same.json", digitsPlan(40, { kind: "random", trials: 64 }));
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
  const workers = [beginWorker(redis.url), beginWorker(redis.url)];
  const kills = { coordinator: 0, workers: 0, server: 0 };
  /** What was starting while the server was away has said so, and ended, as it should. */
  const revive = () => {
    const refused = ({ child, out }: Started) => child.exitCode !== null && /ECONNREFUSED/.test(out.stderr);
    if (refused(coordinator)) coordinator = sweep();
    for (const [place, each] of workers.entries()) if (refused(each)) workers[place] = beginWorker(redis.url);
  };
  while (kills.coordinator + kills.workers < KILLS || kills.server < RESTARTS) {
    revive();
    const left = KILLS - kills.coordinator - kills.workers;
    if (lines().length > 60 && left > 0) throw new Error(`the sweep was over with ${left} kills to come`);
    // With the results, however fast the machine is, at a time of its own.
    const due = (BEFORE * (KILLS - left)) / KILLS;
    for (let waited = 0; lines().length < due && waited < LONGEST; waited += 20) await pause(20);
    await pause(100 * draw.uniform());
    const event = draw.uniform();
    if (kills.server < RESTARTS && (event < 0.12 || left === 0)) {
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
      workers[place] = beginWorker(redis.url);
    }
  }
  const done = lines().length;
  const timer = setInterval(revive, 200);
  while (coordinator.child.exitCode === null || /ECONNREFUSED/.test(coordinator.out.stderr)) await pause(50);
  clearInterval(timer);
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
