/** The refusals of schedules: class and message. */
import { describe, expect, it } from "vitest";
import { schedules } from "../../src/index.js";

const { constant, cosine, cosineRestarts, cyclic, exponential, inverseSqrt, inverseTime, join, linear } = schedules;
const { multiStep, noam, oneCycle, overRun, points, polynomial, product, reduceOnPlateau, stepDecay } = schedules;
const { demon, warmup, wsd } = schedules;

describe("refusals", () => {
  const NAN = Number.NaN;
  const INF = Number.POSITIVE_INFINITY;
  const wrongValues: [() => unknown, RegExp][] = [
    [() => constant(NAN), /^value: expected a finite number, got NaN$/],
    [() => constant(INF), /^value: .*got Infinity$/],
    [() => linear(0.1, { steps: -5 }), /^steps: expected a finite number > 0, got -5$/],
    [() => linear(0.1, { steps: 0 }), /^steps: .*got 0$/],
    [() => cosineRestarts(0.1, { steps: 2.5 }), /^steps: expected a whole number ≥ 1, got 2\.5$/],
    [() => linear(0.1, { steps: 5, to: INF }), /^to: .*got Infinity$/],
    [() => linear(0.1, { steps: 5, end: 1 } as never), /^linear: expected options among steps, to, got "end"$/],
    [() => cosine(NAN, { steps: 5 }), /^from: .*got NaN$/],
    [() => cosine(0.1, { steps: NAN }), /^steps: .*got NaN$/],
    [() => cosineRestarts(0.1, { steps: 5, tMult: 0.5 }), /^tMult: expected a finite number ≥ 1, got 0\.5$/],
    [() => cosine(0.1, { steps: 5, exponent: 0 }), /^exponent: expected a finite number > 0, got 0$/],
    [() => cosineRestarts(0.1, { steps: 5, peakMult: 0 }), /^peakMult: .*got 0$/],
    [() => stepDecay(0.1, { steps: 0 }), /^steps: .*got 0$/],
    [() => stepDecay(0.1, { steps: 3, gamma: 0 }), /^gamma: .*got 0$/],
    [() => multiStep(0.1, { milestones: [5, 3] }), /^milestones\[1\]: expected a step from 5 on, .*got 3$/],
    [() => multiStep(0.1, { milestones: [-1] }), /^milestones\[0\]: .*got -1$/],
    [() => multiStep(0.1, { milestones: [1, 2], gamma: [0.1] }), /^gamma: expected 2 factors, got \[0\.1\]$/],
    [() => multiStep(0.1, { milestones: [1, 2], gamma: [0.1, -1] }), /^gamma\[1\]: .*got -1$/],
    [() => exponential(0.1, { gamma: 0 }), /^gamma: .*got 0$/],
    [() => exponential(0.1, { gamma: 0.5, to: 1 }), /^to: expected a number ≤ 0\.1, got 1$/],
    [() => exponential(0.1, { gamma: 2, to: 0.01 }), /^to: expected a number ≥ 0\.1, got 0\.01$/],
    [() => inverseTime(0.1, { rate: -1 }), /^rate: .*got -1$/],
    [() => polynomial(0.1, { steps: 5, power: 0 }), /^power: .*got 0$/],
    [() => inverseSqrt(0.1, { warmup: 0 }), /^warmup: .*got 0$/],
    [() => noam({ dModel: 0, warmup: 5 }), /^dModel: .*got 0$/],
    [() => demon(1, { steps: 5 }), /^beta: .*got 1$/],
    [() => warmup(-1, 0.1), /^steps: .*got -1$/],
    [() => warmup(5, NAN), /^then: .*got NaN$/],
    [() => warmup(5, 0.1, { from: NAN }), /^from: .*got NaN$/],
    [() => join([], []), /^pieces: expected at least one schedule/],
    [() => join([1, 2], [3, 4]), /^boundaries: expected 1 between 2 pieces, got \[3, 4\]$/],
    [() => join([1, 2, 3], [5, 5]), /^boundaries\[1\]: expected a step after 5, got 5$/],
    [() => join([1, 2], [0]), /^boundaries\[0\]: .*got 0$/],
    [() => join([1, NAN], [5]), /^pieces\[1\]: .*got NaN$/],
    [() => product(), /^factors: expected at least one schedule/],
    [() => wsd(0.1, { warmup: -1, stable: 5, decay: 5 }), /^warmup: .*got -1$/],
    [() => wsd(0.1, { warmup: 0, stable: 0, decay: 0 }), /^decay: expected a run of at least one step/],
    [() => wsd(0.1, { warmup: 1, stable: 1, decay: 1, shape: "x" as never }), /^shape: .*got "x"$/],
    [() => oneCycle(0.1, { steps: 10, pctStart: 1.1 }), /^pctStart: expected a number from 0 to 1, got 1\.1$/],
    [() => oneCycle(0.1, { steps: 10, pctStart: 0.6, threePhase: true }), /^pctStart: .*0 to 0\.5, got 0\.6$/],
    [() => oneCycle(0.1, { steps: 10, divFactor: 0 }), /^divFactor: .*got 0$/],
    [() => cyclic(0.1, { peak: 1, stepsUp: 0 }), /^stepsUp: .*got 0$/],
    [() => cyclic(0.1, { peak: 1, gamma: 0.9 }), /^gamma: expected none but with variant "expRange", got 0\.9$/],
    [() => reduceOnPlateau(0.1, { gamma: 1 }), /^gamma: .*got 1$/],
    [() => reduceOnPlateau(0.1, { patience: -1 }), /^patience: .*got -1$/],
    [() => points(constant(1), { steps: 0 }), /^steps: .*got 0$/],
    [() => points(constant(1), { steps: 5, count: 1 }), /^count: .*got 1$/],
    [
      () => overRun("cosine", { peak: 1, steps: 100, warmup: 100 }),
      /^warmup: expected fewer than the 100 steps of the run, got 100$/,
    ],
    [() => overRun("cos" as never, { peak: 1, steps: 100 }), /^shape: expected "constant" or .*got "cos"$/],
    [() => overRun("step", { peak: 1, steps: 100, to: 0.1 }), /^to: expected none for "step", got 0\.1$/],
    [() => constant(1)(-1), /^step: expected a finite number ≥ 0, got -1$/],
    [() => cosine(1, { steps: 5 })(NAN), /^step: .*got NaN$/],
    [() => cosineRestarts(1, { steps: 5, tMult: 2 })(INF), /^step: .*got Infinity$/],
  ];
  it.each(wrongValues.map(([act, message]) => [message, act] as const))("of a value: %s", (message, act) => {
    expect(act).toThrow(RangeError);
    expect(act).toThrow(message);
  });

  const wrongTypes: [() => unknown, RegExp][] = [
    [() => constant("1" as never), /^value: expected a finite number, got "1"$/],
    [() => linear(0.1, undefined as never), /^options: expected an object of options, got undefined$/],
    [() => linear(0.1, 100 as never), /^options: .*got 100$/],
    [() => multiStep(0.1, { milestones: 5 as never }), /^milestones: expected an array of steps, got 5$/],
    [() => warmup(5, "cosine" as never), /^then: expected a schedule or a number, got "cosine"$/],
    [() => join(constant(1) as never, []), /^pieces: expected an array of schedules, got a function$/],
    [() => product(constant(1), null as never), /^factors\[1\]: .*got null$/],
    [() => points(0.1 as never, { steps: 5 }), /^of: expected a schedule, got 0\.1$/],
  ];
  it.each(wrongTypes.map(([act, message]) => [message, act] as const))("of a type: %s", (message, act) => {
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
  });
});
