/** Page code has no update rule: it imports the library's public modules, and computes no moments of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../src/", import.meta.url));
const files = readdirSync(join(root, "site/arena"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(root, "site/arena", name));
const code = (file: string): string => readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");

/** What pages may import from the library: its entries, and drawing that it has. */
const ENTRIES = [
  /^index\.js$/,
  /^landscape\/(index|contours)\.js$/,
  /^schedule\/index\.js$/,
  /^optim\/table\.js$/,
  /^minimize\/index\.js$/,
  /^tabular\/index\.js$/,
  /^train\/recipes\.js$/,
  /^experiments\//,
];

it("imports entries of the library alone", () => {
  const wrong = files.flatMap((file) =>
    [...code(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]*)"/g)].flatMap(([, path]) => {
      const to = relative(root, join(file, "..", path));
      return to.startsWith("site/") || ENTRIES.some((entry) => entry.test(to))
        ? []
        : [`${relative(root, file)}: ${to}`];
    }),
  );
  expect(files.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

/**
 * The marks of an update rule: a root (of a second moment), a power of a decay rate, or an assignment to a moment. Drawing
 * needs Math.hypot alone.
 */
const MARKS =
  /Math\.(sqrt|cbrt)\(|\*\*\s*(t|step)\b|\b(expAvg\w*|momentumBuffer|squareAvg)\s*[-+*/]?=[^=>]|\bbeta[12]?\s*\*|\(1\s*-\s*beta/;

it("computes no moments", () => {
  expect("v = beta2 * v + (1 - beta2) * g * g; p -= lr * m / (Math.sqrt(v) + eps)").toMatch(MARKS);
  const wrong = files.flatMap((file) =>
    (code(file).match(MARKS) ?? []).slice(0, 1).map((found) => `${relative(root, file)}: ${found}`),
  );
  expect(wrong).toEqual([]);
});

it("has no inline style, which the policy forbids", () => {
  const wrong = files.filter((file) => /\sstyle=["'$]/.test(code(file)));
  expect(wrong).toEqual([]);
});
