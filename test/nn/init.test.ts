import { expect, test } from "vitest";
import { dense } from "../../src/nn/dense.js";
import type { Init } from "../../src/nn/init.js";
import { sequential } from "../../src/nn/sequential.js";
import { backends } from "../support/backends.js";
import { bits, difference } from "../support/numbers.js";

// Over 200 x 300 weights, five standard errors of the sample's mean and variance are within 2 % of the distribution.
const IN = 200;
const OUT = 300;
const moments = (x: Float32Array) => {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return {
    mean,
    variance: x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length,
    kurtosis: x.reduce((sum, v) => sum + (v - mean) ** 4, 0) / x.length,
    largest: x.reduce((most, v) => Math.max(most, Math.abs(v)), 0),
  };
};

// The papers' variances; a uniform distribution of variance v ends at sqrt(3 v). bias: its bound, 0 for none.
const rows: { init: Init; variance: number; uniform: boolean; bias: number }[] = [
  { init: "uniform", variance: 1 / (3 * IN), uniform: true, bias: 1 / Math.sqrt(IN) },
  { init: "heUniform", variance: 2 / IN, uniform: true, bias: 0 },
  { init: "heNormal", variance: 2 / IN, uniform: false, bias: 0 },
  { init: "glorotUniform", variance: 2 / (IN + OUT), uniform: true, bias: 0 },
  { init: "glorotNormal", variance: 2 / (IN + OUT), uniform: false, bias: 0 },
  { init: { uniform: 0.3 }, variance: 0.03, uniform: true, bias: 0.3 },
];

for (const backend of backends) {
  for (const { init, variance, uniform, bias } of rows) {
    test(`${backend.name}: ${JSON.stringify(init)} has the distribution of its paper`, async () => {
      using engine = await backend.create();
      const [w, b] = sequential(engine, [dense(IN, OUT, { init })], { seed: 5 }).parameters();
      const found = moments(w.toArray());
      expect(Math.abs(found.mean)).toBeLessThan((5 * Math.sqrt(variance)) / Math.sqrt(IN * OUT));
      expect(found.variance / variance).toBeGreaterThan(0.98);
      expect(found.variance / variance).toBeLessThan(1.02);
      // E x^4 is 9/5 of the squared variance for a uniform, 3 for a normal distribution.
      expect(found.kurtosis / variance ** 2 / (uniform ? 1.8 : 3)).toBeCloseTo(1, 1);
      const bound = Math.fround(Math.sqrt(3 * variance));
      if (uniform) expect(found.largest).toBeLessThanOrEqual(bound);
      expect(found.largest).toBeGreaterThan((uniform ? 0.999 : 1.8) * bound);
      const biases = moments(b.toArray());
      expect(biases.largest).toBeLessThanOrEqual(Math.fround(bias));
      expect(biases.largest).toBeGreaterThanOrEqual(0.9 * bias);
    });
  }

  test(`${backend.name}: zeros are zeros`, async () => {
    using engine = await backend.create();
    for (const p of sequential(engine, [dense(5, 7, { init: "zeros" })]).parameters()) {
      expect(difference(p.data, new Float32Array(p.size))).toBeUndefined();
    }
  });

  test(`${backend.name}: a seed gives the same bits on every backend and every time, another seed gives others`, async () => {
    using engine = await backend.create();
    using js = await backends[0].create();
    const weights = (on: typeof engine, seed?: number) =>
      sequential(
        on,
        [dense(9, 8, { init: "heNormal" }), dense(8, 5), dense(5, 4, { init: "glorotUniform" })],
        seed === undefined ? {} : { seed },
      )
        .parameters()
        .map((p) => [...bits(p.data)].join());
    expect(weights(engine, 7)).toEqual(weights(engine, 7));
    expect(weights(engine, 7)).toEqual(weights(js, 7));
    expect(weights(engine)).toEqual(weights(engine, 0));
    // Neighbouring, negative and large seeds differ, beyond 32 bits too, and so do the layers of one model.
    const seeds = [
      0,
      1,
      2,
      3,
      -1,
      -2,
      1 - 2 ** 32,
      -(2 ** 40),
      2 ** 16,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      2 ** 32 + 1,
      2 ** 52,
    ];
    expect(new Set(seeds.map((seed) => weights(engine, seed)[0])).size).toBe(seeds.length);
    const [first, , second] = sequential(engine, [dense(8, 8), dense(8, 8)], { seed: 1 }).parameters();
    expect(difference(first.data, second.data)).toBeDefined();
  });
}
