/** The schedule that follows a metric. */
import { describe, expect, it } from "vitest";
import { schedules } from "../../src/index.js";

const { reduceOnPlateau } = schedules;

describe("reduceOnPlateau", () => {
  const metrics = Array.from({ length: 40 }, (_, i) => 1 / (i + 1) + 0.1 * ((i * 7) % 5));

  it("resumes from a saved state, through JSON, as if it had not stopped", () => {
    const make = () => reduceOnPlateau(0.1, { gamma: 0.5, patience: 1, cooldown: 2 });
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
    const f = reduceOnPlateau(1, { patience: 0, to: 0.02 });
    const seen = [Number.NaN, 3, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map((metric) => f.step(metric));
    [0.1, 0.1, 0.02, 0.02].forEach((want, i) => void expect(seen[i]).toBeCloseTo(want, 12));
    expect(f.stateDict()).toEqual({ value: 0.02, best: 3, bad: 0, cooldown: 0 });
  });

  it("refuses an invalid state, and keeps its own", () => {
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
