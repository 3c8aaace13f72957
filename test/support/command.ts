import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { vi } from "vitest";

/** The built command; `npm test` builds it first. */
export const MAIN = fileURLToPath(new URL("../../dist/bundled/cli.js", import.meta.url));

// One for all files of a process.
const folder = mkdtempSync(join(process.env.THALWEG_TEST_FOLDER!, "command-"));

// Under its name, as npm links it, so that it calls itself so.
const LINK = join(folder, "thalweg");
symlinkSync(MAIN, LINK);

/** Puts a CSV file where the command runs. */
export function csv(name: string, lines: readonly string[]): void {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
}

/** Where the command runs. */
export const inFolder = (name: string): string => join(folder, name);

/** Runs the command to its end, its outputs piped. Arguments are words separated by blanks, then further ones as they are. */
export function thalweg(words = "", ...more: string[]) {
  const args = [LINK, ...words.split(" ").filter(Boolean), ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

const MANY = fileURLToPath(new URL("main.mjs", import.meta.url));

/** The same for many words, by a process for all of them: one takes half a second to start, most runs a hundredth of that. */
export function thalwegEach(list: readonly string[]): ReturnType<typeof thalweg>[] {
  const lists = JSON.stringify(list.map((words) => words.split(" ").filter(Boolean)));
  const args = [MANY, pathToFileURL(MAIN).href, LINK, lists];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0 || stderr !== "") throw new Error(`${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** What the command printed, as JSON; it must have gone well and printed nothing else. */
export function thalwegJson(words: string, ...more: string[]) {
  const { status, stdout, stderr } = thalweg(words, ...more, "--json");
  if (status !== 0 || stderr !== "" || !/^\{.*\}\n$/.test(stdout)) throw new Error(`${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/**
 * Calls a command within this process, where its output does not need to be a process's own: starting one takes half a
 * second. Gives what it wrote, and what it threw.
 */
export async function called(command: (args: string[]) => Promise<void>, words: string) {
  const home = process.cwd();
  const written = { stdout: "", stderr: "" };
  const watched = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      written[name] += chunk;
      return true;
    }),
  );
  process.chdir(folder);
  try {
    const error = await command(words.split(" ").filter(Boolean)).catch((error: Error) => error);
    return { ...written, error: error ?? undefined };
  } finally {
    process.chdir(home);
    for (const one of watched) one.mockRestore();
  }
}

/** What a command called so printed with --json; it must have gone well. */
export async function calledJson(command: (args: string[]) => Promise<void>, words: string) {
  const { stdout, error } = await called(command, `${words} --json`);
  if (error) throw error;
  return JSON.parse(stdout);
}

/** Starts the command, and does something after so many lines of its output; gives its exit code and what stderr got. */
export async function started(words: string, act: (child: ReturnType<typeof spawn>) => void, lines = 1) {
  const child = spawn(process.execPath, [LINK, ...words.split(" ")], { cwd: folder });
  let stderr = "";
  let seen = 0;
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout.on("data", (chunk) => {
    const before = seen;
    seen += String(chunk).split("\n").length - 1;
    if (before < lines && seen >= lines) act(child);
  });
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
