/** `thalweg explain`: what it prints, against numbers worked by hand, and what it refuses. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { width } from "../../src/cli/terminal.js";
import { SCENES } from "../../src/experiments/worked/scenes.js";
import { TABLES } from "../../src/experiments/worked/tables.js";
import { landscapes } from "../../src/landscape/index.js";
import { optimizers } from "../../src/optim/table.js";
import { thalweg, thalwegEach, thalwegJson } from "../support/command.js";

const { optimizers: known, schedules, surfaces, more } = thalwegJson("explain") as Record<string, string[]>;
const topics = [...known, ...schedules, ...surfaces, ...more];

it("lists all there is", () => {
  expect(known).toEqual([...Object.keys(optimizers), "kfac", "muonWith"]);
  expect(surfaces).toEqual(Object.keys(landscapes));
  expect(schedules).toContain("noam");
  expect(schedules).not.toContain("join");
});

describe("explains", () => {
  let runs: ReturnType<typeof thalwegEach>;
  beforeAll(() => {
    runs = thalwegEach(topics.map((name) => `explain ${name}`));
  });

  it.each(topics.map((name, i) => [name, i] as const))("%s, as plain text of 80 columns when piped", (name, i) => {
    const { status, stdout, stderr } = runs[i];
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    expect(stdout.startsWith(`${name}\n\n`)).toBe(true);
    expect(stdout).not.toMatch(/\n\n\n|undefined|NaN|\[object/);
    for (const line of stdout.split("\n")) expect(width(line), line).toBeLessThanOrEqual(80);
    for (const { title, topics: of } of TABLES)
      expect(stdout.replace(/\s+/g, " ").includes(`By hand: ${title}`), title).toBe(of.includes(name));
  });

  it.each(Object.keys(optimizers).map((name, i) => [name, i] as const))(
    "%s with its formula, steps and source",
    (_, i) => {
      const { stdout } = runs[i];
      for (const part of [
        /^ {2}.* = /m,
        /^Use it /m,
        /^Worked on /m,
        /^step .* 1 .* 2 .* 3/m,
        /^g, gradient /m,
        /^θ /m,
      ])
        expect(stdout).toMatch(part);
      for (const part of [/^Defaults /m, /^Paper /m, /^See also /m]) expect(stdout).toMatch(part);
      expect(stdout).not.toContain("Folded");
    },
  );
});

/** The numbers of the line with this label. */
const numbersOf = (stdout: string, label: string): number[] => {
  const line = stdout.split("\n").find((each) => each.startsWith(label));
  return line!.slice(label.length).trim().split(/\s+/).map(Number);
};

describe("shows the numbers of a calculation by hand", () => {
  it.each<[string, Record<string, number[]>]>([
    [
      "adam",
      {
        "g, gradient": [4, -1, 3],
        "m  expAvg ": [0.4, 0.26, 0.534],
        "v  expAvgSq": [0.016, 0.016984, 0.02596702],
        "m̂ = m / (1 - β₁^t)": [4, 1.36842, 1.97048],
        "v̂ = v / (1 - β₂^t)": [16, 8.49625, 8.66433],
        "taken off θ": [0.001, 0.000469468, 0.000669429],
      },
    ],
    [
      "adagrad",
      { "s  sum": [9, 15.25, 23.09, 32.7], "lr / √s, effective": [0.0333333, 0.0256074, 0.0208108, 0.0174874] },
    ],
    [
      "rmsprop",
      {
        "s  squareAvg": [0.9, 1.435, 2.0755, 2.82895],
        "lr / √s, effective": [0.105409, 0.0834784, 0.0694127, 0.0594549],
      },
    ],
    [
      "momentum",
      {
        "v / lr": [-6, -11.28, -15.8064, -19.564, -22.5546],
        "θ ": [0.06, 0.1728, 0.330864, 0.5265043, 0.7520505],
      },
    ],
    ["sgd", { "θ ": [0.6, 1.08, 1.464, 1.7712, 2.01696], "f(θ)": [5.76, 3.6864, 2.359296, 1.50995, 0.9663676] }],
    ["sgd --momentum 0.9 --lr 0.01", { "b  momentumBuffer": [-6, -11.28, -15.8064, -19.56403, -22.55462] }],
    ["radam", { "taken off θ": [0.4, 0.136842, 0.197048, 0.197906, 0.10074, 0.00107586] }],
    ["radam --threshold 4", { "taken off θ": [0.4, 0.136842, 0.197048, 0.197906, 0.000669003, 0.00107586] }],
    ["adagrad --gradients 0,0,0,5", { "taken off θ": [0, 0, 0, 0.1] }],
  ])("%s", (words, wanted) => {
    const { stdout } = thalweg(`explain ${words}`);
    for (const [label, values] of Object.entries(wanted)) {
      const got = numbersOf(stdout, label);
      expect(got).toHaveLength(values.length);
      for (const [i, value] of values.entries())
        expect(Math.abs(got[i] - value), `${label}: ${got[i]} for ${value}`).toBeLessThanOrEqual(
          4e-6 * Math.abs(value),
        );
    }
  });
});

