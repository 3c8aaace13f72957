import { beforeAll, describe, expect, it } from "vitest";
import { rangeError } from "../../src/check.js";
import { asUsageError, UsageError } from "../../src/cli/args.js";
import { train } from "../../src/cli/train.js";
import { called, csv, thalweg, thalwegEach } from "../support/command.js";

beforeAll(() => {
  csv("weeds.csv", ["width,height,constant,kind", "1,2,3,rose", "1,2,3,nettle"]);
  csv("ragged.csv", ["a,b,y", "1,2,0", "3,4,1", "5,6"]);
  csv("text.csv", ["a,b,y", "1,2,0", "3,x,1", "5,6,0", "7,8,1"]);
  csv("infinite.csv", ["a,b,y", "1,2,0", "3,Infinity,1", "5,6,0", "7,8,1"]);
  csv("header.csv", ["a,b,y"]);
  csv("empty.csv", []);
});

type Refusal = [words: string, code: number, message: string];

const refusals: Refusal[] = [
  ["train ragged.csv --target y", 1, "ragged.csv, row 4: expected 3 columns, as in row 1, got 2"],
  ["train text.csv --target y", 1, 'text.csv, row 3, column "b": expected a number, as in other rows, got "x"'],
  ["train infinite.csv --target y", 1, 'row 3, column "b": expected a finite number, got "Infinity"'],
  ["train empty.csv --target y", 1, "empty.csv: expected rows of data, got an empty file"],
  ["train header.csv --target y", 1, "header.csv: expected rows of data, got only a header"],
  ["train nowhere.csv --target y", 1, "nowhere.csv: expected a CSV file, got no such file"],
  ["train . --target y", 1, "expected a CSV file, got a directory"],
  ["train flowers.csv --target colour", 1, 'got "colour"'],
  ["train flowers.csv --target 4", 1, 'got "4"'],
  [
    "train flowers.csv --target kind --test weeds.csv",
    1,
    'weeds.csv, row 3, column "kind": expected one of the 2 classes',
  ],
  ["train flowers.csv --target kind --test prices.csv", 1, "prices.csv: expected 4 columns, as in flowers.csv, got 3"],
  ["train flowers.csv --target kind --task regression", 1, 'row 2, column "kind": expected a number'],
  ["train flowers.csv --target kind --no-header", 1, 'got "kind"'],
  ["train prices.csv --target 2 --optimizer sgd --lr 1e20", 1, "diverged"],
  ["train flowers.csv --target kind --hidden 1000000,1000000", 1, "out of memory"],
  ["train flowers.csv --target kind --backend js --simd relaxed", 2, "simd"],
  ["train flowers.csv", 2, "--target: expected the column to predict, got none"],
  ["train", 2, "expected a CSV file, as in: thalweg train data.csv, got none"],
  ["train flowers.csv more.csv --target kind", 2, 'got "more.csv" as well'],
  ["train flowers.csv --target kind --optimizer adamx", 2, "did you mean adam?"],
  ["train flowers.csv --target kind --optimizer k-fac", 2, "got kfac, which is made of a model"],
  ["optimizers kfac", 2, "in a program, kfac(model)"],
  ["optimizers muonWith", 2, "--optimizer muon does that"],
  [
    "train flowers.csv --target kind --optimizer toString",
    2,
    'expected an optimizer, got "toString"; thalweg optimizers lists them',
  ],
  ["train flowers.csv --target kind --momentum 0.9", 2, "--momentum: expected an optimizer that has it, got adamw"],
  ["train flowers.csv --target kind --lr -1", 2, "--lr: expected a finite number ≥ 0, got -1"],
  ["train flowers.csv --target kind --lr fast", 2, '--lr: expected a finite number, got "fast"'],
  ["train flowers.csv --target kind --lr NaN", 2, '--lr: expected a finite number, got "NaN"'],
  ["train flowers.csv --target kind --lr", 2, "--lr: expected a value, got none"],
  ["train flowers.csv --target kind --weight-decay -1", 2, "--weight-decay: expected a finite number ≥ 0, got -1"],
  ["train flowers.csv --target kind --clip 0", 2, "--clip: expected a number > 0, got 0"],
  ["train flowers.csv --target kind --epochs 0", 2, "--epochs: expected a whole number ≥ 1, got 0"],
  ["train flowers.csv --target kind --batch 1.5", 2, "--batch: expected a whole number ≥ 1, got 1.5"],
  ["train flowers.csv --target kind --seed 0.5", 2, "--seed: expected a whole number, got 0.5"],
  ["train flowers.csv --target kind --hidden 8,,8", 2, "--hidden: "],
  ["train flowers.csv --target kind --activation gauss", 2, "--activation: expected relu, leakyRelu, elu,"],
  ["train flowers.csv --target kind --backend gpu", 2, "--backend: expected auto, wasm or js"],
  ["train flowers.csv --target kind --simd no", 2, "--simd: expected auto, relaxed or strict"],
  ["train flowers.csv --target kind --task guess", 2, "--task: expected classification or regression"],
  ["train flowers.csv --target kind --header --no-header", 2, "got both"],
  ["train flowers.csv --target kind --hiden 8", 2, "unknown option --hiden; did you mean --hidden?"],
  ["train flowers.csv --target kind --json=yes", 2, "--json: expected no value"],
  ["train flowers.csv --target kind -x", 2, "unknown option -x"],
  ["symmetry --seeds none", 2, '--seeds: expected a finite number, got "none"'],
  ["symmetry --seed 1 --seeds 2", 2, "got both"],
  ["symmetry now", 2, 'got "now"'],
  ["symmetry --momentum -1", 1, "momentum: expected a finite number ≥ 0, got -1"],
  [
    "family-trees --settings papr",
    2,
    '--settings: expected printed, paper, today or all, got "papr"; did you mean paper?',
  ],
  ["family-trees --questions 101", 2, "--questions: expected a whole number from 1 to 100, got 101"],
  ["family-trees --questions 0", 2, "--questions: expected a whole number from 1 to 100, got 0"],
  ["family-trees --questions some", 2, '--questions: expected a finite number, got "some"'],
  ["family-trees --seed 1.5", 2, "--seed: expected a whole number, got 1.5"],
  ["family-trees --seeds 0", 2, "--seeds: expected a whole number ≥ 1, got 0"],
  ["family-trees --seed 1 --seeds 2", 2, "got both"],
  ["family-trees --sweeps 0", 2, "--sweeps: expected a whole number ≥ 1, got 0"],
  ["family-trees --svg a.svg --seeds 2", 2, "expected --svg with one seed, got --seeds as well"],
  ["family-trees --svg nowhere/a.svg", 1, "nowhere/a.svg: expected a path to write to, got no such folder"],
  ["family-trees now", 2, 'got "now"'],
  ["schedule exponential 1 over 5 gamma -1", 2, "exponential: gamma: expected a finite number > 0, got -1"],
  ["schedule noam 1 over 5", 2, 'noam: expected over or dModel or warmup or scale, got "1"'],
  ["explain adamm", 2, 'got "adamm"; did you mean adam?'],
  ["trian", 2, 'unknown command "trian"; did you mean train?'],
  ["toString", 2, 'unknown command "toString"'],
  ["--train", 2, 'unknown command "--train"'],
];

