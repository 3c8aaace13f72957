/** Words of PyTorch, Keras and scikit-learn, and the command's own name in what it prints. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { predict } from "../../src/cli/predict.js";
import { program, shell } from "../../src/cli/program.js";
import { train } from "../../src/cli/train.js";
import { called, calledJson, inFolder, thalweg } from "../support/command.js";

describe("an option by another library's name is answered with ours", () => {
  it.each([
    ["--batch-size 8", "--batch"],
    ["--batch_size 8", "--batch"],
    ["--learning-rate 0.1", "--lr"],
    ["--learning_rate 0.1", "--lr"],
    ["-lr 0.1", "--lr"],
    ["--wd 0.1", "--weight-decay"],
    ["--weight_decay 0.1", "--weight-decay"],
    ["--epoch 3", "--epochs"],
    ["--max-epochs 3", "--epochs"],
    ["--optim adam", "--optimizer"],
    ["--scheduler cosine", "--schedule"],
    ["--clip-norm 1", "--clip"],
    ["--validation-split 0.2", "--validation"],
    ["--patience 3", "--early-stop"],
    ["--random-state 3", "--seed"],
    ["--Hidden 3", "--hidden"],
    ["--learnig-rate 3", undefined],
  ])("%s", async (words, meant) => {
    const { error, stdout } = await called(train, `flowers.csv --target kind ${words}`);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    expect(error).toEqual(new UsageError(`unknown option ${words.split(" ")[0]}${hint}`));
    expect(stdout).toBe("");
  });
});

it.each([
  ["--optimizer Adam", { optimizer: "adam" }],
  ["--optimizer AdamW", { optimizer: "adamw" }],
  ["--optimizer SGD", { optimizer: "sgd" }],
  ["--optimizer schedule-free-adamw", { optimizer: "scheduleFreeAdamw" }],
  ["--activation ReLU", { activation: "relu" }],
  ["--activation leaky_relu", { activation: "leakyRelu" }],
  ["--schedule OneCycle", { schedule: "oneCycle" }],
  ["--task Regression --target width", { task: "regression" }],
])("%s is understood", async (words, setting) => {
  const file = words.includes("width") ? "prices.csv --no-header" : "flowers.csv --target kind";
  const { settings } = await calledJson(train, `${file} ${words.replace("width", "2")} --epochs 1 --hidden 4`);
  expect(settings).toMatchObject(setting);
});

it.each([
  ["--activation swish", "did you mean silu?"],
  ["--schedule CosineAnnealingLR", "did you mean cosine?"],
  ["--optimizer gradient-descent", "did you mean sgd?"],
  ["--optimizer adammw", "did you mean adamw?"],
  ["--optimizer kfac", "got kfac, which is made of a model: in a program, kfac(model)"],
  ["--optimizer hessianfree", "; thalweg optimizers lists them"],
  ["--optimizer Sophia-G", "got sophiaG, which needs opt.updateHessian()"],
])("%s is answered with ours", async (words, message) => {
  const { error } = await called(train, `flowers.csv --target kind ${words}`);
  expect(error).toBeInstanceOf(UsageError);
  expect(error?.message).toContain(message);
});

describe("commands that it prints can be pasted", () => {
  const modules = join(inFolder("project"), "node_modules");
  const called = (file: string, path = "") => program({ argv: ["node", file], path });
  mkdirSync(join(modules, ".bin"), { recursive: true });
  mkdirSync(inFolder("bin"), { recursive: true });
  for (const folder of [join(modules, ".bin"), inFolder("bin")]) writeFileSync(join(folder, "thalweg"), "");

  it("with npx where npm put the command into a project, whose folder it adds to the path", () => {
    expect(called(join(modules, ".bin", "thalweg"), join(modules, ".bin"))).toBe("npx thalweg");
    expect(called(join(modules, "thalweg", "dist", "bundled", "cli.js"))).toBe("npx thalweg");
  });

  it("by its name where the shell finds it", () => {
    expect(called("/usr/bin/thalweg")).toBe("thalweg");
    expect(called(join(modules, "thalweg", "dist", "bundled", "cli.js"), inFolder("bin"))).toBe("thalweg");
  });

  it("by its file in a copy of the source", () => {
    expect(called(join(process.cwd(), "dist", "bundled", "cli.js"))).toMatch(/^node dist[\\/]bundled[\\/]cli\.js$/);
  });

  it("with words in quotes where a shell would read them otherwise", () => {
    expect(shell(["train", "my data.csv", "--target", "it's", "x=1"])).toBe(
      "train 'my data.csv' --target 'it'\\''s' x=1",
    );
    expect(shell(["a\x1b'\u202eb"])).toBe("$'a\\x1b\\'\\xe2\\x80\\xaeb'");
  });
});

describe("thalweg predict with its arguments swapped", () => {
  it("says so, with the call that was meant", async () => {
    await calledJson(train, "flowers.csv --target kind --epochs 1 --hidden 4 --save swap.safetensors");
    const { status, stdout, stderr } = thalweg("predict flowers.csv swap.safetensors");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      'thalweg predict: expected the saved run first and the data second, got "swap.safetensors" second; ' +
        "try: thalweg predict swap.safetensors flowers.csv (see thalweg predict --help)\n",
    );
  });

  it("says what is wrong with a file that is neither", async () => {
    const { error } = await called(predict, "flowers.csv more.csv");
    expect(error?.message).toContain("flowers.csv: expected a whole safetensors file");
  });
});
