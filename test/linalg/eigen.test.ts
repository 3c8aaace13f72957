import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { eigen } from "../../src/linalg/index.js";
import { backends, shared } from "../support/backends.js";
import {
  diagonal,
  distance,
  doubles,
  EPS,
  hilbert,
  identity,
  norm,
  random,
  special,
  times,
} from "../support/matrices.js";

interface Result {
  found: boolean;
  values: Float64Array;
  vectors: Float64Array;
}

function run(engine: Engine, n: number, matrix: Float64Array): Result {
  const arrays = [matrix, new Float64Array(n), new Float64Array(n * n)].map((x) => doubles(engine, x));
  const [a, values, vectors] = arrays;
  const found = eigen(engine, n, a, values, vectors);
  const result = { found, values: values.toArray(), vectors: vectors.toArray() };
  for (const one of arrays) one.dispose();
  return result;
}

/** Asserts what makes a decomposition: order, orthonormal rows, and that it multiplies back to A. */
function check(name: string, n: number, a: Float64Array, { found, values, vectors }: Result): void {
  expect(found, name).toBe(true);
  for (let k = 1; k < n; k++) expect(values[k], `${name}: order`).toBeGreaterThanOrEqual(values[k - 1]);
  // The constant: 1.2 at most over all of these matrices and sizes, 0.7 for the product (Node 20).
  const bound = 4 * n * EPS;
  expect(distance(times(n, vectors, vectors, true), identity(n)), `${name}: orthonormal`).toBeLessThanOrEqual(bound);
  // Without overflow and without subnormal numbers: both sides divided by the norm.
  const size = norm(n, a) || 1;
  const scaled = Float64Array.from(vectors, (x, k) => x * (values[Math.floor(k / n)] / size));
  const transposed = Float64Array.from(vectors, (_, k) => vectors[(k % n) * n + Math.floor(k / n)]);
  const back = times(n, transposed, scaled);
  const lost = size < 1e-290 ? (2 ** -1074 / size) * n : 0; // what subnormal numbers are rounded to
  expect(
    distance(
      back,
      a.map((x) => x / size),
    ),
    `${name}: product`,
  ).toBeLessThanOrEqual(bound + lost);
}

for (const backend of backends) {
  describe(backend.name, () => {
    const engine = shared(backend);

    test("decomposes random matrices of 1 to 40 and 128", () => {
      for (const n of [...Array.from({ length: 40 }, (_, i) => i + 1), 128]) {
        const a = random(n, n);
        check(`random ${n}`, n, a, run(engine(), n, a));
      }
    });

    test("decomposes special matrices", () => {
      for (const [name, make] of Object.entries(special)) {
        for (const n of [1, 2, 3, 7, 8, 9, 17, 32]) check(`${name} ${n}`, n, make(n), run(engine(), n, make(n)));
      }
    });

    test("finds known eigenvalues", () => {
      const n = 33;
      const { values } = run(engine(), n, special["second difference"](n));
      // 2 - 2 cos(kπ / (n + 1)), k = 1 … n
      const known = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
      expect(distance(values, known)).toBeLessThanOrEqual(4 * n * EPS);
      // Of a diagonal matrix they are its numbers, to the bit.
      expect([...run(engine(), 5, diagonal([3, -1, 4, 1, -5])).values]).toEqual([-5, -1, 1, 3, 4]);
      expect([...run(engine(), 4, diagonal([2, 2, 2, 2])).values]).toEqual([2, 2, 2, 2]);
      // Hilbert's matrix of 5: its largest and smallest, Todd 1961.
      const five = run(engine(), 5, hilbert(5)).values;
      expect(Math.abs(five[4] - 1.567050691098231)).toBeLessThan(1e-14);
      expect(Math.abs(five[0] - 3.287928772171863e-6)).toBeLessThan(1e-15);
    });

    test("reads the triangle up to the diagonal alone", () => {
      const a = random(9, 1);
      const half = a.map((x, k) => (k % 9 <= Math.floor(k / 9) ? x : Number.NaN));
      expect(run(engine(), 9, half)).toEqual(run(engine(), 9, a));
    });

    test("refuses what is not finite", () => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const n of [1, 2, 12]) {
          const a = random(n, n);
          a[n * n - 1] = bad;
          expect(run(engine(), n, a).found, `${bad} ${n}`).toBe(false);
        }
      }
    });

    test("stops on numbers that overflow on the way", () => {
      // Sums of |x| beyond f64: the largest finite numbers everywhere.
      const n = 6;
      const a = new Float64Array(n * n).fill(Number.MAX_VALUE);
      const { found, values } = run(engine(), n, a);
      expect(found).toBe(true);
      expect(values[n - 1]).toBe(Number.POSITIVE_INFINITY); // n times the largest number
    });
  });
}

test("has the bits of js on wasm", async () => {
  const [js, ...others] = await Promise.all(backends.map((backend) => backend.create()));
  const cases = [
    ...Array.from({ length: 40 }, (_, i) => [`random ${i + 1}`, i + 1, random(i + 1, 77 + i)] as const),
    ...Object.entries(special).flatMap(([name, make]) =>
      [2, 3, 8, 16, 25].map((n) => [`${name} ${n}`, n, make(n)] as const),
    ),
  ];
  for (const [name, n, a] of cases) {
    const want = run(js, n, a);
    for (const engine of others) expect(run(engine, n, a), `${name} on ${engine.simd}`).toEqual(want);
  }
  for (const engine of [js, ...others]) engine.dispose();
});
