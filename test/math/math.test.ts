import { expect, test } from "vitest";
import * as f64 from "../../src/math/f64.js";
import * as math from "../../src/math/math.js";
import { activationKernels } from "../../src/nn/activation.js";
import { lossKernels } from "../../src/nn/lossKernels.js";
import { smoothKernels } from "../../src/nn/smoothActivation.js";
import { backends } from "../support/backends.js";
import { nnBinaries } from "../support/nnKernels.js";
import { normalCdf } from "../support/normal.js";
import { difference, numbers, SPECIAL } from "../support/numbers.js";

// exp, log, tanh, sigmoid and their like in f32 against f64. The largest errors over every 53rd f32 were 0.98 ulp (exp, at 26.7),
// 0.84 (log, at 0.703), 1.31 (tanh, at 0.637) and 2.40 (sigmoid, at -16.6: exp, then a sum and a quotient), over every
// 1511th 1.46 (expm1, at 0.3998) and 1.44 (log1p, at -8.9e-8: a sum of two roundings), on Node 20.
const functions = [
  { name: "exp", f: math.exp, want: Math.exp, bound: 1, joints: [-104, -87.34, 88.72, 0.3466, 1e-8] },
  { name: "log", f: math.log, want: Math.log, bound: 1, joints: [Math.SQRT1_2, Math.SQRT2, 1, 2 ** -126, 2 ** 127] },
  { name: "expm1", f: math.expm1, want: Math.expm1, bound: 1.5, joints: [-20, 88.72, 0.3466, -0.3466, 1e-8, 17] },
  { name: "log1p", f: math.log1p, want: Math.log1p, bound: 1.5, joints: [-1, 1e-8, 0.4142, -0.2929, 1, 2 ** 24] },
  {
    name: "cbrt",
    f: math.cbrt,
    want: (x: number) => Math.cbrt(Math.min(Math.max(x, 2 ** -126), 2 ** 128 - 2 ** 104)),
    bound: 1,
    joints: [2 ** -126, 1, 8, 2 ** 127, -1, 1e-42],
  },
  { name: "tanh", f: math.tanh, want: Math.tanh, bound: 1.5, joints: [0.625, -0.625, 9.01, 1e-4, 44.4] },
  {
    name: "sigmoid",
    f: math.sigmoid,
    want: (x: number) => 1 / (1 + Math.exp(-x)),
    bound: 2.5,
    joints: [-87.33, 16.6, 0.3466, -16.6],
  },
] as const;

const pattern = new Uint32Array(1);
const value = new Float32Array(pattern.buffer);

/** Every f32 in steps of a prime over all 2^32 bit patterns, and the thousand neighbours of each joint. */
function* sweep(joints: readonly number[]): Generator<number> {
  for (let p = 0; p < 2 ** 32; p += 9973) {
    pattern[0] = p;
    yield value[0];
  }
  for (const joint of joints) {
    value[0] = joint;
    const centre = pattern[0];
    for (let p = centre - 500; p <= centre + 500; p++) {
      pattern[0] = p;
      yield value[0];
    }
  }
}

/** The distance between neighbouring f32 values at x; below 2^-126 they are evenly spaced. */
const spacing = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);

for (const { name, f, want, bound, joints } of functions) {
  test(`${name} lies within ${bound} ulp of f64 over all f32`, () => {
    let worst = { x: 0, ulp: 0 };
    for (const x of sweep(joints)) {
      const exact = want(x);
      const got = f(x);
      const rounded = Math.fround(exact);
      if (Number.isNaN(exact) || !Number.isFinite(rounded) || exact === 0) {
        if (!Object.is(got, rounded) && !(exact === 0 && got === 0))
          expect.fail(`${name}(${x}) is ${got}, not ${rounded}`);
        continue;
      }
      // A sigmoid below 2^-126 is 1 / Infinity: 0, where f64 has a subnormal. No more than 2^-126 is lost by that.
      const lost = name === "sigmoid" && exact < 2 ** -126;
      if (lost && got >= 0 && got <= 2 ** -126) continue;
      const ulp = Math.abs(got - exact) / spacing(exact);
      if (!(ulp <= worst.ulp)) worst = { x, ulp };
    }
    expect(worst.ulp, `at ${worst.x}`).toBeLessThanOrEqual(bound);
    expect(worst.ulp).toBeGreaterThan(0.5); // no f32 result is nearer than that everywhere: the sweep did look
  });
}

