/** `thalweg schedule`: its grammar, against formulas, and what it refuses. */
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { readSchedule } from "../../src/cli/scheduleText.js";

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
  ])("%s", (text, steps, values) => {
    const read = readSchedule(text);
    expect(read.steps).toBe(steps);
    for (const [t, value] of values) expect(read.schedule(t)).toBeCloseTo(value, 12);
  });
});

it.each([
  ["cosin 1 over 5", 'expected a schedule, got "cosin"; did you mean cosine?'],
  ["noam 1 over 5", "there are constant, cosine"],
  ["", 'expected a schedule, got ""'],
  ["cosine", "cosine: expected a first value, got none"],
  ["cosine x over 5", 'cosine: expected a first value, got "x"'],
  ["cosine 1", "cosine: expected over and a whole number of steps ≥ 1, got none"],
  ["cosine 1 over 2.5", 'cosine: expected over and a whole number of steps ≥ 1, got "2.5"'],
  ["cosine 1 over", "cosine: expected a number after over, got none"],
  ["cosine 1 over 5 over 6", 'cosine: expected over or to, got "over"'],
  ["constant 1 over 5 to 2", 'constant: expected over, got "to"'],
  ["constant 1 over 1e9", "constant: expected at most 1000000 steps in all"],
  ["warmup 5", "warmup: expected a part after it, got none"],
  ["warmup 1.5, constant 1 over 5", 'warmup: expected a whole number of steps ≥ 1, got "1.5"'],
  ["warmup 5 cosine 1 over 5", 'warmup: expected a comma after its number of steps, got "cosine"'],
])("refuses %j", (text, message) => {
  expect(() => readSchedule(text)).toThrow(UsageError);
  expect(() => readSchedule(text)).toThrow(message);
});