describe("bad input gets one clear line and a non-zero exit code", () => {
  let runs: ReturnType<typeof thalwegEach>;
  beforeAll(() => {
    runs = thalwegEach(refusals.map(([words]) => words));
  });
  const holds = ([, code, message]: Refusal, { status, stdout, stderr }: (typeof runs)[number]) => {
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^thalweg[^\n]*: [^\n]+\n$/);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect({ status, stdout }).toEqual({ status: code, stdout: "" });
  };

  it.each(refusals.map((row, i) => [row[0], row, i] as const))("thalweg %s", (_, row, i) => holds(row, runs[i]));

  it("in a process of its own too", () => {
    for (const code of [1, 2]) {
      const row = refusals.find((each) => each[1] === code)!;
      holds(row, thalweg(row[0]));
    }
  });
});

describe("an error of the library", () => {
  it("about an option names the flag", () => {
    const error = rangeError("weightDecay", "a finite number ≥ 0", -1);
    expect(error).toMatchObject({ argument: "weightDecay", problem: "expected a finite number ≥ 0, got -1" });
    expect(asUsageError(error)).toEqual(new UsageError("--weight-decay: expected a finite number ≥ 0, got -1"));
  });

  it("of another kind stays as it is, and fields do not show on a console", () => {
    const error = new RangeError("out of memory");
    expect(asUsageError(error)).toBe(error);
    expect(Object.keys(rangeError("lr", "a number", "x"))).toEqual([]);
  });
});

describe("thalweg train refuses, as a wrong call,", () => {
  it.each<[string, string]>([
    [
      "--schedule cosin",
      "--schedule: expected constant, linear, cosine, cosineRestarts, step, exponential, inverseSqrt",
    ],
    ["--schedule cosin", 'got "cosin"; did you mean cosine?'],
    ["--schedule triangle", 'oneCycle or wsd, got "triangle"'],
    ["--schedule COSINERESTART", "did you mean cosineRestarts?"],
    ["--epochs 4 --warmup 8", "--warmup: expected fewer than the 8 steps of the run, got 8"],
    ["--epochs 4 --warmup 100 --schedule cosine", "--warmup: expected fewer than the 8 steps of the run, got 100"],
    ["--warmup 0", "--warmup: expected a whole number ≥ 1, got 0"],
    ["--warmup 100%", "--warmup: expected a fraction between 0 and 1, or 0% and 100%, got 100%"],
    ["--warmup -5%", "--warmup: expected a fraction"],
    ["--dropout 1", "--dropout: expected a number in [0, 1), got 1"],
    ["--dropout 0.5 --hidden none", "--dropout: expected hidden layers, whose units it drops, got none"],
    ["--label-smoothing 1.5", "--label-smoothing: expected a number in [0, 1], got 1.5"],
    ["--ema 1", "--ema: expected a number in [0, 1), got 1"],
    ["--validation 0", "--validation: expected a fraction between 0 and 1, or 0% and 100%, got 0"],
    ["--validation 20", "--validation: expected a fraction between 0 and 1, or 0% and 100%, got 20"],
    ["--early-stop 0", "--early-stop: expected a whole number ≥ 1, got 0"],
    ["--activation rleu", "did you mean relu?"],
    ["--save", "--save: expected a value, got none"],
    ["--resumee x", "unknown option --resumee; did you mean --resume?"],
  ])("%s", async (words, message) => {
    const { stdout, error } = await called(train, `flowers.csv --target kind ${words}`);
    expect(error).toBeInstanceOf(UsageError);
    expect(error?.message).toContain(message);
    expect(error?.message).not.toContain("\n");
    expect(stdout).toBe("");
  });

  it("label smoothing of values", async () => {
    const { error } = await called(train, "prices.csv --target 2 --label-smoothing 0.1");
    expect(error).toEqual(new UsageError("--label-smoothing: expected classes to predict, got a regression"));
  });
});
