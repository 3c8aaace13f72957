import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adamw, type Schedule, schedules, sgd } from "../src/index.js";
import type { RunShape } from "../src/schedule/run.js";
import { backends } from "./support/backends.js";

const { constant, cosine, cosineRestarts, cyclic, exponential, inverseSqrt, inverseTime, join, linear } = schedules;
const { multiStep, noam, oneCycle, overRun, points, polynomial, product, reduceOnPlateau, stepDecay } = schedules;
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
  it("starts and ends exactly where it is told, stays there, and lies between, one way", () => {
    fc.assert(
      fc.property(
        value,
        fc.option(value, { nil: 0 }),
        span,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, n, x) => {
          const f = way(a, b!, n);
          const step = Math.floor(x * n);
          expect([f(0), f(n), f(n + 1), f(1e9)]).toEqual([a, b, b, b]);
          expect(within(f(step), a, b!)).toBe(true);
          expect(within(f(step + 1), f(step), b!)).toBe(true);
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
    ["stepDecay", stepDecay(1, { stepSize: 3, gamma: 0.5 }), { 0: 1, 2: 1, 3: 0.5, 6: 0.25 }],
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
      oneCycle(1, { steps: 10, pctStart: 0.5, anneal: "linear", divFactor: 2 }),
      { 0: 0.5, 2: 0.75, 4: 1, 9: 5e-5, 99: 5e-5 },
    ],
    ["cyclic", cyclic(1, { max: 3, stepSizeUp: 4, stepSizeDown: 2 }), { 0: 1, 2: 2, 4: 3, 5: 2, 6: 1, 8: 2 }],
    ["cyclic, halving", cyclic(1, { max: 3, stepSizeUp: 2, mode: "triangular2" }), { 2: 3, 4: 1, 6: 2, 10: 1.5 }],
    [
      "cyclic, falling",
      cyclic(0, { max: 1, stepSizeUp: 2, mode: "expRange", gamma: 0.5 }),
      { 1: 0.25, 2: 0.25, 6: 1 / 64 },
    ],
    ["its momentum", cyclic(1, { max: 3, stepSizeUp: 2 }).momentum, { 0: 0.9, 1: 0.85, 2: 0.8, 4: 0.9 }],
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
          const start = i === 0 ? 0 : ends[i - 1]!;
          expect([f(start), f(start + list[i]![1] - 1)]).toEqual([piece(0), piece(list[i]![1] - 1)]);
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
        const f = cyclic(0.1, { max: 0.4, stepSizeUp: up, stepSizeDown: down });
        expect(within(f(t), 0.1, 0.4)).toBe(true);
        expect(f(t + up + down)).toBe(f(t));
        expect([f(0), f(up), f(up + down)]).toEqual([0.1, 0.4, 0.1]);
        const share = (f(t) - 0.1) / 0.3;
        expect(f.momentum(t)).toBeCloseTo(0.9 - 0.1 * share, 12);
      }),
    );
  });

  it("is pure: asked out of order it says the same", () => {
    const all = [
      ...Object.values(ways).map((way) => way(0.1, 0.01, 50)),
      cosineRestarts(0.1, { steps: 7, tMult: 2 }),
      cyclic(0.1, { max: 1, stepSizeUp: 5, mode: "triangular2" }),
      multiStep(0.1, { milestones: [3, 9] }),
    ];
    for (const f of all) {
      const forward = Array.from({ length: 60 }, (_, t) => f(t));
      const backward = Array.from({ length: 60 }, (_, t) => f(59 - t)).reverse();
      expect(backward).toEqual(forward);
    }
  });
});

it("costs nothing to speak of, however far the run", () => {
  // Spans are not counted one by one: a billion steps in, each of these answers at once.
  const far = [
    cosineRestarts(1, { steps: 1, peakMult: 0.999 }),
    cosineRestarts(1, { steps: 1, tMult: 2 }),
    cyclic(0.1, { max: 1, stepSizeUp: 1, mode: "triangular2" }),
    stepDecay(1, { stepSize: 1, gamma: 0.9999 }),
  ];
  const start = performance.now();
  for (const f of far) for (let i = 0; i < 100; i++) expect(f(1e9 + i)).toBeLessThanOrEqual(1);
  expect(performance.now() - start).toBeLessThan(1000); // 400 calls take some milliseconds; one by one, minutes
});

