/** Minimisations end, with a reason, whatever the scale of the function is and whatever its derivatives say; and refuse what is no number. */
import { describe, expect, it } from "vitest";
import { leastSquares, minimizeLbfgs } from "../../src/minimize/index.js";

/** The most that a run may take: without a bound of its own, an endless one would hang. */
const ENOUGH = 5_000;
const counted = <A extends unknown[], R>(f: (...args: A) => R) => {
  let calls = 0;
  return (...args: A): R => {
    if (++calls > ENOUGH) throw new Error("endless");
    return f(...args);
  };
};
const SCALES = [1e300, 1e200, 1e160, 1e150, 1, 1e-150, 1e-160, 1e-200, 1e-300, 5e-324, 0];

describe("leastSquares", () => {
  it.each(SCALES)("of residuals times %s", (scale) => {
    for (const jacobian of [
      undefined,
      () => [
        [scale, 0],
        [0, scale],
      ],
    ]) {
      const of = counted(([a, b]: Float64Array) => [scale * (a - 1), scale * (b - 2)]);
      const result = leastSquares(of, [5, 7], {
        ...(jacobian && { jacobian }),
        maxEvaluations: Number.POSITIVE_INFINITY,
      });
      expect(result.error).toBeUndefined();
      expect(result.evaluations).toBeLessThan(ENOUGH);
      expect([...result.x].every(Number.isFinite)).toBe(true);
      if (scale === 1) expect([...result.x]).toEqual([1, 2]);
    }
  });
  it.each([1e300, 1e-160, 1e-300, 5e-324, -1, 0])("with a derivative of %s where it is 1", (slope) => {
    const of = counted(([a]: Float64Array) => [a]);
    const result = leastSquares(of, [5], { jacobian: () => [[slope]], maxEvaluations: Number.POSITIVE_INFINITY });
    expect(result.error).toBeUndefined();
    expect(result.x[0]).toBe(5);
  });
  it("refuses what is no number", () => {
    for (const [given, got] of [
      [[null], "null"],
      [["1"], '"1"'],
      [[[1]], "[1]"],
      [[1n], "1"],
    ] as const) {
      expect(() => leastSquares(() => given as never, [1])).toThrow(
        new TypeError(`residuals(x0)[0]: expected a number, got ${got}`),
      );
      expect(() => leastSquares(([x]) => [x], [1], { jacobian: () => [given] as never })).toThrow(
        new TypeError(`jacobian(x)[0][0]: expected a number, got ${got}`),
      );
      let calls = 0;
      expect(() => leastSquares(() => (calls++ === 0 ? [1] : (given as never)), [1])).toThrow(
        new TypeError(`residuals(x)[0]: expected a number, got ${got}`),
      );
    }
    expect(() => leastSquares(() => ({ length: -1 }), [1])).toThrow("residuals(x0): expected an array of numbers, got");
    expect(() => leastSquares(() => "ab" as never, [1])).toThrow(
      'residuals(x0): expected an array of numbers, got "ab"',
    );
  });
});

describe("minimizeLbfgs", () => {
  it.each(SCALES)("of a value times %s", (scale) => {
    const of = counted((x: Float64Array, gradient: Float64Array) => {
      for (let i = 0; i < 2; i++) gradient[i] = 2 * scale * x[i];
      return scale * x[0] * x[0] + scale * x[1] * x[1];
    });
    const options = { gradientTolerance: 0, maxEvaluations: Number.POSITIVE_INFINITY };
    const { x, reason, error } = minimizeLbfgs(of, [1, 2], options);
    expect(error).toBeUndefined();
    expect([...x].every(Number.isFinite)).toBe(true);
    // Where squares of the gradient vanish, no value is anything but finite.
    if (scale > 0 && scale < 1e-170) expect(reason).toBe("precision");
  });
  it("refuses what is no number, and no array", () => {
    for (const [given, got] of [
      [undefined, "undefined"],
      ["1", '"1"'],
      [1n, "1"],
      [null, "null"],
    ] as const)
      expect(() => minimizeLbfgs(() => given as never, [1])).toThrow(
        new TypeError(`f(x0): expected a number (the gradient goes to the second argument), got ${got}`),
      );
    for (const length of [-1, 0.5])
      expect(() => minimizeLbfgs(() => 1, { length })).toThrow("x0: expected an array of numbers, got");
  });
});
