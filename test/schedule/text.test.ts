/** The text of a schedule, and its points for a chart. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Schedule, schedules } from "../../src/index.js";

const { constant, cosine, cosineRestarts, cyclic, exponential, join, linear } = schedules;
const { multiStep, oneCycle, points, product, reduceOnPlateau, stepDecay } = schedules;
const { warmup, wsd } = schedules;

const span = fc.integer({ min: 1, max: 5000 });

describe("text", () => {
  it.each<[Schedule, string]>([
    [constant(1e-3), "constant(1e-3)"],
    [warmup(100, cosine(1e-3, { steps: 900 })), "warmup(100) → cosine(1e-3 → 0 over 900 steps)"],
    [warmup(5, 0.1, { from: 1e-4 }), "warmup(5 from 1e-4) → 0.1"],
    [linear(0.9, { to: 0.9999, steps: 1 }), "linear(0.9 → 0.9999 over 1 step)"],
    [stepDecay(0.1, { steps: 30 }), "stepDecay(0.1, × 0.1 every 30 steps)"],
    [multiStep(0.1, { milestones: [30, 80], gamma: [0.1, 0.5] }), "multiStep(0.1, × 0.1, 0.5 at 30, 80)"],
    [exponential(0.1, { gamma: 0.5, steps: 50, to: 0.01 }), "exponential(0.1 → 0.01, × 0.5 every 50 steps)"],
    [cosineRestarts(0.1, { steps: 10, tMult: 2 }), "cosineRestarts(0.1 → 0 over 10 steps, × 2, again and again)"],
    [cosineRestarts(0.1, { steps: 10, tMult: 1.5 }), "cosineRestarts(0.1 → 0 over 10 steps, × 1.5, again and again)"],
    [cosine(0.1, { steps: 62.5, exponent: 2 }), "cosine(0.1 → 0 over 62.5 steps, exponent 2)"],
    [join([0.1, linear(0.1, { steps: 100 / 3 })], [20 / 3]), "0.1 until 6.667 → linear(0.1 → 0 over 33.33 steps)"],
    [oneCycle(0.1, { steps: 200 }), "oneCycle(4e-3 → 0.1 → 4e-7 over 200 steps)"],
    [cyclic(1e-3, { peak: 0.1, stepsUp: 20 }), "cyclic(1e-3 ⇄ 0.1, 20 steps up and 20 down, triangular)"],
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

  it("of a plateau has its present value", () => {
    const f = reduceOnPlateau(0.1, { gamma: 0.5, patience: 0 });
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
        const gaps = found.slice(1).map((step, i) => step - found[i]);
        if (gaps.length > 0) expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