it("prints the same as JSON, every slot and scalar in full", () => {
  const { example, defaults, tables } = thalwegJson("explain ADAM --gradients 1,2 --amsgrad");
  expect(defaults.lr).toBe(1e-3);
  expect(example.hyper).toMatchObject({ lr: 1e-3, amsgrad: true });
  expect(example.steps.map(({ gradient }: { gradient: number[] }) => gradient)).toEqual([[1], [2]]);
  expect(Object.keys(example.steps[1].slots)).toEqual(["expAvg", "expAvgSq", "maxExpAvgSq"]);
  expect(example.steps[0].slots.expAvg).toEqual([Math.fround(0.1)]);
  expect(example.steps[1].scalars.beta1Power).toBeCloseTo(0.81, 12);
  expect(tables.map(({ title }: { title: string }) => title)).toContain("Adam, gradients 4, −1, 3");
});

it("gives a vector a gradient of its size at each step", () => {
  const { status, stdout } = thalweg("explain", "lamb", "--gradients", "1,0; 0,1", "--steps", "3", "--start", "3,4");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^g, gradient +1 0 +0 1 +1 0$/m);
  expect(SCENES.lamb.start).toHaveLength(2);
});

const refusals: [words: string, message: string][] = [
  ["adm", 'expected an optimizer, a schedule or a surface, got "adm"; did you mean adam?'],
  ["zzzzzzzz", 'got "zzzzzzzz"; thalweg explain lists what there is'],
  ["toString", 'got "toString"'],
  ["--lr 0.1", "expected a name with --lr, as in: thalweg explain adam, got none"],
  ["noam --weight-decay 0.1", "--weight-decay: expected an optimizer with a worked example, got noam"],
  ["adam --betas", "--betas: expected a value, got none"],
  ["adam --amsgrad=1", "--amsgrad: expected no value"],
  ["adam --eps-placement middle", "--eps-placement: expected "],
  ["adam sgd", 'expected one name, got "sgd" as well'],
  ["adam --gradients 1,x", '--gradients: expected a finite number, got "x"'],
  ["adam --gradients 1,2;3,4", "--gradients: expected one number, got [1, 2]"],
  ["lamb --gradients 1,2,3", "--gradients: expected 2 numbers, got [1, 2, 3]"],
  ["nag --gradients 1,2", "--gradients: expected none for nag, which evaluates a function"],
  ["sgd --start 1e39", "--start: expected numbers that f32 holds, got 1e+39"],
  ["adam --gradients 1,-1e39", "--gradients: expected numbers that f32 holds, got -1e+39"],
  ["adam --start 1,2", "--start: expected one number, got [1, 2]"],
  ["adam --steps 0", "--steps: expected a whole number from 1 to 1000, got 0"],
  ["adam --steps 1001", "--steps: expected a whole number from 1 to 1000, got 1001"],
  ["adam --lr -1", "--lr: expected a finite number ≥ 0, got -1"],
  ["adam --lr fast", '--lr: expected a finite number, got "fast"'],
  ["adam --betas 0.9", "--betas: expected a pair of numbers, got [0.9]"],
  ["adam --betas 0.9,1.5", "--betas[1]: expected a number in [0, 1), got 1.5"],
  ["adam --momentum 0.9", "--momentum: expected an optimizer that has it, got adam, which has --lr, --betas"],
  ["momentum --variant emaa", '--variant: expected "classical" or "ema", got "emaa"'],
  ["sgd --nesterov", "nesterov"],
  ["cosine --lr 3", "--lr: expected an optimizer with a worked example, got cosine"],
  ["kfac --steps 3", "--steps: expected an optimizer with a worked example, got kfac"],
  ["adam --learning-rate 1", "unknown option --learning-rate; did you mean --lr?"],
];

describe("refuses, with one line and code 2,", () => {
  let runs: ReturnType<typeof thalwegEach>;
  beforeAll(() => {
    runs = thalwegEach(refusals.map(([words]) => `explain ${words}`));
  });

  it.each(refusals.map((row, i) => [...row, i] as const))("%s", (_, message, i) => {
    const { status, stdout, stderr } = runs[i];
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^thalweg explain: [^\n]+\n$/);
  });
});

it("docs/explain.md shows what it prints", () => {
  const page = readFileSync(new URL("../../docs/explain.md", import.meta.url), "utf8");
  const shown = page.match(/^```text\n([\s\S]*?)^```$/m)?.[1];
  expect(shown).toBe(thalweg("explain adam").stdout);
});