// Measured: 1.25 ulp for x >= 0. Below, the rounding of x^2 grows with it, in the tail to x^2 / 2 ulp; at most 1.18 of
// the bound's units, at -1.17. (1 + erf) / 2 would have lost all digits at -5.5.
test("the normal distribution function lies within 1.5 ulp of f64 above 0, within 1.25 (3 + x^2) ulp below", () => {
  const cdf = (x: number) => math.normalCdf(x, math.gaussian(x));
  const next = numbers(4);
  let worst = { x: 0, share: 0 };
  for (let i = 0; i < 600000; i++) {
    const x = Math.fround([-13 + 26 * next(), 4 * next() - 2, (next() - 0.5) * 2 ** (-20 * next())][i % 3]);
    const want = normalCdf(x);
    const ulp = Math.abs(cdf(x) - want) / spacing(want);
    const share = ulp / (x < 0 ? 1.25 * (3 + x * x) : 1.5);
    if (!(share <= worst.share)) worst = { x, share };
  }
  expect(worst.share, `at ${worst.x}`).toBeLessThanOrEqual(1);
  expect(worst.share).toBeGreaterThan(0.5);
  const inf = Number.POSITIVE_INFINITY;
  expect([0, -0, inf, -inf, Number.NaN, 40, -40, 3e38].map(cdf)).toEqual([0.5, 0.5, 1, 0, Number.NaN, 1, 0, 1]);
  // Tables of the distribution, to the digits that they print.
  expect(cdf(-1.959964)).toBeCloseTo(0.025, 7);
  expect(cdf(1)).toBeCloseTo(0.8413447461, 7);
  expect(cdf(-4) / 3.167124183e-5).toBeCloseTo(1, 5);
});

test("the logarithm of 1 + x for x up to 1 has the bits of log1p", () => {
  for (const x of sweep([0, 1, 0.4142, 1e-8])) {
    if (x < 0 || x > 1) continue;
    const [got, want] = [math.log1pUpTo1(x), math.log1p(x)];
    if (!Object.is(got, want)) expect.fail(`log1pUpTo1(${x}) is ${got}, not ${want}`);
  }
  expect(math.log1pUpTo1(Number.NaN)).toBeNaN();
});

test("the ends: zeros, infinities, NaN, and where results leave the range", () => {
  const inf = Number.POSITIVE_INFINITY;
  expect([0, -0, inf, -inf, Number.NaN, 89, -105, -104].map(math.exp)).toEqual([1, 1, inf, 0, Number.NaN, inf, 0, 0]);
  expect([0, -0, inf, -1, -inf, Number.NaN, 1].map(math.log)).toEqual([
    -inf,
    -inf,
    inf,
    ...Array(3).fill(Number.NaN),
    0,
  ]);
  expect([0, inf, -inf, Number.NaN, 50, -50].map(math.tanh)).toEqual([0, 1, -1, Number.NaN, 1, -1]);
  expect([0, -0, inf, -inf, Number.NaN, 40].map(math.sigmoid)).toEqual([0.5, 0.5, 1, 0, Number.NaN, 1]);
  expect([0, -0, inf, -inf, Number.NaN, 89, -30].map(math.expm1)).toEqual([0, 0, inf, -1, Number.NaN, inf, -1]);
  expect([0, -0, inf, -1, -2, -inf, Number.NaN].map(math.log1p)).toEqual([
    0,
    0,
    inf,
    -inf,
    ...Array(3).fill(Number.NaN),
  ]);
  const smallest = 2 ** -149;
  expect([math.expm1(smallest), math.log1p(smallest), math.log1p(-smallest)]).toEqual([smallest, smallest, -smallest]);
  expect(math.exp(-103.9)).toBe(smallest);
  expect([math.tanh(smallest), math.tanh(-smallest)]).toEqual([smallest, -smallest]);
  expect(math.log(smallest)).toBeCloseTo(-149 * Math.LN2, 5);
});

