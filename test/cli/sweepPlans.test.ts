/** `thalweg sweep` with plans and files that are wrong: one line that says what, where, and what was expected. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inFolder, thalweg, thalwegEach, thalwegJson } from "../support/command.js";

const module = { version: 1, task: { module: "x.mjs" }, space: { x: [1, 2] }, search: { kind: "grid" } };
const table = { version: 1, task: { table: "flowers.csv" }, settings: { target: "kind" }, search: { kind: "grid" } };
writeFileSync(inFolder("x.mjs"), "export const run = ({ x }) => ({ loss: x });");
const text = JSON.stringify(module);

describe("the text of a plan", () => {
  it.each([
    ["a byte order mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16, as PowerShell writes it", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["the ends of lines of Windows", Buffer.from(text.replaceAll(",", ",\r\n"))],
  ])("may have %s", (_, bytes) => {
    writeFileSync(inFolder("text.json"), bytes);
    expect(thalwegJson("sweep text.json").rows).toHaveLength(2);
  });
});

const random = { kind: "random", trials: 3 };
const of = (space: object, more: object = {}) => JSON.stringify({ ...table, space, search: random, ...more });
const deep = (value: string) => text.replace("[1,2]", `[${value}]`);

describe("a plan is refused in one line for", () => {
  const cases: [what: string, text: string, message: RegExp][] = [
    ["a comment", `{\n  // mine\n${text.slice(1)}`, /plan: expected JSON, got .*\(line 2 column 3\)$/],
    ["bytes", "\0\x01\x02", /plan: expected JSON, got a file that is no text$/],
    ["depth", deep("[".repeat(1e5) + "]".repeat(1e5)), /space\.x: expected at most 100 levels of lists and objects/],
    ["equal values", deep('{"a":1,"b":2},{"b":2,"a":1}'), /space\.x: expected values that differ/],
    ["a missing part", JSON.stringify({ ...module, search: undefined }), /search: .* got none$/],
    [
      "a target that no column is",
      of({ lr: [1] }, { settings: { target: "kidn" } }),
      /flowers\.csv: expected the target column as one of .*, got "kidn"/,
    ],
    ["an optimizer that is none", of({ optimizer: ["adamw", "loin"] }), /optimizer: .*"loin"; did you mean lion\?$/],
    [
      "an optimizer of all trials",
      of({ lr: [1] }, { settings: { target: "kind", optimizer: "sgdm" } }),
      /got "sgdm"; did/,
    ],
    ["one that no run can have", of({ optimizer: ["sophiaG"] }), /optimizer: expected an optimizer that steps by grad/],
    ["fractions of epochs", of({ epochs: { from: 2, to: 9 } }), /space\.epochs: expected "whole": true in a range of/],
    [
      "fractions on a grid",
      of({ batch: { from: 2, to: 9, steps: 3 } }, { search: { kind: "grid" } }),
      /space\.batch: .*got 5\.5 between$/,
    ],
    [
      "epochs below the longest rung",
      of({ epochs: [9, 3] }, { search: { kind: "hyperband", max: 9 } }),
      /space\.epochs: expected at least 9, search\.max, got 3$/,
    ],
  ];
  for (const [i, [, text]] of cases.entries()) writeFileSync(inFolder(`bad${i}.json`), text);
  const runs = thalwegEach(cases.map((_, i) => `sweep bad${i}.json`));
  it.each(cases.map(([what, , message], i) => [what, message, i] as const))("%s", (_, message, i) => {
    const { status, stdout, stderr } = runs[i];
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr.trim()).toMatch(message);
  });

  it("a grid of whole numbers, which needs no more", () => {
    writeFileSync(inFolder("even.json"), JSON.stringify({ ...table, space: { epochs: { from: 2, to: 6, steps: 3 } } }));
    expect(
      thalwegJson("sweep even.json").rows.map(({ settings }: never) => (settings as { epochs: number }).epochs),
    ).toEqual([2, 4, 6]);
  });
});

describe("a file is refused, and kept as it is,", () => {
  writeFileSync(inFolder("plan.json"), text);
  mkdirSync(inFolder("plan-folder"));
  execFileSync("mkfifo", [inFolder("plan-pipe")]);
  it.each([
    ["a journal that is a folder", "--journal plan-folder", /folder: expected a path to write to, got a directory$/],
    [
      "a journal that is a pipe",
      "--journal plan-pipe",
      /pipe: expected a file to keep results in, got a pipe or a device$/,
    ],
    [
      "a journal that keeps nothing",
      "--journal /dev/null",
      /\/dev\/null: expected a file to keep results in, got a pipe/,
    ],
    ["a report that is a folder", "--html plan-folder", /folder: expected a path to write to, got a directory$/],
    ["a report in place of the plan", "--html ./plan.json", /--html: expected a file of its own for the report, got/],
    [
      "a report in place of the module",
      "--html x.mjs",
      /--html: expected a file of its own for the report, got x\.mjs/,
    ],
    ["a report in place of the journal", "--journal n.jsonl --html n.jsonl", /--html: expected a file of its own/],
    ["threads without end", "--workers 100000", /--workers: expected a whole number from 1 to 1024, got 100000/],
  ])("%s", (_, words, message) => {
    const { stdout, stderr } = thalweg(`sweep plan.json ${words}`);
    expect([stdout, stderr.trim()]).toEqual(["", expect.stringMatching(message)]);
    expect(readFileSync(inFolder("plan.json"), "utf8")).toBe(text);
    expect(existsSync(inFolder("n.jsonl"))).toBe(false);
  });

  it("and a report that cannot be written comes after the results", () => {
    const { status, stdout, stderr } = thalweg("sweep plan.json --html /dev/full");
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^Best +x 1$/m)]);
    expect(stderr.trim()).toBe("thalweg sweep: /dev/full: expected to write the report, got ENOSPC");
  });
});

it("a journal goes on where its folder was moved to: what a table has counts, and not its path", () => {
  for (const name of ["here", "there"]) {
    mkdirSync(inFolder(name));
    copyFileSync(inFolder("flowers.csv"), inFolder(`${name}/flowers.csv`));
    writeFileSync(inFolder(`${name}/plan.json`), of({ lr: [0.1, 0.01] }, { search: { kind: "grid" } }));
  }
  const here = thalwegJson("sweep here/plan.json --journal here/plan.jsonl");
  copyFileSync(inFolder("here/plan.jsonl"), inFolder("there/plan.jsonl"));
  expect(thalwegJson("sweep there/plan.json --journal there/plan.jsonl").rows).toEqual(here.rows);
  expect(readFileSync(inFolder("there/plan.jsonl"))).toEqual(readFileSync(inFolder("here/plan.jsonl")));
});
