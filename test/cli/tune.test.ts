/** `thalweg tune`: the table, the command that it ends with, budgets, interruption, wrong calls. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { csv, inFolder, MAIN, thalweg, thalwegEach, thalwegJson } from "../support/command.js";

const flower = (i: number) =>
  `${(i * 7) % 10},${(i * 3) % 11},${((i * 7) % 10) + ((i * 3) % 11) > 9 ? "tulip" : "rose"}`;
csv("tune.csv", ["width,height,kind", ...Array.from({ length: 60 }, (_, i) => flower(i))]);
csv("tune-test.csv", ["width,height,kind", ...Array.from({ length: 20 }, (_, i) => flower(60 + i))]);

const QUICK = "tune tune.csv --target kind --hidden 4 --epochs 4 --folds 2 --stages lr,network";

describe("thalweg tune", () => {
  it("prints the table, and a command that trains with the best settings", () => {
    const { status, stdout, stderr } = thalweg(`${QUICK} --test tune-test.csv --workers 2`);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^learning rate: 9 over 1 epoch\nlearning rate: 4 over 2 epochs, best \d/);
    expect(stdout.match(/▸/g)).toHaveLength(2); // the winner of each stage
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    const [, call] = stdout.match(/^thalweg (train(?: .*\\\n)* .*)$/m)!;
    expect(call).toContain("--simd strict");
    const again = thalweg(call.replaceAll("\\\n", ""));
    const scoreIn = (text: string) => text.match(/^Test +(loss [\d.]+, accuracy [\d.]+ %)/m)![1];
    expect(scoreIn(again.stdout)).toBe(scoreIn(stdout));
  });

  it("finds the same with any number of workers, and saves the best", () => {
    const { seconds: _, saved, ...one } = thalwegJson(`${QUICK} --workers 1 --save tuned.safetensors`);
    const { seconds: __, saved: none, ...two } = thalwegJson(`${QUICK} --workers 2`);
    expect(two).toEqual(one);
    expect([saved, none]).toEqual(["tuned.safetensors", null]);
    expect(one).toMatchObject({ version: 1, cut: null, best: { epochs: 4 } });
    expect(thalweg("predict tuned.safetensors tune-test.csv").status).toBe(0);
  });

  it("says what a budget leaves out", () => {
    const { stdout, status } = thalweg(`${QUICK} --trials 10`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Left out +9 trials, from the stage learning rate on, by --trials 10$/m);
  });

  it("prints its search as a plan that a sweep follows to the same end", () => {
    const { stdout, stderr } = thalweg(`${QUICK} --print-plan`);
    expect(stderr).toBe("");
    writeFileSync(inFolder("tune-plan.json"), stdout);
    const { best } = thalwegJson(QUICK);
    const swept = thalwegJson("sweep tune-plan.json --workers 2 --html tune-plan.html");
    const { settings, epochs, measure } = best;
    expect(swept.best).toMatchObject({ settings: { ...settings, epochs, folds: 2 } });
    expect(swept.best.measures).toEqual({ loss: measure.loss, accuracy: measure.accuracy });
    const report = thalweg("sweep tune-plan.json").stdout;
    const lines = report.split("\n");
    expect(lines[0]).toMatch(/^trial +lr +hidden +dropout +epochs +loss +accuracy$/);
    expect(lines[2]).toMatch(new RegExp(`^ +${swept.best.trial} `)); // the best comes first
    expect(report).toMatch(/^Best +lr [\d.]+, hidden \[4\],.* epochs 4$/m);
    expect(readFileSync(inFolder("tune-plan.html"), "utf8")).toContain("accuracy by lr");
  });

  it("prints what it knows when interrupted", async () => {
    const words = "tune tune.csv --target kind --epochs 4000 --folds 2 --stages lr --workers 2";
    const child = spawn(process.execPath, [MAIN, ...words.split(" ")], { cwd: inFolder("") });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => {
      out.stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      // The second rung has begun.
      if (!out.stderr.includes(": 4 over") && `${out.stderr}${chunk}`.includes(": 4 over")) child.kill("SIGINT");
      out.stderr += chunk;
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(130);
    expect(out.stderr).toMatch(
      /tune: interrupted after \d+ of 15 trials; the best settings until then are in the report/,
    );
    expect(out.stdout).toMatch(/^learning rate /m);
    expect(out.stdout).toMatch(/train tune.csv --target kind/);
  });
});

it("refuses wrong calls in a line", () => {
  const calls: [string, string][] = [
    ["tune", "expected a CSV file, as in: thalweg tune data.csv, got none"],
    ["tune tune.csv", "--target: expected the column to predict, got none"],
    ["tune tune.csv --target kind --folds 2 --validation 0.2", "expected --folds or --validation, got both"],
    ["tune tune.csv --target kind --stages lrs", "--stages: expected lr, weightDecay"],
    ["tune tune.csv --target kind --folds 61", "--folds: expected at most 60, the number of rows, got 61"],
    ["tune tune.csv --target kind --trials 3", "--trials: expected at least 9, those of the first rung"],
    ["tune - --target kind --print-plan", "--print-plan: expected a file, which a sweep reads again, got -"],
    [
      "tune tune.csv --target kind --print-plan --minutes 1",
      "expected --print-plan without --minutes, which a plan does not have, got both",
    ],
    ["tune tune.csv --target kind --resume a", "unknown option --resume"],
    ["tune tune.csv --target kind --lr 1 --stages lr", "--stages: expected a setting to sweep"],
  ];
  const results = thalwegEach(calls.map(([words]) => words));
  for (const [i, [words, message]] of calls.entries()) {
    expect(results[i].stderr, words).toContain(`thalweg tune: ${message}`);
    expect(results[i].status, words).toBe(2);
  }
});
