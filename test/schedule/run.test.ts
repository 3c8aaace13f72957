/** Schedules over a run of so many steps, by name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schedules } from "../../src/index.js";
import type { RunShape } from "../../src/schedule/run.js";

const { overRun, points } = schedules;

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
        if (rise > 1) for (let t = 1; t < rise - 1; t++) expect(values[t]).toBeGreaterThan(values[t - 1]);
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

  it("ends at `to`", () => {
    for (const shape of ["linear", "cosine", "wsd"] as const) {
      expect(overRun(shape, { peak: 1, steps: 100, warmup: 10, to: 0.1 })(100)).toBe(0.1);
      expect(overRun(shape, { peak: 1, steps: 100 })(100)).toBe(0);
    }
  });
});
