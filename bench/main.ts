/**
 * `npm run bench`: measures the library against plain JavaScript and against the machine's limits, prints tables and
 * writes them as JSON to bench/results/. Options: --quick (fewer rounds), --only optimizers|products|training (leaves
 * the other figures of the last run in the file), --kernels REGEX (of the update kernels those that it matches).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createEngine } from "thalweg";
import { peaks, probes } from "./limits.js";
import { benchDead, benchOptimizers } from "./optimizers.js";
import { benchProducts } from "./products.js";
import { type Results, tables } from "./tables.js";
import { benchTraining } from "./training.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, kernels: { type: "string" } },
});
const effort = options.quick ? { rounds: 5, time: 30 } : { rounds: 15, time: 60 };
const wanted = (section: string) => options.only === undefined || options.only === section;

const { simd } = await createEngine();
const strict = await probes(false);
const best = { ...peaks(strict, "mul + add"), ...(simd === "relaxed" && peaks(await probes(true), "madd")) };
const host = { runtime: `Node ${process.versions.node}`, cpu: cpus()[0]!.model, simd };
const sections = (["products", "training", "optimizers"] as const).filter(wanted);
const rounds = Object.fromEntries(sections.map((section) => [section, effort.rounds]));
const results: Results = { host, rounds };
if (wanted("products")) results.products = await benchProducts(best, [32, 64, 128, 256, 512, 1024], effort);
if (wanted("training")) results.training = await benchTraining(best, effort);
if (wanted("optimizers")) {
  const only = options.kernels === undefined ? undefined : new RegExp(options.kernels);
  results.optimizers = await benchOptimizers(strict, { n: 1_000_000, only }, effort);
  results.dead = await benchDead(100_000, effort);
}
console.log(tables(results));

const folder = new URL("results/", import.meta.url);
const file = new URL("bench.json", folder);
const before = options.only && existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : undefined;
mkdirSync(folder, { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ ...before, ...results, rounds: { ...before?.rounds, ...rounds } }, null, 2)}\n`,
);
