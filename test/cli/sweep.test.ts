/** `thalweg sweep`: the same table on any number of threads and after kills; wrong plans. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { random } from "../../src/math/random.js";
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
    expect(stderr).toMatch(/interrupted after \d results?; long.jsonl has them, and the same call goes on from there/);
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

describe("thalweg sweep with a module", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`setting${i}`, { from: 0, to: 1 }]));
  const module = (name: string, run: string, more: object) => {
    writeFileSync(inFolder(`${name}.mjs`), `export function run(settings, context) { ${run} }`);
    write(`${name}.json`, {
      ...{ version: 1, task: { module: `${name}.mjs` }, space: many, search: { kind: "random", trials: 5 } },
      ...more,
    });
  };

  it("fits 80 columns with many settings and measures", () => {
    const long = `"${"x".repeat(300)}"`;
    module("many", `return Object.fromEntries([["loss", 1], ...Object.keys(settings).map((k) => ["m" + k, 1])]);`, {
      space: { ...many, text: [JSON.parse(long)] },
    });
    const { stdout } = thalweg("sweep many.json");
    expect(stdout).toMatch(/^trial +loss +settings$/m);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("says why no trial could be measured, after the table of what there is", () => {
    module("fails", 'throw new Error("no such thing");', {});
    const fails = thalweg("sweep fails.json");
    expect([fails.status, fails.stderr.trim()]).toEqual([
      1,
      "thalweg sweep: no trial could be measured: no such thing",
    ]);
    expect(fails.stdout).toMatch(/^Failed +5; the first: no such thing$/m);
    module("other", "return { rate: 1 };", { measure: "rata" });
    expect(thalweg("sweep other.json").stderr).toMatch(
      /measure: expected one of rate, got "rata"; did you mean rate\?/,
    );
  });

  it("leaves no checkpoints behind: of a trial that went on, and when it is complete", () => {
    module(
      "rungs",
      `return context.checkpoint.save(new Uint8Array(8)).then(() => ({ loss: settings.setting0 + 1 / context.until }));`,
      { search: { kind: "asha", trials: 9, max: 9 } },
    );
    const { TMPDIR } = process.env;
    process.env.TMPDIR = mkdtempSync(inFolder("tmp-"));
    try {
      expect(thalweg("sweep rungs.json").status).toBe(0);
      expect(readdirSync(process.env.TMPDIR)).toEqual([]);
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
    expect(thalweg("sweep rungs.json --journal rungs.jsonl").status).toBe(0);
    expect(existsSync(inFolder("rungs.jsonl.checkpoints"))).toBe(false);
  });

  it("ends in one line when the disk is full, with whole lines in the journal, and goes on when it is not", async () => {
    module("full", "return { loss: settings.setting0 };", { search: { kind: "random", trials: 60 } });
    // A limit for the size of files stands in for the disk: writes end in the middle of a line in the same way.
    const command = `ulimit -f 3; exec "${process.execPath}" "${MAIN}" sweep full.json --workers 2 --journal full.jsonl`;
    const child = spawn("bash", ["-c", command], { cwd: inFolder("") });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
    expect(stderr.trim()).toMatch(/^thalweg sweep: full.jsonl: expected to write a result, got EFBIG$/);
    const text = readFileSync(inFolder("full.jsonl"), "utf8");
    expect(text.endsWith("\n")).toBe(true);
    expect(text.length).toBeGreaterThan(1000);
    const { rows, complete } = thalwegJson("sweep full.json --workers 2 --journal full.jsonl");
    expect([rows.length, complete]).toEqual([60, true]);
  });

  it("writes a report that takes nothing from elsewhere, and has text as text", () => {
    module(
      "page",
      `if (settings.lr > 0.5) throw new Error("<img src=x onerror=alert(1)>"); return { loss: settings.lr };`,
      {
        space: { lr: { from: 1e-4, to: 1 }, optimizer: ["</style><script>alert(1)</script>", "adam"] },
        search: { kind: "random", trials: 20 },
      },
    );
    expect(thalweg("sweep page.json --html page.html").status).toBe(0);
    const page = readFileSync(inFolder("page.html"), "utf8");
    expect(page.match(/<script|<img|https?:|<link|@import|url\(/g)).toBeNull();
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).toContain("default-src 'none'");
    expect(page.match(/<h2>/g)).toHaveLength(4);
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
    [
      "key",
      { serach: {} },
      "",
      /key.json: plan: expected keys among version, task, .*got "serach"; did you mean search\?/,
    ],
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
    ["measure", { measure: "acuracy" }, "", /measure.json: measure: expected "loss" or "accuracy" or "rmse", got/],
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
