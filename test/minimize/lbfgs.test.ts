/** L-BFGS in f64: how many evaluations it takes beside SciPy, why it ends, and what a bad function does to it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exp, log } from "../../src/math/f64.js";
import { minimizeLbfgs } from "../../src/minimize/lbfgs.js";
import { digits } from "../support/digits.js";
import { rosenbrock, starts } from "../support/rosenbrock.js";

/** Evaluations of SciPy 1.17.1: minimize(method="L-BFGS-B", maxcor 10, gtol 1e-6, ftol 0) from the same starts. */
const SCIPY: [n: number, evaluations: number[]][] = [
  [2, [45, 26, 30, 34]],
  [10, [93, 81, 42, 87]],
  [100, [617, 609, 58, 615]],
];

describe.each(SCIPY)("Rosenbrock's function of %i variables", (n, evaluations) => {
  it.each(starts(n).map((start, i) => [i + 1, start, evaluations[i]] as const))(
    "a gradient of 1e-6 from start %i, in at most 1.2 times SciPy's evaluations",
    (_, start, scipy) => {
      let calls = 0;
      const result = minimizeLbfgs((x, gradient) => {
        calls++;
        return rosenbrock(x, gradient);
      }, start);
      expect(result.reason).toBe("gradient");
      expect(result.gradientNorm).toBeLessThanOrEqual(1e-6);
      expect(result.evaluations).toBe(calls);
      expect(calls).toBeLessThanOrEqual(1.2 * scipy);
      const gradient = new Float64Array(n);
      expect(rosenbrock(result.x, gradient)).toBe(result.value);
      expect(Math.max(...gradient.map(Math.abs))).toBe(result.gradientNorm);
      for (const x of result.x) expect(Math.abs(x - 1)).toBeLessThan(1e-5);
    },
  );
});

it("softmax regression on digits: a gradient of 1e-6 in at most 1.2 times SciPy's 95 evaluations", () => {
  const rows = readFileSync(digits("train.csv"), "utf8").trimEnd().split("\n");
  const data = rows.map((row) => row.split(",").map(Number));
  const pixels = Float64Array.from(data.flatMap((row) => [...row.slice(0, 64).map((count) => count / 16), 1]));
  const logits = new Float64Array(10);
  const loss = (w: Float64Array, g: Float64Array): number => {
    let total = 0;
    g.fill(0);
    for (const [i, row] of data.entries()) {
      const at = 65 * i;
      for (let k = 0; k < 10; k++) {
        logits[k] = 0;
        for (let j = 0; j < 65; j++) logits[k] += w[65 * k + j] * pixels[at + j];
      }
      const most = Math.max(...logits);
      const sum = logits.reduce((all, z) => all + exp(z - most), 0);
      total += log(sum) + most - logits[row[64]];
      for (let k = 0; k < 10; k++) {
        const off = exp(logits[k] - most) / sum - (k === row[64] ? 1 : 0);
        for (let j = 0; j < 65; j++) g[65 * k + j] += off * pixels[at + j];
      }
    }
    let squares = 0;
    for (let i = 0; i < w.length; i++) {
      g[i] = g[i] / data.length + 1e-3 * w[i];
      squares += w[i] * w[i];
    }
    return total / data.length + 0.5e-3 * squares;
  };
  const { reason, value, evaluations } = minimizeLbfgs(loss, new Float64Array(650));
  expect(reason).toBe("gradient");
  expect(value).toBeCloseTo(0.269308773, 8);
  expect(evaluations).toBeLessThanOrEqual(1.2 * 95);
});

describe("ends", () => {
  const start = starts(10)[0];
  it("by each tolerance, by the number of evaluations, and when it is cancelled", () => {
    expect(minimizeLbfgs(rosenbrock, start, { gradientTolerance: 1 }).reason).toBe("gradient");
    expect(minimizeLbfgs(rosenbrock, start, { stepTolerance: 1e-2 }).reason).toBe("step");
    expect(minimizeLbfgs(rosenbrock, start, { valueTolerance: 1e-4 }).reason).toBe("value");
    const few = minimizeLbfgs(rosenbrock, start, { maxEvaluations: 20 });
    expect([few.reason, few.evaluations]).toEqual(["evaluations", 20]);
    const seen: number[] = [];
    const cancelled = minimizeLbfgs(rosenbrock, start, {
      onStep: ({ steps, value, evaluations, gradientNorm, x }) => {
        expect(rosenbrock(x, new Float64Array(10))).toBe(value);
        expect(evaluations).toBeGreaterThan(steps);
        expect(gradientNorm).toBeGreaterThan(0);
        seen.push(value);
        return steps < 7;
      },
    });
    expect([cancelled.reason, cancelled.steps, cancelled.value]).toEqual(["cancelled", 7, seen[6]]);
    for (const [i, value] of seen.entries()) if (i > 0) expect(value).toBeLessThanOrEqual(seen[i - 1]);
  });

  it("at once where it starts at the minimum, and where f64 has no lower point", () => {
    expect(minimizeLbfgs(rosenbrock, [1, 1])).toMatchObject({ reason: "gradient", steps: 0, evaluations: 1 });
    // The last digits of the value hide what is left.
    const far = minimizeLbfgs((x, g) => 1e6 + rosenbrock(x, g), start, { gradientTolerance: 1e-300 });
    expect(["precision", "gradient"]).toContain(far.reason);
    for (const x of far.x) expect(Math.abs(x - 1)).toBeLessThan(1e-3);
    expect(far.evaluations).toBeLessThan(500);
  });

  it("the same way every time, to the bit, and leaves x0 alone", () => {
    const from = Float64Array.from(start);
    const [one, other] = [minimizeLbfgs(rosenbrock, from), minimizeLbfgs(rosenbrock, from)];
    expect(one).toEqual(other);
    expect([...from]).toEqual(start);
  });
});

