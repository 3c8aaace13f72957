/** Sines and cosines in f64: against exact series in whole numbers, and beside the host's own. */
import { expect, test } from "vitest";
import { cos, cosPi, sin, sinPi } from "../../src/math/f64.js";
import { numbers } from "../support/numbers.js";

const BITS = 1400n;
const ONE = 1n << BITS;

/** arctan(1 / n) in units of 2^-1400. */
function arctan(n: bigint): bigint {
  let term = ONE / n;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += k % 4n === 1n ? term / k : -(term / k);
    term /= n * n;
  }
  return sum;
}
/** π by Machin's formula. */
const PI = 4n * (4n * arctan(5n) - arctan(239n));

/** A double as a whole number of 2^-1400, or less than one below: only those down to 2^-1000 are asked for. */
function whole(x: number): bigint {
  let m = x;
  let e = 0n;
  for (; !Number.isInteger(m); e++) m *= 2;
  return (BigInt(m) * ONE) >> e;
}
const double = (x: bigint): number => Number(x >> 1200n) / 2 ** 200;

function exact(x: number): { sin: number; cos: number } {
  let r = whole(x) % (2n * PI);
  if (r > PI) r -= 2n * PI;
  if (r < -PI) r += 2n * PI;
  const sums = [0n, 0n];
  let term = ONE;
  for (let n = 1n; term !== 0n; n++) {
    sums[Number((n - 1n) % 2n)] += (n - 1n) % 4n < 2n ? term : -term;
    term = ((term * r) >> BITS) / n;
    if (term === -1n) break; // shifts round down, so that negative terms never end
  }
  return { sin: double(sums[1]), cos: double(sums[0]) };
}
const ours = { sin, cos };
const ulps = (got: number, want: number): number =>
  Math.abs(got - want) / 2 ** (Math.max(-1022, Math.floor(Math.log2(Math.abs(want)))) - 52);

/** Arguments small and large, and doubles beside multiples of π/2, where the reduction loses most. */
function* sweep(count: number, seed: number): Generator<number> {
  const next = numbers(seed);
  for (let i = 0; i < count; i++) {
    const sign = next() < 0.5 ? -1 : 1;
    yield sign * 10 * next();
    yield sign * 2 ** (60 * next() - 30);
    yield sign * 2 ** (1023 * next());
    yield sign * Math.floor(2 ** (21 * next())) * (Math.PI / 2);
  }
  yield 6381956970095103 * 2 ** 797; // of all doubles the nearest to a multiple of π/2 (Muller, Elementary Functions)
  yield* [22, 355, 103993, 2 ** 20 * (Math.PI / 2), 1647100, Number.MAX_VALUE];
}

// Measured: 2 ulp, counted from the nearest double.
test("sin and cos lie within 2 ulp of exact series, for arguments of any size", () => {
  const worst = { sin: { x: 0, ulp: 0 }, cos: { x: 0, ulp: 0 } };
  for (const x of sweep(250, 11)) {
    const want = exact(x);
    for (const name of ["sin", "cos"] as const) {
      const ulp = ulps(ours[name](x), want[name]);
      if (!(ulp <= worst[name].ulp)) worst[name] = { x, ulp };
    }
  }
  for (const { x, ulp } of Object.values(worst)) {
    expect(ulp, `at ${x}`).toBeLessThanOrEqual(2);
    expect(ulp).toBeGreaterThan(0.5);
  }
});

test("sin and cos lie within 3 ulp of the host's, which lie within 1 of the exact", () => {
  for (const x of sweep(20_000, 12)) {
    if (Math.abs(x) > 2 ** 20 && Math.abs(x) < 2 ** 900) continue; // whole numbers of 1,200 bits are slow
    expect(ulps(sin(x), Math.sin(x)), `sin ${x}`).toBeLessThanOrEqual(3);
    expect(ulps(cos(x), Math.cos(x)), `cos ${x}`).toBeLessThanOrEqual(3);
  }
});

test("the ends: 0, what is not finite, and the whole and half turns of cosPi", () => {
  expect(Object.is(sin(-0), -0)).toBe(true);
  expect([sin(0), cos(0), cosPi(0)]).toEqual([0, 1, 1]);
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect([sin(x), cos(x), sinPi(x), cosPi(x)]).toEqual(Array(4).fill(Number.NaN));
  for (const x of [0.5, -0.5, 1.5, 1e9 + 0.5]) expect(cosPi(x) + 0, `${x}`).toBe(0);
  for (const x of [2, -4, 1e9]) expect(cosPi(x), `${x}`).toBe(1);
  for (const x of [1, -3]) expect(cosPi(x), `${x}`).toBe(-1);
});

test("cosPi lies within 2 ulp of an exact series", () => {
  const next = numbers(13);
  for (let i = 0; i < 1000; i++) {
    const x = i % 2 ? 6 * next() - 3 : (Math.floor(8 * next()) - 4 + 0.5) * (1 + 2 ** (-50 * next()));
    let r = (whole(x) * PI) >> BITS;
    r %= 2n * PI;
    let term = ONE;
    let sum = 0n;
    for (let n = 2n; term !== 0n && term !== -1n; n += 2n) {
      sum += term;
      term = -(((((term * r) >> BITS) * r) >> BITS) / (n * (n - 1n)));
    }
    expect(ulps(cosPi(x), double(sum)), `${x}`).toBeLessThanOrEqual(2);
  }
});
