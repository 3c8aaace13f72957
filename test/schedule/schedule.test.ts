/** The values of schedules: ends, points worked out by hand, composition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Schedule, schedules } from "../../src/index.js";

const { constant, cosine, cosineRestarts, cyclic, exponential, inverseSqrt, inverseTime, join, linear } = schedules;
const { multiStep, noam, oneCycle, polynomial, product, stepDecay } = schedules;
const { demon, warmup, wsd } = schedules;

const value = fc.double({ min: 1e-6, max: 10, noNaN: true });
const span = fc.integer({ min: 1, max: 5000 });
/** An ulp or two either side, where a value was put together from two parts. */
const within = (x: number, a: number, b: number): boolean =>
  x >= Math.min(a, b) * (1 - 1e-15) && x <= Math.max(a, b) * (1 + 1e-15);

/** What goes from `from` to `to` in `n` steps and stays there. */
const ways: Record<string, (from: number, to: number, n: number) => Schedule> = {
  linear: (from, to, steps) => linear(from, { to, steps }),
  cosine: (from, to, steps) => cosine(from, { to, steps }),
  "polynomial 2": (from, to, steps) => polynomial(from, { to, steps, power: 2 }),
  "polynomial ½": (from, to, steps) => polynomial(from, { to, steps, power: 0.5 }),
  "the decay of wsd": (from, to, decay) => wsd(from, { to, decay, warmup: 0, stable: 0 }),
  "the linear decay of wsd": (from, to, decay) => wsd(from, { to, decay, warmup: 0, stable: 0, shape: "linear" }),
};

describe.each(Object.entries(ways))("%s", (_, way) => {
  it("starts and ends exactly, stays at the end, and is monotonic in between", () => {
    fc.assert(
      fc.property(
        value,
        fc.option(value, { nil: 0 }),
        span,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, n, x) => {
          const f = way(a, b, n);
          const step = Math.floor(x * n);
          expect([f(0), f(n), f(n + 1), f(1e9)]).toEqual([a, b, b, b]);
          expect(within(f(step), a, b)).toBe(true);
          expect(within(f(step + 1), f(step), b)).toBe(true);
        },
      ),
    );
  });

  it("keeps its digits to the last step of a long way to 0", () => {
    // f(n - k) of f(0) is a function of k/n alone, whatever the value: a half-way sum would have rounded at 1e-16.
    const [one, small] = [way(1, 0, 1e6), way(1e-3, 0, 1e6)];
    for (const k of [1, 2, 10, 1000]) expect(small(1e6 - k) / one(1e6 - k) / 1e-3).toBeCloseTo(1, 13);
  });
});

