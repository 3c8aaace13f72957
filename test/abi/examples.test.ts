/** The programs that call raw kernels: in plain JavaScript and in C, which print the same bits. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { built } from "../support/built.js";
import { bringCTools } from "../support/cTools.js";

const run = promisify(execFile);
const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const wasm = fileURLToPath(built("wasm/strict.wasm"));

/** The loss at each step that is shown, and the bits of the weights. */
function read(output: string): { losses: number[]; weights: string | undefined } {
  const losses = [...output.matchAll(/^step \d+: loss (\S+)$/gm)].map(([, loss]) => Number(loss));
  return { losses, weights: output.match(/^weights( [0-9a-f]{8}){32}$/m)?.[0] };
}

test("examples/c prints the bits of raw-kernels.mjs", { timeout: 300_000 }, async () => {
  await bringCTools();
  const build = mkdtempSync(join(tmpdir(), "thalweg-c-"));
  try {
    const { stderr } = await run("make", ["-C", path("examples/c"), `BUILD=${build}`, `WASM=${wasm}`], {
      maxBuffer: 2 ** 24,
    });
    expect(stderr).toBe(""); // no warnings
    const inC = read((await run(join(build, "fit"))).stdout);
    const inJavaScript = read((await run(process.execPath, [path("examples/raw-kernels.mjs"), wasm])).stdout);
    expect(inC.losses).toHaveLength(4);
    expect(inC.losses.at(-1)).toBeLessThan(1e-8);
    expect(inC.weights).toBeTruthy();
    expect(inC).toEqual(inJavaScript);
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
});
