/**
 * `npm run bench:peers`: the library beside its peers, on the same work in the same run. Prints a table, and writes it
 * as JSON and as a chart to bench/results/ (peers-part.* for less than a whole run). One thread first; then all cores, in a process of its own, because peers
 * fix their threads once. Options: --quick, --only products|optimizers|training|digits, --torch (PyTorch too, in a
 * process of its own), --threads N (that many alone).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Contest, type PeerResults, peerTables } from "../peerTables.js";
import { chart } from "./chart.js";
import { optimizers, products, timeToAccuracy, trainings } from "./contest.js";
import type { Contestant } from "./contestant.js";
import { ours } from "./thalweg.js";
import { PRODUCTS, productFlops, RULES, type Rule } from "./work.js";

const { values: options } = parseArgs({
  options: {
    ...{ quick: { type: "boolean" }, torch: { type: "boolean" } },
    ...{ only: { type: "string" }, threads: { type: "string" }, out: { type: "string" } },
  },
});
const SECTIONS = ["products", "optimizers", "training", "digits"] as const;
if (options.only !== undefined && !(SECTIONS as readonly string[]).includes(options.only))
  throw new RangeError(`--only: expected one of ${SECTIONS.join(", ")}, got ${options.only}`);

const effort = options.quick ? { rounds: 5, time: 20, limit: 400 } : { rounds: 15, time: 60, limit: 5000 };
const proof = options.quick ? { steps: 100, patience: 2000 } : { steps: 1000, patience: 30_000 };
const folder = new URL("../results/", import.meta.url);
mkdirSync(folder, { recursive: true });

process.on("uncaughtException", (error) => {
  console.error(error); // and not, as Node does, a line of the source: those of a peer have 100,000 characters
  process.exit(1);
});
const whole = options.only === undefined && options.threads === undefined;
/** What the documentation shows is one whole run: a part of one goes elsewhere. */
const file = (type: string) => new URL(`peers${whole ? "" : "-part"}.${type}`, folder);
const cores = availableParallelism();
const threads = options.threads === undefined ? 1 : Number(options.threads);
const first = await contest(threads);
if (options.out !== undefined) {
  writeFileSync(options.out, JSON.stringify(first));
} else {
  save([first]); // before the rest, which may fail
  if (options.threads === undefined && cores > 1) save([first, elsewhere(cores)]);
  console.log(readFileSync(file("md"), "utf8"));
}
process.exit(); // peers leave workers behind

function save(contests: Contest[]): void {
  const host = { runtime: `Node ${process.versions.node}`, cpu: cpus()[0]!.model, cores };
  const results: PeerResults = { host, ...effort, contests };
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

async function contest(threads: number): Promise<Contest> {
  const library = await ours(threads);
  const alone = threads === 1;
  const absent: string[] = [];
  const field: Contestant[] = [library];
  for (const [name, enter] of rivals(threads)) {
    try {
      field.push(await enter());
    } catch (error) {
      absent.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const sections: Contest["sections"] = {};
  const say = (what: string) => process.stderr.write(`${threads} thread${alone ? "" : "s"}: ${what}\n`);
  const wanted = (section: string) => options.only === undefined || options.only === section;
  if (wanted("products")) {
    say("products");
    // Work too small for two threads is no contest of threads.
    const shapes = alone ? PRODUCTS : PRODUCTS.filter((shape) => productFlops(shape) > 1e7);
    sections.products = await products(field, shapes, effort);
  }
  if (wanted("optimizers")) {
    say("optimizer steps");
    sections.optimizers = await optimizers(field, steps(alone), effort);
  }
  if (wanted("training")) {
    say("training steps");
    sections.training = await trainings(field, proof, effort);
  }
  if (wanted("digits") && alone) {
    say("time to accuracy");
    sections.digits = await timeToAccuracy(field, options.quick ? 1 : 3);
  }
  for (const { close } of field) close?.();
  return { threads, ours: { threads: library.threads, simd: library.simd }, absent, sections };
}

/** SGD and Adam at every size, the others at one. */
function steps(alone: boolean): [Rule, number][] {
  const sizes = alone ? [1024, 2 ** 16, 2 ** 20, 2 ** 24] : [2 ** 20, 2 ** 24];
  return RULES.flatMap((rule) =>
    (rule === "sgd" || rule === "adam" ? sizes : [2 ** 20]).map((n): [Rule, number] => [rule, n]),
  );
}

/** Loaded only when they run: each takes a while, and one that fails on this host must not stop the others. */
function rivals(threads: number): [string, () => Promise<Contestant>][] {
  const all: [string, () => Promise<Contestant>][] = [
    ["ONNX Runtime Web", async () => (await import("./onnx.js")).onnx(threads)],
  ];
  if (threads === 1) {
    all.unshift(["TensorFlow.js wasm", async () => (await import("./tensorflow.js")).tensorflow("wasm")]);
    all.push(["jax-js", async () => (await import("./jax.js")).jax()]);
    all.push(["TensorFlow.js cpu", async () => (await import("./tensorflow.js")).tensorflow("cpu")]);
  }
  if (options.torch) all.push(["PyTorch", async () => (await import("./pytorch.js")).pytorch(threads)]);
  return all;
}
