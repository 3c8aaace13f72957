/**
 * A soak: random operations on engines, models, optimizers, checkpoints and threads for a long time, on a busy machine.
 * Every result is held against the js backend, every error has to be one of ours, memory has to come to rest, and
 * nothing may hang. `npm run soak -- --minutes 60 --seed 1`; a seed gives the same operations again.
 */
import { parseArgs } from "node:util";
import { type Worker, Worker as WorkerThread } from "node:worker_threads";
import { numbers } from "../../test/support/numbers.js";
import { operations } from "./operations.js";
import { beat, watch } from "./watchdog.js";
import { Fault, World } from "./world.js";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string", default: "1" } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error(`soak: expected --minutes > 0 and a whole --seed, got ${values.minutes} and ${values.seed}`);
  process.exit(2);
}

const MINUTE = 60_000;
const WORLDS = 3;
/** Memory may grow by this much after its first ten minutes (or the first third of a shorter run). */
const SLACK_MIB = 32;
/** Megabytes that are resident, at each look. */
const resident: { at: number; mib: number }[] = [];

// Takes a core for 30 ms of every 45, so that workers are late now and then.
const burner = new WorkerThread(
  "for (;;) { const end = Date.now() + 30; while (Date.now() < end); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15); }",
  { eval: true },
);
const watchdog = watch();
await new Promise((resolve) => setTimeout(resolve, 100)); // Node announces a worker a little later
/** The workers of engines: those that start from here on. */
const workers = new Set<Worker>();
process.on("worker", (worker) => {
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
});

const next = numbers(seed);
const faults: string[] = [];
const counts = new Map<string, number>();
const worlds: World[] = [];
const start = performance.now();
const elapsed = () => performance.now() - start;
let nextLine = Math.min(MINUTE, (minutes * MINUTE) / 4);
let done = 0;

while (elapsed() < minutes * MINUTE && faults.length < 20) {
  const [name, run] = operations[Math.floor(next() * operations.length)];
  beat(name);
  counts.set(name, (counts.get(name) ?? 0) + 1);
  try {
    if (worlds.length < WORLDS) worlds.push(await World.create(next));
    const at = Math.floor(next() * worlds.length);
    const world = worlds[at];
    if (!(await run(world, workers)) || next() < 0.02) {
      worlds.splice(at, 1);
      world.end();
    }
  } catch (error) {
    // Nothing of a world that a fault was found in is used again.
    const what = error instanceof Fault ? error.message : `not one of our errors: ${(error as Error).stack ?? error}`;
    faults.push(`operation ${done} (${name}): ${what}`);
    console.error(`FAULT in ${faults.at(-1)}`);
    for (const world of worlds.splice(0)) world.abandon();
  }
  done++;
  await new Promise((resolve) => setImmediate(resolve));
  if (done % 10 === 0) resident.push({ at: elapsed(), mib: process.memoryUsage.rss() / 2 ** 20 });
  if (elapsed() < nextLine) continue;
  nextLine += MINUTE;
  const { rss, heapUsed } = process.memoryUsage();
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  console.log(
    `${(elapsed() / MINUTE).toFixed(1)} min: ${done} operations, ${faults.length} faults, ` +
      `${mib(rss)} MiB resident, ${mib(heapUsed)} MiB heap, ${workers.size} workers`,
  );
}
beat("the end");
for (const world of worlds) world.abandon();
await burner.terminate();
watchdog.stop();

const middle = (of: { mib: number }[]) => of.map(({ mib }) => mib).sort((a, b) => a - b)[of.length >> 1] ?? 0;
const rest = Math.min(10 * MINUTE, elapsed() / 3);
const early = middle(resident.filter(({ at }) => at >= rest && at < rest * 1.5));
const late = middle(resident.filter(({ at }) => at >= elapsed() - rest / 2));
if (minutes >= 20 && late > early * 1.1 + SLACK_MIB)
  faults.push(`memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`);
console.log([...counts].map(([name, n]) => `${name}: ${n}`).join(", "));
console.log(`resident: ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late (medians)`);
console.log(faults.length === 0 ? `passed: ${done} operations, seed ${seed}` : `FAILED with ${faults.length} faults:`);
for (const fault of faults) console.log(`  ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
