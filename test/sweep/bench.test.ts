/** The benches of sweeps leave no process behind, neither a server nor a worker, however they end. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The processes that have a folder as their own or in their arguments, by what they run. */
function processesOf(folder: string): { pid: number; words: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return words.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
          ? [{ pid: Number(pid), words }]
          : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Starts a bench that has a server and two workers, and gives it a signal when it is at work. */
async function ended(signal: NodeJS.Signals, ...command: string[]) {
  const folder = mkdtempSync(join(process.env.THALWEG_TEST_FOLDER!, "bench-"));
  const [name, ...words] = [...command, "--table", "redis"];
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(name, words, { cwd: root, env, stdio: "ignore" });
  const over = new Promise((resolve) => child.once("close", resolve));
  const counted = (what: RegExp) => processesOf(folder).filter(({ words }) => what.test(words)).length;
  while (counted(/redis-server/) === 0 || counted(/cli\.js worker/) < 2 || counted(/cli\.js sweep/) === 0)
    await pause();
  child.kill(signal);
  await over;
  for (let i = 0; i < 60 && processesOf(folder).length > 0; i++) await pause();
  return { left: processesOf(folder), files: readdirSync(folder) };
}

describe.runIf(process.platform === "linux")("bench:sweep leaves nothing behind", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("after %s", async (signal) => {
    const { left, files } = await ended(signal, process.execPath, "--import", "tsx", "bench/sweep/main.ts");
    expect(left).toEqual([]);
    expect(files.filter((name) => name.startsWith("sweep-bench"))).toEqual([]);
  });

  it("after the SIGTERM of npm", async () => {
    const { left } = await ended("SIGTERM", "npm", "run", "--ignore-scripts", "bench:sweep", "--");
    expect(left).toEqual([]);
  });

  it("after SIGKILL, no server: what is killed so can end nothing itself, but a pipe closes", async () => {
    const { left } = await ended("SIGKILL", process.execPath, "--import", "tsx", "bench/sweep/main.ts");
    for (const { pid } of left) process.kill(pid, "SIGKILL");
    expect(left.filter(({ words }) => words.includes("redis-server"))).toEqual([]);
  });
});
