import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

// Training steps of the built package in processes of their own, so that nothing else runs and no collection comes in
// between while their garbage is measured.

type Extra = "clip" | "cosine";

interface Window {
  heap: number;
  bytes: number;
  arrays: number;
  allocations: number;
}

/** What steps left behind, in windows of 10,000 of them. */
async function windows(backend: "wasm" | "js", what: "heap" | "arrays", extra?: Extra): Promise<Window[]> {
  const script = fileURLToPath(new URL("../support/heap.mjs", import.meta.url));
  const flags = ["--expose-gc", "--max-semi-space-size=128", "--min-semi-space-size=128"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    script,
    built("bundled/index.js").href,
    backend,
    what,
    ...(extra === undefined ? [] : [extra]),
  ]);
  return JSON.parse(stdout);
}

test.each(["wasm", "js"] as const)("10,000 steps on %s make no typed array and no tensor", async (backend) => {
  const all = await windows(backend, "arrays", "clip");
  expect(all.every(({ bytes }) => bytes === 0)).toBe(true);
  const steady = all.slice(1);
  expect(steady.length).toBeGreaterThan(0);
  for (const { arrays, allocations } of steady) expect([arrays, allocations]).toEqual([0, 0]);
});

// Measured: 3 to 60 bytes a step, from process to process. 56 are the object that a loss returns; norm and scale as
// arguments and results would be 16 more, an array pattern in a rule's `prepare` 32, boxed scalars 112. On js the twins box
// numbers.
test.each([undefined, "clip"] as const)(
  "10,000 steps on wasm leave under 64 bytes of heap a step (%s)",
  async (extra) => {
    const least = await leastOfStep(64, extra);
    expect(least).toBeGreaterThan(0); // no collection in between: it would hide what there was
    expect(least).toBeLessThan(64);
  },
);

// Numbers that functions return are boxed, 16 bytes each: 123 or 267 bytes on Node 20, depending on what V8 inlines. A new
// set of hyperparameters at every step was 1,211.
test("a schedule adds the boxes of its numbers", async () => {
  const least = await leastOfStep(400, "cosine");
  expect(least).toBeGreaterThan(0);
  expect(least).toBeLessThan(400);
});

/**
 * The least of up to six processes, until one is below the limit. What a step itself allocates shows in all of them. One
 * process in twelve (Node 20) compiles a step so that it boxes something (115 bytes); all six do so in one of three
 * million runs.
 */
async function leastOfStep(limit: number, extra?: Extra): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 6 && least >= limit; run++) least = Math.min(least, await bytesOfStep(extra));
  return least;
}

async function bytesOfStep(extra?: Extra): Promise<number> {
  const last = (await windows("wasm", "heap", extra)).slice(-5).map(({ heap }) => heap);
  return last.sort((a, b) => a - b)[2];
}
