/**
 * `npm run readme`: writes the generated parts of the README, each between its marks: the table of optimizers from THE
 * TABLE, and the figures and the chart of the last `npm run bench` and `npm run bench:peers` on this machine.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { table } from "../src/cli/optimizers.js";
import { type PeerResults, peerTables } from "./peerTables.js";
import { profileTable, type Results, tables } from "./tables.js";

const readme = new URL("../README.md", import.meta.url);
const result = (name: string) => new URL(`results/${name}`, import.meta.url);
const CHART = "bench/peers/chart.svg";

let text = readFileSync(readme, "utf8");
put("optimizers", await table());
if (existsSync(result("bench.json"))) {
  const { profile, ...results } = read<Results>("bench.json");
  put("measured", tables(results));
  if (profile && text.includes("<!-- profile -->")) put("profile", profileTable(profile));
}
if (existsSync(result("peers.json")) && text.includes("<!-- peers -->")) {
  copyFileSync(result("peers.svg"), new URL(`../${CHART}`, import.meta.url));
  put("peers", `![Thalweg beside its peers](${CHART})\n\n${peerTables(read<PeerResults>("peers.json"))}`);
}
writeFileSync(readme, text);

function read<T>(name: string): T {
  return JSON.parse(readFileSync(result(name), "utf8")) as T;
}

function put(mark: string, part: string): void {
  const between = new RegExp(`(<!-- ${mark} -->\n)[^]*?(<!-- end -->)`);
  if (!between.test(text)) throw new Error(`the README has no part marked ${mark}`);
  text = text.replace(between, (_, before: string, after: string) => `${before}${part}\n${after}`);
}
