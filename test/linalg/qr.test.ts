import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { qrKernels } from "../../src/linalg/qr.js";
import { backends, shared } from "../support/backends.js";
import { distance, doubles, EPS, gram, identity, norm, random, special, times } from "../support/matrices.js";
import { numbers } from "../support/numbers.js";

const square = (n: number, seed: number): Float64Array => {
  const next = numbers(seed);
  return Float64Array.from({ length: n * n }, () => 2 * next() - 1);
};

function basis(engine: Engine, n: number, matrix: Float64Array): Float64Array | undefined {
  const made = [matrix, new Float64Array(n * n).fill(Number.NaN), new Float64Array(2 * n)];
  const [a, q, work] = made.map((x) => doubles(engine, x));
  const found = qrKernels(engine).orthonormal(n, a.ref, q.ref, work.ref);
  const result = q.toArray();
  for (const one of [a, q, work]) one.dispose();
  return found ? result : undefined;
}

const transposed = (n: number, x: Float64Array) => x.map((_, k) => x[(k % n) * n + Math.floor(k / n)]);

for (const backend of backends) {
  describe(backend.name, () => {
    const engine = shared(backend);
    const all: [string, number, Float64Array][] = [
      ...[...Array.from({ length: 40 }, (_, i) => i + 1), 128].map(
        (n) => [`random ${n}`, n, square(n, n)] as [string, number, Float64Array],
      ),
      ...["zero", "identity", "ones", "hilbert", "graded", "rank 2"].flatMap((name) =>
        [1, 2, 7, 16].map((n) => [`${name} ${n}`, n, special[name](n)] as [string, number, Float64Array]),
      ),
    ];

    test("Q is orthonormal whatever the rank, and QᵀA has nothing below its diagonal", () => {
      for (const [name, n, a] of all) {
        const q = basis(engine(), n, a)!;
        expect(distance(times(n, transposed(n, q), q), identity(n)), name).toBeLessThanOrEqual(4 * n * EPS);
        const r = times(n, transposed(n, q), a);
        const below = r.map((x, k) => (k % n < Math.floor(k / n) ? Math.abs(x) : 0));
        expect(Math.max(...below), name).toBeLessThanOrEqual(4 * n * EPS * (norm(n, a) || 1));
      }
    });

    test("refuses what is not finite", () => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const n of [1, 2, 9]) {
          const a = square(n, n);
          a[n * n - 1] = bad;
          expect(basis(engine(), n, a)).toBeUndefined();
        }
      }
    });

    test("finds eigenvectors by power iteration", () => {
      // Q ← qr(A Q): the columns come to the eigenvectors as fast as the ratio of neighbouring eigenvalues, here 1/2.
      const n = 6;
      const q = basis(engine(), n, square(n, 3))!;
      const values = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 2 ** -(k / (n + 1)) : 0));
      const a = times(n, times(n, q, values), q, true);
      let found: Float64Array = identity(n);
      for (let k = 0; k < 60; k++) found = basis(engine(), n, times(n, a, found))!;
      expect(distance(times(n, times(n, transposed(n, found), a), found), values)).toBeLessThanOrEqual(100 * EPS);
    });

    test("multiplies", () => {
      for (const n of [1, 3, 8, 33]) {
        const [a, b, c] = [square(n, 1), square(n, 2), new Float64Array(n * n)].map((x) => doubles(engine(), x));
        qrKernels(engine()).multiplySquare(n, a.ref, b.ref, c.ref);
        expect(distance(c.data, times(n, square(n, 1), square(n, 2)))).toBeLessThanOrEqual(n * n * EPS);
      }
    });
  });
}

test("has the bits of js on wasm", async () => {
  const [js, ...others] = await Promise.all(backends.map((backend) => backend.create()));
  for (let n = 1; n <= 41; n++) {
    for (const a of [square(n, n), random(n, n), gram(n, 2, n), special.graded(n)]) {
      const want = basis(js, n, a);
      for (const engine of others) expect(basis(engine, n, a), `${n} on ${engine.simd}`).toEqual(want);
    }
  }
  for (const engine of [js, ...others]) engine.dispose();
});
