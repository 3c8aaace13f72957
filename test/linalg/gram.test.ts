import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { gramKernels, panels } from "../../src/linalg/gram.js";
import { inverseRoot } from "../../src/linalg/inverseRoot.js";
import { modeKernels } from "../../src/linalg/modes.js";
import { backends, shared } from "../support/backends.js";
import { diagonal, distance, doubles, EPS, gram, identity, norm, special, times } from "../support/matrices.js";
import { bits, numbers, uniform } from "../support/numbers.js";

const MODES = [
  [1, 1, 1],
  [1, 5, 7],
  [7, 5, 1],
  [3, 4, 2],
  [2, 9, 3],
  [1, 33, 17],
  [1, 8, 8],
  [4, 1, 5],
] as const;
const doublesFrom = (length: number, seed: number): Float64Array => {
  const next = numbers(seed);
  return Float64Array.from({ length }, () => 2 * next() - 1);
};

/** Everything that the kernels compute from one tensor. */
function run(engine: Engine, [before, n, after]: (typeof MODES)[number], decay: number) {
  const size = before * n * after;
  const g = engine.tensor(size, uniform(size, size));
  const c = doubles(engine, doublesFrom(n * n, 3));
  const diagonal = doubles(engine, doublesFrom(n, 4));
  const sums = doubles(engine, doublesFrom(size, 5).map(Math.abs));
  const work = doubles(engine, new Float64Array(panels(before * after, n)));
  const x = doubles(engine, doublesFrom(6 * n, 6));
  const factors = doubles(engine, doublesFrom(6, 7));
  const rows = doubles(engine, new Float64Array(n * n).fill(Number.NaN));
  const rowWork = doubles(engine, new Float64Array(panels(6, n)));
  const scaled = engine.tensor(size, uniform(size, 8));
  const rounded = engine.tensor(n * n);
  gramKernels(engine).gramMode(before, n, after, g.ref, work.ref, c.ref, decay, 0.3);
  gramKernels(engine).gramRows(6, n, factors.ref, x.ref, rowWork.ref, rows.ref);
  modeKernels(engine).squaresMode(before, n, after, g.ref, diagonal.ref, decay, 0.3);
  const square = modeKernels(engine).adagradSquare(size, g.ref, sums.ref);
  modeKernels(engine).scaleMode(before, n, after, engine.tensor(n, uniform(n, 9)).ref, scaled.ref);
  modeKernels(engine).roundDoubles(n * n, c.ref, rounded.ref);
  const work2 = doubles(engine, new Float64Array(n));
  const times = engine.tensor(n);
  modeKernels(engine).symmetricTimes(n, c.ref, engine.tensor(n, uniform(n, 10)).ref, work2.ref, times.ref);
  return {
    times: times.toArray(),
    c: c.toArray(),
    rows: rows.toArray(),
    diagonal: diagonal.toArray(),
    sums: sums.toArray(),
    square,
    scaled: scaled.toArray(),
    rounded: rounded.toArray(),
  };
}

