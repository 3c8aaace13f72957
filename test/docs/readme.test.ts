import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";

/**
 * The README and the pages of docs/: their examples, copied and run as a reader would, against the built package, in a
 * process of their own; and their links.
 */
const root = new URL("../../", import.meta.url);
const read = (page: string): string => readFileSync(new URL(page, root), "utf8");
const inDocs = readdirSync(new URL("docs", root)).filter((name) => name.endsWith(".md"));
const pages = ["README.md", "CONTRIBUTING.md", ...inDocs.map((name) => `docs/${name}`)];
const examplesOf = (page: string): string[] =>
  [...read(page).matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

type Expectation = (printed: number[], stdout: string) => void;

/** What each example says of its output: the numbers that its console.log lines print, in order. */
const expectations: Record<string, Expectation[]> = {
  "README.md": [
    ([accuracy], stdout) => {
      expect(accuracy).toBeGreaterThan(0.9);
      expect(stdout).toMatch(/\nyes\n$/);
    },
    ([loss, one]) => {
      expect(loss).toBeLessThan(0.001);
      expect(one).toBeGreaterThan(0.95);
    },
    (weights) => {
      expect(weights).toHaveLength(3);
      for (const weight of weights) expect(Math.abs(weight)).toBeLessThan(0.01);
    },
  ],
  "docs/abi.md": [
    (weights) => {
      expect(weights).toHaveLength(3);
      for (const weight of weights) expect(Math.abs(weight)).toBeLessThan(0.1); // from 1, -2 and 3
    },
  ],
  "docs/curvature.md": [
    ([largest]) => expect(largest).toBeCloseTo(4.951, 3),
    ([accuracy]) => expect(accuracy).toBeGreaterThan(0.99),
    ([loss]) => expect(loss).toBeLessThan(0.1),
  ],
  "docs/engines.md": [
    (_, stdout) => expect(stdout).toMatch(/^(wasm|js) (relaxed|strict|none) 1\n(wasm|js)[,:] .*\ntrue\n$/),
    (_, stdout) => expect(stdout).toBe("wasm, strict SIMD: the module given\n"),
    (_, stdout) => expect(stdout).toBe("1\n"),
  ],
  "docs/landscapes.md": [
    (_, stdout) => expect(stdout).toBe("101 true\nsaddle -27.75 27.75\nnone\ncanal 2508\n"),
    (_, stdout) =>
      expect(stdout).toBe(
        "one shared rate\nmomentum reached at step 71\nsgd reached at step 79\nadam reached at step 308\n" +
          "sgd diverged at step 7; limit 2/λmax = 0.067\n" +
          "adam is within 0.001 over 3.6 decades of rate, sgd over 1.25\n",
      ),
    ([variance]) => expect(variance).toBeCloseTo(0.1 / (4 * 16 * 0.9), 3),
    (_, stdout) => expect(stdout).toBe("2.290 1.722 -1.556 true\n0.873\n"),
    (_, stdout) => expect(stdout).toBe("0.049 0.82 1.49\n0.99 21\n"),
  ],
  "docs/minimize.md": [
    (_, stdout) => expect(stdout).toBe("1.00000 1.00000 gradient\n0.50000 0.25000 gradient\ntrue true\n"),
    (_, stdout) => expect(stdout).toMatch(/^gradient \d\.\d{6} \d+\n$/),
    (_, stdout) => expect(stdout).toMatch(/^1\.0000000 1\.0000000 gradient \d+\n$/),
    (_, stdout) => expect(stdout).toBe("213.80941 0.54723749\n"),
  ],
  "docs/optimizers.md": [
    (printed) => expect(printed).toEqual([2, 1, 1]),
    (printed) => {
      expect(printed).toHaveLength(41);
      expect(printed[0]).toBeCloseTo(5, 6);
      expect(printed.at(-1)).toBeLessThan(5);
    },
  ],
  "docs/sweep.md": [
    (_, stdout) => expect(stdout).toBe(""), // modules that a plan names
    (_, stdout) => expect(stdout).toBe(""),
    (_, stdout) => expect(stdout).toBe("{ x: 1 } 9\n"),
  ],
  "docs/tables.md": [
    ([r2, difference, mae], stdout) => {
      expect(r2).toBeGreaterThan(0.98);
      expect(Math.abs(difference! - 150)).toBeLessThan(20);
      expect(stdout).toContain("\ntrue\n");
      expect(Math.abs(mae! - 35)).toBeLessThan(10); // 0 of 750 and 70 of 800: 72.5 · 12 = 870
      expect(stdout).toContain('column "area": 1 missing cell filled in with the median');
    },
  ],
  "docs/training.md": [
    ([loss]) => expect(loss).toBeLessThan(0.01),
    (printed) => expect(printed.at(-1)).toBeGreaterThan(0.95),
    ([one, single, , , some, few, slope, intercept, all, none, late]) => {
      expect([one, some, all]).toEqual([1, 32, 1024]);
      expect(single! / few!).toBeGreaterThan(28); // 32 · 1023/992 = 33
      expect(single! / few!).toBeLessThan(38);
      expect(none).toBe(0);
      expect(Math.abs(slope! - 2)).toBeLessThan(0.1);
      expect(Math.abs(intercept! + 1)).toBeLessThan(0.1);
      expect(late).toBeLessThan(1.7); // has not arrived
    },
    ([first, peak, last]) => {
      expect(first).toBeLessThan(0.01);
      expect(peak).toBeCloseTo(0.1, 3);
      expect(last).toBeLessThan(1e-4);
    },
    (_, stdout) => expect(stdout).toBe("adamw\n"),
    (_, stdout) => expect(stdout).toBe("18 0.1\n"),
  ],
};

test("there is an expectation for each example", () => {
  const counts = pages.map((page) => [page, examplesOf(page).length]).filter(([, count]) => count !== 0);
  const wanted = Object.entries(expectations).map(([page, list]) => [page, list.length]);
  expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(wanted));
});

describe.each(Object.entries(expectations))("%s", (page, list) => {
  test.each(list.map((expectation, i) => [i + 1, expectation] as const))(
    "example %i does what its comments say",
    async (i, expectation) => {
      // A folder of its own for what an example saves, and would otherwise find there the next time.
      const folder = await mkdtemp(join(tmpdir(), "thalweg-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      const args = ["--input-type=module", "--eval", examplesOf(page)[i - 1]!];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        cwd: fileURLToPath(root),
        env: { ...process.env, TMPDIR: folder },
      });
      const numbers =
        stdout.replaceAll(/Float32Array\(\d+\)/g, "").match(/(?<![\w.])-?\d+(\.\d+)?(e[+-]?\d+)?(?![\w.])/g) ?? [];
      expectation(numbers.map(Number), stdout);
    },
  );
});

test("the README is a front door: at most 200 lines", () => {
  expect(read("README.md").split("\n").length).toBeLessThanOrEqual(201);
});

/** The name that GitHub gives the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));

test.each([...pages, "CHANGELOG.md", "SECURITY.md"])("the links of %s lead somewhere", (page) => {
  const found = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)/g)];
  for (const [link, path, anchor] of found) {
    const target = path === "" ? new URL(page, root) : new URL(path!, new URL(page, root));
    expect(existsSync(target), `${link} in ${page}`).toBe(true);
    if (anchor === undefined) continue;
    expect(anchorsOf(target.href.slice(root.href.length)), `${link} in ${page}`).toContain(anchor);
  }
});
