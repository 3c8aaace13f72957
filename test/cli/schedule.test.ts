/** `thalweg schedule`: its grammar, against formulas, and what it refuses. */
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { PIECES } from "../../src/cli/schedulePieces.js";
import { scheduleSvg } from "../../src/cli/scheduleSvg.js";
import { readSchedule } from "../../src/cli/scheduleText.js";
import * as schedules from "../../src/schedule/index.js";

describe("reads", () => {
  it.each<[string, number, [t: number, value: number][]]>([
    [
      "warmup 100, cosine 1e-3 over 1000",
      1100,
      [
        [0, 1e-5],
        [99, 1e-3],
        [100, 1e-3],
        [600, 5e-4],
        [1100, 0],
      ],
    ],
    [
      "cosine 1 over 10 to 0.5",
      10,
      [
        [0, 1],
        [5, 0.75],
        [10, 0.5],
      ],
    ],
    [
      "constant 0.1 over 50, linear 0.2 over 50 to 0.1",
      100,
      [
        [49, 0.1],
        [50, 0.2],
        [75, 0.15],
      ],
    ],
    [
      "constant 1 over 5, warmup 4, constant 2 over 3",
      12,
      [
        [4, 1],
        [5, 0.5],
        [8, 2],
        [11, 2],
      ],
    ],
    ["polynomial 1 over 10 power 2", 10, [[5, 0.25]]],
    ["exponential 1 over 5 gamma 0.5", 5, [[3, 0.125]]],
    [
      "stepDecay 1 over 9 gamma 0.1 every 3",
      9,
      [
        [2, 1],
        [3, 0.1],
        [6, 0.01],
      ],
    ],
    [
      "cosineRestarts 1 over 20 every 10",
      20,
      [
        [0, 1],
        [5, 0.5],
        [10, 1],
        [15, 0.5],
      ],
    ],
    [
      "demon 0.9 over 10",
      10,
      [
        [0, 0.9],
        [5, 0.45 / 0.55],
      ],
    ], // β p / (1 - β + β p), with p = ½
    [
      "multiStep 1 over 90 at 30 60 gamma 0.1",
      90,
      [
        [29, 1],
        [30, 0.1],
        [60, 0.01],
      ],
    ],
    ["cosine 1 over 10 exponent 2", 10, [[5, 0.25]]],
    ["exponential 1 over 30 gamma 0.5 every 10", 30, [[20, 0.25]]],
    [
      "cosineRestarts 1 over 30 every 10 tMult 2 peakMult 0.5",
      30,
      [
        [5, 0.5],
        [10, 0.5],
        [20, 0.25],
      ],
    ],
    [
      "inverseTime 1 over 20 rate 0.5 every 10",
      20,
      [
        [0, 1],
        [10, 1 / 1.5],
      ],
    ],
    [
      "inverseSqrt 1 over 400 warmup 100",
      400,
      [
        [49, 0.5],
        [99, 1],
        [399, 0.5],
      ],
    ],
    // 512^-½ · min(s^-½, s · 4000^-3⁄2), s = t + 1: Vaswani et al. 2017, section 5.3
    [
      "noam over 20000 dModel 512 warmup 4000",
      20000,
      [
        [0, 1 / Math.sqrt(512) / 4000 ** 1.5],
        [3999, 1 / Math.sqrt(512 * 4000)],
        [15999, 1 / Math.sqrt(512 * 16000)],
      ],
    ],
    // PyTorch's defaults: up from 1/25 over 0.3 of the run, down to 1/250000.
    [
      "oneCycle 1 over 100",
      100,
      [
        [0, 0.04],
        [29, 1],
        [99, 4e-6],
      ],
    ],
    [
      "oneCycle 1 over 100 threePhase shape linear pctStart 0.2 divFactor 10 finalDivFactor 100",
      100,
      [
        [0, 0.1],
        [19, 1],
        [38, 0.1],
        [99, 1e-3],
      ],
    ],
    [
      "cyclic 0.1 over 80 peak 1.1 stepsUp 10 variant triangular2",
      80,
      [
        [0, 0.1],
        [10, 1.1],
        [20, 0.1],
        [30, 0.6],
      ],
    ],
    ["cyclic 0 over 40 peak 1 stepsUp 10 variant expRange gamma 0.9", 40, [[10, 0.9 ** 10]]],
    [
      "wsd 1 over 100 warmup 10 decay 36 to 0.5",
      100,
      [
        [9, 1],
        [63, 1],
        [73, 1 - 0.5 * Math.sqrt(9 / 36)],
      ],
    ],
    ["WSD 1 over 100 shape linear", 100, [[90, 0.5]]],
    ["step_decay 1 over 9 every 3", 9, [[3, 0.1]]],
  ])("%s", (text, steps, values) => {
    const read = readSchedule(text);
    expect(read.steps).toBe(steps);
    for (const [t, value] of values) expect(read.schedule(t)).toBeCloseTo(value, 12);
  });
});

