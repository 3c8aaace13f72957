/**
 * `npm run docs:tables`: writes the generated parts of the README and of docs/, each between its marks: the exports of the
 * binaries, the optimizers, from THE TABLE and the docstrings, what extreme gradients do to them, and digits of certified
 * problems; and the pictures. With `-- --figures` also the figures and the chart of
 * the last `npm run bench`, `npm run bench:peers` and `npm run bench:browser -- --peers` on this machine, which should have
 * been whole runs on an idle one.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeAbi } from "../src/build/abi/abi.js";
import { createEngine } from "../src/engine/create.js";
import { verdicts } from "../test/support/straight/comparison.js";
import { binariesTable, functionsBlock, kernelSections } from "./abiPage.js";
import { BROWSERS } from "./browser/browsers.js";
import { extremesTable } from "./extremesPage.js";
import { landscapeTable } from "./landscapePage.js";
import { lossPictures } from "./lossPictures.js";
import { nistDigits, nistTable, scipyTable } from "./minimizePage.js";
import { optimizerSections, optimizerTable } from "./optimizerPage.js";
import { type PeerResults, peerSummary, peerTables } from "./peerTables.js";
import { pictures } from "./pictures.js";
import { profileTable, type Results, tables, threadsTable } from "./tables.js";

const ABI = "docs/abi.md";
const OPTIMIZERS = "docs/optimizers.md";
const EXTREMES = "docs/extremes.md";
const MINIMIZE = "docs/minimize.md";
const LANDSCAPES = "docs/landscapes.md";
const PERFORMANCE = "docs/performance.md";
const CHART = "bench/peers/chart.svg";
const root = (path: string) => new URL(`../${path}`, import.meta.url);
const result = (name: string) => new URL(`results/${name}`, import.meta.url);

const { values: options } = parseArgs({ options: { figures: { type: "boolean" } } });
const abi = await makeAbi(fileURLToPath(root(""))); // describes the binaries of the last build
put(ABI, "binaries", binariesTable(abi));
put(ABI, "functions", functionsBlock(abi));
put(ABI, "kernels", kernelSections(abi));
put(OPTIMIZERS, "optimizers", await optimizerTable());
put(OPTIMIZERS, "sections", await optimizerSections());
put(EXTREMES, "extremes", extremesTable(verdicts(await createEngine({ backend: "wasm", simd: "strict" }))));
put(MINIMIZE, "scipy", scipyTable());
put(MINIMIZE, "nist", nistTable(nistDigits()));
put(LANDSCAPES, "landscapes", landscapeTable());
for (const [name, svg] of Object.entries(await lossPictures())) writeFileSync(root(`docs/${name}`), svg);
for (const [path, picture] of Object.entries(await pictures())) writeFileSync(root(path), picture);
if (options.figures && existsSync(result("bench.json"))) {
  const { profile, threads, ...results } = read<Results>("bench.json");
  put(PERFORMANCE, "measured", tables(results));
  if (profile) put(PERFORMANCE, "profile", profileTable(profile));
  if (threads) put(PERFORMANCE, "threads", threadsTable(threads));
}
if (options.figures && existsSync(result("peers.json"))) {
  const peers = read<PeerResults>("peers.json");
  copyFileSync(result("peers.svg"), root(CHART));
  put(PERFORMANCE, "peers", `![Thalweg beside its peers](../${CHART})\n\n${peerTables(peers)}`);
  put("README.md", "peers", peerSummary(peers));
}
for (const browser of BROWSERS) {
  const name = `browser-peers-${browser}.json`;
  if (options.figures && existsSync(result(name)))
    put(PERFORMANCE, `peers-${browser}`, peerTables(read<PeerResults>(name)));
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(result(name), "utf8")) as T;
}

function put(page: string, mark: string, part: string): void {
  const text = readFileSync(root(page), "utf8");
  const between = new RegExp(`(<!-- ${mark} -->\n)[^]*?(<!-- end -->)`);
  if (!between.test(text)) throw new Error(`${page} has no part marked ${mark}`);
  writeFileSync(
    root(page),
    text.replace(between, (_, before: string, after: string) => `${before}${part}\n${after}`),
  );
}
