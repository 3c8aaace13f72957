/** What points are, by the figures of the notes and in words: classes, eigenvalues and terrain. */
import { describe, expect, it } from "vitest";
import { eigenOf } from "../../src/landscape/eigen.js";
import { classify, criticalPoints, landscape, landscapes, regressionBowl, terrain } from "../../src/landscape/index.js";
import { numbers } from "../support/numbers.js";

const l = landscapes;

describe("eigenvalues", () => {
  it("of random symmetric matrices solve Av = λv with orthonormal vectors, in order", () => {
    const next = numbers(1);
    for (const n of [1, 2, 3, 8, 20]) {
      const a = Array.from({ length: n }, () => Array.from({ length: n }, () => 2 * next() - 1));
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i]![j] = a[j]![i]!;
      const { values, vectors } = eigenOf(a);
      expect(values).toEqual([...values].sort((x, y) => x - y));
      for (const [k, v] of vectors.entries()) {
        for (const [i, row] of a.entries()) {
          const product = row.reduce((total, each, j) => total + each * v[j]!, 0);
          expect(Math.abs(product - values[k]! * v[i]!)).toBeLessThan(1e-13 * n);
        }
        for (const [m, w] of vectors.entries()) {
          const dot = v.reduce((total, each, i) => total + each * w[i]!, 0);
          expect(Math.abs(dot - (m === k ? 1 : 0))).toBeLessThan(1e-13 * n);
        }
      }
    }
  });
  it("of diagonal, zero and tiny matrices are exact", () => {
    expect(eigenOf([[3, 0], [0, -2]])).toEqual({ values: [-2, 3], vectors: [[0, 1], [1, 0]] }); // biome-ignore format: one line
    expect(eigenOf([[0, 0], [0, 0]]).values).toEqual([0, 0]); // biome-ignore format: one line
    const [least, most] = eigenOf([[0, 1e-300], [1e-300, 0]]).values; // biome-ignore format: one line
    expect([least! / -1e-300, most! / 1e-300]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
  });
});

describe("the points of the notes", () => {
  it.each([
    ["rosenbrock", [1, 1], [0.39936, 1001.6]],
    ["booth", [1, 3], [2, 18]],
    ["levy13", [1, 1], [2, 18 * Math.PI ** 2 + 2]],
    ["canal", [0, 0], [0.06141, 65.1386]],
    ["ravine", [0, 0], [2, 20]],
    ["ravine15", [0, 0], [2, 30]],
  ] as const)("%s has these eigenvalues at its minimum", (name, point, values) => {
    const found = classify(l[name], point);
    expect(found).toMatchObject({ kind: "minimum", index: 0, global: true });
    for (const [i, value] of values.entries()) expect(found.eigenvalues[i]! / value).toBeCloseTo(1, 4);
  });

  it("beale: a saddle at (0, 1) = 14.203125", () => {
    expect(classify(l.beale, [0, 1])).toMatchObject({ kind: "saddle", index: 1, value: 14.203125 });
    expect(classify(l.beale, [0, 1])).not.toHaveProperty("global");
  });
  it("beale: far out in its valley it is no minimum", () => {
    expect(l.beale.f([-1e6, 1])).toBeGreaterThan(0.45);
    expect(classify(l.beale, [-4.5, 1.1]).kind).toBe("none");
  });
  it("mccormick: global at (½ − π/3, −½ − π/3) = −√3/2 − π/3, local at + (π, π)", () => {
    const [x, y] = [0.5 - Math.PI / 3, -0.5 - Math.PI / 3];
    const least = -Math.sqrt(3) / 2 - Math.PI / 3;
    expect(classify(l.mccormick, [x, y])).toMatchObject({
      kind: "minimum",
      global: true,
      value: expect.closeTo(least, 12),
    });
    expect(classify(l.mccormick, [x + Math.PI, y + Math.PI])).toMatchObject({ kind: "minimum", global: false });
  });
  it("coordinates as tables print them are taken", () => {
    expect(classify(l.mccormick, [-0.54719, -1.54719]).global).toBe(true);
    expect(classify(l.sixHumpCamel, [0.089842, -0.712656])).toMatchObject({
      global: true,
      value: expect.closeTo(-1.031628, 6),
    });
    expect(classify(l.styblinskiTang, [-2.903534, -2.903534]).value).toBeCloseTo(-39.166166 * 2, 5);
    expect(classify(l.himmelblau, [-0.270845, -0.923039]).kind).toBe("maximum");
  });
  it("rosenbrock in four variables: a second minimum of 3.70143", () => {
    const found = classify(landscape("rosenbrock", 4), [-0.7757, 0.6131, 0.3821, 0.146], { tolerance: 1e-4 });
    expect(found).toMatchObject({ kind: "minimum", global: false, value: expect.closeTo(3.70143, 5) });
    expect(classify(landscape("rosenbrock", 4), [1, 1, 1, 1])).toMatchObject({ kind: "minimum", global: true });
  });
  it("ackley: a cusp of slope 2.828 without a Hessian", () => {
    const cusp = classify(l.ackley, [0, 0]);
    expect(cusp).toMatchObject({
      kind: "cusp",
      shape: "minimum",
      global: true,
      gradientNorm: 0,
      eigenvalues: [],
      value: 0,
    });
    expect([...l.ackley.grad([0, 0])]).toEqual([0, 0]);
    expect(l.ackley.hessian([0, 0]).flatMap((row) => [...row])).toEqual(Array(4).fill(Number.NaN));
    expect(Math.hypot(...l.ackley.grad([1e-8, 0]))).toBeCloseTo(2.828, 3);
    expect(classify(landscape("ackley", 3), [0, 0, 0]).kind).toBe("cusp");
    expect(() => terrain(l.ackley, [0, 0])).toThrow("point: expected one that has a Hessian, got [0, 0]");
  });
  it("monkeySaddle: degenerate, with three ways down", () => {
    expect(classify(l.monkeySaddle, [0, 0])).toMatchObject({ kind: "degenerate", shape: "saddle", signChanges: 6 });
    expect(classify(l.monkeySaddle, [1e-6, -1e-6]).kind).toBe("degenerate");
    expect(classify(l.monkeySaddle, [0.1, 0]).kind).toBe("none");
  });
  it("quartic: 0 is a maximum in one variable and a saddle in two", () => {
    expect(classify(landscape("quartic", 1), [0])).toMatchObject({ kind: "maximum", index: 1, value: 2 });
    expect(classify(l.quartic, [0, 0])).toMatchObject({ kind: "saddle", index: 1, value: 2 });
    expect(classify(l.quartic, [Math.sqrt(1.5), 0])).toMatchObject({
      kind: "minimum",
      global: true,
      value: expect.closeTo(-0.25, 14),
    });
  });
  it("saddle: no global minimum", () => expect(l.saddle.minima).toEqual([]));
  it("plateau: far out it is nearly level, and no critical point", () => {
    expect(classify(l.plateau, [7, 7])).toMatchObject({ kind: "none", gradientNorm: expect.closeTo(0, 15) });
  });
  it("a regression bowl has one minimum", () => {
    const bowl = regressionBowl([[0, 1], [1, 3], [2, 4]]); // biome-ignore format: one line
    expect(criticalPoints(bowl)).toHaveLength(1);
    expect(criticalPoints(bowl)[0]).toMatchObject({
      kind: "minimum",
      global: true,
      point: [expect.closeTo(7 / 6, 12), expect.closeTo(1.5, 12)],
    });
  });
});

