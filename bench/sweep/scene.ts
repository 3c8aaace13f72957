/** Plans, files and processes that the benches of sweeps share. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digits } from "../../test/support/digits.js";

export const MAIN = fileURLToPath(new URL("../../dist/bundled/cli.js", import.meta.url));
export const folder = mkdtempSync(join(tmpdir(), "sweep-bench-"));
process.env.THALWEG_TEST_FOLDER = folder;
process.env.THALWEG_SWEEP_KEY = "a secret of this bench alone";

/** The processes that want the machine, in the last minute: what else runs makes every time longer. */
export const load = (): string => `load ${loadavg()[0]!.toFixed(0)} on ${cpus().length} processors`;

/** The handwritten digits with names for their columns. */
export function writeDigits(): void {
  const head = [...Array.from({ length: 64 }, (_, i) => `p${i}`), "digit"].join(",");
  writeFileSync(join(folder, "digits.csv"), `${head}\n${readFileSync(digits("train.csv"), "utf8")}`);
}

export function writePlan(name: string, plan: object): void {
  writeFileSync(join(folder, name), JSON.stringify(plan));
}

/** 64-32-10 on the digits: rates over four decades, three optimizers, weight decay. */
export const digitsPlan = (epochs: number, search: object, more: object = {}) => ({
  version: 1,
  task: { table: "digits.csv" },
  settings: { target: "digit", hidden: [32], epochs, schedule: "cosine" },
  space: {
    lr: { from: 1e-4, to: 1, scale: "log" },
    optimizer: ["adamw", "momentum", "lion"],
    weightDecay: [0, 1e-4, 1e-2],
  },
  search,
  ...more,
});

export interface Started {
  child: ChildProcess;
  /** All that it has written. */
  out: { stdout: string; stderr: string };
  /** Its exit code, null after a signal. */
  ended: Promise<number | null>;
}

/** All processes that run. */
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
// A signal alone would end the process without its exit, and leave the children behind.
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => process.exit(code));
// npm gives a SIGTERM on to its shell, and the shell to nobody.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(143);
}, 500).unref();

/** Starts the command. */
export function start(...words: string[]): Started {
  const child = spawn(process.execPath, ["--import", PROBE_FILE, MAIN, ...words], { cwd: folder });
  children.add(child);
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]!.on("data", (chunk) => {
      out[name] += chunk;
    });
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      children.delete(child);
      resolve(code);
    }),
  );
  return { child, out, ended };
}

/** What a process has printed, and what it took: seconds, those of processors, and memory. */
export interface Ran {
  stdout: string;
  seconds: number;
  cpu: number;
  megabytes: number;
}

const PROBE_FILE = join(folder, "probe.mjs");
/** Has a process say at its end what it took, since one that has ended cannot be asked. */
const PROBE = `import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  console.error("took " + maxRSS + " " + (userCPUTime + systemCPUTime));
});`;
writeFileSync(PROBE_FILE, PROBE);

/** Runs it to its end. */
export async function run(...words: string[]): Promise<Ran> {
  const from = performance.now();
  const { out, ended } = start(...words);
  const code = await ended;
  if (code !== 0) throw new Error(`thalweg ${words.join(" ")} has ended with ${code}: ${out.stderr}`);
  const [, kib, micros] = /took (\d+) (\d+)/.exec(out.stderr)!;
  const seconds = (performance.now() - from) / 1000;
  return { stdout: out.stdout, seconds, cpu: Number(micros) / 1e6, megabytes: Number(kib) / 1024 };
}

/** Starts a worker. */
export const beginWorker = (url: string, ...more: string[]): Started =>
  start("worker", "--redis", url, "--workers", "1", "--stalled-after", "2", "--cache", "cache", ...more);

/** Starts a worker, and waits until it takes trials. */
export async function worker(url: string, ...more: string[]): Promise<Started> {
  const started = beginWorker(url, ...more);
  while (!started.out.stdout.includes("waiting for trials")) await pause(20);
  return started;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a sweep prints with --json, but for the time that it took. */
export function resultsOf(stdout: string): string {
  const { seconds: _, ...rest } = JSON.parse(stdout);
  return JSON.stringify(rest);
}