describe("values worked out by hand", () => {
  it.each<[string, Schedule, Record<number, number>]>([
    ["constant", constant(0.3), { 0: 0.3, 99: 0.3 }],
    ["stepDecay", stepDecay(1, { steps: 3, gamma: 0.5 }), { 0: 1, 2: 1, 3: 0.5, 6: 0.25 }],
    ["multiStep", multiStep(1, { milestones: [2, 2, 5], gamma: 0.5 }), { 0: 1, 1: 1, 2: 0.25, 4: 0.25, 5: 0.125 }],
    ["multiStep, a gamma each", multiStep(1, { milestones: [1, 2], gamma: [0.5, 4] }), { 0: 1, 1: 0.5, 2: 2 }],
    ["exponential", exponential(1, { gamma: 0.25, steps: 2 }), { 0: 1, 1: 0.5, 2: 0.25, 4: 0.0625 }],
    ["exponential in stairs", exponential(1, { gamma: 0.25, steps: 2, staircase: true }), { 1: 1, 2: 0.25, 3: 0.25 }],
    ["exponential to", exponential(1, { gamma: 0.5, to: 0.2 }), { 2: 0.25, 3: 0.2, 4: 0.2 }],
    ["exponential upward", exponential(1, { gamma: 2, to: 5 }), { 2: 4, 3: 5 }],
    ["inverseTime", inverseTime(1, { rate: 1, steps: 2 }), { 0: 1, 1: 1 / 1.5, 2: 0.5, 6: 0.25 }],
    ["inverseTime in stairs", inverseTime(1, { rate: 1, steps: 2, staircase: true }), { 1: 1, 2: 0.5, 3: 0.5 }],
    ["linear", linear(1, { to: 2, steps: 4 }), { 0: 1, 1: 1.25, 4: 2, 9: 2 }],
    ["polynomial", polynomial(1, { steps: 4, power: 2 }), { 0: 1, 1: 0.5625, 2: 0.25, 4: 0 }],
    ["polynomial, cycling", polynomial(1, { steps: 4, cycle: true }), { 4: 0, 5: 3 / 8, 8: 0, 9: 0.25 }],
    // cos 60° is ½.
    ["cosine", cosine(1, { steps: 6 }), { 0: 1, 2: 0.75, 3: 0.5, 4: 0.25, 6: 0, 7: 0 }],
    ["cosine, swinging", cosine(1, { steps: 6, clamp: false }), { 6: 0, 8: 0.25, 12: 1, 14: 0.75 }],
    ["cosineRestarts", cosineRestarts(1, { steps: 6, tMult: 2 }), { 2: 0.75, 6: 1, 10: 0.75, 12: 0.5, 18: 1, 30: 0.5 }],
    [
      "cosineRestarts, lower and longer",
      cosineRestarts(1, { steps: 6, tMult: 2, peakMult: 0.5 }),
      { 6: 0.5, 18: 0.25 },
    ],
    ["cosineRestarts, lower", cosineRestarts(1, { steps: 6, peakMult: 0.5 }), { 5: 0.0669872981, 6: 0.5, 12: 0.25 }],
    ["inverseSqrt", inverseSqrt(1, { warmup: 4 }), { 0: 0.25, 3: 1, 15: 0.5, 63: 0.25 }],
    ["noam", noam({ dModel: 4, warmup: 4, scale: 8 }), { 0: 0.5, 3: 2, 15: 1 }],
    ["demon", demon(0.5, { steps: 4 }), { 0: 0.5, 2: 1 / 3, 4: 0, 5: 0 }],
    ["warmup", warmup(4, linear(1, { steps: 4 })), { 0: 0.25, 3: 1, 4: 1, 6: 0.5, 8: 0 }],
    ["warmup from", warmup(4, 1, { from: 0 }), { 0: 0, 1: 0.25, 4: 1, 5: 1 }],
    ["warmup of 0 steps", warmup(0, linear(1, { steps: 4 })), { 0: 1, 2: 0.5 }],
    ["join", join([3, linear(1, { steps: 2 }), 7], [2, 4]), { 0: 3, 1: 3, 2: 1, 3: 0.5, 4: 7 }],
    ["product", product(2, linear(1, { steps: 2 }), constant(3)), { 0: 6, 1: 3, 2: 0 }],
    ["wsd", wsd(1, { warmup: 2, stable: 3, decay: 4 }), { 0: 0.5, 1: 1, 5: 1, 6: 0.5, 9: 0 }],
    [
      "wsd, linear",
      wsd(1, { warmup: 0, stable: 1, decay: 4, to: 0.5, shape: "linear" }),
      { 0: 1, 1: 1, 3: 0.75, 5: 0.5 },
    ],
    // Up to step 0.5 · 10 - 1 = 4, down to step 9.
    [
      "oneCycle",
      oneCycle(1, { steps: 10, pctStart: 0.5, shape: "linear", divFactor: 2 }),
      { 0: 0.5, 2: 0.75, 4: 1, 9: 5e-5, 99: 5e-5 },
    ],
    ["cyclic", cyclic(1, { peak: 3, stepsUp: 4, stepsDown: 2 }), { 0: 1, 2: 2, 4: 3, 5: 2, 6: 1, 8: 2 }],
    ["cyclic, halving", cyclic(1, { peak: 3, stepsUp: 2, variant: "triangular2" }), { 2: 3, 4: 1, 6: 2, 10: 1.5 }],
    [
      "cyclic, falling",
      cyclic(0, { peak: 1, stepsUp: 2, variant: "expRange", gamma: 0.5 }),
      { 1: 0.25, 2: 0.25, 6: 1 / 64 },
    ],
    ["its momentum", cyclic(1, { peak: 3, stepsUp: 2 }).momentum, { 0: 0.9, 1: 0.85, 2: 0.8, 4: 0.9 }],
  ])("%s", (_, f, want) => {
    for (const [step, wanted] of Object.entries(want)) expect(f(Number(step)), `step ${step}`).toBeCloseTo(wanted, 9);
  });

  it("warm-up of 100 steps and a cosine to 0 over 1000 from 0.001, as the documents print it", () => {
    const f = warmup(100, cosine(1e-3, { steps: 900 }), { from: 0 });
    const want = { 0: 0, 50: 0.0005, 100: 0.001, 325: 0.000854, 550: 0.0005, 775: 0.000146, 1000: 0 };
    for (const [step, wanted] of Object.entries(want)) expect(f(Number(step)), `step ${step}`).toBeCloseTo(wanted, 6);
    // By default no step is spent on 0.
    const g = warmup(100, cosine(1e-3, { steps: 900 }));
    expect([g(0), g(49), g(99), g(100)]).toEqual([1e-5, 5e-4, 1e-3, 1e-3]);
  });
});

