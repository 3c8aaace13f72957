/** `minimize`: gradients, bounds, functions that fail, what ends it and what it refuses. */
import { describe, expect, it } from "vitest";
import { type MinimizeOptions, minimize, minimizeLbfgs } from "../../src/minimize/index.js";
import { optimizers } from "../../src/optim/table.js";
import { rosenbrock } from "../support/rosenbrock.js";
import { compared } from "../support/scipyFunctions.js";

const { adam, lbfgs, nag, sgd } = optimizers;
const valley = compared[0].f;
const value = (x: Float64Array) => valley(x).value;
/** x² + 10y² */
const ravine = ([x, y]: Float64Array) => ({ value: x * x + 10 * y * y, gradient: [2 * x, 20 * y] });
const START = [-1.2, 1];

it("is minimizeLbfgs to the bit, by default and with its options", () => {
  const plain = (x: Float64Array, g: Float64Array) => rosenbrock(x, g);
  expect(minimize(valley, START)).toEqual(minimizeLbfgs(plain, START));
  const o = { gradientTolerance: 0, maxEvaluations: 30 };
  expect(minimize(valley, START, { ...o, hyper: { historySize: 3 } })).toEqual(
    minimizeLbfgs(plain, START, { ...o, historySize: 3 }),
  );
});

describe("the gradient", () => {
  it("is checked on request, against differences, and refused with its element and both numbers", () => {
    for (const { f, starts } of compared) {
      const exact = minimize(f, starts[0], { maxSteps: 1 });
      const checked = minimize(f, starts[0], { maxSteps: 1, checkGradient: true });
      expect(checked.evaluations).toBe(exact.evaluations + 2 * starts[0].length);
    }
    const wrong = (x: Float64Array) => ({ value: value(x), gradient: [valley(x).gradient[0], 5] });
    // 200 (1 - 1.2²) = -88
    expect(() => minimize(wrong, START, { checkGradient: true })).toThrow(
      /^f\(x0\)\.gradient\[1\]: expected -8[78]\.\d+, as by central differences, got 5$/,
    );
    expect(() => minimize(value, START, { checkGradient: true })).toThrow("f(x0): expected { value, gradient }");
  });

  it("is taken on the side where the function is finite", () => {
    const root = ([x]: Float64Array) => (x < 0 ? Number.NaN : (x - 1) ** 2 + x);
    const result = minimize(root, [0]); // minimum at 1/2
    expect(result.x[0]).toBeCloseTo(0.5, 6);
  });
});

