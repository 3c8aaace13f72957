/** Levenberg–Marquardt: linear problems against their closed form, why it ends, and bad residuals. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/minimize/leastSquares.js";
import { isRegular, solve, solveTransposed, triangle } from "../../src/minimize/qr.js";
import { uniform } from "../support/numbers.js";

describe("QR", () => {
  it("gives the triangle of the normal equations and their solution", () => {
    const [m, n] = [7, 4];
    const a = Float64Array.from(uniform(m * n, 1));
    const b = Float64Array.from(uniform(m, 2));
    const [r, q] = [a.slice(), b.slice()];
    triangle(r, q, m, n);
    const column = (matrix: Float64Array, j: number) => Array.from({ length: m }, (_, i) => matrix[i * n + j]);
    const dot = (x: number[], y: number[]) => x.reduce((total, value, i) => total + value * y[i], 0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++)
        expect(dot(column(r, i), column(r, j))).toBeCloseTo(dot(column(a, i), column(a, j)), 12);
      for (let k = i + 1; k < m; k++) expect(r[k * n + i]).toBe(0);
    }
    const x = new Float64Array(n);
    solve(r, q, x);
    const residual = Array.from({ length: m }, (_, i) => dot([...a.subarray(i * n, i * n + n)], [...x]) - b[i]);
    for (let j = 0; j < n; j++) expect(dot(residual, column(a, j))).toBeCloseTo(0, 12);
    const y = q.slice(0, n);
    solveTransposed(r, y, y);
    for (let j = 0; j < n; j++) expect(dot(column(r, j).slice(0, n), [...y])).toBeCloseTo(q[j], 12);
    expect(isRegular(r, n)).toBe(true);
    expect(isRegular(Float64Array.of(1, 1, 0, 1e-17), 2)).toBe(false);
  });
});

it("a line through points, from anywhere: the closed form", () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(fc.array(number, { minLength: 2, maxLength: 30 }), number, number, (y, a, b) => {
      const x = y.map((_, i) => i - y.length / 3);
      const mean = (list: number[]) => list.reduce((total, value) => total + value, 0) / list.length;
      const [mx, my] = [mean(x), mean(y)];
      const slope = mean(x.map((value, i) => (value - mx) * (y[i] - my))) / mean(x.map((value) => (value - mx) ** 2));
      const fit = leastSquares((p) => x.map((at, i) => p[0] + p[1] * at - y[i]), [a, b], {
        jacobian: () => x.map((at) => [1, at]),
      });
      const scale = Math.max(1, ...y.map(Math.abs));
      expect(Math.abs(fit.x[1] - slope)).toBeLessThan(1e-9 * scale);
      expect(Math.abs(fit.x[0] - (my - slope * mx))).toBeLessThan(1e-9 * scale);
      expect(fit.value).toBeCloseTo(fit.residuals.reduce((total, r) => total + r * r, 0) / 2, 9);
    }),
  );
});

const DAYS = [1, 2, 3, 5, 7, 10];
const DEMAND = [109, 149, 149, 191, 213, 224];
const decay = (b: Float64Array): number[] => DAYS.map((t, i) => b[0] * (1 - Math.exp(-b[1] * t)) - DEMAND[i]);

describe("ends", () => {
  it("by each tolerance, by the number of evaluations, and when it is cancelled", () => {
    expect(leastSquares(decay, [100, 0.75], { gradientTolerance: 1 }).reason).toBe("gradient");
    expect(leastSquares(decay, [100, 0.75], { stepTolerance: 1e-2 }).reason).toBe("step");
    expect(leastSquares(decay, [100, 0.75], { valueTolerance: 1e-2 }).reason).toBe("value");
    const few = leastSquares(decay, [100, 0.75], { maxEvaluations: 20 });
    expect(few.reason).toBe("evaluations");
    expect(few.evaluations).toBeLessThanOrEqual(20 + 4); // differences begun are finished
    const seen: number[] = [];
    const cancelled = leastSquares(decay, [100, 0.75], {
      onStep: ({ steps, value, x }) => {
        expect(decay(x).reduce((total, r) => total + r * r, 0) / 2).toBeCloseTo(value, 9);
        seen.push(value);
        return steps < 3;
      },
    });
    expect([cancelled.reason, cancelled.steps, cancelled.value]).toEqual(["cancelled", 3, seen[2]]);
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
  });

  it("at a perfect fit, whose sum is 0", () => {
    const fit = leastSquares(([a, b]) => [a - 3, 2 * (b + 1)], [10, 10]);
    expect([...fit.x]).toEqual([3, -1]);
    expect(fit.value).toBe(0);
    expect(["gradient", "step", "precision"]).toContain(fit.reason);
  });

  it("where residuals are left and the step is 0, with derivatives given", () => {
    // (x - 1)² + x⁴ is least where 2x³ + x = 1.
    const jacobian = ([x]: Float64Array) => [[1], [2 * x]];
    for (const start of [-3, 0, 0.5, 1, 3, 10]) {
      const fit = leastSquares(([x]) => [x - 1, x * x], [start], { jacobian });
      expect(2 * fit.x[0] ** 3 + fit.x[0]).toBeCloseTo(1, 12);
      expect(fit.reason).toBe("precision");
      expect(fit.evaluations).toBeLessThan(60);
    }
  });

  it("with fewer residuals than parameters, and with one that nothing depends on", () => {
    const under = leastSquares(([a, b]) => [a + b - 2], [5, 1]);
    expect(under.x[0] + under.x[1]).toBeCloseTo(2, 9);
    const idle = leastSquares(([a]) => [a - 1, 2 * a - 2], [4, 7]);
    expect(idle.x[0]).toBeCloseTo(1, 9);
    expect(idle.x[1]).toBe(7);
  });
});

describe("residuals that are not defined everywhere", () => {
  const fail = () => {
    throw new Error("outside");
  };
  // ln a fits 0 and 1: a = √e. The first step from 20 leads below 0.
  it.each([
    ["NaN", () => [Number.NaN, 0]],
    ["infinity", () => [0, Number.POSITIVE_INFINITY]],
    ["an error", fail],
  ])("are minimised inside, where they give %s outside", (_, outside) => {
    let crossed = 0;
    const fit = leastSquares(
      ([a]) => {
        if (a > 0) return [Math.log(a), Math.log(a) - 1];
        crossed++;
        return outside();
      },
      [20],
    );
    expect(crossed).toBeGreaterThan(0);
    expect(fit.x[0]).toBeCloseTo(Math.sqrt(Math.E), 8);
    expect(fit.error).toBeUndefined();
  });

  it("end with the reason and the best point where every step leads there", () => {
    const edge = (outside: () => number[]) => (x: Float64Array) => (x[0] <= 1 ? [x[0] - 3] : outside());
    const slope = { jacobian: () => [[1]] };
    expect(
      leastSquares(
        edge(() => [Number.NaN]),
        [1],
        slope,
      ),
    ).toMatchObject({ reason: "notFinite", value: 2, steps: 0 });
    expect(leastSquares(edge(fail), [1], slope)).toMatchObject({ reason: "threw", value: 2 });
    expect(leastSquares(() => [Number.NaN], [1])).toMatchObject({ reason: "notFinite", evaluations: 1 });
    expect(() => leastSquares(fail, [1])).toThrow("outside");
  });
});

it("refuses what makes no sense", () => {
  const refused: [unknown[], ErrorConstructor, string][] = [
    [[1, [0]], TypeError, "residuals: expected a function, got 1"],
    [[decay, []], RangeError, "x0: expected at least one number, got []"],
    [[() => 1, [1]], TypeError, "residuals(x0): expected an array of numbers, got 1"],
    [[() => [], [1]], RangeError, "residuals(x0): expected at least one number, got []"],
    [[decay, [1, 1], { jacobian: 1 }], TypeError, "jacobian: expected a function, got 1"],
    [[decay, [1, 1], { jacobian: () => [[1, 1]] }], RangeError, "jacobian(x): expected 6 rows, one for each residual"],
    [
      [decay, [1, 1], { jacobian: () => DAYS.map(() => [1]) }],
      RangeError,
      "jacobian(x)[0]: expected 2 numbers, got [1]",
    ],
    [[decay, [1, 1], { gradientTolerance: -1 }], RangeError, "gradientTolerance: expected a finite number ≥ 0, got -1"],
    [[decay, [1, 1], { lr: 1 }], RangeError, "options: expected options among gradientTolerance"],
  ];
  for (const [given, error, message] of refused) {
    const call = () => leastSquares(...(given as Parameters<typeof leastSquares>));
    expect(call).toThrow(error);
    expect(call).toThrow(message);
  }
  let calls = 0;
  expect(() => leastSquares((b) => (++calls > 3 ? [1] : decay(b)), [1, 1])).toThrow("residuals(x): expected 6 numbers");
});