describe("composition", () => {
  it("warms up to where the schedule starts, without a jump, then runs it", () => {
    fc.assert(
      fc.property(value, span, span, fc.boolean(), (peak, w, n, zero) => {
        const body = cosine(peak, { steps: n });
        const f = warmup(w, body, zero ? { from: 0 } : {});
        expect(f(w)).toBe(peak);
        if (!zero) expect(f(w - 1)).toBe(peak);
        expect(f(0)).toBe(zero ? 0 : peak * (1 / w));
        expect(f(w - 1)).toBeLessThanOrEqual(peak);
        for (const t of [0, 1, n >> 1, n, n + 3]) expect(f(w + t)).toBe(body(t));
        // Each step up is as long as the others.
        for (const t of [1, w >> 1, w - 1]) {
          if (t >= 1 && t < w) expect(Math.abs(f(t) - f(t - 1) - peak / w)).toBeLessThan(1e-15 * peak + 1e-16);
        }
      }),
    );
  });

  it("joins pieces as each is by itself", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, span), { minLength: 1, maxLength: 5 }), (list) => {
        const pieces = list.map(([from, steps]) => linear(from, { steps }));
        let end = 0;
        const ends = list.slice(0, -1).map(([, steps]) => (end += steps));
        const f = join(pieces, ends);
        pieces.forEach((piece, i) => {
          const start = i === 0 ? 0 : ends[i - 1];
          expect([f(start), f(start + list[i][1] - 1)]).toEqual([piece(0), piece(list[i][1] - 1)]);
        });
      }),
    );
  });

  it("cycles within their bounds, momentum against the rate", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 2000 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.boolean(),
        fc.nat(3000),
        (steps, pctStart, threePhase, t) => {
          const cycle = oneCycle(0.1, { steps, pctStart, threePhase });
          expect(within(cycle(t), 0.1 / 25 / 1e4, 0.1)).toBe(true);
          expect(within(cycle.momentum(t), 0.85, 0.95)).toBe(true);
          expect(cycle(t + steps)).toBeCloseTo(4e-7, 15);
          const { momentum } = cycle;
          const rises = cycle(t + 1) > cycle(t);
          if (!threePhase && Math.abs(momentum(t + 1) - momentum(t)) > 1e-12)
            expect(momentum(t + 1) < momentum(t)).toBe(rises);
        },
      ),
    );
    fc.assert(
      fc.property(span, span, fc.nat(1e6), (up, down, t) => {
        const f = cyclic(0.1, { peak: 0.4, stepsUp: up, stepsDown: down });
        expect(within(f(t), 0.1, 0.4)).toBe(true);
        expect(f(t + up + down)).toBe(f(t));
        expect([f(0), f(up), f(up + down)]).toEqual([0.1, 0.4, 0.1]);
        const share = (f(t) - 0.1) / 0.3;
        expect(f.momentum(t)).toBeCloseTo(0.9 - 0.1 * share, 12);
      }),
    );
  });

  it("is pure: the order of calls makes no difference", () => {
    const all = [
      ...Object.values(ways).map((way) => way(0.1, 0.01, 50)),
      cosineRestarts(0.1, { steps: 7, tMult: 2 }),
      cyclic(0.1, { peak: 1, stepsUp: 5, variant: "triangular2" }),
      multiStep(0.1, { milestones: [3, 9] }),
    ];
    for (const f of all) {
      const forward = Array.from({ length: 60 }, (_, t) => f(t));
      const backward = Array.from({ length: 60 }, (_, t) => f(59 - t)).reverse();
      expect(backward).toEqual(forward);
    }
  });
});

it("costs next to nothing, however far the run", () => {
  // Spans are not counted one by one: a billion steps in, each call returns at once.
  const far = [
    cosineRestarts(1, { steps: 1, peakMult: 0.999 }),
    cosineRestarts(1, { steps: 1, tMult: 2 }),
    cyclic(0.1, { peak: 1, stepsUp: 1, variant: "triangular2" }),
    stepDecay(1, { steps: 1, gamma: 0.9999 }),
  ];
  const start = performance.now();
  for (const f of far) for (let i = 0; i < 100; i++) expect(f(1e9 + i)).toBeLessThanOrEqual(1);
  expect(performance.now() - start).toBeLessThan(1000); // 400 calls take some milliseconds; one by one, minutes
});