for (const backend of backends) {
  test(`${backend.name}: kernels give the bits of these functions over all f32`, async () => {
    using engine = await backend.create();
    const kernels = engine.bind({ ...activationKernels, ...smoothKernels }, {}, nnBinaries);
    const values = Float32Array.from([...SPECIAL, ...sweep([0.625, -0.625, 88.72, -88.72, 16.6, 1, -1, 20])]);
    const x = engine.tensor(values.length, values);
    const y = engine.tensor(values.length);
    kernels.sigmoid(y.place.length, x.ref, y.ref);
    expect(difference(y.data, values.map(math.sigmoid))).toBeUndefined();
    kernels.tanh(y.place.length, x.ref, y.ref);
    expect(difference(y.data, values.map(math.tanh))).toBeUndefined();
    // A quarter of them for those that are made of the functions: their twins take seconds over all.
    const some = values.filter((_, i) => i % 4 === 0);
    const z = engine.tensor(some.length, some);
    const f = engine.tensor(some.length);
    const want = new Float32Array(some.length);
    const ones = engine.tensor(some.length, new Float32Array(some.length).fill(1));
    for (const [name, a, b] of [
      ["elu", 1, 1],
      ["gelu", 0, 0],
      ["geluTanh", 0, 0],
      ["silu", 0, 0],
      ["softplus", 1, 20],
      ["mish", 0, 0],
    ] as const) {
      kernels[name](f.place.length, z.ref, f.ref, a, b);
      ({ ...activationKernels, ...smoothKernels })[name](some.length, some, want, a, b);
      expect(difference(f.data, want), name).toBeUndefined();
      if (name === "elu") continue;
      kernels[`${name}Backward`](f.place.length, z.ref, ones.ref, f.ref, a, b);
      smoothKernels[`${name}Backward`](some.length, some, ones.toArray(), want, a, b);
      expect(difference(f.data, want), `${name} backward`).toBeUndefined();
    }
  });

  // exp and log have no kernels of their own: a softmax over (0, x) with x <= 0 takes exp(x) and the log of 1 + exp(x).
  test(`${backend.name}: a softmax is made of these functions`, async () => {
    using engine = await backend.create();
    const kernels = engine.bind(lossKernels, {}, nnBinaries);
    const next = numbers(1);
    const rows = 20000;
    const logits = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 0 : -110 * next() ** 3));
    const x = engine.tensor([rows, 2], logits);
    const labels = engine.tensor(rows); // zeros, and so the first class
    const d = engine.tensor([rows, 2]);
    const losses = engine.tensor(rows);
    kernels.softmaxCrossEntropy(rows, 2, x.ref, engine.implementation.asInts(labels.ref, rows), d.ref, losses.ref, 1);
    const wantD = new Float32Array(2 * rows);
    const wantLosses = new Float32Array(rows);
    for (let r = 0; r < rows; r++) {
      const e = math.exp(logits[2 * r + 1]);
      const sum = Math.fround(1 + e);
      wantD[2 * r] = Math.fround(1 / sum) - 1;
      wantD[2 * r + 1] = e / sum;
      wantLosses[r] = math.log(sum);
    }
    expect(difference(d.data, wantD)).toBeUndefined();
    expect(difference(losses.data, wantLosses)).toBeUndefined();
  });
}

// Measured: 3 ulp of f64 at most, 5e-16 of the result.
test("the f64 logarithm lies within 1e-15 of Math.log", () => {
  const next = numbers(3);
  let worst = { x: 1, error: 0 };
  for (let i = 0; i < 300000; i++) {
    const kinds = [
      next(),
      2 ** (2044 * next() - 1022),
      1 + (next() - 0.5) * 2 ** -Math.floor(50 * next()),
      0.6 + next(),
    ];
    const x = Math.max(kinds[i % 4], 2 ** -1022);
    const want = Math.log(x);
    const error = want === 0 ? Math.abs(f64.log(x)) : Math.abs(f64.log(x) / want - 1);
    if (!(error <= worst.error)) worst = { x, error };
  }
  expect(worst.error, `at ${worst.x}`).toBeLessThan(1e-15);
  expect(f64.log(1)).toBe(0);
  expect(f64.log(2)).toBe(Math.LN2);
});