describe("text", () => {
  it.each<[Schedule, string]>([
    [constant(1e-3), "constant(1e-3)"],
    [warmup(100, cosine(1e-3, { steps: 900 })), "warmup(100) → cosine(1e-3 → 0 over 900 steps)"],
    [warmup(5, 0.1, { from: 1e-4 }), "warmup(5 from 1e-4) → 0.1"],
    [linear(0.9, { to: 0.9999, steps: 1 }), "linear(0.9 → 0.9999 over 1 step)"],
    [stepDecay(0.1, { stepSize: 30 }), "stepDecay(0.1, × 0.1 every 30 steps)"],
    [multiStep(0.1, { milestones: [30, 80], gamma: [0.1, 0.5] }), "multiStep(0.1, × 0.1, 0.5 at 30, 80)"],
    [exponential(0.1, { gamma: 0.5, steps: 50, to: 0.01 }), "exponential(0.1 → 0.01, × 0.5 every 50 steps)"],
    [cosineRestarts(0.1, { steps: 10, tMult: 2 }), "cosineRestarts(0.1 → 0 over 10 steps, × 2, again and again)"],
    [oneCycle(0.1, { steps: 200 }), "oneCycle(4e-3 → 0.1 → 4e-7 over 200 steps)"],
    [cyclic(1e-3, { max: 0.1, stepSizeUp: 20 }), "cyclic(1e-3 ⇄ 0.1, 20 steps up and 20 down, triangular)"],
    [
      wsd(1e-3, { warmup: 10, stable: 70, decay: 20 }),
      "wsd(1e-3, warm-up 10, stable 70, 1-sqrt decay to 0 over 20 steps)",
    ],
    [oneCycle(0.1, { steps: 200 }).momentum, "oneCycle.momentum(0.95 → 0.85 → 0.95 over 200 steps)"],
    [product(warmup(5, 1), exponential(0.1, { gamma: 0.95 })), "(warmup(5) → 1) × exponential(0.1, × 0.95)"],
    [
      join(
        [
          0.01,
          function mine() {
            return 1;
          },
          () => 2,
        ],
        [5, 9],
      ),
      "0.01 until 5 → mine until 9 → f(step)",
    ],
  ])("%s", (f, want) => {
    expect(String(f)).toBe(want);
    expect(`${f}`).toBe(want);
  });

  it("of a plateau says where it stands", () => {
    const f = reduceOnPlateau(0.1, { factor: 0.5, patience: 0 });
    const both = warmup(3, f);
    for (const metric of [1, 2]) f.step(metric);
    expect(String(both)).toBe("warmup(3) → reduceOnPlateau(0.05, × 0.5 after 0 without progress)");
    expect(both(100)).toBe(0.05);
  });
});

