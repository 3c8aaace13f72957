/**
 * `npm run bench:family-trees`: the family trees over many seeds, on all cores, as the Markdown tables of
 * docs/family-trees.md. `--seeds 100`, `--first 1`, `--settings paper` for one line, `--threads 2`.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { FamilyTreesOptions, Point } from "../../src/experiments/familyTrees/experiment.js";
import { type Probe, TRAIT_NAMES, type Trait } from "../../src/experiments/familyTrees/probes.js";
import { SETTINGS, type SettingsName } from "../../src/experiments/familyTrees/settings.js";

const HELP = `npm run bench:family-trees -- [options]: the tables of docs/family-trees.md

  --seeds <n>        runs of each line (default: 100)
  --first <n>        the first seed (default: 1)
  --settings <name>  printed, paper or today (default: all)
  --threads <n>      workers (default: ${availableParallelism()}, the cores)
  -h, --help         show this help
`;

/** A run for a thread. */
export interface Job extends FamilyTreesOptions {
  index: number;
}
interface Result {
  index: number;
  last: Point;
  asked: number;
  probes: Record<Trait, Probe & { untrained: Probe }>;
  seconds: number;
}
interface Line {
  label: string;
  settings: SettingsName;
  sweeps?: number;
}

const LINES: readonly Line[] = [
  { label: "printed", settings: "printed" },
  { label: "paper", settings: "paper" },
  { label: "paper, 1,500 sweeps", settings: "paper", sweeps: 1500 },
  { label: "today", settings: "today" },
];

/** A thread that is not told of tsx by its command line, which Node 20 does not heed, but by its own code. */
const FILE = JSON.stringify(new URL("./worker.ts", import.meta.url));
const TSX = JSON.stringify(import.meta.resolve("tsx/esm/api"));
const CODE = `import(${TSX}).then(({ register }) => { register(); return import(${FILE}); })`;

/** Runs jobs on threads, each of which takes the next when it has finished one. */
function onThreads(jobs: readonly Job[], threads: number): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  return new Promise((resolve, reject) => {
    const workers = Array.from({ length: threads }, () => new Worker(CODE, { eval: true }));
    for (const worker of workers) {
      const give = () => (next < jobs.length ? worker.postMessage(jobs[next++]) : void worker.terminate());
      worker.on("error", reject);
      worker.on("message", (result: Result) => {
        results[result.index] = result;
        give();
        if (results.filter(Boolean).length === jobs.length) resolve(results);
      });
      give();
    }
  });
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    first: { type: "string", default: "1" },
    settings: { type: "string" },
    threads: { type: "string", default: String(availableParallelism()) },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
const whole = (name: "seeds" | "first" | "threads"): number => {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`--${name}: expected a whole number ≥ 1, got ${values[name]}`);
};
const seeds = Array.from({ length: whole("seeds") }, (_, i) => whole("first") + i);
const lines = LINES.filter(({ settings }) => values.settings === undefined || settings === values.settings);
if (lines.length === 0)
  throw new RangeError(`--settings: expected ${Object.keys(SETTINGS).join(", ")}, got ${values.settings}`);
const jobs = lines.flatMap(({ settings, sweeps }, line) =>
  seeds.map((seed, i): Job => ({ index: line * seeds.length + i, settings, seed, ...(sweeps && { sweeps }) })),
);
const threads = Math.min(jobs.length, whole("threads"));
const start = performance.now();
const results = await onThreads(jobs, threads);
const took = (performance.now() - start) / 1000;

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const share = (numbers: readonly boolean[]): string => mean(numbers.map(Number)).toFixed(2);
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map((_, i) => (i === 0 ? "-" : "-:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const of = (line: number): Result[] => results.slice(line * seeds.length, (line + 1) * seeds.length);

const last = seeds.at(-1);
console.log(`Node ${process.versions.node}, ${cpus()[0].model}, ${threads} threads; seeds ${seeds[0]} to ${last}`);
console.log(`\n${lines.length} × ${seeds.length} runs in ${took.toFixed(0)} s\n`);
console.log(
  table(
    ["settings", "sweeps", "all 100 right", "learnt right", "held-out right", ...TRAIT_NAMES, "seconds a run"],
    lines.map(({ label, settings, sweeps }, line) => {
      const runs = of(line);
      return [
        ...[label, (sweeps ?? SETTINGS[settings].sweeps).toLocaleString("en-US")],
        share(runs.map(({ last }) => last.right === 100)),
        mean(runs.map(({ last }) => last.right / 100)).toFixed(3),
        mean(runs.map(({ last, asked }) => last.heldOutRight / asked)).toFixed(3),
        ...TRAIT_NAMES.map((trait) => share(runs.map(({ probes }) => probes[trait].separated))),
        mean(runs.map(({ seconds }) => seconds)).toFixed(1),
      ];
    }),
  ),
);
console.log(
  `\n${table(
    ["untrained, start of", ...TRAIT_NAMES],
    lines.flatMap(({ label, sweeps }, line) =>
      // A line with fewer sweeps starts as the one with all of them.
      sweeps
        ? []
        : [[label, ...TRAIT_NAMES.map((trait) => share(of(line).map((run) => run.probes[trait].untrained.separated)))]],
    ),
  )}`,
);
console.log(
  `\n${table(
    ["runs with so many of 4 right", "0", "1", "2", "3", "4"],
    lines.map(({ label }, line) => [
      label,
      ...[0, 1, 2, 3, 4].map((right) => of(line).filter(({ last }) => last.heldOutRight === right).length),
    ]),
  )}`,
);
