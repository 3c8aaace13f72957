/** The programs of examples/other-libraries/, as they stand, beside the libraries and the built package; and types. */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { installed, PATIENCE } from "../support/peers.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = join(root, "examples/other-libraries");
const work = mkdtempSync(join(tmpdir(), "thalweg-other-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A folder in which these libraries and this package are installed. */
function project(name: string, set: Parameters<typeof installed>[0]): string {
  const folder = join(work, name);
  const modules = join(installed(set), "node_modules");
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  for (const one of readdirSync(modules).filter((entry) => !entry.startsWith(".")))
    symlinkSync(join(modules, one), join(folder, "node_modules", one), "dir");
  symlinkSync(root, join(folder, "node_modules/thalweg"), "dir");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

const prints: [name: string, set: Parameters<typeof installed>[0], output: RegExp][] = [
  ["jax.mjs", "jax", /^y = 2\.0 x \+ -1\.0\n$/],
  ["ndarray.mjs", "ndarray", /^w\[2, 0\] = 2\.00, w\[0, 1\] = -1\.00\n$/],
  ["onnx.mjs", "onnx", /^1\.00 -2\.00 3\.00\n$/],
  ["tfjs.mjs", "tfjs", /^the variables are stepped in place\n0\.0 1\.0 1\.0 0\.0\n$/],
];

it("shows in docs/other-libraries.md what it runs", () => {
  const page = readFileSync(join(root, "docs/other-libraries.md"), "utf8");
  for (const [name] of prints) expect(page, name).toContain(readFileSync(join(examples, name), "utf8"));
});

it("has a row for every example", () => {
  expect(readdirSync(examples)).toEqual(prints.map(([name]) => name));
});

it.each(prints)(
  "%s",
  async (name, set, output) => {
    const folder = project(name, set);
    cpSync(join(examples, name), join(folder, name));
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, name)], { cwd: folder });
    expect(stdout).toMatch(output);
  },
  PATIENCE,
);

it(
  "gives TensorFlow.js an optimizer of its own type",
  () => {
    const folder = project("types", "tfjs");
    writeFileSync(
      join(folder, "program.ts"),
      `import * as tf from "@tensorflow/tfjs-core";
import { adamw, schedules, sam, sgd } from "thalweg";
import { tfOptimizer } from "thalweg/tfjs";

const optimizer = await tfOptimizer(tf, adamw, { lr: schedules.cosine(1e-3, { steps: 10 }), betas: [0.9, 0.99] });
const plain: tf.Optimizer = optimizer;
plain.minimize(() => tf.scalar(1));
const rate: number = optimizer.learningRate;
optimizer.learningRate = 1e-4;
optimizer.learningRate = (step) => 1 / (step + 1);
optimizer.eval();
const wrapped: tf.Optimizer = await tfOptimizer(tf, (groups: Parameters<typeof sgd>[0]) => sam(sgd(groups)));
// @ts-expect-error: no such hyperparameter
await tfOptimizer(tf, adamw, { learningRate: 1 });
console.log(rate, wrapped);
`,
    );
    const options = "--strict --target es2022 --module nodenext --skipLibCheck --preserveSymlinks --noEmit";
    let printed = "";
    try {
      execFileSync(join(root, "node_modules/.bin/tsc"), [...options.split(" "), "program.ts"], { cwd: folder });
    } catch (error) {
      printed = String((error as { stdout: unknown }).stdout);
    }
    expect(printed).toBe("");
  },
  PATIENCE,
);
