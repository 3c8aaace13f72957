/**
 * A spread call passes each element as an argument on the stack: from some 120,000 elements on, as many as epochs or rows
 * may be, it ends in "Maximum call stack size exceeded". What takes any number of arguments is called without one:
 * `least` and `greatest` of src/math/extremes.ts, and loops that push.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { greatest, least } from "../../src/math/extremes.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A call of one of these whose arguments, with calls among them nested up to twice, have a spread. */
const SPREAD =
  /\b(?:Math\.(?:min|max|hypot)|(?:push|unshift|splice|fromCharCode|fromCodePoint|concat)|\.apply)\((?:[^()[\]{}]|\((?:[^()]|\([^()]*\))*\)|\[[^[\]]*\]|\{[^{}]*\})*?\.\.\./g;

const found = (text: string): string[] => text.match(SPREAD) ?? [];

test("no call of src/ or bench/ spreads an array of any length", () => {
  const files = ["src", "bench"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/(^|\/)(binaries|node_modules)\//.test(name))
      .map((name) => `${folder}/${name}`),
  );
  expect(files.length).toBeGreaterThan(200);
  const wrong = files.flatMap((file) =>
    found(readFileSync(join(root, file), "utf8").replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, "")).map(
      (call) => `${file}: ${call}`,
    ),
  );
  expect(wrong).toEqual([]);
});

test("spreads in calls are found, and those in arrays and objects are not meant", () => {
  for (const call of ["Math.max(...x)", "Math.min(0.5, ...f(g(x)))", "list.push(f(a, b), ...x)", "list\n.push(\n...x)"])
    expect(found(call), call).toHaveLength(1);
  for (const call of ["list.push([...x])", "list.push({ ...x })", "list.push(f(...fixed))", "Math.max(a, b); [...x]"])
    expect(found(call), call).toEqual([]);
});

test("least and greatest take a million values, and have Math.min's and Math.max's rules", () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1_000_003);
  expect([least(many), greatest(many)]).toEqual([0, 1_000_002]);
  for (const values of [[], [Number.NaN, 1], [0, -0], [-0, 0], [3, -5, 4]]) {
    expect(least(values)).toBe(Math.min(...values));
    expect(greatest(values)).toBe(Math.max(...values));
  }
});
