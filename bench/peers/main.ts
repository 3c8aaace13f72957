/**
 * `npm run bench:peers`: the library beside its peers, on the same work in the same run. Prints a table, and writes it
 * as JSON and as a chart to bench/results/ (peers-part.* for less than a whole run). One thread first; then all cores, in a
 * process of its own, because peers fix their threads once. Options: --quick, --only products|optimizers|training|digits,
 * --work REGEX (of the rows those whose name it matches), --torch (PyTorch too, in a process of its own), --threads N
 * (that many alone), --strict (the library in strict SIMD).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Contest, checkOnly, type PeerResults, peerTables } from "../peerTables.js";
import { chart } from "./chart.js";
import { contest, effort, type Rival } from "./sections.js";
import { ours } from "./thalweg.js";

const { values: options } = parseArgs({
  options: {
    ...{ quick: { type: "boolean" }, torch: { type: "boolean" } },
    ...{ only: { type: "string" }, work: { type: "string" } },
    ...{ threads: { type: "string" }, strict: { type: "boolean" }, out: { type: "string" } },
  },
});
const folder = new URL("../results/", import.meta.url);
mkdirSync(folder, { recursive: true });

checkOnly(options.only);
process.on("uncaughtException", (error) => {
  console.error(error); // and not, as Node does, a line of the source: those of a peer have 100,000 characters
  process.exit(1);
});
const whole = [options.only, options.work, options.threads, options.strict].every((option) => option === undefined);
/** What the documentation shows is one whole run: a part of one goes elsewhere. */
const file = (type: string) => new URL(`peers${whole ? "" : "-part"}.${type}`, folder);
const cores = availableParallelism();
const threads = options.threads === undefined ? 1 : Number(options.threads);
const digits = (name: string) => readFileSync(new URL(`../../test/data/digits/${name}.csv`, import.meta.url), "utf8");
const first = await contest(
  {
    ...{ threads, library: await ours(threads, options.strict ? "strict" : "auto"), rivals: rivals(threads) },
    digits: async () => ({ train: digits("train"), test: digits("test") }),
    say: (progress) => void process.stderr.write(`${progress}\n`),
  },
  options,
);
if (options.out !== undefined) {
  writeFileSync(options.out, JSON.stringify(first));
} else {
  save([first]); // before the rest, which may fail
  if (options.threads === undefined && cores > 1) save([first, elsewhere(cores)]);
  console.log(readFileSync(file("md"), "utf8"));
}
process.exit(); // peers leave workers behind

function save(contests: Contest[]): void {
  const host = { runtime: `Node ${process.versions.node}`, cpu: cpus()[0]!.model, cores, load: loadavg()[0]! };
  const results: PeerResults = { host, ...effort(options), contests };
  writeFileSync(file("json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(file("md"), `${peerTables(results)}\n`);
  writeFileSync(file("svg"), chart(results));
}

/** The same contest by another process. */
function elsewhere(count: number): Contest {
  const out = fileURLToPath(new URL(`peers-${count}.json`, folder));
  const args = [...process.execArgv, ...process.argv.slice(1), "--threads", String(count), "--out", out];
  execFileSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  return JSON.parse(readFileSync(out, "utf8")) as Contest;
}

/** Loaded only when they run: each takes a while, and one that fails on this host must not stop the others. */
function rivals(threads: number): Rival[] {
  const all: Rival[] = [["ONNX Runtime Web", async () => (await import("./onnx.js")).onnx(threads)]];
  if (threads === 1) {
    all.unshift(["TensorFlow.js wasm", async () => (await import("./tensorflow.js")).tensorflow("wasm")]);
    all.push(["jax-js", async () => (await import("./jax.js")).jax()]);
    all.push(["TensorFlow.js cpu", async () => (await import("./tensorflow.js")).tensorflow("cpu")]);
  }
  if (options.torch) all.push(["PyTorch", async () => (await import("./pytorch.js")).pytorch(threads)]);
  return all;
}
