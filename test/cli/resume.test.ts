import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { train } from "../../src/cli/train.js";
import { readCheckpoint } from "../../src/train/checkpoint.js";
import { built } from "../support/built.js";
import { called, calledJson, csv, inFolder, started, thalweg, thalwegJson } from "../support/command.js";

/** A run with every kind of state: dropout's generator, averages, a schedule, patience, moments. */
const RUN =
  "train flowers.csv --target kind --hidden 128,128 --batch 2 --epochs 25 --lr 2e-3 --schedule cosine --warmup 10% " +
  "--clip 1 --dropout 0.2 --label-smoothing 0.1 --ema 0.95 --validation 20% --early-stop 20 --test more.csv --seed 3";

/**
 * Sends a signal (SIGINT is Ctrl-C) some milliseconds after so many lines of output. On a machine that does other things it may
 * come when the run is over, which tells nothing: then once more, at most five times.
 */
async function interrupt(words: string, lines: number, delay: number, signal: NodeJS.Signals) {
  for (let left = 5; ; left--) {
    const end = await started(words, (child) => void setTimeout(() => child.kill(signal), delay), lines);
    if (end.status !== 0 || left === 0) return end;
  }
}

describe("thalweg train --save and --resume", () => {
  it("ends with the bits of an uninterrupted run, whenever a signal comes and on whichever backend it resumes", async () => {
    const whole = thalwegJson(`${RUN} --simd strict --save whole.safetensors`);
    expect(whole).toMatchObject({ saved: "whole.safetensors", resumedAt: null });

    const steps: number[] = [];
    const hinted = /^thalweg train: (\w+) after step (\d+); saved to (\S+); resume with: thalweg (.*)\n$/;
    const interrupted = async (words: string, lines: number, delay: number, signal: NodeJS.Signals = "SIGINT") => {
      const { status, stderr } = await interrupt(words, lines, delay, signal);
      expect(stderr).toMatch(hinted);
      const [, how, step, file, next] = stderr.match(hinted)!;
      expect([status, how]).toEqual(signal === "SIGINT" ? [130, "interrupted"] : [143, "terminated"]);
      steps.push(Number(step));
      const { state } = readCheckpoint(new Uint8Array(readFileSync(inFolder(file))));
      expect((state.optimizer as { stepCount: number }).stepCount).toBe(Number(step));
      return next;
    };

    let next = await interrupted(`${RUN} --simd strict --save a.safetensors`, 1, 3);
    expect(next).toBe("train flowers.csv --resume a.safetensors --test more.csv");
    next = await interrupted(`${next} --threads 2`, 3, 7, "SIGTERM"); // its first line says where it resumes
    expect(next).toBe("train flowers.csv --resume a.safetensors --test more.csv --threads 2");
    const onJs = thalwegJson(`${next} --backend js`);

    next = await interrupted(`${RUN} --backend js --save b.safetensors`, 2, 40); // in the middle of an epoch
    expect(next).toBe("train flowers.csv --resume b.safetensors --test more.csv --backend js");
    const throughout = thalwegJson(next);

    for (const resumed of [onJs, throughout]) {
      const { parametersSha256, best, train, validation, test, steps, epochsRun } = whole;
      expect(resumed).toMatchObject({ parametersSha256, best, train, validation, test, steps, epochsRun });
    }
    expect([onJs.resumedAt, throughout.resumedAt]).toEqual(steps.slice(1));
    expect(steps.every((step) => step > 0 && step < whole.steps)).toBe(true);
  }, 60_000);

  it("resumes a finished run for more epochs, and says from where", async () => {
    const words = "flowers.csv --target kind --optimizer sgd --lr 0.1 --epochs 2 --simd strict";
    await calledJson(train, `${words} --save over.safetensors`);
    const again = await calledJson(train, "flowers.csv --resume over.safetensors");
    expect(again).toMatchObject({ resumedAt: 4, steps: 4, epochs: 2 });
    const { stdout, error } = await called(
      train,
      "flowers.csv --resume over.safetensors --epochs 3 --save more.safetensors --verbose",
    );
    expect(error).toBeUndefined();
    expect(stdout.split("\n")[0]).toBe("resumed over.safetensors after step 4 of 6, in epoch 3");
    expect(stdout).toMatch(/^Resumed +over\.safetensors, after step 4 of 6$/m);
    expect(stdout).toMatch(/^Saved +more\.safetensors$/m);
    const three = await calledJson(train, words.replace("--epochs 2", "--epochs 3"));
    expect(stdout).toContain(three.parametersSha256);
  });

  it("says when nothing is left to do, and how to go on", async () => {
    const words = "flowers.csv --target kind --hidden none --epochs 2";
    await calledJson(train, `${words} --save done.safetensors`);
    const { stdout } = await called(train, "flowers.csv --resume done.safetensors");
    expect(stdout).toMatch(/^ +nothing was left to do: go on with --epochs 4, or any number above\s+2$/m);
    expect(stdout).toMatch(/^ +\d+\.\d\d s$/m); // which has no speed
    expect(stdout).not.toContain("samples/s");
    await calledJson(train, `${words} --epochs 50 --lr 0 --early-stop 2 --save early.safetensors`);
    const early = await called(train, "flowers.csv --resume early.safetensors");
    expect(early.stdout).toMatch(
      /nothing was left to do: it had stopped early; go on with\s+--early-stop 4\s+or\s+more/,
    );
    const on = await calledJson(train, "flowers.csv --resume early.safetensors --early-stop 4 --lr 0.05");
    expect(on.epochsRun).toBeGreaterThan(3);
  });

  it("goes on with another learning rate, and says so", async () => {
    await calledJson(train, "flowers.csv --target kind --epochs 2 --save rate.safetensors");
    const { stdout, error } = await called(train, "flowers.csv --resume rate.safetensors --lr 0.01 --epochs 4");
    expect(error).toBeUndefined();
    expect(stdout).toMatch(/^Changed +lr from 0\.001 to 0\.01 after step 4$/m);
    expect(stdout).toMatch(/^ *(Changed)? +epochs from 2 to 4 after step 4$/m);
  });

  it("starts from the weights of a file, on other rows", async () => {
    await calledJson(train, "flowers.csv --target kind --epochs 40 --lr 0.05 --save start.safetensors");
    const next = await calledJson(train, "more.csv --weights start.safetensors --epochs 1 --lr 0 --simd strict");
    expect(next.resumedAt).toBeNull();
    expect(next.train.accuracy).toBeGreaterThan(0.9); // that of the first run: at a learning rate of 0 nothing moves
    const { error } = await called(train, "more.csv --weights start.safetensors --hidden 8");
    expect(error).toEqual(new UsageError("--hidden: expected 64, as in start.safetensors, got 8"));
  });

  it("keeps the last good checkpoint when the loss is not finite, and names it", () => {
    const words =
      "train prices.csv --target 2 --optimizer sgd --lr 1 --batch 50 --epochs 30 --save-every 1 --save wild.safetensors";
    const { status, stderr } = thalweg(words);
    expect(status).toBe(1);
    const [, step, kept] = stderr.match(
      /^thalweg train: training diverged at step (\d+) \(epoch \d+\): the loss is (?:NaN|-?Infinity); try a smaller --lr or --clip 1; wild\.safetensors keeps the run as it was after step (\d+)\n$/,
    )!;
    expect(Number(kept)).toBe(Number(step) - 1);
    const { state } = readCheckpoint(new Uint8Array(readFileSync(inFolder("wild.safetensors"))));
    expect((state.optimizer as { stepCount: number }).stepCount).toBe(Number(kept));
  });

  it("ends at once at a second signal", async () => {
    const code = `
      import { interruptible } from ${JSON.stringify(built("cli/interrupt.js"))};
      setInterval(() => {}, 1000);
      await interruptible((signal) => {
        signal.addEventListener("abort", () => console.log("first"));
        console.log("working");
        return new Promise(() => {}); // ignores the signal
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code]);
    const said: string[] = [];
    child.stdout.on("data", (chunk) => {
      said.push(String(chunk).trim());
      child.kill(said.length === 1 ? "SIGINT" : "SIGTERM");
    });
    const signal = await new Promise((resolve) => child.once("close", (_, signal) => resolve(signal)));
    expect([said, signal]).toEqual([["working", "first"], "SIGTERM"]);
  });
});

describe("a run that cannot be resumed or saved ends with one line, and nothing changes", () => {
  let before: Buffer;
  beforeAll(async () => {
    await calledJson(train, "flowers.csv --target kind --epochs 2 --save good.safetensors");
    before = readFileSync(inFolder("good.safetensors"));
    writeFileSync(inFolder("cut.safetensors"), before.subarray(0, before.length - 100));
    const corrupt = Buffer.from(before);
    corrupt[corrupt.length - 5] ^= 1;
    writeFileSync(inFolder("corrupt.safetensors"), corrupt);
    const flowers = readFileSync(inFolder("flowers.csv"), "utf8").trimEnd().split("\n");
    csv("fewer.csv", flowers.slice(0, -1));
    csv("changed.csv", [...flowers.slice(0, -1), flowers.at(-1).replace(/^\d+/, "9")]);
    csv("renamed.csv", [flowers[0].replace("width", "breadth"), ...flowers.slice(1)]);
    csv("third.csv", [...flowers.slice(0, -1), flowers.at(-1).replace(/\w+$/, "lily")]);
    mkdirSync(inFolder("folder.safetensors"), { recursive: true });
  });

  it.each<[string, number, string]>([
    ["flowers.csv --resume cut.safetensors", 1, "cut.safetensors: expected a whole safetensors file"],
    ["flowers.csv --resume corrupt.safetensors", 1, "corrupt.safetensors: expected checksum"],
    ["flowers.csv --resume flowers.csv", 1, "flowers.csv: expected a whole safetensors file"],
    ["flowers.csv --resume nowhere.safetensors", 1, "nowhere.safetensors: expected a saved run, got no such file"],
    ["flowers.csv --resume folder.safetensors", 1, "expected a saved run, got a directory"],
    [
      "flowers.csv --resume good.safetensors --hidden 64,8",
      2,
      "--hidden: expected 64, as in good.safetensors, got 64,8",
    ],
    [
      "flowers.csv --resume good.safetensors --optimizer sgd",
      2,
      "--optimizer: expected adamw, as in good.safetensors, got sgd",
    ],
    ["flowers.csv --resume good.safetensors --activation tanh", 2, "--activation: expected relu"],
    ["flowers.csv --resume good.safetensors --lr -1", 2, "--lr: expected a finite number ≥ 0, got -1"],
    ["flowers.csv --resume good.safetensors --weights good.safetensors", 2, "got both"],
    ["flowers.csv --resume good.safetensors --dropout 0.5", 2, "--dropout: expected none"],
    ["flowers.csv --resume good.safetensors --batch 16", 2, "--batch: expected 32"],
    ["flowers.csv --resume good.safetensors --seed 2", 2, "--seed: expected 1"],
    ["flowers.csv --resume good.safetensors --validation 0.2", 2, "--validation: expected none"],
    ["flowers.csv --resume good.safetensors --epochs 1", 2, "--epochs: expected at least 2"],
    [
      "fewer.csv --resume good.safetensors",
      1,
      "fewer.csv: expected 60 rows to train on, as in the data of good.safetensors, got 59",
    ],
    ["changed.csv --resume good.safetensors", 1, 'changed.csv: expected column "width" to have the mean'],
    [
      "renamed.csv --resume good.safetensors --target kind",
      1,
      "renamed.csv: expected columns width,height,constant,kind",
    ],
    [
      "third.csv --resume good.safetensors",
      1,
      "third.csv: expected classes rose,tulip, as in the data of good.safetensors",
    ],
    [
      "flowers.csv --target kind --save nowhere/x.safetensors",
      1,
      "nowhere/x.safetensors: expected a path to write to, got no such folder (nowhere)",
    ],
    ["flowers.csv --target kind --save flowers.csv/x", 1, "got a path through a file that is not a folder"],
    ["flowers.csv --target kind --save folder.safetensors", 1, "expected a file to save to, got a directory"],
    [
      "flowers.csv --target kind --save more.csv",
      1,
      "more.csv: expected a new file or a checkpoint to save to, got a file that is neither",
    ],
    ["flowers.csv --target kind --save corrupt.safetensors", 1, "got a file that is neither"],
    [
      "prices.csv --target 2 --optimizer sgd --lr 1e20 --simd strict --save first.safetensors",
      1,
      "the loss is NaN; try a smaller --lr or --clip 1; nothing was saved yet",
    ],
  ])("thalweg train %s", async (words, code, message) => {
    const { stdout, error } = await called(train, words);
    expect(error?.message).toContain(message);
    expect(error?.message).not.toContain("\n");
    expect([stdout, error instanceof UsageError ? 2 : 1]).toEqual(["", code]);
    expect(readFileSync(inFolder("good.safetensors")).equals(before)).toBe(true);
    expect(existsSync(inFolder("first.safetensors"))).toBe(false);
  });

  it("reports a folder that disappears in mid-run", async () => {
    mkdirSync(inFolder("passing"));
    const words = "train flowers.csv --target kind --epochs 100000 --save passing/run.safetensors --save-every 1";
    // After the fifth epoch, by when the fourth was saved.
    const { status, stderr } = await started(words, () => renameSync(inFolder("passing"), inFolder("gone")), 5);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^thalweg train: passing\/run\.safetensors: could not be written \(ENOENT[^\n]*; passing\/run\.safetensors was removed; it had the run as it was after step \d+\n$/,
    );
  });
});