describe("a function that is not defined everywhere", () => {
  /** Σ xᵢ − ln xᵢ: minima at 1, nothing at 0 and below, where it does as it is told. */
  const barrier =
    (outside: () => number) =>
    (x: Float64Array, g: Float64Array): number => {
      let value = 0;
      for (const [i, at] of x.entries()) {
        if (!(at > 0)) return outside();
        value += at - log(at);
        g[i] = 1 - 1 / at;
      }
      return value;
    };
  const fail = () => {
    throw new Error("outside");
  };
  it.each([
    ["NaN", () => Number.NaN],
    ["infinity", () => Number.POSITIVE_INFINITY],
    ["minus infinity", () => Number.NEGATIVE_INFINITY],
    ["an error", fail],
  ])("is minimised inside, where it gives %s outside", (_, outside) => {
    let crossed = 0;
    const result = minimizeLbfgs(
      barrier(() => {
        crossed++;
        return outside();
      }),
      [8, 9, 12],
    );
    expect(crossed).toBeGreaterThan(0);
    expect(result.reason).toBe("gradient");
    expect(result.error).toBeUndefined();
    for (const x of result.x) expect(Math.abs(x - 1)).toBeLessThan(1e-5);
  });

  it("ends with its reason and the best point where every step leads there", () => {
    const island = (inside: number, outside: () => number) => (x: Float64Array, g: Float64Array) => {
      g[0] = -1;
      return x[0] <= inside ? -x[0] : outside();
    };
    const stuck = minimizeLbfgs(
      island(0, () => Number.NaN),
      [0],
    );
    expect(stuck).toMatchObject({ reason: "notFinite", value: -0, steps: 0 });
    const error = new Error("outside");
    const threw = minimizeLbfgs(
      island(0, () => {
        throw error;
      }),
      [0],
    );
    expect(threw.reason).toBe("threw");
    expect(threw.error).toBe(error);
    expect(minimizeLbfgs(() => Number.NaN, [3, 4])).toMatchObject({ reason: "notFinite", evaluations: 1, steps: 0 });
    expect(() => minimizeLbfgs(fail, [1])).toThrow("outside");
  });
});

it("hands over a gradient of zeros, to which a function may add term by term", () => {
  const points = [
    [0, 1],
    [1, 3],
    [2, 5],
  ];
  const line = ([a, b]: Float64Array, g: Float64Array): number =>
    points.reduce((total, [t, y]) => {
      const off = a + b * t - y;
      g[0] += 2 * off;
      g[1] += 2 * off * t;
      return total + off * off;
    }, 0);
  const { x, reason } = minimizeLbfgs(line, [7, -7]);
  expect(reason).toBe("gradient");
  expect(x[0]).toBeCloseTo(1, 6);
  expect(x[1]).toBeCloseTo(2, 6);
});

it("refuses what makes no sense", () => {
  const refused: [unknown[], ErrorConstructor, string][] = [
    [[1, [0]], TypeError, "f: expected a function, got 1"],
    [[() => [1, [1]], [0]], TypeError, "f(x0): expected a number (the gradient goes to the second argument), got [1, "],
    [[rosenbrock, []], RangeError, "x0: expected at least one number, got []"],
    [[rosenbrock, 1], TypeError, "x0: expected an array of numbers, got 1"],
    [[rosenbrock, [1, Number.NaN]], RangeError, "x0[1]: expected a finite number, got NaN"],
    [[rosenbrock, [1, "1"]], TypeError, 'x0[1]: expected a finite number, got "1"'],
    [[rosenbrock, [1], null], TypeError, "options: expected an object of options, got null"],
    [[rosenbrock, [1], { tolerance: 1 }], RangeError, "options: expected options among gradientTolerance"],
    [
      [rosenbrock, [1], { gradientTolerance: -1 }],
      RangeError,
      "gradientTolerance: expected a finite number ≥ 0, got -1",
    ],
    [[rosenbrock, [1], { stepTolerance: "1" }], TypeError, 'stepTolerance: expected a finite number, got "1"'],
    [[rosenbrock, [1], { maxEvaluations: 0 }], RangeError, "maxEvaluations: expected a whole number ≥ 1, got 0"],
    [[rosenbrock, [1], { historySize: 0 }], RangeError, "historySize: expected a whole number ≥ 1, got 0"],
    [[rosenbrock, [1], { onStep: 1 }], TypeError, "onStep: expected a function, got 1"],
  ];
  for (const [given, error, message] of refused) {
    const call = () => minimizeLbfgs(...(given as Parameters<typeof minimizeLbfgs>));
    expect(call).toThrow(error);
    expect(call).toThrow(message);
  }
});
