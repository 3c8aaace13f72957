/**
 * `npm run bench:browser`: the library's own benches in a page, or with --peers the contest of `npm run bench:peers` with
 * those peers that have a page's WebAssembly. Prints the table, and writes the figures to bench/results/browser-NAME.json,
 * those of peers to browser-peers-NAME.json (-part for less than a whole run). Options: --browser chromium|firefox (headless;
 * one after the other when given twice), or --serve for any browser on this machine: open the address that is printed.
 * The others are those of `npm run bench` (--quick, --only, --kernels) and of `npm run bench:peers` (--quick, --only,
 * --work, --threads).
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Contest, type PeerResults, peerTables } from "../peerTables.js";
import { type Results, tables } from "../tables.js";
import { BROWSERS, type BrowserName, open } from "./browsers.js";
import { type Site, serve } from "./serve.js";
import { contestSite, PEERS } from "./sites.js";

const { values: options } = parseArgs({
  options: {
    ...{ quick: { type: "boolean" }, only: { type: "string" }, kernels: { type: "string" } },
    ...{ peers: { type: "boolean" }, work: { type: "string" }, threads: { type: "string" } },
    ...{ browser: { type: "string", multiple: true }, serve: { type: "boolean" } },
  },
});
for (const name of options.browser ?? [])
  if (!(BROWSERS as readonly string[]).includes(name))
    throw new RangeError(`--browser: expected one of ${BROWSERS.join(", ")}, got ${name}`);
const browsers = options.serve ? [undefined] : ((options.browser ?? ["chromium"]) as BrowserName[]);
const cores = availableParallelism();
const cpu = cpus()[0]!.model;

if (options.peers && !existsSync(PEERS))
  execFileSync(
    "npm",
    ["install", "--prefix", fileURLToPath(new URL("../peers", import.meta.url)), "--no-audit", "--no-fund"],
    {
      stdio: "inherit",
      shell: process.platform === "win32",
    },
  );
const site = await (options.peers ? contestSite() : serve({ entry: new URL("page.ts", import.meta.url) }));
try {
  for (const browser of browsers) await (options.peers ? peers(browser) : own(browser));
} finally {
  await site.close();
}

async function own(browser: BrowserName | undefined): Promise<void> {
  const { results, runtime, name } = await visit<Results>(site, browser, {});
  results.host = { ...results.host, runtime, cpu };
  save(`browser-${name}`, results, tables(results));
}

/** One page for each number of threads: peers fix theirs once. */
async function peers(browser: BrowserName | undefined): Promise<void> {
  const counts = options.threads !== undefined ? [Number(options.threads)] : cores > 1 ? [1, cores] : [1];
  const whole = [options.only, options.work, options.threads].every((option) => option === undefined);
  const contests: Contest[] = [];
  let load = 0;
  for (const threads of counts) {
    const { results, runtime, name } = await visit<Omit<PeerResults, "host"> & { contest: Contest }>(site, browser, {
      threads: String(threads),
    });
    contests.push(results.contest);
    load = Math.max(load, loadavg()[0]);
    const all: PeerResults = { host: { runtime, cpu, cores, load }, rounds: results.rounds, contests };
    // Saved before the rest, which may fail.
    save(`browser-peers-${name}${whole ? "" : "-part"}`, all, threads === counts.at(-1) ? peerTables(all) : undefined);
  }
}

/** Opens the page and waits for what it comes to. */
async function visit<R>(site: Site, browser: BrowserName | undefined, more: Record<string, string>) {
  const query = new URLSearchParams(more);
  if (options.quick) query.set("quick", "");
  for (const name of ["only", "kernels", "work"] as const)
    if (options[name] !== undefined) query.set(name, options[name]);
  const address = `${site.origin}/?${query}`;
  const outcome = site.outcome();
  if (browser === undefined) {
    console.log(`${address}\nOpen it in a browser. End with Ctrl-C.`);
    const { results, agent } = await outcome;
    const runtime = agent.match(/(Firefox|Edg|Chrome|Version)\/[\d.]+/)?.[0].replace("/", " ") ?? agent;
    return { results: results as R, runtime, name: runtime.split(" ")[0]!.toLowerCase() };
  }
  outcome.catch(() => {}); // when the browser does not even start
  const opened = await open(browser, address);
  try {
    const { results } = await Promise.race([outcome, opened.gone]);
    return { results: results as R, runtime: opened.version, name: browser };
  } finally {
    await opened.close();
  }
}

function save(name: string, results: unknown, table: string | undefined): void {
  const folder = new URL("../results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(results, null, 2)}\n`);
  if (table !== undefined) console.log(`${table}\n`);
}
