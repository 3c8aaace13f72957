/** `minimize` beside SciPy: the same minima in no more evaluations, with a gradient, without one, and within bounds. */
import { describe, expect, it } from "vitest";
import { minimize } from "../../src/minimize/index.js";
import { compared } from "../support/scipyFunctions.js";

describe.each(compared)("$name, from ten starts", ({ f, starts, scipy, differences, found }) => {
  const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);

  it("ends at SciPy's minimum, in at most 1.2 times its evaluations, and 1.1 times those of all starts", () => {
    const ends = starts.map((start, i) => {
      let calls = 0;
      const result = minimize((x) => {
        calls++;
        return f(x);
      }, start);
      expect(result.reason).toBe("gradient");
      expect(result.evaluations).toBe(calls);
      for (const k of [0, 1]) expect(Math.abs(result.x[k] - found[i][k])).toBeLessThan(1e-4);
      expect(Math.abs(result.value - found[i][2])).toBeLessThan(1e-6);
      expect(Math.max(...f(result.x).gradient.map(Math.abs))).toBe(result.gradientNorm);
      expect(calls).toBeLessThanOrEqual(1.2 * scipy[i] + 1);
      return calls;
    });
    expect(sum(ends)).toBeLessThanOrEqual(1.1 * sum(scipy));
  });

  // A hundred variables by differences are two million evaluations of a function of a hundred terms: two starts do.
  it("without a gradient too, by central differences, as SciPy's", () => {
    const few = starts[0].length > 10 ? 2 : 10;
    const ends = starts.slice(0, few).map((start, i) => {
      let calls = 0;
      const result = minimize((x) => {
        calls++;
        return f(x).value;
      }, start);
      expect(result.reason).toBe("gradient");
      expect(result.evaluations).toBe(calls);
      for (const k of [0, 1]) expect(Math.abs(result.x[k] - found[i][k])).toBeLessThan(1e-4);
      return calls;
    });
    expect(sum(ends)).toBeLessThanOrEqual(1.15 * sum(differences.slice(0, few)));
  });

  it("within bounds that are far away, at the same values", () => {
    for (const [i, start] of starts.entries()) {
      const result = minimize(f, start, { bounds: start.map(() => [-20, 20] as const) });
      expect(result.reason).toBe("gradient");
      expect(result.evaluations).toBeLessThanOrEqual(2 * scipy[i]);
    }
  });
});