describe("bounds", () => {
  const optimum = (x: readonly number[]) => (at: Float64Array) => {
    for (const [i, one] of x.entries()) expect(Math.abs(at[i] - one)).toBeLessThan(1e-5);
  };
  it.each<[string, MinimizeOptions["bounds"], number[]]>([
    [
      "x ≤ 1/2: along the valley to it",
      [
        [null, 0.5],
        [null, null],
      ],
      [0.5, 0.25],
    ],
    [
      "y ≥ 2: the valley's other side",
      [
        [1, null],
        [2, null],
      ],
      [1.413_696_158, 2],
    ], // -2 (1 - x) = 400 x (2 - x²), by bisection
    [
      "both: a corner",
      [
        [0, 0.5],
        [1, null],
      ],
      [0.5, 1],
    ],
    [
      "one number allowed",
      [
        [0.25, 0.25],
        [-5, 5],
      ],
      [0.25, 0.0625],
    ],
    [
      "none",
      [
        [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
        [null, null],
      ],
      [1, 1],
    ],
  ])("%s, no evaluation outside", (_, bounds, at) => {
    for (const f of [valley, value]) {
      const inside = (x: Float64Array) => {
        for (const [i, [least, most]] of bounds!.entries()) {
          expect(x[i]).toBeGreaterThanOrEqual(least ?? Number.NEGATIVE_INFINITY);
          expect(x[i]).toBeLessThanOrEqual(most ?? Number.POSITIVE_INFINITY);
        }
        return f(x);
      };
      const result = minimize(inside, [-4, 6], { bounds: bounds! }); // a start outside most of them
      expect(result.reason).toBe("gradient");
      optimum(at)(result.x);
    }
  });

  it("hold with optimizers, though f32 rounds them", () => {
    const bounds = [
      [0.1, 3],
      [0.7, 0.9],
    ] as const;
    const result = minimize(
      (x) => {
        expect(x[0] >= 0.1 && x[0] <= 3 && x[1] >= 0.7 && x[1] <= 0.9).toBe(true);
        return ravine(x);
      },
      [2, 2],
      { method: sgd, hyper: { lr: 0.02 }, bounds },
    );
    expect([...result.x]).toEqual([0.1, 0.7]);
    expect(result).toMatchObject({ gradientNorm: 0, reason: "gradient" });
  });
});

describe("a function that fails", () => {
  const error = new Error("outside");
  const island = (outside: () => number) => (x: Float64Array) =>
    x[0] <= 0 ? { value: -x[0], gradient: [-1] } : { value: outside(), gradient: [-1] };
  const fail = () => {
    throw error;
  };
  const ways: [string, MinimizeOptions][] = [
    ["lbfgs", {}],
    ["lbfgs within bounds", { bounds: [[-9, 9]] }],
    ["sgd", { method: sgd, hyper: { lr: 1 } }],
    ["nag", { method: nag, hyper: { lr: 1 } }],
    ["lbfgs in f32", { method: lbfgs }],
  ];
  it.each(ways)("ends with its reason and the best point: %s", (_, o) => {
    expect(
      minimize(
        island(() => Number.NaN),
        [0],
        o,
      ),
    ).toMatchObject({ reason: "notFinite", value: -0, x: new Float64Array(1) });
    expect(minimize(island(fail), [0], o)).toMatchObject({ reason: "threw", error, x: new Float64Array(1) });
    expect(minimize(fail, [3], { ...o })).toMatchObject({
      reason: "threw",
      error,
      steps: 0,
      evaluations: 1,
      value: Number.NaN,
    });
    expect(minimize(() => Number.NaN, [3], o)).toMatchObject({ reason: "notFinite", steps: 0 });
  });

  it("or returns what it may not is refused, at the start and later", () => {
    const wrong: [unknown, string][] = [
      [[1, [2, 3]], "f(x0): expected a number, or { value, gradient }, got [1, [2, 3]]"],
      [undefined, "f(x0): expected a number, or { value, gradient }, got undefined"],
      [{ value: 1 }, "f(x0): expected a number, or { value, gradient }"],
      [{ value: 1, gradient: [1] }, "f(x0).gradient: expected 2 numbers, as in x0, got 1"],
    ];
    for (const [given, message] of wrong) expect(() => minimize(() => given as number, [1, 2])).toThrow(message);
    let calls = 0;
    const late = (x: Float64Array) => (calls++ === 0 ? ravine(x) : 3);
    for (const o of [
      {},
      { method: sgd },
      {
        bounds: [
          [0, 9],
          [0, 9],
        ] as const,
      },
    ]) {
      calls = 0;
      expect(() => minimize(late, [1, 2], o)).toThrow("f(x): expected { value, gradient }, as at x0, got 3");
    }
  });
});

it("keeps the path, calls onStep, and is cancelled by it", () => {
  for (const o of [
    {},
    {
      bounds: [
        [-9, 9],
        [-9, 9],
      ] as const,
    },
    { method: adam },
  ] as MinimizeOptions[]) {
    const seen: number[][] = [];
    const start = Float64Array.from(START, Math.fround);
    const result = minimize(valley, start, {
      ...o,
      path: true,
      onStep: ({ x, steps, value, evaluations }) => {
        seen.push([...x]);
        expect(valley(x).value).toBe(value);
        expect(evaluations).toBeGreaterThan(steps);
        return steps < 4;
      },
    });
    expect(result).toMatchObject({ reason: "cancelled", steps: 4 });
    expect(result.path!.map((x) => [...x])).toEqual([[...start], ...seen]);
    expect([...start]).toEqual(START.map(Math.fround));
    expect(minimize(valley, start, { ...o, maxSteps: 4 })).toMatchObject({ reason: "steps", steps: 4, x: result.x });
  }
  expect(minimize(valley, START)).not.toHaveProperty("path");
});

it("refuses what makes no sense", () => {
  const refused: [unknown[], ErrorConstructor, string][] = [
    [[1, [0]], TypeError, "f: expected a function, got 1"],
    [[value, []], RangeError, "x0: expected at least one number, got []"],
    [[value, START, { tolerance: 1 }], RangeError, "options: expected options among method"],
    [[value, START, { method: "adam" }], RangeError, 'imported from "thalweg", got "adam"'],
    [[value, START, { method: 1 }], TypeError, "method: expected"],
    [[value, START, { hyper: 1 }], TypeError, "hyper: expected an object of options, got 1"],
    [[value, START, { hyper: { lr: 1 } }], RangeError, "hyper: expected options among historySize"],
    [[value, START, { method: adam, hyper: { rate: 1 } }], RangeError, "adam: expected options among lr"],
    [[value, START, { method: adam, hyper: { lr: -1 } }], RangeError, "lr: expected"],
    [[value, [1e39, 0], { method: adam }], RangeError, "x0[0]: expected a number that f32 holds, got 1e+39"],
    [[value, START, { bounds: 1 }], TypeError, "bounds: expected an array of pairs"],
    [[value, START, { bounds: [[0, 1]] }], RangeError, "bounds: expected 2 pairs, one for each element of x0, got 1"],
    [[value, START, { bounds: [[0, 1], [0]] }], TypeError, "bounds[1]: expected a pair"],
    [
      [
        value,
        START,
        {
          bounds: [
            [0, "1"],
            [0, 1],
          ],
        },
      ],
      TypeError,
      'bounds[0][1]: expected a number or null, got "1"',
    ],
    [
      [
        value,
        START,
        {
          bounds: [
            [2, 1],
            [0, 1],
          ],
        },
      ],
      RangeError,
      "bounds[0]: expected a pair",
    ],
    [
      [
        value,
        START,
        {
          bounds: [
            [0, 1],
            [Number.NaN, 1],
          ],
        },
      ],
      RangeError,
      "bounds[1]: expected a pair",
    ],
    [[value, START, { maxSteps: 0 }], RangeError, "maxSteps: expected a whole number ≥ 1, got 0"],
    [[value, START, { maxEvaluations: 0.5 }], RangeError, "maxEvaluations: expected a whole number ≥ 1, got 0.5"],
    [[value, START, { path: 1 }], TypeError, "path: expected true or false, got 1"],
    [[value, START, { checkGradient: 1 }], TypeError, "checkGradient: expected true or false, got 1"],
  ];
  for (const [given, error, message] of refused) {
    const call = () => minimize(...(given as Parameters<typeof minimize>));
    expect(call).toThrow(error);
    expect(call).toThrow(message);
  }
});
