/**
 * `npm run bench`: measures the library against plain JavaScript and against the machine's limits, prints tables and
 * writes them as JSON to bench/results/. Options: --quick (fewer rounds), --only startup|optimizers|products|training|profile|threads (leaves
 * the other figures of the last run in the file), --kernels REGEX (of the update kernels those that it matches).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { run } from "./run.js";
import { benchStartup } from "./startup.js";
import { type Results, tables } from "./tables.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, kernels: { type: "string" } },
});
const startup = options.only === undefined || options.only === "startup" ? benchStartup() : undefined;
const results = await run(options, { runtime: `Node ${process.versions.node}`, cpu: cpus()[0].model });
if (startup) results.startup = startup;
console.log(tables(results));

const folder = new URL("results/", import.meta.url);
const file = new URL("bench.json", folder);
const before = options.only && existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : undefined;
mkdirSync(folder, { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ ...before, ...results, rounds: { ...before?.rounds, ...results.rounds } }, null, 2)}\n`,
);
