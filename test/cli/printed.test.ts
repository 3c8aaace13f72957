/** What the command prints fits its terminal, and holds nothing raw that a file or a caller said. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { lossCurve } from "../../src/cli/chart.js";
import { jsonText } from "../../src/cli/output.js";
import { predict } from "../../src/cli/predict.js";
import { lossText } from "../../src/cli/progress.js";
import { width } from "../../src/cli/terminal.js";
import { train } from "../../src/cli/train.js";
import { score } from "../../src/cli/trainReport.js";
import { optimizers } from "../../src/optim/table.js";
import type { Score } from "../../src/tabular/score.js";
import { recipes } from "../../src/train/recipes.js";
import { called, csv, inFolder, thalweg, thalwegEach } from "../support/command.js";

const COMMANDS = [
  ...["train", "predict", "explain", "race", "symmetry", "family-trees", "schedule"],
  ...["throughput", "optimizers", "recipes"],
];

describe("no line is wider than 80 columns when piped", () => {
  const calls = [
    "",
    ...COMMANDS.map((name) => `${name} --help`),
    "optimizers",
    ...Object.keys(optimizers).map((name) => `optimizers ${name}`),
    "recipes",
    ...Object.keys(recipes).map((name) => `recipes ${name}`),
    "race ravine --lr 0.09",
    "race goldsteinPrice --lr 1 --steps 20 --optimizers scheduleFreeAdamw,sgd,momentum,dadaptAdam",
    "race noisyBowl --sweep lr --steps 20 --optimizers sgd,scheduleFreeRadam",
    "schedule warmup 100, cosine 1e-3 over 1000, constant 1e-4 over 50, cosineRestarts 1e-3 over 300 every 100",
    "symmetry --verbose",
    "symmetry --seeds 2",
    "family-trees --sweeps 50 --svg printed.svg",
    "family-trees --settings today --sweeps 50 --questions 50 --seed -123456789012",
    "family-trees --seeds 2 --sweeps 20",
    "train flowers.csv --target kind --validation 20% --epochs 9 --schedule cosine --warmup 5% --dropout 0.1 --clip 1 " +
      "--label-smoothing 0.1 --ema 0.9 --early-stop 4 --momentum 0.9 --optimizer sgd --lr 0.1 --weight-decay 0.001 --verbose",
    "train prices.csv --target 2 --epochs 9 --test prices.csv --save wide.safetensors",
    "predict wide.safetensors prices.csv",
  ];
  let runs: ReturnType<typeof thalwegEach>;
  beforeAll(() => {
    runs = thalwegEach(calls);
  });

  it.each(calls.map((words, i) => [words, i] as const))("thalweg %s", (_, i) => {
    const { status, stdout, stderr } = runs[i];
    expect(status, stderr).toBe(0);
    for (const line of `${stdout}${stderr}`.split("\n")) expect(width(line), line).toBeLessThanOrEqual(80);
  });

  it("shows an optimizer in full: formula, options, defaults, paper and state", () => {
    const { stdout } = runs[calls.indexOf("optimizers adam")];
    for (const part of ["m = β₁m + (1 - β₁) g", "ICLR 2015", "PyTorch in names", "8–12 bytes a parameter"])
      expect(stdout).toContain(part);
    for (const [name, value] of [
      ["lr", "1e-3"],
      ["betas", "0.9 0.999"],
      ["eps", "1e-8"],
      ["amsgrad", "false"],
    ])
      expect(stdout).toMatch(new RegExp(`^${name} +${value} +[A-Z]`, "m"));
    const [json] = thalwegEach(["optimizers ADAM --json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ name: "adam", state: [8, 12], defaults: { lr: 1e-3 } });
    expect(JSON.parse(thalweg("optimizers --json").stdout).map(({ name }: { name: string }) => name)).toEqual(
      Object.keys(optimizers),
    );
  });
});

describe("the chart", () => {
  it("draws the validation beside the training, and marks the best epoch", () => {
    const losses = Array.from({ length: 41 }, (_, i) => 1 / (1 + i));
    const validation = losses.map((loss, i) => loss + 0.2 + Math.abs(i - 20) / 100);
    const lines = lossCurve({ losses, validation, best: 21 }, 1, { title: "Loss", xLabel: "epoch" });
    expect(lines.slice(0, 2)).toEqual(["Loss", expect.stringContaining("━ training  • validation")]);
    const drawn = lines.filter((line) => /[┤│]/.test(line)).join("\n");
    expect(drawn).toMatch(/━/);
    expect(drawn.match(/•/g)!.length).toBeGreaterThan(20);
    // Epoch 21 of 1 to 41 is half-way along the axis.
    const axis = lines.findIndex((line) => /└/.test(line));
    const [from, to] = [lines[axis].indexOf("└") + 1, lines[axis].indexOf("▶")];
    expect(lines.at(-1)).toMatch(/↑ best epoch: 21 +epoch$/);
    expect(Math.abs(lines.at(-1)!.indexOf("↑") - (from + to) / 2)).toBeLessThanOrEqual(1);
  });

  it("has the mark on either end, within the axis", () => {
    const losses = [3, 2, 1];
    const right = lossCurve({ losses, best: 3 }, 1, { title: "Loss", xLabel: "epoch" }).at(-1)!;
    expect(right).toMatch(/^ +best epoch: 3 ↑$/);
    expect(lossCurve({ losses, best: 1 }, 1, { title: "Loss", xLabel: "epoch" }).at(-1)).toMatch(
      /^ +↑ best epoch: 1 +epoch$/,
    );
  });

  it("is drawn from as many epochs as there are", () => {
    const losses = Array.from({ length: 200_000 }, (_, i) => 1 / (1 + i));
    expect(
      lossCurve({ losses, validation: losses }, 1, { title: "", xLabel: "epoch", log: true }).length,
    ).toBeGreaterThan(9);
  });
});

describe("figures of one line have one style", () => {
  it.each([
    [10_317.6, 6_254.9, "RMSE 10,320, MAE 6,255"],
    [1_234_567, 987_654, "RMSE 1,235,000, MAE 987,700"],
    [999.96, 0.5, "RMSE 1,000, MAE 0.5000"],
    [0.012345, 0.00123456, "RMSE 0.01235, MAE 0.001235"],
  ])("an RMSE of %d beside an MAE of %d", (rmse, mae, text) => {
    expect(score({ loss: 1, accuracy: null, regression: { rmse, mae, r2: 0.5, mse: rmse ** 2 } } as Score)).toContain(
      text,
    );
  });

  it("losses have an exponent from a million on", () => {
    expect([999_000, 1_000_000, 12_345].map((loss) => lossText(loss))).toEqual(["999,000", "1.000e+6", "12,350"]);
  });

  it("the axis of a chart has no long rows of zeros", () => {
    const lines = lossCurve({ losses: [5e8, 3e8, 1e8] }, 1, { title: "Loss", xLabel: "epoch" }).join("\n");
    expect(lines).toContain("500M");
    expect(lines).not.toMatch(/\d{5}/);
  });
});

// A class that clears the screen, one that forges a line, one that turns its direction, and separators of lines.
const HOSTILE = ["\x1b[2Jred", "\u202eder\u0085x", "two\u2028lines", "line\nforged: line"];
const RAW = /[^\P{C}\n]|[\u2028\u2029]/u; // controls, marks of direction and separators, but for ends of lines

describe("nothing that a file or a caller said reaches the terminal raw", () => {
  beforeAll(async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 4},${(i * 7) % 5},"${HOSTILE[i % 4]}"`);
    csv("hostile.csv", ["a\x1b[31m,b\u202e,\x9b2Jkind\u0085", ...rows]);
    writeFileSync(inFolder("\x1b[2J\u202e.csv"), readFileSync(inFolder("hostile.csv")));
    await called(train, "hostile.csv --target 2 --epochs 30 --lr 0.05 --save hostile.safetensors");
  });

  it.each([
    "train hostile.csv --target 2 --epochs 2 --validation 20%",
    "train hostile.csv --target 2 --epochs 2 --json",
    "train \x1b[2J\u202e.csv --target 2 --epochs 2 --save \x9b2J.safetensors",
    "train hostile.csv --resume hostile.safetensors --epochs 31 --save h\u202e.safetensors",
    "train hostile.csv --target 0 --epochs 1",
    "train hostile.csv --target \x1b[2J",
    "train hostile.csv --target 2 --\x1b[2J\u202e",
    "train hostile.csv --target 2 --optimizer \x1b[2J\u0085",
    "train hostile.csv --target 2 --activation \x1b[2J\u2028",
    "train hostile.csv --target 2 --lr \u202e",
    "train hostile.csv --target 2 more\x1b[2J.csv",
    "train \x1b[2J --target 2",
    "predict hostile.safetensors hostile.csv --out out\u202e.csv",
    "predict hostile.safetensors hostile.csv --json",
    "predict hostile.safetensors flowers.csv",
    "predict hostile.csv hostile.safetensors",
    "predict \x1b[2J.safetensors hostile.csv",
    "optimizers \x1b[2J",
    "recipes \u202e",
    "\x1b[2J",
    "help \u0085",
  ])("thalweg %j", (words) => {
    const [{ stdout, stderr }] = thalwegEach([words]);
    expect(stdout + stderr).not.toMatch(RAW);
    expect(stdout + stderr).not.toMatch(/^forged/m);
    expect(stdout + stderr).not.toBe("");
  });

  it("predictions are exact in a file and on a pipe, and escaped on a terminal", async () => {
    const { stdout } = await called(predict, "hostile.safetensors hostile.csv");
    for (const name of HOSTILE) expect(stdout).toContain(name);
    const before = process.stdout.isTTY;
    process.stdout.isTTY = true;
    try {
      const shown = await called(predict, "hostile.safetensors hostile.csv");
      expect(shown.stdout).not.toMatch(RAW);
      expect(shown.stdout.split("\n")).toHaveLength(42); // a head, 40 rows, and the end
    } finally {
      process.stdout.isTTY = before;
    }
  });

  it("JSON has the same values, written without such characters", () => {
    const value = { text: HOSTILE, back: "\\x85 \\u202e", names: ["薔薇", "🌷"], most: Number.POSITIVE_INFINITY };
    const text = jsonText(value);
    expect(text).not.toMatch(RAW);
    expect(JSON.parse(text)).toEqual({ ...value, most: "Infinity" });
    expect(text).toContain("薔薇");
  });
});

it("--spreadsheet makes text of classes that would be formulas, and nothing else changes", async () => {
  const classes = ["=1+1", "@SUM(A1)", "-2", "+cmd", "plain", '-x,"y"'];
  const quote = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  csv("sheet.csv", [
    "a,b,kind",
    ...Array.from({ length: 60 }, (_, i) => `${i % 6},${(i % 6) ** 2},${quote(classes[i % 6])}`),
  ]);
  await called(train, "sheet.csv --target kind --task classification --epochs 150 --lr 0.05 --save sheet.safetensors");
  const cells = async (more: string) =>
    (await called(predict, `sheet.safetensors sheet.csv ${more}`)).stdout
      .split("\n")
      .slice(1, 7)
      .map((line) => line.replace(/,[\d.e-]+$/, ""));
  expect(await cells("")).toEqual(classes.map(quote));
  expect(await cells("--spreadsheet")).toEqual(["'=1+1", "'@SUM(A1)", "-2", "'+cmd", "plain", `"'-x,""y"""`]);
});
