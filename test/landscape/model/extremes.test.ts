/** The method of Lanczos on matrices whose spectra are known, or found by rotations, which share no code with it. */
import { describe, expect, it } from "vitest";
import { eigenOf } from "../../../src/landscape/eigen.js";
import { extremeEigenpairs, type Search } from "../../../src/landscape/model/extremes.js";
import * as matrices from "../../support/matrices.js";
import { numbers } from "../../support/numbers.js";

const DEFAULTS: Search = {
  top: 1,
  bottom: 1,
  tolerance: 1e-8,
  maxSteps: 1000,
  repeated: true,
  seed: 0,
  rounding: 1e-12,
};

const times = (n: number, a: ArrayLike<number>) => (v: Float64Array, into: Float64Array) => {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += a[i * n + j] * v[j];
    into[i] = sum;
  }
};

/** A matrix of these eigenvalues: a diagonal, turned by three reflections. */
function withSpectrum(values: readonly number[], seed = 1): Float64Array {
  const n = values.length;
  const next = numbers(seed);
  let a = matrices.diagonal(values);
  for (let turn = 0; turn < 3; turn++) {
    const v = Float64Array.from({ length: n }, () => next() - 0.5);
    const length = v.reduce((sum, x) => sum + x * x, 0);
    const reflection = matrices.symmetric(n, (i, j) => (i === j ? 1 : 0) - (2 * v[i] * v[j]) / length);
    a = matrices.times(n, matrices.times(n, reflection, a), reflection);
  }
  return a;
}

function find(a: ArrayLike<number>, options: Partial<Search>) {
  const n = Math.round(Math.sqrt(a.length));
  return extremeEigenpairs(n, times(n, a), { ...DEFAULTS, ...options });
}

const numbersTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const many = (value: number, count: number) => new Array<number>(count).fill(value);

const spectra: [string, number[]][] = [
  ["one by one", [3]],
  ["two by two", [-2, 5]],
  ["evenly apart", numbersTo(60)],
  ["the top three times", [...numbersTo(40), 50, 50, 50]],
  ["the bottom three times", [-7, -7, -7, ...numbersTo(40)]],
  ["all the same", many(2, 20)],
  ["all zero", many(0, 20)],
  ["of rank one", [...many(0, 30), 4]],
  ["of rank three, two of them the same", [...many(0, 30), 4, 9, 9]],
  ["every one twice, of both signs", numbersTo(12).flatMap((i) => [i - 6, i - 6])],
  ["all negative", numbersTo(30).map((i) => -i)],
  ["fifteen orders of magnitude", Array.from({ length: 30 }, (_, i) => 10 ** (-i / 2))],
  ["close together at the top", [...numbersTo(50), 50.001, 50.002]],
  ["large", numbersTo(30).map((i) => i * 1e100)],
  ["small", numbersTo(30).map((i) => i * 1e-100)],
];

describe.each(spectra)("%s", (_, spectrum) => {
  const sorted = [...spectrum].sort((a, b) => a - b);
  const scale = Math.max(...sorted.map(Math.abs));
  it.each([1, 3, 5].filter((k) => k <= spectrum.length))("the %i greatest and least, by value and vector", (k) => {
    const a = withSpectrum(spectrum);
    const n = spectrum.length;
    const { top, bottom, converged, steps } = find(a, { top: k, bottom: k });
    expect(converged).toBe(true);
    expect(steps).toBeGreaterThan(0);
    expect(top).toHaveLength(k);
    expect(bottom).toHaveLength(k);
    for (const [i, { value }] of top.entries())
      expect(Math.abs(value - sorted[n - 1 - i])).toBeLessThanOrEqual(1e-8 * scale);
    for (const [i, { value }] of bottom.entries())
      expect(Math.abs(value - sorted[i])).toBeLessThanOrEqual(1e-8 * scale);
    const product = new Float64Array(n);
    for (const { value, vector, residual } of [...top, ...bottom]) {
      times(n, a)(vector, product);
      const left = Math.sqrt(
        product.reduce((sum, x, i) => sum + (x / (scale || 1) - (value / (scale || 1)) * vector[i]) ** 2, 0),
      );
      expect(left).toBeLessThan(1.01e-8);
      if (scale < 1e50 && scale > 1e-50) expect(residual).toBeCloseTo(left * scale, 12);
    }
    for (const one of top) {
      for (const other of top) {
        const along = one.vector.reduce((sum, x, i) => sum + x * other.vector[i], 0);
        expect(along).toBeCloseTo(one === other ? 1 : 0, 7);
      }
    }
  });
});