const BITS = 200n;
const ONE = 1n << BITS;
// π · 2^200, from its digits (OEIS A000796), cut off after 59 of them: 1e-59 of 1, and 2^-200 is 6e-61.
const PI = (31415926535897932384626433832795028841971693993751058209749n * ONE) / 10n ** 58n;

/** sin πx for x = k / 2^bits, by its series in whole numbers of 200 bits. */
function exactSinPi(k: number, bits: bigint): number {
  const r = ((PI * BigInt(k)) >> bits) % (2n * PI);
  let term = r;
  let sum = 0n;
  for (let n = 1n; term !== 0n && n < 400n; n += 2n) {
    sum += term;
    term = -(((((term * r) >> BITS) * r) >> BITS) / ((n + 1n) * (n + 2n)));
  }
  return Number(sum) / 2 ** Number(BITS);
}

// Measured: 2 ulp, counted from the nearest double; most are 0 or 1.
test("the f64 sine of πx lies within 2 ulp of an exact series, and meets its zeros and ones", () => {
  const next = numbers(5);
  let worst = { x: 0, ulp: 0 };
  for (let i = 0; i < 4000; i++) {
    // From -2 to 2 evenly, and of any size down to 2^-60.
    const bits = i % 2 ? 51 : 60 + Math.floor(40 * next());
    const k = Math.round((2 * next() - 1) * 2 ** 52);
    const x = k / 2 ** bits;
    const want = exactSinPi(k, BigInt(bits));
    const ulp = Math.abs(f64.sinPi(x) - want) / 2 ** (Math.floor(Math.log2(Math.abs(want))) - 52);
    if (!(ulp <= worst.ulp)) worst = { x, ulp };
  }
  expect(worst.ulp, `at ${worst.x}`).toBeLessThanOrEqual(2);
  expect(worst.ulp).toBeGreaterThan(0.5); // it did look
  for (const x of [0, 1, -1, 2, -3, 1e9, 2 ** 52]) expect(f64.sinPi(x) + 0, `${x}`).toBe(0);
  for (const x of [0.5, -1.5, 2.5, 1e9 + 0.5]) expect(f64.sinPi(x), `${x}`).toBe(1);
  for (const x of [-0.5, 1.5, 3.5]) expect(f64.sinPi(x), `${x}`).toBe(-1);
  expect(f64.sinPi(1 / 6)).toBeCloseTo(0.5, 15);
});

/** m / 2^e, with which a double begins. */
function parts(x: number): [bigint, bigint] {
  const e = 52 - Math.floor(Math.log2(x));
  return [BigInt(x * 2 ** (e >> 1) * 2 ** (e - (e >> 1))), BigInt(e)]; // 2^e itself may be beyond all doubles
}

// Measured: 2.2e-13, where y ln x is 630: exp magnifies the rounding of its argument.
test("the f64 power lies within 3e-13 of exact powers, and roots within 1e-15", () => {
  const next = numbers(6);
  let worst = { x: 1, y: 1, error: 0 };
  for (let i = 0; i < 500; i++) {
    const x = i % 3 === 0 ? 0.5 + next() : 1 - 0.1 * next() * 10 ** -(i % 5);
    const y = Math.max(1, Math.floor(Math.min((next() * 690) / Math.abs(Math.log(x)), 3000)));
    const [m, e] = parts(x);
    const got = f64.pow(x, y);
    const scale = 1200n;
    const wide = ((m ** BigInt(y)) << scale) >> (e * BigInt(y));
    const [gm, ge] = parts(got);
    const error = Math.abs(Number((((gm << scale) >> ge) * 10n ** 20n) / wide - 10n ** 20n)) / 1e20;
    if (!(error <= worst.error)) worst = { x, y, error };
  }
  expect(worst.error, `${worst.x} ** ${worst.y}`).toBeLessThan(3e-13);
  expect(worst.error).toBeGreaterThan(1e-16);
  for (let i = 1; i < 1000; i++) {
    const root = f64.pow(i / 1000, 0.5);
    expect(Math.abs(root / Math.sqrt(i / 1000) - 1)).toBeLessThan(1e-15);
  }
});
