/** `thalweg sweep`: the same table on any number of threads and after kills; wrong plans. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { random } from "../../src/random.js";
import { inFolder, MAIN, thalweg, thalwegEach, thalwegJson } from "../support/command.js";

const write = (name: string, plan: unknown) => writeFileSync(inFolder(name), JSON.stringify(plan));
const plan = {
  version: 1,
  task: { table: "flowers.csv" },
  settings: { target: "kind", hidden: [8], epochs: 9 },
  space: { lr: { from: 1e-3, to: 1, scale: "log" }, optimizer: ["adamw", "momentum", "lion"] },
  search: { kind: "asha", trials: 27, max: 9 },
};
write("plan.json", plan);

/** All that a sweep prints but the time it took. */
function results(words: string) {
  const { seconds, ...rest } = thalwegJson(words);
  expect(seconds).toBeGreaterThan(0);
  return JSON.stringify(rest);
}

describe("thalweg sweep", () => {
  const whole = results("sweep plan.json --workers 1");

  it("prints the best trials, within 80 columns", () => {
    const { status, stdout, stderr } = thalweg("sweep plan.json --workers 2 --top 4");
    expect([status, stderr]).toEqual([0, ""]);
    const [head, , ...rest] = stdout.split("\n");
    expect(head).toMatch(/^trial +lr +optimizer +until +loss +accuracy$/);
    expect(rest.indexOf("")).toBe(4);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^Best +lr 0\.\d+, optimizer \w+$/m);
  });

  it("has the same results on one thread, on two, and from its journal", () => {
    expect(results("sweep plan.json --workers 2 --journal two.jsonl")).toBe(whole);
    expect(results("sweep plan.json --workers 2 --journal two.jsonl")).toBe(whole);
  });

  it("has the same results after ten kills at random times, with no trial lost or counted twice", async () => {
    const draw = random(11);
    for (let kill = 0; kill < 10; kill++) {
      const child = spawn(process.execPath, [MAIN, "sweep", "plan.json", "--journal", "kill.jsonl"], {
        cwd: inFolder(""),
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.once("close", resolve));
      setTimeout(() => child.kill("SIGKILL"), 250 + 400 * draw.uniform());
      await ended;
    }
    expect(results("sweep plan.json --workers 2 --journal kill.jsonl")).toBe(whole);
    const jobs = readFileSync(inFolder("kill.jsonl"), "utf8")
      .split("\n")
      .slice(1, -1)
      .map((line) => JSON.parse(line).job);
    expect(new Set(jobs).size).toBe(jobs.length);
    expect(jobs).toHaveLength(JSON.parse(whole).rows.length);
  });

  it("keeps what it has when interrupted, and says how to go on", async () => {
    write("long.json", {
      ...plan,
      settings: { ...plan.settings, epochs: 3000 },
      search: { kind: "random", trials: 9 },
    });
    const child = spawn(process.execPath, [MAIN, "sweep", "long.json", "--journal", "long.jsonl"], {
      cwd: inFolder(""),
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const lines = () =>
      existsSync(inFolder("long.jsonl")) ? readFileSync(inFolder("long.jsonl"), "utf8").split("\n").length : 0;
    const timer = setInterval(() => {
      if (lines() <= 2) return;
      clearInterval(timer);
      child.kill("SIGINT");
    }, 20);
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(130);
    expect(stderr).toMatch(/interrupted after \d results; long.jsonl has them, and the same call goes on from there/);
    expect(existsSync(inFolder("long.jsonl.lock"))).toBe(false);
  });

  it("runs a module, and outlives trials that throw, end the process, or measure nothing", () => {
    writeFileSync(
      inFolder("task.mjs"),
      `export function run({ x }) {
        if (x === 1) throw new Error("one");
        if (x === 2) process.exit(3);
        if (x === 3) return { loss: NaN };
        return { loss: x * x };
      }`,
    );
    write("module.json", {
      version: 1,
      task: { module: "task.mjs" },
      space: { x: [1, 2, 3, 4, 5] },
      search: { kind: "grid" },
    });
    const { rows, best } = thalwegJson("sweep module.json --workers 2");
    expect(rows.map((row: { failed?: string }) => row.failed)).toEqual([
      ...["one", "expected a task that returns, got process.exit(3)", "loss is NaN", undefined, undefined],
    ]);
    expect(best.settings).toEqual({ x: 4 });
  });
});

describe("thalweg sweep refuses in one line", () => {
  rmSync(inFolder("nothing.json"), { force: true });
  writeFileSync(inFolder("text.json"), "{ lr");
  writeFileSync(inFolder("no-run.mjs"), "export const walk = 1;");
  writeFileSync(inFolder("taken.jsonl"), "important,data\n1,2\n");
  const cases: [name: string, change: object | undefined, words: string, message: RegExp][] = [
    ["nothing", undefined, "", /^thalweg sweep: nothing.json: expected a plan, got no such file$/],
    ["text", undefined, "", /^thalweg sweep: text.json: plan: expected JSON, got /],
    ["key", { serach: {} }, "", /key.json: plan: expected options among version, task, .*got "serach"/],
    ["setting", { space: { learnRate: [1] } }, "", /setting.json: space: .*got "learnRate"/],
    ["near", { space: { dropuot: [0.1] } }, "", /near.json: space: .*got "dropuot"; did you mean dropout\?/],
    ["value", { space: { activation: ["rleu"] } }, "", /value.json: activation: expected .*got "rleu"/],
    ["twice", { space: { hidden: [[8]] } }, "", /twice.json: space: expected settings that are not fixed by/],
    ["empty", { space: { lr: [] } }, "", /empty.json: space.lr: expected at least one value/],
    ["infinite", { search: { kind: "grid" } }, "", /infinite.json: space.lr.steps: .*infinitely many/],
    ["kind", { search: { kind: "bayes" } }, "", /kind.json: search.kind: expected "grid" or "random" or "asha"/],
    [
      "short",
      { search: { kind: "asha", trials: 9, max: 99 } },
      "",
      /settings: expected at least 99 epochs, search.max/,
    ],
    ["target", { settings: {} }, "", /target.json: settings: expected target, the column to predict, got none/],
    ["file", { task: { table: "none.csv" } }, "", /none.csv/],
    ["module", { task: { module: "no-run.mjs" } }, "", /no-run.mjs: expected a module that exports a function run/],
    ["fits", {}, "--journal taken.jsonl", /taken.jsonl: expected the journal of a sweep, got another file/],
  ];
  for (const [name, change] of cases) if (change) write(`${name}.json`, { ...plan, ...change });
  const runs = thalwegEach(cases.map(([name, , words]) => `sweep ${name}.json ${words}`));
  it.each(cases.map(([name, , , message], i) => [name, message, i] as const))("%s", (_, message, i) => {
    const { status, stdout, stderr } = runs[i];
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr.trim()).toMatch(message);
  });

  it("a file that is no journal stays as it is", () => {
    expect(readFileSync(inFolder("taken.jsonl"), "utf8")).toBe("important,data\n1,2\n");
  });
});
