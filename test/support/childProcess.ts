import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { built } from "./built.js";

/**
 * Runs the body of a module in a Node process of its own, with `createEngine`, `adam`, `sgd`, `sleep(ms)` and `cpu()` (the
 * milliseconds of all its threads) in scope; returns what it prints, parsed as JSON.
 */
export async function child(body: string, flags: string[] = []) {
  const script = `
    const { createEngine, adam, sgd } = await import(${JSON.stringify(built("bundled/index.js").href)});
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    ${body}`;
  const run = promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", script], {
    timeout: 30_000,
  });
  return JSON.parse((await run).stdout);
}