describe("points", () => {
  it("are whole steps from the first to the last, evenly spread", () => {
    const f = linear(1, { steps: 10 });
    expect(points(f, { steps: 11, count: 6 })).toEqual([0, 2, 4, 6, 8, 10].map((t) => [t, f(t)]));
    expect(points(f, { steps: 3 })).toEqual([0, 1, 2].map((t) => [t, f(t)]));
    expect(points((t) => t * t, { steps: 1 })).toEqual([[0, 0]]);
    fc.assert(
      fc.property(span, fc.integer({ min: 2, max: 300 }), (steps, count) => {
        const found = points(constant(1), { steps, count }).map(([step]) => step);
        expect(found).toHaveLength(Math.min(steps, count));
        expect([found[0], found.at(-1)]).toEqual([0, steps - 1]);
        const gaps = found.slice(1).map((step, i) => step - found[i]!);
        if (gaps.length > 0) expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("reduceOnPlateau", () => {
  const metrics = Array.from({ length: 40 }, (_, i) => 1 / (i + 1) + 0.1 * ((i * 7) % 5));

  it("goes on from a saved state, through JSON, as if it had not stopped", () => {
    const make = () => reduceOnPlateau(0.1, { factor: 0.5, patience: 1, cooldown: 2 });
    for (let stop = 0; stop <= metrics.length; stop++) {
      const whole = make();
      const first = make();
      for (const metric of metrics) whole.step(metric);
      for (const metric of metrics.slice(0, stop)) first.step(metric);
      const second = make();
      second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
      for (const metric of metrics.slice(stop)) second.step(metric);
      expect(second.stateDict()).toEqual(whole.stateDict());
      expect(whole(0)).toBeLessThan(0.1);
    }
  });

  it("of a rising metric is the mirror of a falling one", () => {
    const down = reduceOnPlateau(1, { patience: 1, thresholdMode: "abs" });
    const up = reduceOnPlateau(1, { patience: 1, thresholdMode: "abs", mode: "max" });
    expect(metrics.map((metric) => up.step(-metric))).toEqual(metrics.map((metric) => down.step(metric)));
    expect(down(0)).toBeLessThan(1);
    // Worked out: 5 %, of a best of 2, is 0.1.
    const share = reduceOnPlateau(1, { patience: 0, threshold: 0.05, mode: "max" });
    expect([2, 2.09, 2.11, 2.2].map((metric) => share.step(metric))).toEqual([1, 0.1, 0.1, 0.1 * 0.1]);
  });

  it("counts what is not finite as no progress, and stops at its minimum", () => {
    const f = reduceOnPlateau(1, { patience: 0, min: 0.02 });
    const seen = [Number.NaN, 3, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map((metric) => f.step(metric));
    [0.1, 0.1, 0.02, 0.02].forEach((want, i) => void expect(seen[i]).toBeCloseTo(want, 12));
    expect(f.stateDict()).toEqual({ value: 0.02, best: 3, bad: 0, cooldown: 0 });
  });

  it("refuses what is no state, and keeps its own", () => {
    const f = reduceOnPlateau(1);
    f.step(2);
    const before = f.stateDict();
    for (const bad of [
      { value: Number.NaN },
      { bad: -1 },
      { bad: 0.5 },
      { cooldown: -1 },
      { best: Number.NaN },
      { x: 1 },
    ]) {
      expect(() => f.loadStateDict({ ...before, ...bad })).toThrow(RangeError);
    }
    expect(() => f.loadStateDict(null as never)).toThrow(TypeError);
    expect(() => f.loadStateDict({} as never)).toThrow(TypeError);
    expect(() => f.step("1" as never)).toThrow(/^metric: expected a number, got "1"$/);
    expect(f.stateDict()).toEqual(before);
  });
});

describe("a run by name", () => {
  it.each([
    "constant",
    "linear",
    "cosine",
    "cosineRestarts",
    "step",
    "exponential",
    "inverseSqrt",
    "oneCycle",
    "wsd",
  ] as const)("%s lies within the peak, reaches it, and has its warm-up", (shape) => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 3000 }), fc.double({ min: 0, max: 0.5, noNaN: true }), (steps, share) => {
        const rise = Math.floor(share * steps);
        const f = overRun(shape, { peak: 0.1, steps, warmup: rise });
        const values = points(f, { steps, count: steps }).map(([, y]) => y);
        expect(Math.max(...values)).toBeLessThanOrEqual(0.1 * (1 + 1e-15));
        // The top of one-cycle may fall between two steps.
        expect(Math.max(...values)).toBeGreaterThan(shape === "oneCycle" ? 0.08 : 0.0999999);
        expect(Math.min(...values)).toBeGreaterThan(0); // no step is wasted
        if (rise > 1) for (let t = 1; t < rise - 1; t++) expect(values[t]).toBeGreaterThan(values[t - 1]!);
      }),
      { numRuns: 30 },
    );
  });
  it.each<[RunShape, Record<number, number>]>([
    ["constant", { 4: 0.5, 9: 1, 200: 1 }],
    ["linear", { 4: 0.5, 10: 1, 60: 0.75, 210: 0 }],
    ["cosine", { 4: 0.5, 10: 1, 110: 0.5, 210: 0 }],
    ["cosineRestarts", { 10: 1, 39: 1, 68: 0.5, 97: 1 }], // 29, 58 and 116 of the 200 steps
    ["step", { 109: 1, 110: 0.1, 159: 0.1, 160: 0.01, 209: 0.01 }],
    ["exponential", { 10: 1, 110: 0.1, 210: 0.01 }],
    ["inverseSqrt", { 4: 0.5, 9: 1, 39: 0.5 }],
    ["oneCycle", { 0: 1 / 25, 9: 1, 209: 1 / 25e4 }],
    ["wsd", { 4: 0.5, 168: 1, 178.5: 0.5, 210: 0 }], // 42 steps of decay: a half after a quarter of them
  ])("of 210 steps with 10 of warm-up: %s", (shape, want) => {
    const f = overRun(shape, { peak: 1, steps: 210, warmup: 10 });
    for (const [step, wanted] of Object.entries(want)) expect(f(Number(step)), `step ${step}`).toBeCloseTo(wanted, 12);
  });

  it("ends where it is told", () => {
    for (const shape of ["linear", "cosine", "wsd"] as const) {
      expect(overRun(shape, { peak: 1, steps: 100, warmup: 10, to: 0.1 })(100)).toBe(0.1);
      expect(overRun(shape, { peak: 1, steps: 100 })(100)).toBe(0);
    }
  });
});

describe("refusals", () => {
  const NAN = Number.NaN;
  const INF = Number.POSITIVE_INFINITY;
  const wrongValues: [() => unknown, RegExp][] = [
    [() => constant(NAN), /^value: expected a finite number, got NaN$/],
    [() => constant(INF), /^value: .*got Infinity$/],
    [() => linear(0.1, { steps: -5 }), /^steps: expected a whole number ≥ 1, got -5$/],
    [() => linear(0.1, { steps: 0 }), /^steps: .*got 0$/],
    [() => linear(0.1, { steps: 2.5 }), /^steps: .*got 2\.5$/],
    [() => linear(0.1, { steps: 5, to: INF }), /^to: .*got Infinity$/],
    [() => linear(0.1, { steps: 5, end: 1 } as never), /^linear: expected options among steps, to, got "end"$/],
    [() => cosine(NAN, { steps: 5 }), /^from: .*got NaN$/],
    [() => cosine(0.1, { steps: NAN }), /^steps: .*got NaN$/],
    [() => cosineRestarts(0.1, { steps: 5, tMult: 1.5 }), /^tMult: .*got 1\.5$/],
    [() => cosineRestarts(0.1, { steps: 5, peakMult: 0 }), /^peakMult: .*got 0$/],
    [() => stepDecay(0.1, { stepSize: 0 }), /^stepSize: .*got 0$/],
    [() => stepDecay(0.1, { stepSize: 3, gamma: 0 }), /^gamma: .*got 0$/],
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
    [() => cyclic(0.1, { max: 1, stepSizeUp: 0 }), /^stepSizeUp: .*got 0$/],
    [() => cyclic(0.1, { max: 1, gamma: 0.9 }), /^gamma: expected none but with mode "expRange", got 0\.9$/],
    [() => reduceOnPlateau(0.1, { factor: 1 }), /^factor: .*got 1$/],
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

describe.each(backends)("an optimizer on $name", ({ create }) => {
  it("takes them for any number, the first step with f(0)", async () => {
    using engine = await create();
    const theta = engine.tensor(1, [0]);
    const cycle = oneCycle(0.5, { steps: 8, pctStart: 0.5, anneal: "linear" });
    using opt = sgd([theta], { lr: cycle, momentum: cycle.momentum });
    let [velocity, want] = [0, 0];
    for (let t = 0; t < 12; t++) {
      theta.grad[0] = 1;
      opt.step();
      velocity = cycle.momentum(t) * velocity + 1;
      want -= cycle(t) * velocity;
      expect(theta.data[0]).toBeCloseTo(want, 4);
      expect([opt.groups[0]!.lr, opt.groups[0]!.momentum]).toEqual([cycle(t), cycle.momentum(t)]);
    }
    // Written out: at the peak, step 3, momentum is lowest.
    expect([cycle(3), cycle.momentum(3)]).toEqual([0.5, 0.85]);
    const betas = [cycle.momentum, 0.99] as const;
    using other = adamw([theta], { lr: warmup(3, 0.1), betas, weightDecay: linear(0.1, { steps: 5 }) });
    other.step();
    expect(other.groups[0]).toMatchObject({ lr: 0.1 / 3, betas: [0.95, 0.99], weightDecay: 0.1 });
  });

  it("follows a metric", async () => {
    using engine = await create();
    const theta = engine.tensor(1, [0]);
    const lr = reduceOnPlateau(0.5, { factor: 0.5, patience: 0 });
    using opt = sgd([theta], { lr });
    const seen = [3, 2, 2, 1].map((metric) => {
      theta.grad[0] = 1;
      opt.step();
      lr.step(metric);
      return theta.data[0];
    });
    expect(seen).toEqual([-0.5, -1, -1.5, -1.75]);
  });
});
