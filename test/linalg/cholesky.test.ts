import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { invert, linalg } from "../../src/linalg/index.js";
import { backends, shared } from "../support/backends.js";
import {
  diagonal,
  distance,
  doubles,
  EPS,
  gram,
  hilbert,
  identity,
  norm,
  special,
  times,
} from "../support/matrices.js";

/** Positive definite, with a condition below 100. */
const definite = (n: number, seed: number) => gram(n, 2 * n, seed).map((x, k) => x / n + (k % (n + 1) === 0 ? 1 : 0));

function inverse(engine: Engine, n: number, matrix: Float64Array): Float64Array | undefined {
  const [a, result] = [matrix, new Float64Array(n * n).fill(Number.NaN)].map((x) => doubles(engine, x));
  const found = invert(engine, n, a, result);
  const numbers = result.toArray();
  a.dispose();
  result.dispose();
  return found ? numbers : undefined;
}

/** The upper triangle that `cholesky` leaves. */
function factor(engine: Engine, n: number, matrix: Float64Array): Float64Array | undefined {
  const a = doubles(engine, matrix);
  const found = linalg(engine).cholesky(n, a.ref);
  const u = a.toArray().map((x, k) => (k % n >= Math.floor(k / n) ? x : 0));
  a.dispose();
  return found ? u : undefined;
}

const transposed = (n: number, x: Float64Array) => x.map((_, k) => x[(k % n) * n + Math.floor(k / n)]);

for (const backend of backends) {
  describe(backend.name, () => {
    const engine = shared(backend);
    const sizes = [...Array.from({ length: 40 }, (_, i) => i + 1), 128];

    test("factors", () => {
      for (const n of sizes) {
        const a = definite(n, n);
        const u = factor(engine(), n, a)!;
        expect(distance(times(n, transposed(n, u), u), a), `${n}`).toBeLessThanOrEqual(n * EPS * norm(n, a));
      }
      // Hilbert's matrix of 3 by hand.
      const u = factor(engine(), 3, hilbert(3))!;
      const known = [1, 1 / 2, 1 / 3, 0, 1 / Math.sqrt(12), 1 / Math.sqrt(12), 0, 0, 1 / Math.sqrt(180)];
      expect(distance(u, known)).toBeLessThanOrEqual(4 * EPS);
    });

    test("inverts", () => {
      for (const n of sizes) {
        const a = definite(n, n);
        const found = inverse(engine(), n, a)!;
        const bound = n * EPS * norm(n, a) * norm(n, found);
        expect(distance(times(n, a, found), identity(n)), `${n}`).toBeLessThanOrEqual(bound);
        expect(found, `${n} is symmetric`).toEqual(transposed(n, found));
      }
      expect(distance(inverse(engine(), 3, diagonal([4, 16, 0.25]))!, diagonal([0.25, 0.0625, 4]))).toBe(0);
      // The inverse of Hilbert's matrix has whole numbers (Choi 1983); its condition of 5 is 5e5, of 8 1.5e10.
      const five = [
        [25, -300, 1050, -1400, 630],
        [-300, 4800, -18900, 26880, -12600],
        [1050, -18900, 79380, -117600, 56700],
        [-1400, 26880, -117600, 179200, -88200],
        [630, -12600, 56700, -88200, 44100],
      ].flat();
      expect(distance(inverse(engine(), 5, hilbert(5))!, five)).toBeLessThanOrEqual(179200 * 5e5 * EPS * 5);
    });

    test("solves", () => {
      for (const [n, m] of [
        [1, 1],
        [3, 2],
        [8, 5],
        [17, 1],
        [40, 7],
      ]) {
        // biome-ignore format: pairs
        const a = definite(n, n + 1);
        const x = gram(n, n, 5).slice(0, n * m);
        const b = new Float64Array(n * m);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < m; j++) for (let k = 0; k < n; k++) b[i * m + j] += a[i * n + k] * x[k * m + j];
        const [u, solution] = [a, b].map((y) => doubles(engine(), y));
        const { cholesky, choleskySolve } = linalg(engine());
        expect(cholesky(n, u.ref)).toBe(1);
        choleskySolve(n, m, u.ref, solution.ref);
        const largest = Math.max(...x.map(Math.abs));
        expect(distance(solution.data, x), `${n} ${m}`).toBeLessThanOrEqual(100 * n * EPS * largest);
        u.dispose();
        solution.dispose();
      }
    });

    test("refuses what is not positive definite", () => {
      for (const n of [1, 2, 5, 16, 33]) {
        expect(inverse(engine(), n, new Float64Array(n * n)), `zero ${n}`).toBeUndefined();
        const a = definite(n, 3);
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
          const wrong = a.slice();
          wrong[n * n - 1] = bad;
          expect(inverse(engine(), n, wrong), `${bad} ${n}`).toBeUndefined();
        }
      }
      expect(inverse(engine(), 2, Float64Array.of(1, 2, 2, 1))).toBeUndefined();
      for (const n of [3, 8, 21]) expect(inverse(engine(), n, special["rank 2"](n)), `rank 2 of ${n}`).toBeUndefined();
      expect(inverse(engine(), 30, hilbert(30))).toBeUndefined(); // singular to working precision
    });
  });
}

test("has the bits of js on wasm", async () => {
  const [js, ...others] = await Promise.all(backends.map((backend) => backend.create()));
  for (let n = 1; n <= 41; n++) {
    for (const a of [definite(n, 90 + n), hilbert(n), special.graded(n), special.huge(n), special.ones(n)]) {
      const want = [factor(js, n, a), inverse(js, n, a)];
      for (const engine of others)
        expect([factor(engine, n, a), inverse(engine, n, a)], `${n} on ${engine.simd}`).toEqual(want);
    }
  }
  for (const engine of [js, ...others]) engine.dispose();
});
