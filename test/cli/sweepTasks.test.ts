/** `thalweg sweep` with modules that misbehave: no trial fails for another's fault, and results stay alone on stdout. */
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inFolder, thalweg, thalwegJson } from "../support/command.js";

function module(name: string, source: string): void {
  const plan = { version: 1, task: { module: `${name}.mjs` }, space: { x: [1, 2, 3, 4] }, search: { kind: "grid" } };
  writeFileSync(inFolder(`${name}.mjs`), source);
  writeFileSync(inFolder(`${name}.json`), JSON.stringify(plan));
}
const failures = (name: string): (string | undefined)[] =>
  thalwegJson(`sweep ${name}.json --workers 2`).rows.map(({ failed }: { failed?: string }) => failed);
const measured = [undefined, undefined, undefined, undefined];
const after = "new Promise((resolve) => setTimeout(() => resolve({ loss: x }), 30))";

describe("what nobody catches", () => {
  it.each([
    ["a promise", 'Promise.reject(new Error("own " + x))'],
    ["a callback", 'setTimeout(() => { throw new Error("own " + x); }, 5)'],
    ["an executor of a promise", 'new Promise(async () => { throw new Error("own " + x); })'],
  ])("fails its trial alone: in %s", (_, act) => {
    module("own", `export const run = ({ x }) => { if (x === 2) ${act}; return ${after}; }`);
    expect(failures("own")).toEqual([undefined, "own 2", undefined, undefined]);
  });

  it("fails a trial that would wait for ever", () => {
    module("hangs", 'export const run = ({ x }) => new Promise(async () => { throw new Error("own " + x); })');
    const { status, stdout } = thalweg("sweep hangs.json --workers 2");
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^Failed +4; the first: own 1$/m)]);
  });

  it.each([
    ["a promise", "Promise.reject(new Error('late'))"],
    ["a callback", "{ throw new Error('late'); }"],
    ["process.exit", "process.exit(3)"],
    ["process.reallyExit", "process.reallyExit(3)"],
  ])("changes nothing once its trial has ended: %s", (_, act) => {
    module("late", `export const run = ({ x }) => { setTimeout(() => ${act}, 40); return ${after}; }`);
    expect(failures("late")).toEqual(measured);
  });
});

it("what tasks print stands apart from the results", () => {
  module("prints", "export const run = ({ x }) => { console.log('here'); return { loss: x }; }");
  const { stdout, stderr } = thalweg("sweep prints.json --json");
  expect(JSON.parse(stdout).rows).toHaveLength(4);
  expect(stderr.trim().split("\n")).toEqual(["here", "here", "here", "here"]);
});

it("what a module starts as it is loaded does not keep the command from ending", () => {
  module("timer", "setInterval(() => {}, 1000); export const run = ({ x }) => ({ loss: x });");
  expect(failures("timer")).toEqual(measured);
});

describe("a module is refused, by its name, that", () => {
  it.each([
    ["ends the process", "process.exit(0);", /an error: expected a task that returns, got process\.exit\(0\)$/],
    ["throws", "throw new Error('boom');", /bad\.mjs: expected a module that can be loaded, got an error: boom$/],
    ["is no JavaScript", "export const run = (", /; node --check .*bad\.mjs says where$/],
    ["lacks another module", "import './nope.mjs';", /expected a module that can be loaded, got an error: Cannot find/],
    ["has no function run", "export default 1;", /expected a module that exports a function run\(settings, context\)/],
  ])("%s", (_, source, message) => {
    module("bad", source);
    const { status, stdout, stderr } = thalweg("sweep bad.json");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("is not there, or a folder", () => {
    module("gone", "");
    writeFileSync(
      inFolder("gone.json"),
      JSON.stringify({ version: 1, task: { module: "nope.mjs" }, space: { x: [1] }, search: { kind: "grid" } }),
    );
    expect(thalweg("sweep gone.json").stderr.trim()).toMatch(/nope\.mjs: expected a module .*, got no such file$/);
    mkdirSync(inFolder("nope.mjs"));
    expect(thalweg("sweep gone.json").stderr.trim()).toMatch(/nope\.mjs: expected a module .*, got a directory$/);
  });
});
