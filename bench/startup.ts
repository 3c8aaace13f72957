/** What it takes to begin: each time in a process of its own, in which nothing has been compiled or read before. */
import { execFileSync } from "node:child_process";
import { median } from "./harness.js";

const PROCESSES = 15;
const SCRIPT = `
  const from = performance.now();
  const { createEngine } = await import("thalweg");
  const imported = performance.now();
  await createEngine();
  console.log(JSON.stringify([imported - from, performance.now() - imported]));`;

/** Milliseconds of `import "thalweg"`, and of the `createEngine()` after it. */
export interface StartupRow {
  imported: number;
  created: number;
}

export function benchStartup(): StartupRow {
  const times = Array.from({ length: PROCESSES }, () => {
    const options = { cwd: new URL(".", import.meta.url), encoding: "utf8" } as const;
    return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", SCRIPT], options)) as number[];
  });
  return { imported: median(times.map(([time]) => time)), created: median(times.map(([, time]) => time)) };
}
