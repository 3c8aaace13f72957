/**
 * `npm run bench`: measures the library against plain JavaScript and against the machine's limits, prints tables and
 * writes them as JSON to bench/results/. Options: --quick (fewer rounds), --only optimizers|products|training.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { markdownTable } from "markdown-table";
import { createEngine } from "thalweg";
import { peaks, probes } from "./limits.js";
import { benchDead, benchOptimizers } from "./optimizers.js";
import { benchProducts } from "./products.js";
import { benchTraining } from "./training.js";

const { values: options } = parseArgs({ options: { quick: { type: "boolean" }, only: { type: "string" } } });
const effort = options.quick ? { rounds: 5, time: 30 } : { rounds: 15, time: 60 };
const wanted = (section: string) => options.only === undefined || options.only === section;

const engine = await createEngine();
const host = {
  runtime: `Node ${process.versions.node}`,
  cpu: cpus()[0]!.model,
  platform: `${platform()} ${arch()}`,
  simd: engine.simd,
};
console.log(`${host.runtime}, ${host.cpu}, ${engine.reason}; one thread, medians of ${effort.rounds} rounds\n`);

const strict = await probes(false);
const best = { ...peaks(strict, "mul + add"), ...(engine.simd === "relaxed" && peaks(await probes(true), "madd")) };
const results: Record<string, unknown> = { host, date: new Date().toISOString() };
const [percent, times, fixed] = [
  (x: number) => `${Math.round(100 * x)} %`,
  (x: number) => `${x.toFixed(1)}×`,
  (x: number) => x.toFixed(1),
];

if (wanted("optimizers")) {
  const rows = await benchOptimizers(strict, 1_000_000, effort);
  print(
    ["step at 1M parameters", "M elements/s", "GB/s", "plain loop", "js backend", "of the limit"],
    rows.map((row) => [
      row.name,
      fixed(row.throughput),
      fixed(row.bandwidth),
      times(row.overPlain),
      times(row.overJs),
      percent(row.ofLimit),
    ]),
  );
  const dead = await benchDead(100_000, effort);
  console.log(
    `Adam over dead units (2,000 steps of zero gradients): ${dead.toFixed(2)} × the time of a working step\n`,
  );
  Object.assign(results, { optimizers: rows, dead });
}
if (wanted("products")) {
  const rows = await benchProducts(best, [32, 64, 128, 256, 512, 1024], effort);
  print(
    ["product", "layout", "GFLOP/s", "of the peak", "plain loop"],
    rows.map((row) => [
      row.shape,
      row.layout,
      fixed(row.gflops),
      percent(row.ofPeak),
      row.overPlain ? times(row.overPlain) : "",
    ]),
  );
  results.products = rows;
}
if (wanted("training")) {
  const rows = await benchTraining(best, effort);
  print(
    ["training step", "steps/s", "products at peak", "js backend"],
    rows.map((row) => [row.name, fixed(row.rate), `${row.overPeak.toFixed(2)}×`, times(row.overJs)]),
  );
  results.training = rows;
}

const folder = fileURLToPath(new URL("results/", import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(`${folder}bench.json`, `${JSON.stringify(results, null, 2)}\n`);

function print(head: string[], rows: string[][]): void {
  console.log(`${markdownTable([head, ...rows], { align: ["l", ...head.slice(1).map(() => "r")] })}\n`);
}
