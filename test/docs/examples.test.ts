/** The programs of examples/, run as they stand against the built package, in processes of their own. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = new URL("../../examples/", import.meta.url);

/** What each prints, from its first line to its last. */
const prints: Record<string, RegExp> = {
  "digits-checkpoint.mjs":
    /^accuracy on unseen images: 0\.9\d+\ninterrupted: AbortError\nsame bits after resuming: true\n$/,
  "own-arrays.mjs": /^step 0: loss 9\.08e\+0\n[\s\S]*\ny = 2\.000 \+ -1\.000 x \+ 0\.500 x²\n$/,
  "own-layer.mjs": /^gradients agree with differences: true\nloss \d\.\de-[3-9]\n$/,
  "own-optimizer.mjs": /^byTwin: \d\d cases passed\nbyKernel: \d\d cases passed\nthe kernel is faster: true\n$/,
  "raw-kernels.mjs": /^step 50: loss 2\.080510e-2\n[\s\S]*\nstep 200: loss 2\.991612e-9\nweights( [0-9a-f]{8}){32}\n$/,
  "worker.mjs":
    /^epoch 50: loss 0\.0\d+\n[\s\S]*\nepoch 200: loss 0\.00\d+\nweights: \d+ bytes, as a safetensors file\n$/,
  "xor.mjs":
    /^(wasm|js)[^\n]*\nloss \d\.\de-\d\n0 xor 0 = 0\.0\d\n0 xor 1 = (0\.9\d|1\.00)\n1 xor 0 = (0\.9\d|1\.00)\n1 xor 1 = 0\.0\d\n$/,
};

test("docs/own-optimizer.md shows two of them as they are", () => {
  const page = readFileSync(new URL("../docs/own-optimizer.md", folder), "utf8");
  for (const name of ["own-optimizer.mjs", "own-layer.mjs"])
    expect(page).toContain(readFileSync(new URL(name, folder), "utf8"));
});

test("every example is run", () => {
  expect(readdirSync(folder).filter((name) => name.endsWith(".mjs"))).toEqual(Object.keys(prints));
});

test.each(Object.entries(prints))("%s", async (name, output) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL(name, folder))]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(output);
});