describe("terrain", () => {
  it.each([
    ["bowl", [2, 1], "valley", 1],
    ["booth", [1, 3], "valley", 9],
    ["ravine", [-4, 2], "ravine", 10],
    ["ravine15", [-4, 2], "ravine", 15],
    ["rosenbrock", [1, 1], "canal", 2508.01],
    ["rosenbrock", [0, 0], "canal", 100],
    ["canal", [0, 0], "canal", 1060.76],
    ["plateau", [0, 0], "valley", 1],
    ["plateau", [4, 0], "plateau", 15],
    ["plateau", [5, 5], "plateau", 49],
    ["saddle", [0, 0], "saddle", 1],
    ["quartic", [0, 0], "saddle", 3],
    ["himmelblau", [3, 2], "valley", 3.1998],
    ["styblinskiTang", [0.1567, 0.1567], "dome", 1],
  ] as const)("%s at %j is a %s of condition number %f", (name, point, kind, conditionNumber) => {
    const found = terrain(l[name], point);
    expect(found.kind).toBe(kind);
    expect(found.conditionNumber / conditionNumber).toBeCloseTo(1, 4);
  });

  it("a ravine does not turn, and a canal as its formula says", () => {
    expect(terrain(l.ravine, [-4, 2]).turn).toBe(0);
    // The floor y = x² turns from its slope at one end of the walk to that at the other: 0.15 · 4 each way of arc, from (0, 0).
    let x = 0;
    for (let k = 0; k < 600; k++) x += 0.001 / Math.sqrt(1 + 4 * x * x);
    const degrees = (2 * Math.atan(2 * x) * 180) / Math.PI;
    expect(terrain(l.rosenbrock, [0, 0]).turn / degrees).toBeCloseTo(1, 1);
  });

  it("has vectors that belong to its values", () => {
    const { eigenvectors } = terrain(l.booth, [0, 0]);
    for (const [k, sign] of [-1, 1].entries()) {
      expect(eigenvectors[k]![0]).toBeCloseTo(Math.SQRT1_2, 12);
      expect(eigenvectors[k]![1]).toBeCloseTo(sign * Math.SQRT1_2, 12);
    }
  });
  it("in one and in many variables", () => {
    expect(terrain(landscape("bowl", 1), [1])).toMatchObject({ kind: "valley", turn: 0 });
    expect(terrain(landscape("rosenbrock", 4), [1, 1, 1, 1]).kind).toBe("canal");
  });
});

// biome-ignore lint/suspicious/noExplicitAny: called as no type allows
const any: any = { classify, criticalPoints, terrain };
it.each([
  [() => any.classify(), /^landscape: expected a landscape, such as landscapes.bowl, got undefined$/],
  [() => any.criticalPoints("bowl"), /^landscape: expected a landscape, such as landscapes.bowl, got "bowl"$/],
  [() => any.terrain(null, [0, 0]), /^landscape: expected a landscape, .*got null$/],
  [() => any.classify(l.bowl), /^point: expected 2 finite numbers, got undefined$/],
  [() => classify(l.bowl, [1]), /^point: expected 2 finite numbers, got \[1\]$/],
  [() => terrain(l.bowl, [1, Number.NaN]), /^point\[1\]: expected a finite number, got NaN$/],
  [() => classify(l.bowl, [0, 0], { tolerance: 0 }), /^tolerance: expected a number in \(0, 0.1\], got 0$/],
  [
    () => criticalPoints(landscape("bowl", 3)),
    /^landscape: expected a surface of one or two variables, which are searched, got one of 3$/,
  ],
])("bad input is refused: %s", (call, message) => expect(call).toThrow(message));