it.each([
  ["cosin 1 over 5", 'expected a schedule, got "cosin"; did you mean cosine?'],
  ["ramp 1 over 5", "there are constant, linear, cosine"],
  ["", 'expected a schedule, got ""'],
  ["cosine", "cosine: expected a first value, got none"],
  ["cosine x over 5", 'cosine: expected a first value, got "x"'],
  ["cosine 1", "cosine: expected over and a whole number of steps ≥ 1, got none"],
  ["cosine 1 over 2.5", 'cosine: expected over and a whole number of steps ≥ 1, got "2.5"'],
  ["cosine 1 over", "cosine: expected a number after over, got none"],
  ["cosine 1 over 5 over 6", 'cosine: expected over or to or exponent, got "over"'],
  ["constant 1 over 5 to 2", 'constant: expected over, got "to"'],
  ["constant 1 over 1e9", "constant: expected at most 1000000 steps in all"],
  // What a schedule refuses
  ["exponential 1 over 5 gamma -1", "exponential: gamma: expected a finite number > 0, got -1"],
  ["polynomial 1 over 5 power 0", "polynomial: power: expected a finite number > 0, got 0"],
  ["stepDecay 1 over 5 every 1.5", "stepDecay: every: expected a whole number ≥ 1, got 1.5"],
  ["demon 1.5 over 5", "demon: beta: expected a number in [0, 1), got 1.5"],
  ["multiStep 1 over 5 at 4 2", "multiStep: at[1]: expected a step from 4 on, as they go up, got 2"],
  ["multiStep 1 over 5 at", "multiStep: expected a number after at, got none"],
  ["wsd 1 over 100 warmup 60 decay 60", "wsd: over less warmup and decay: expected a whole number ≥ 0, got -20"],
  ["wsd 1 over 100 shape round", 'wsd: expected 1-sqrt or linear or cosine after shape, got "round"'],
  ["noam 1 over 5", 'noam: expected over or dModel or warmup or scale, got "1"'],
  ["noam over 5 dModel 0", "noam: dModel: expected a whole number ≥ 1, got 0"],
  ["oneCycle 1 over 5 pctStart 2", "oneCycle: pctStart: expected a number from 0 to 1, got 2"],
  ["oneCycle 1 over 5 threePhase yes", "oneCycle: expected over or pctStart"],
  ["cyclic 1 over 5 gamma 0.9", 'cyclic: gamma: expected none but with variant "expRange", got 0.9'],
  ["inverseSqrt 1 over 5 warmup 0", "inverseSqrt: warmup: expected a whole number ≥ 1, got 0"],
  ["warmup 5", "warmup: expected a part after it, got none"],
  ["warmup 1.5, constant 1 over 5", 'warmup: expected a whole number of steps ≥ 1, got "1.5"'],
  ["warmup 5 cosine 1 over 5", 'warmup: expected a comma after its number of steps, got "cosine"'],
])("refuses %j", (text, message) => {
  expect(() => readSchedule(text)).toThrow(UsageError);
  expect(() => readSchedule(text)).toThrow(message);
});

it.each(Object.entries(PIECES))(
  "%s: the example of the help works, and names each function of the library",
  (name, piece) => {
    const { schedule, steps } = readSchedule(piece.example);
    for (const t of [0, steps >> 1, steps - 1]) expect(Number.isFinite(schedule(t))).toBe(true);
    expect(schedules).toHaveProperty(name);
  },
);

describe("the picture", () => {
  const drawn = (text: string): string => {
    const { schedule, steps } = readSchedule(text);
    return scheduleSvg(schedule, steps);
  };

  it.each(Object.values(PIECES).map(({ example }) => example))("of %s has numbers in every place", (example) => {
    const svg = drawn(example);
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg.match(/class="curve" d="M[\d. ]+L/)).not.toBeNull();
  });

  it("reaches the peak, however few steps it takes of many", () => {
    const svg = drawn("constant 0 over 99999, constant 1 over 1, constant 0 over 100000");
    const top = svg.match(/class="axis" d="M68 ([\d.]+)V/)![1];
    expect(svg.match(/class="curve" d="([^"]*)"/)![1]).toContain(` ${top}L`);
  });

  it("has round numbers at the axes, and whole steps", () => {
    const texts = [...drawn("cyclic 1e-3 over 3 peak 0.1 stepsUp 1").matchAll(/<text[^>]*>([^<]*)</g)].map(
      ([, text]) => text,
    );
    for (const tick of ["0", "0.02", "0.04", "0.06", "0.08", "0.1", "1", "2"]) expect(texts).toContain(tick);
    expect(texts).not.toContain("0.5");
  });

  it("draws one step as a line, and escapes nothing away", () => {
    expect(drawn("constant 5 over 1")).toMatch(/class="curve" d="M68 [\d.]+h390"/);
    expect(drawn("constant -1 over 10")).toContain(">-1<");
  });
});

it("knows every schedule that is a function of the step alone", () => {
  const others = ["join", "overRun", "points", "product", "reduceOnPlateau", "warmup"];
  expect(Object.keys(PIECES).sort()).toEqual(
    Object.keys(schedules)
      .filter((name) => !others.includes(name))
      .sort(),
  );
});