for (const backend of backends) {
  describe(backend.name, () => {
    const engine = shared(backend);

    test("multiplies along every dimension", () => {
      for (const mode of MODES) {
        for (const decay of [0, 1, 0.9]) {
          const [before, n, after] = mode;
          const size = before * n * after;
          const g = uniform(size, size);
          const c = doublesFrom(n * n, 3);
          const sums = doublesFrom(size, 5).map(Math.abs);
          const got = run(engine(), mode, decay);
          const want = new Float64Array(n * n);
          for (let a = 0; a < before; a++)
            for (let i = 0; i < n; i++)
              for (let j = 0; j < n; j++)
                for (let b = 0; b < after; b++)
                  want[i * n + j] += g[(a * n + i) * after + b] * g[(a * n + j) * after + b];
          // The lower triangle is read.
          const old = (i: number, j: number) => c[Math.max(i, j) * n + Math.min(i, j)];
          const whole = want.map((x, k) => decay * old(Math.floor(k / n), k % n) + 0.3 * x);
          const bound = 4 * before * after * EPS;
          expect(distance(got.c, whole), `${mode}`).toBeLessThanOrEqual(bound);
          const diagonalWas = doublesFrom(n, 4);
          expect(
            distance(
              got.diagonal,
              diagonalWas.map((x, i) => decay * x + 0.3 * want[i * n + i]),
            ),
          ).toBeLessThanOrEqual(bound);
          const x = doublesFrom(6 * n, 6);
          const f = doublesFrom(6, 7);
          const product = new Float64Array(n * n);
          for (let k = 0; k < 6; k++)
            for (let i = 0; i < n; i++)
              for (let j = 0; j < n; j++) product[i * n + j] += f[k] ** 2 * x[k * n + i] * x[k * n + j];
          expect(distance(got.rows, product)).toBeLessThanOrEqual(24 * EPS);
          expect(
            distance(
              got.sums,
              sums.map((s, k) => s + g[k] * g[k]),
            ),
          ).toBeLessThanOrEqual(2 * EPS);
          const direction = g.reduce((total, x, k) => total + x ** 2 / (sums[k] + x ** 2), 0);
          expect(Math.abs(got.square - direction)).toBeLessThanOrEqual(4 * size * EPS);
          const factors = uniform(n, 9);
          expect(bits(got.scaled)).toEqual(
            bits(uniform(size, 8).map((y, k) => Math.fround(y * factors[Math.floor(k / after) % n]))),
          );
          expect(got.rounded).toEqual(Float32Array.from(got.c));
          const vector = uniform(n, 10);
          const times = Array.from(vector, (_, i) => vector.reduce((sum, y, k) => sum + got.c[i * n + k] * y, 0));
          expect(got.times).toEqual(Float32Array.from(times));
        }
      }
    });

    const root = (n: number, p: number, ridge: number, matrix: Float64Array) => {
      const made = [matrix, new Float64Array(n), new Float64Array(n * n), new Float64Array(panels(n, n))];
      const [a, values, vectors, work] = made.map((one) => doubles(engine(), one));
      const found = inverseRoot(engine(), n, p, ridge, a, values, vectors, work);
      return { found, root: a.toArray() };
    };

    test("takes inverse roots", () => {
      for (const n of [1, 2, 5, 16, 33]) {
        const a = gram(n, 2 * n, n).map((x, k) => x / n + (k % (n + 1) === 0 ? 1 : 0));
        for (const p of [1, 2, 3, 4, 6]) {
          const { found, root: r } = root(n, p, 0, a);
          expect(found).toBe("exact");
          let product: Float64Array = identity(n);
          for (let k = 0; k < p; k++) product = times(n, product, r);
          // The condition is below 100.
          expect(distance(times(n, product, a), identity(n)), `${n} ${p}`).toBeLessThanOrEqual(p * n * 100 * EPS);
        }
      }
      const third = root(3, 4, 0, diagonal([16, 81, 1 / 16])).root;
      expect(distance(third, diagonal([1 / 2, 1 / 3, 2]))).toBeLessThanOrEqual(4 * EPS);
      expect(distance(root(2, 2, 0.25, diagonal([0, 2])).root, diagonal([2, 2 / 3]))).toBeLessThanOrEqual(4 * EPS);
    });

    test("raises the ridge where the matrix is not definite, and says so", () => {
      for (const make of [special.ones, special["rank 2"]]) {
        const n = 9;
        const { found, root: r } = root(n, 2, 0, make(n));
        expect(found).toBe("damped");
        const largest = norm(n, make(n));
        // The least eigenvalue counts as n ε times the largest, so the root's norm is at most its inverse root.
        expect(norm(n, r)).toBeLessThanOrEqual(n / Math.sqrt(n * EPS * largest * 0.2));
        expect(r.every(Number.isFinite)).toBe(true);
      }
      expect(root(2, 2, 0, diagonal([-1, 1])).found).toBe("damped");
      expect(root(3, 4, 0, new Float64Array(9))).toEqual({ found: "exact", root: new Float64Array(9) });
      expect(root(1, 4, 0, Float64Array.of(-1)).root).toEqual(Float64Array.of(0));
    });

    test("says that it fails", () => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
        expect(root(2, 2, 0, Float64Array.of(1, bad, bad, 1)).found).toBe("failed");
    });
  });
}

test("has the bits of js on wasm", async () => {
  const [js, ...others] = await Promise.all(backends.map((backend) => backend.create()));
  for (const mode of MODES) {
    for (const decay of [0, 0.9]) {
      const want = run(js, mode, decay);
      for (const engine of others) expect(run(engine, mode, decay), `${mode} on ${engine.simd}`).toEqual(want);
    }
  }
  for (const engine of [js, ...others]) engine.dispose();
});
