import { expect, test, vi } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { backends, threaded } from "../support/backends.js";
import { awkward, difference, uniform } from "../support/numbers.js";
import { LAYOUTS, tilesOf, transposed, tripleLoop } from "../support/products.js";

// Whole tiles, rims of every width, and sizes beside multiples of 4, 6, 8, 16 and 32. The twin has one tile, 4 x 2, and
// no blocks.
const SIZES = {
  wasm: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 23, 24, 25, 31, 32, 33],
  js: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 17],
  threads: [1, 8, 13, 33], // less than a tile, whole ones, one with a rim, and several of each in a share
};
// One past the depth (512), rows (192) and columns (1024) of a block, and several blocks of each.
const LARGE = {
  wasm: [
    [1, 1, 513],
    [7, 9, 1100],
    [193, 9, 520],
    [195, 10, 520], // the last columns have tiles of their own: ten, three, four
    [199, 3, 520],
    [9, 1036, 17],
    [5, 1025, 17],
    [30, 1040, 1030],
    [390, 65, 70],
    [194, 1027, 514],
    [770, 12, 514], // and one past the rows that are summed aside (768)
    [1, 1783, 1771], // a vector times a matrix that the caches do not hold
  ],
  js: [
    [1, 1, 513],
    [7, 9, 1100],
    [5, 1025, 17],
  ],
} as const;
const LARGEST = 33;
const GUARD = 64;

// One memory holds guard, A, guard, B, guard, C, guard, at the exact sizes and at odd places. Guards are NaN: what
// reads one and lets it into a sum shows in the product, and what writes one shows in the guard.
for (const backend of [...backends, threaded(3)]) {
  for (const tile of tilesOf(backend)) {
    const title = backend.name === "js" ? "js" : `${backend.name}, ${tile} rows`;
    test(`${title}: whole numbers are exact in all small shapes, and nothing beside the operands is touched`, async () => {
      using engine = await backend.create({ tile });
      const field = engine.tensor(3 * LARGEST * LARGEST + 4 * GUARD);
      const wrong: string[] = [];
      const sizes = SIZES[engine.threads > 1 ? "threads" : engine.backend];
      for (const m of sizes) for (const n of sizes) for (const k of sizes) wrong.push(...small(engine, field, m, n, k));
      expect(wrong.slice(0, 5)).toEqual([]);
    });
  }
}

for (const backend of backends) {
  for (const tile of tilesOf(backend)) {
    const title = backend.name === "js" ? "js" : `${backend.name}, ${tile} rows`;

    test(`${title}: the blocks of a large product keep the order of its sums`, async () => {
      using engine = await backend.create({ tile });
      for (const shape of LARGE[engine.backend]) check(engine, backend.exact, large(shape));
    });

    test(`${title}: special values come out as the triple loop has them`, async () => {
      using engine = await backend.create({ tile });
      // Fused multiply-add may turn an overflow of the product into a finite number, so only exact backends are held to it.
      for (const [m, n, k] of [
        [4, 8, 1],
        [6, 16, 2],
        [9, 11, 3],
        [70, 70, 300],
      ] as const) {
        const a = awkward(m * k, 1 + m);
        const b = awkward(k * n, 2 + n);
        if (backend.exact) check(engine, true, problem(m, n, k, a, b, awkward(m * n, 3 + k)));
        else {
          const got = engine.matmul(engine.tensor([m, k], a), engine.tensor([k, n], b)).data;
          const nanRows = new Set<number>();
          for (let i = 0; i < m; i++) if (a.subarray(i * k, i * k + k).some(Number.isNaN)) nanRows.add(i);
          for (const i of nanRows) expect(got.subarray(i * n, i * n + n).every(Number.isNaN)).toBe(true);
        }
      }
    });
  }

  test(`${backend.name}: strict products do not fuse`, async () => {
    using engine = await backend.create();
    // (1 + 2^-13)(1 - 2^-13) = 1 - 2^-26 rounds to 1; only a fused multiply-add keeps the 2^-26 after - 1.
    const e = 2 ** -13;
    const a = engine.tensor([8, 2], new Array(8).fill([1, 1 + e]).flat());
    const b = engine.tensor([2, 8], [...new Array(8).fill(-1), ...new Array(8).fill(1 - e)]);
    for (const x of engine.matmul(a, b).data) expect(backend.exact ? [0] : [0, -(2 ** -26)]).toContain(x);
  });

  // An engine without a pinned tile turns from one to the other until it has timed both: here after every other product,
  // by a clock on which each takes 20 ms.
  test(`${backend.name}: turning from tile to tile does not change a product`, async () => {
    using engine = await backend.create();
    let clock = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => (clock += 20));
    const size = backend.name === "js" ? 32 : 128;
    const a = engine.tensor([size, size], uniform(size * size, 1));
    const b = engine.tensor([size, size], uniform(size * size, 2));
    const first = engine.matmul(a, b);
    const out = engine.tensor([size, size]);
    for (let round = 0; round < (backend.name === "js" ? 2 : 40); round++) {
      engine.matmul(a, b, { out });
      const wrong = difference(out.data, first.data);
      if (wrong) expect.fail(`round ${round}: ${wrong}`);
    }
    now.mockRestore();
    if (backend.name !== "js") expect(clock).toBeGreaterThanOrEqual(20 * 2 * 34); // 34 were timed, until both tiles had their samples
    if (backend.exact) expect(difference(first.data, tripleLoop(size, size, size, a.data, b.data))).toBeUndefined();
  });
}

/** A number from -8 to 8; sums of 33 products of these are exact in f32. */
const whole = (i: number): number => (((i * 2654435761) >>> 8) % 17) | 0;
const WHOLE = Float32Array.from({ length: 4096 }, (_, i) => whole(i) - 8);

