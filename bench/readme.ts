/**
 * `npm run readme`: writes the generated parts of the README, each between its marks: the table of optimizers from THE
 * TABLE, and the measured figures from the last `npm run bench` on this machine.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { table } from "../src/cli/optimizers.js";
import { type Results, tables } from "./tables.js";

const readme = new URL("../README.md", import.meta.url);
const results = new URL("results/bench.json", import.meta.url);

let text = readFileSync(readme, "utf8");
put("optimizers", table());
if (existsSync(results)) put("measured", tables(JSON.parse(readFileSync(results, "utf8")) as Results));
writeFileSync(readme, text);

function put(mark: string, part: string): void {
  const between = new RegExp(`(<!-- ${mark} -->\n)[^]*?(\n<!-- end -->)`);
  if (!between.test(text)) throw new Error(`the README has no part marked ${mark}`);
  text = text.replace(between, (_, before: string, after: string) => `${before}${part}${after}`);
}
