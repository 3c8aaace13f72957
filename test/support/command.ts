import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The built command; `npm test` builds it first. */
export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "thalweg-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Puts a CSV file where the command runs. */
export function csv(name: string, lines: readonly string[]): void {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
}

/** Runs the command to its end, its outputs piped. Arguments are words separated by blanks, then further ones as they are. */
export function thalweg(words = "", ...more: string[]) {
  const args = [MAIN, ...words.split(" ").filter(Boolean), ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** What the command printed, as JSON; it must have gone well and printed nothing else. */
export function thalwegJson(words: string, ...more: string[]) {
  const { status, stdout, stderr } = thalweg(words, ...more, "--json");
  if (status !== 0 || stderr !== "" || !/^\{.*\}\n$/.test(stdout)) throw new Error(`${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** Starts the command, and does something at the first of its output; gives its exit code and what stderr got. */
export async function started(words: string, act: (child: ReturnType<typeof spawn>) => void) {
  const child = spawn(process.execPath, [MAIN, ...words.split(" ")], { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout.once("data", () => act(child));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, stderr };
}

// 60 flowers of two kinds that a line tells apart, with a constant column; rows of a second file; a target to regress on.
const flower = (i: number) => `${i % 7},${(i * 5) % 11},3,${(i % 7) * 2 > (i * 5) % 11 ? "rose" : "tulip"}`;
csv("flowers.csv", ["width,height,constant,kind", ...Array.from({ length: 60 }, (_, i) => flower(i))]);
csv("more.csv", ["kind,constant,height,width", "rose,3,1,6", "tulip,3,10,1"]);
csv(
  "prices.csv",
  Array.from({ length: 50 }, (_, i) => `${i},${i % 7},${1000 * i - 300 * (i % 7) + 0.5}`),
);