function small(engine: Engine, field: ReturnType<Engine["tensor"]>, m: number, n: number, k: number): string[] {
  const { implementation: memory } = engine;
  const a = WHOLE.subarray(m + n, m + n + m * k);
  const b = WHOLE.subarray(1500 + k, 1500 + k + k * n);
  const old = WHOLE.subarray(2700, 2700 + m * n);
  const want = new Int32Array(m * n);
  for (let i = 0, at = 0; i < m; i++) {
    for (let j = 0; j < n; j++, at++) for (let t = 0; t < k; t++) want[at] += a[i * k + t] * b[t * n + j];
  }
  const [at, bt] = [transposed(m, k, a), transposed(k, n, b)];
  const [atA, atB] = [GUARD, 2 * GUARD + m * k];
  const atC = 3 * GUARD + m * k + k * n;
  const end = atC + m * n + GUARD;
  const data = field.data;
  const wrong: string[] = [];
  for (const { name, transposeA, transposeB } of LAYOUTS) {
    for (const accumulate of [false, true]) {
      data.fill(Number.NaN, 0, end);
      data.set(transposeA ? at : a, atA);
      data.set(transposeB ? bt : b, atB);
      if (accumulate) data.set(old, atC);
      const ref = (offset: number, length: number) => memory.at(field.ref, offset, length);
      engine.product(transposeA, transposeB, m, n, k, ref(atA, m * k), ref(atB, k * n), ref(atC, m * n), accumulate);
      const label = `${name} ${m}x${n}x${k}${accumulate ? " accumulating" : ""}`;
      for (let i = 0; i < m * n; i++) {
        if (data[atC + i] === want[i] + (accumulate ? old[i] : 0)) continue;
        wrong.push(`${label}: element ${i} is ${data[atC + i]}`);
        break;
      }
      for (let i = 0; i < end; i++) {
        const guard = i < atA || (i >= atA + m * k && i < atB) || (i >= atB + k * n && i < atC) || i >= atC + m * n;
        if (guard && !Number.isNaN(data[i])) wrong.push(`${label}: wrote beside an operand, at ${i}`);
      }
    }
  }
  return wrong;
}

interface Problem {
  shape: [m: number, n: number, k: number];
  a: Float32Array;
  b: Float32Array;
  old: Float32Array;
  /** What the triple loop makes of them, overwriting and accumulating. */
  want(): Float32Array[];
}

function problem(m: number, n: number, k: number, a: Float32Array, b: Float32Array, old: Float32Array): Problem {
  let want: Float32Array[] | undefined;
  const loops = (): Float32Array[] => {
    const product = tripleLoop(m, n, k, a, b);
    return [product, product.map((sum, i) => old[i] + sum)]; // C is added last, to the sum from +0
  };
  return { ...{ shape: [m, n, k], a, b, old }, want: () => (want ??= loops()) };
}

const known = new Map<string, Problem>();
/** Uniform numbers, the same for every engine and tile: the loop that they are compared with runs once. */
function large([m, n, k]: readonly [number, number, number]): Problem {
  const key = `${m} ${n} ${k}`;
  if (!known.has(key)) known.set(key, problem(m, n, k, uniform(m * k, m), uniform(k * n, n), uniform(m * n, k)));
  return known.get(key)!;
}

/** Every layout, overwriting and accumulating, against the triple loop: the same bits, or the error bound of one. */
function check(engine: Engine, exact: boolean, { shape: [m, n, k], a, b, old, want }: Problem): void {
  const before = engine.bytesInUse;
  const sums = exact ? [] : sumsOf(m, n, k, a, b);
  const operands = { a: [a, transposed(m, k, a)], b: [b, transposed(k, n, b)] } as const;
  for (const { name, transposeA, transposeB } of LAYOUTS) {
    using x = engine.tensor(transposeA ? [k, m] : [m, k], operands.a[transposeA ? 1 : 0]);
    using y = engine.tensor(transposeB ? [n, k] : [k, n], operands.b[transposeB ? 1 : 0]);
    for (const accumulate of [false, true]) {
      using out = engine.tensor([m, n], old);
      expect(engine.matmul(x, y, { transposeA, transposeB, out, accumulate })).toBe(out);
      const label = `${name} ${m}x${n}x${k}${accumulate ? " accumulating" : ""}`;
      const wrong = exact
        ? difference(out.data, want()[accumulate ? 1 : 0])
        : farOff(k, sums, accumulate ? old : undefined, out.data);
      if (wrong) expect.fail(`${label}: ${wrong}`);
    }
  }
  expect(engine.bytesInUse).toBe(before);
}

/** Sums and sums of magnitudes in f64, for the error bound. */
function sumsOf(m: number, n: number, k: number, a: Float32Array, b: Float32Array): { sum: number; size: number }[] {
  return Array.from({ length: m * n }, (_, at) => {
    const i = Math.floor(at / n);
    let sum = 0;
    let size = 0;
    for (let t = 0, q = at % n; t < k; t++, q += n) {
      const product = a[i * k + t] * b[q];
      sum += product;
      size += Math.abs(product);
    }
    return { sum, size };
  });
}

/** |error| <= roundings * 2^-24 * the sum of magnitudes: what any order of sums and any fusing keeps. */
function farOff(
  k: number,
  sums: { sum: number; size: number }[],
  old: Float32Array | undefined,
  got: Float32Array,
): string | undefined {
  for (const [i, { sum, size }] of sums.entries()) {
    const want = sum + (old?.[i] ?? 0);
    const bound = (old ? k + 1 : k) * 2 ** -24 * (size + Math.abs(old?.[i] ?? 0));
    if (!(Math.abs(got[i] - want) <= bound)) return `element ${i}: ${got[i]}, not ${want} within ${bound}`;
  }
  return undefined;
}
