import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { familyTreesCommand } from "../../src/cli/familyTrees.js";
import { predictCommand } from "../../src/cli/predict.js";
import { raceCommand } from "../../src/cli/race.js";
import { symmetryCommand } from "../../src/cli/symmetry.js";
import { train } from "../../src/cli/train.js";
import { trainCommand } from "../../src/cli/trainOptions.js";
import { optimizers } from "../../src/optim/table.js";
import { OPTIMIZERS } from "../../src/tabular/optimizer.js";
import { called, calledJson, MAIN, started, thalweg, thalwegEach, thalwegJson } from "../support/command.js";
import { digits } from "../support/digits.js";

describe("thalweg train", () => {
  it("learns classes: epochs, loss curve and summary, as plain lines when piped", () => {
    const { status, stdout, stderr } = thalweg(
      "train flowers.csv --target kind --test more.csv --epochs 40 --lr 0.02 --batch 8 --verbose",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    expect(stdout.match(/^epoch +\d+\/40 {2}loss [\d.e+-]+ +[\d,]+ samples\/s$/gm)).toHaveLength(40);
    expect(stdout).toMatch(/^Cross-entropy of each epoch/m);
    expect(stdout).toContain("┤");
    expect(stdout).toContain("flowers.csv: 60 rows, 3 features, a header");
    expect(stdout).toContain("more.csv: 2 rows");
    expect(stdout).toContain('column "kind": classification, 2 classes (rose, tulip)');
    expect(stdout).toMatch(/^Engine +wasm, (strict|relaxed) SIMD: ./m);
    expect(stdout).toMatch(/^Train +loss [\d.e-]+, accuracy (9\d|100)\.\d\d %, macro F1 [01]\.\d{4}$/m);
    expect(stdout).toMatch(/^Test +loss [\d.e-]+, accuracy 100\.00 %, macro F1 1\.0000$/m);
  });

  it("says how to measure on other rows where nothing does", async () => {
    const words = "flowers.csv --target kind --hidden none --epochs 1";
    const { stdout } = await called(train, words);
    expect(stdout).toMatch(/^Held out +none: --validation 20% measures on rows held out \(or --test FILE\)$/m);
    for (const more of ["--validation 20%", "--test more.csv"])
      expect((await called(train, `${words} ${more}`)).stdout).not.toContain("Held out");
  });

  it("ends with one object on one line with --json, and nothing else", () => {
    const score = expect.objectContaining({
      ...{ loss: expect.any(Number), accuracy: expect.any(Number), confusion: expect.any(Array) },
      classification: expect.objectContaining({ logLoss: expect.any(Number), macro: expect.any(Object) }),
    });
    const epoch = (epoch: number) => ({ epoch, loss: expect.any(Number), validation: null });
    expect(thalwegJson("train flowers.csv --target 3 --test more.csv --epochs 3 --simd strict")).toEqual({
      backend: "wasm",
      simd: "strict",
      threads: 1,
      engine: "wasm, strict SIMD: asked for",
      epochs: 3,
      epochsRun: 3,
      steps: 6,
      schedule: null,
      best: null,
      resumedAt: null,
      changes: [],
      saved: null,
      train: score,
      validation: null,
      test: score,
      parametersSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      seconds: expect.any(Number),
      // Every setting, those that were not given included: as adamw has them in PyTorch.
      settings: {
        target: "3",
        hidden: [64],
        activation: "relu",
        optimizer: "adamw",
        hyperparameters: expect.objectContaining({ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }),
        epochs: 3,
        batch: 32,
        seed: 1,
        simd: "strict",
      },
      history: [epoch(1), epoch(2), epoch(3)],
    });
  });

  it("learns values in the target's own units, with accuracy and test null", () => {
    const words = "train prices.csv --target 2 --hidden none --epochs 200 --lr 0.05";
    const [json, text] = thalwegEach([`${words} --json`, words]);
    const { train, test } = JSON.parse(json.stdout);
    expect([train.accuracy, test]).toEqual([null, null]);
    // The target is linear with a deviation of some 14,000: a linear network fits it.
    expect(Math.sqrt(train.loss)).toBeGreaterThan(0);
    expect(Math.sqrt(train.loss)).toBeLessThan(150);
    expect(text.stdout).toMatch(/^Target +column 2: regression$/m);
  });

  it("follows --task and --header", () => {
    const [regression, classes] = thalwegEach([
      "train prices.csv --target 1 --task regression --header --epochs 1",
      "train prices.csv --target 2 --task classification --no-header --epochs 1",
    ]).map(({ stdout }) => stdout);
    expect(regression).toContain("prices.csv: 49 rows, 2 features, a header");
    expect(regression).toMatch(/^Target +column "0": regression$/m);
    expect(classes).toContain("column 2: classification, 50 classes");
  });

  // `train` refuses, with a clear message, optimizers that take gradients at points of their own.
  const trainable = OPTIMIZERS.filter((name) => optimizers[name]?.rule.closure === undefined);
  it.each(trainable)("trains with %s, and resumes on the js backend", async (name) => {
    const words = `flowers.csv --target kind --clip 1 --dropout 0.1 --ema 0.9 --simd strict --optimizer ${name}`;
    const whole = await calledJson(train, `${words} --epochs 3`);
    expect(Number.isFinite(whole.train.loss)).toBe(true);
    await calledJson(train, `${words} --epochs 2 --save ${name}.safetensors`);
    const resumed = await calledJson(train, `flowers.csv --resume ${name}.safetensors --epochs 3 --backend js`);
    expect(resumed.parametersSha256).toBe(whole.parametersSha256);
    const scheduled = await calledJson(train, `${words} --epochs 3 --schedule cosine --warmup 2`);
    expect(scheduled.parametersSha256).not.toBe(whole.parametersSha256);
  });

  it("passes on every option that changes a run", async () => {
    const base = "flowers.csv --target kind --optimizer sgd --lr 0.1 --epochs 2 --simd strict";
    const hash = async (more: string): Promise<string> => (await calledJson(train, `${base} ${more}`)).parametersSha256;
    const hashes: string[] = [];
    for (const more of [
      "--seed 2",
      "--momentum 0.9",
      "--weight-decay 0.1",
      "--clip 0.01",
      "--activation tanh",
      "--activation sigmoid",
      "--batch 7",
      "--hidden 8,8",
      "--lr 0.2",
      "--epochs 3",
      "--activation leakyRelu",
      "--activation elu",
      "--activation selu",
      "--activation gelu",
      "--activation silu",
      "--activation mish",
      "--activation softplus",
      "--dropout 0.2",
      "--label-smoothing 0.1",
      "--ema 0.5",
      "--schedule cosine",
      "--schedule linear",
      "--warmup 3",
      "--warmup 25% --schedule cosine",
      "--validation 0.2",
      "",
    ])
      hashes.push(await hash(more));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(await hash("--seed 1 --activation relu --batch 32 --hidden 64")).toBe(await hash(""));
  });

  it("reports the schedule, the validation, the epoch that it stopped at, and the file", async () => {
    const words =
      "flowers.csv --target kind --epochs 200 --lr 0.05 --schedule cosine --warmup 5% --validation 25% --early-stop 3 " +
      "--ema 0.9 --clip 1 --dropout 0.1 --label-smoothing 0.1 --save reported.safetensors";
    const { stdout, error } = await called(train, words);
    expect(error).toBeUndefined();
    const epochs = [...stdout.matchAll(/^epoch +(\d+)\/200 {2}loss [\d.]+ +valid (\d+\.\d\d) % +[\d,]+ samples\/s$/gm)];
    expect(stdout).toContain("15 rows (25 %) held out for validation, 45 trained on");
    expect(stdout).toMatch(/^Network +3-64-2, relu, dropout 0\.1, 386 parameters$/m);
    expect(stdout).toMatch(
      /^Training +adamw, lr 0\.05, clip 1, label smoothing 0\.1, ema 0\.9, batch 32,\s+200 epochs, seed 1$/m,
    );
    expect(stdout).toMatch(/^Learning rate +warmup\(20\) → cosine\(0\.05 → 0 over 380 steps\)$/m);
    const [, stopped, best] = stdout.match(
      /^Best epoch +stopped after epoch (\d+) of 200; epoch (\d+) had the best validation\s+loss/m,
    )!;
    expect(Number(stopped)).toBeLessThan(200);
    expect([Number(stopped), Number(best)]).toEqual([Number(epochs.at(-1)![1]), Number(stopped) - 3]);
    const [, accuracy] = stdout.match(/^Validation +loss [\d.]+, accuracy (\d+\.\d\d) %, macro F1 [\d.]+$/m)!;
    expect(stdout).toMatch(/^Saved +reported\.safetensors$/m);

    const json = await calledJson(train, words);
    expect(json).toMatchObject({
      epochs: 200,
      epochsRun: Number(stopped),
      steps: 2 * Number(stopped),
      schedule: "warmup(20) → cosine(0.05 → 0 over 380 steps)",
      best: { epoch: Number(best) },
      validation: { accuracy: expect.closeTo(Number(accuracy) / 100, 4) },
      saved: "reported.safetensors",
    });
    // The model measured at the end is that of the best epoch.
    expect(json.history[Number(best) - 1].validation.accuracy).toBe(json.validation.accuracy);
  });

  it("reaches 96 % on the digits of other writers, with the same bits on the js backend", async () => {
    const words = `${digits("train.csv")} --test ${digits("test.csv")} --target 64 --hidden 64 --optimizer adamw`;
    for (const more of ["", "--simd strict"]) {
      const { test } = await calledJson(train, `${words} --epochs 30 ${more}`);
      expect(test.accuracy).toBeGreaterThanOrEqual(0.96);
    }
    // Five epochs are 600 steps, enough for any difference to show. The js backend takes some 5 s for 30 epochs.
    const [strict, js] = [
      await calledJson(train, `${words} --epochs 5 --simd strict`),
      await calledJson(train, `${words} --epochs 5 --backend js`),
    ];
    expect([js.backend, js.simd]).toEqual(["js", "none"]);
    expect(js.parametersSha256).toBe(strict.parametersSha256);
    expect([js.train, js.test]).toEqual([strict.train, strict.test]);
  });
});

describe("thalweg symmetry", () => {
  it("shows the 1986 experiment, with the same bits on both backends", () => {
    const { status, stdout, stderr } = thalweg("symmetry --verbose");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    expect(stdout).toMatch(/Patterns classified right +64\/64/);
    expect(Number(stdout.match(/Mirror error +([\d.]+) %/)![1])).toBeLessThanOrEqual(1);
    const units = [...stdout.matchAll(/unit \d +(.*)/g)].map(([, row]) => row.match(/[+−]\d+\.\d+/g)!);
    expect(units).toHaveLength(2);
    for (const [w1, w2, w3, w4, w5, w6] of units) {
      const signs = [w1, w2, w3, w4, w5, w6].map((w) => (w[0] === "+" ? 1 : -1));
      expect(signs.slice(0, 3)).toEqual([-signs[5], -signs[4], -signs[3]]);
    }
    const hashes = [...stdout.matchAll(/SHA-256 ([0-9a-f]{64})/g)].map(([, hash]) => hash);
    expect(hashes).toHaveLength(2);
    expect(hashes[0]).toBe(hashes[1]);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("Both backends ended with the same bits.");
  });

  it("counts the solved seeds", () => {
    const [counted, unsolved] = thalwegEach(["symmetry --seeds 3", "symmetry --seed 1 --sweeps 5"]);
    const { status, stdout } = counted;
    expect(status).toBe(0);
    expect(stdout.match(/^ +\d+ +[\d,]+ +\d+\/64 +[\d.]+ %/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^3 of 3 seeds solved within 2,000 sweeps, mirror error at most 0\.\d\d %$/m);
    expect(unsolved.stdout).toContain("not solved");
  });

  it("prints one object with --json", () => {
    const { solved, runs } = thalwegJson("symmetry");
    expect([solved, runs[0].sameBits, runs[0].right]).toEqual([1, true, 64]);
    expect(runs[0].backends.map(({ backend }: { backend: string }) => backend)).toEqual(["wasm", "js"]);
  });
});

describe("thalweg", () => {
  it("names its commands: with no words, help, --help and -h", () => {
    for (const { status, stdout, stderr } of thalwegEach(["", "help", "--help", "-h"])) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      for (const command of ["train", "predict", "symmetry", "family-trees", "throughput"])
        expect(stdout).toContain(`thalweg ${command}`);
    }
  });

  it.each([
    ["train", trainCommand()],
    ["predict", predictCommand()],
    ["race", raceCommand()],
    ["symmetry", symmetryCommand()],
    ["family-trees", familyTreesCommand()],
  ])("%s --help lists every option, and examples", (name, { options }) => {
    const [asked, helped] = thalwegEach([`${name} --help`, `help ${name}`]);
    const { status, stdout } = asked;
    expect(status).toBe(0);
    expect(stdout).toContain("Examples");
    expect(helped.stdout).toBe(stdout);
    expect(options.length).toBeGreaterThan(5);
    for (const { long, description } of options) {
      expect(description).not.toBe("");
      expect(stdout).toMatch(new RegExp(`^ {2}${long}\\b`, "m"));
    }
  });

  it("lists every optimizer that it can train with in the help", () => {
    const { stdout } = thalweg("train --help");
    expect(OPTIMIZERS.length).toBe(Object.keys(optimizers).length - 2); // not sophiaG and sophiaH
    for (const name of OPTIMIZERS) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it("prints its version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(thalweg("--version").stdout).toBe(`${version}\n`);
  });

  it("starts with a line that shells understand", () => {
    expect(readFileSync(MAIN, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  // As a program that SIGPIPE ends: 128 + 13. What would be lost is said; where a run is saved, lost-reader.test.ts.
  it("ends with 141 when its reader closes the pipe", async () => {
    const words = "train flowers.csv --target kind --epochs 100000";
    const { status, stderr } = await started(words, (child) => child.stdout!.destroy());
    expect(status).toBe(141);
    expect(stderr).toMatch(
      /^thalweg train: its reader is gone after step \d+; nothing was saved \(--save FILE saves\)\n$/,
    );
  });

  it("ends with one line and 130 at Ctrl-C", async () => {
    const words = "train flowers.csv --target kind --hidden 512,512 --epochs 100000";
    const ended = await started(words, (child) => child.kill("SIGINT"));
    expect(ended.status).toBe(130);
    expect(ended.stderr).toMatch(
      /^thalweg train: interrupted after step \d+; nothing was saved \(--save FILE saves\)\n$/,
    );
  });
});
