import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

/** The examples of the README, copied and run as a reader would: against the built package, in a process of their own. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1]);

/** What each example says of its output: the numbers that its console.log lines print, in order. */
const expectations: ((output: number[]) => void)[] = [
  ([loss, one]) => {
    expect(loss).toBeLessThan(0.001);
    expect(one).toBeGreaterThan(0.95);
  },
  (weights) => {
    expect(weights).toHaveLength(3);
    for (const weight of weights) expect(Math.abs(weight)).toBeLessThan(0.01);
  },
  ([loss]) => expect(loss).toBeLessThan(0.01),
  (printed) => expect(printed.at(-1)).toBeGreaterThan(0.95),
];

test("there is an expectation for each example", () => {
  expect(examples).toHaveLength(expectations.length);
});

test.each(examples.map((code, i) => [i + 1, code] as const))(
  "example %i does what its comments say",
  async (i, code) => {
    // A folder of its own for what an example saves, and would otherwise find there the next time.
    const folder = await mkdtemp(join(tmpdir(), "thalweg-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: root,
      env: { ...process.env, TMPDIR: folder },
    });
    const numbers =
      stdout.replaceAll(/Float32Array\(\d+\)/g, "").match(/(?<![\w.])-?\d+(\.\d+)?(e[+-]?\d+)?(?![\w.])/g) ?? [];
    expectations[i - 1](numbers.map(Number));
  },
);