// These lie beyond the squares of f64; products of a model are numbers of f32, whose squares do not.
const inRange = Object.entries(matrices.special).filter(([name]) => !["huge", "tiny", "subnormal"].includes(name));
it.each(inRange)("%s, as by rotations", (_, make) => {
  for (const n of [1, 2, 9, 33]) {
    const a = make(n);
    const { values } = eigenOf(Array.from({ length: n }, (__, i) => a.slice(i * n, i * n + n)));
    const k = Math.min(3, n);
    const { top, bottom, converged } = find(a, { top: k, bottom: k });
    const within = 1e-8 * Math.max(...values.map(Math.abs));
    expect(converged).toBe(true);
    for (let i = 0; i < k; i++) {
      expect(Math.abs(top[i].value - values[n - 1 - i])).toBeLessThanOrEqual(within);
      expect(Math.abs(bottom[i].value - values[i])).toBeLessThanOrEqual(within);
    }
  }
});

// At a tolerance that rounding has not yet brought a copy within.
it("finds each distinct eigenvalue once if copies are not looked for, in fewer steps", () => {
  const a = withSpectrum([...numbersTo(40), 50, 50, 50]);
  const once = find(a, { top: 2, bottom: 0, tolerance: 1e-4, repeated: false });
  const whole = find(a, { top: 2, bottom: 0, tolerance: 1e-4 });
  expect(once.top.map(({ value }) => Math.round(value * 1e3) / 1e3)).toEqual([50, 40]);
  expect(whole.top.map(({ value }) => Math.round(value * 1e3) / 1e3)).toEqual([50, 50]);
  expect(once.bottom).toEqual([]);
  expect(once.converged && whole.converged).toBe(true);
  expect(once.steps).toBeLessThan(whole.steps);
});

it("says that it has not converged when its steps are over, and how far it is", () => {
  const spectrum = numbersTo(200);
  const a = withSpectrum(spectrum);
  for (const maxSteps of [1, 2, 5, 12]) {
    const { top, bottom, converged, steps } = find(a, { top: 2, bottom: 2, maxSteps });
    expect(converged).toBe(false);
    expect(steps).toBe(maxSteps);
    for (const { value, residual } of [...top, ...bottom]) {
      const nearest = Math.min(...spectrum.map((one) => Math.abs(one - value)));
      expect(nearest).toBeLessThanOrEqual(residual * (1 + 1e-9));
    }
  }
  // A tolerance below the rounding of products is never reached.
  expect(find(a, { tolerance: 1e-18 }).converged).toBe(false);
});

it("has the same numbers again, and others from another seed", () => {
  const a = withSpectrum(numbersTo(60));
  const run = (seed: number) => find(a, { seed }).top[0].vector;
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});

it("stays within rounding of products in f32", () => {
  const spectrum = [-3, ...many(0, 100), ...numbersTo(20), 20];
  const n = spectrum.length;
  const a = withSpectrum(spectrum);
  const product = times(n, a);
  const rounded = (v: Float64Array, into: Float64Array) => {
    product(v.map(Math.fround), into);
    for (let i = 0; i < n; i++) into[i] = Math.fround(into[i]);
  };
  const search = { ...DEFAULTS, top: 3, bottom: 3, tolerance: 1e-5, rounding: 2 ** -20 };
  const { top, bottom, converged } = extremeEigenpairs(n, rounded, search);
  expect(converged).toBe(true);
  for (const [i, want] of [20, 20, 19].entries()) expect(top[i].value).toBeCloseTo(want, 4);
  for (const [i, want] of [-3, 0, 0].entries()) expect(bottom[i].value).toBeCloseTo(want, 4);
});
