import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import * as thalweg from "../../src/index.js";
import { backends } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

const { concat, dense, dropout, relu, sequential, tanh } = thalweg;

/** Which of n values a dropout keeps in pass number `step`, as ones and zeros. */
async function masks(n: number, p: number, seed: number, steps: number, layer = 0): Promise<Uint8Array[]> {
  using engine = await createEngine();
  const before = Array.from({ length: layer }, () => dropout(0));
  const model = sequential(engine, [...before, dropout(p)], { seed });
  const ones = engine.tensor([1, n], new Float32Array(n).fill(1));
  return Array.from({ length: steps }, () => Uint8Array.from(model.forward(ones).data, (v) => (v === 0 ? 0 : 1)));
}

/** How far a fraction of n draws is from the probability p, in standard deviations. */
const sigmas = (count: number, n: number, p: number) => Math.abs(count - n * p) / Math.sqrt(n * p * (1 - p));
const agreement = (a: Uint8Array, b: Uint8Array, shift = 0) => {
  let count = 0;
  for (let i = 0; i + shift < a.length; i++) count += a[i] & b[i + shift];
  return count;
};

// A fair generator exceeds 4.5 standard deviations once in 150,000 times; each test makes some hundred comparisons.
const LIMIT = 4.5;
const N = 100_000;

test("the fraction kept is 1 − p, over positions, seeds and passes", async () => {
  for (const p of [0.1, 0.3, 0.5, 0.9]) {
    let all = 0;
    for (const seed of [0, 1, -1, 1 - 2 ** 32, 2 ** 40]) {
      for (const mask of await masks(N, p, seed, 3)) {
        const kept = mask.reduce((sum, v) => sum + v, 0);
        expect(sigmas(kept, N, 1 - p), `p ${p}, seed ${seed}`).toBeLessThan(LIMIT);
        all += kept;
      }
    }
    expect(sigmas(all, 15 * N, 1 - p), `p ${p}`).toBeLessThan(LIMIT);
  }
});

test("neighbours, rows, passes, layers and seeds are independent of each other", async () => {
  const p = 0.5;
  const [first, second, third] = (await masks(N, p, 7, 3)) as [Uint8Array, Uint8Array, Uint8Array];
  const [layer] = await masks(N, p, 7, 1, 1);
  const [seed] = await masks(N, p, 8, 1);
  const both = (1 - p) ** 2;
  for (const shift of [1, 2, 3, 4, 5, 8, 10, 16, 32, 64, 100, 128, 256, 512, 1000, 1024, 4096, 65536]) {
    expect(sigmas(agreement(first, first, shift), N - shift, both), `shift ${shift}`).toBeLessThan(LIMIT * 1.5);
  }
  for (const [name, a, b] of [
    ["passes", first, second],
    ["every other pass", first, third],
    ["layers", first, layer],
    ["seeds", first, seed],
  ] as const) {
    for (const shift of [0, 1, 4, 128]) {
      expect(sigmas(agreement(a, b, shift), N - shift, both), `${name}, shift ${shift}`).toBeLessThan(LIMIT);
    }
  }
  // All patterns of eight neighbours are equally likely: chi squared of 255 degrees of freedom is 255 ± 22.6.
  const counts = new Float64Array(256);
  for (let i = 0; i + 8 <= N; i += 8) counts[first.subarray(i, i + 8).reduce((sum, v) => 2 * sum + v, 0)]++;
  const expected = N / 8 / 256;
  const chi = counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  expect(Math.abs(chi - 255) / Math.sqrt(2 * 255)).toBeLessThan(LIMIT);
});

test("one position over many passes is as random as many positions in one pass", async () => {
  const passes = 4000;
  const series = await masks(64, 0.5, 3, passes);
  for (let i = 0; i < 64; i++) {
    const at = Uint8Array.from(series, (mask) => mask[i]);
    expect(
      sigmas(
        at.reduce((sum, v) => sum + v, 0),
        passes,
        0.5,
      ),
    ).toBeLessThan(LIMIT);
    for (const shift of [1, 2, 3, 64]) {
      expect(sigmas(agreement(at, at, shift), passes - shift, 0.25)).toBeLessThan(LIMIT * 1.5);
    }
  }
});

for (const backend of backends) {
  test(`${backend.name}: kept values are scaled, dropped ones have no gradient, and masks agree on all backends`, async () => {
    using engine = await backend.create();
    using js = await createEngine({ backend: "js" });
    const run = (on: typeof engine) => {
      const model = sequential(on, [dropout(0.3)], { seed: 5 });
      return Array.from({ length: 3 }, () => {
        const y = model.forward(on.tensor([9, 7], uniform(63, 1))).toArray();
        return [y, model.backward(on.tensor([9, 7], uniform(63, 2)))!.toArray()] as const;
      });
    };
    const [x, d] = [uniform(63, 1), uniform(63, 2)];
    const scale = Math.fround(1 / 0.7);
    const there = run(js);
    for (const [pass, [y, dx]] of run(engine).entries()) {
      expect(difference(y, there[pass][0])).toBeUndefined();
      expect(difference(dx, there[pass][1])).toBeUndefined();
      y.forEach((v, i) => {
        expect(v === 0 ? 0 : Math.fround(scale * x[i])).toBe(v);
        expect(v === 0 ? 0 : Math.fround(scale * d[i])).toBe(dx[i]);
      });
      expect(y.filter((v) => v === 0).length).toBeGreaterThan(5);
    }
  });

  test(`${backend.name}: eval() turns it off, p = 0 does nothing, and neither touches the caller's input`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([4, 5], uniform(20, 3));
    for (const layers of [[dropout(0.6)], [dropout(0)], [tanh(), dropout(0.6)], [dense(5, 5), dropout(0.6), relu()]]) {
      const model = sequential(engine, layers, { seed: 1 });
      if (layers.length !== 1 || layers[0].name !== "dropout") model.forward(x);
      model.eval();
      const y = model.forward(x).toArray();
      const bare = sequential(engine, layers.filter(({ name }) => name !== "dropout").concat(dropout(0)), { seed: 1 });
      bare.eval();
      expect(difference(y, bare.forward(x).toArray())).toBeUndefined();
      const g = engine.tensor([4, 5], uniform(20, 4));
      expect(difference(model.backward(g)!.data, bare.backward(g)!.data)).toBeUndefined();
      expect(difference(x.data, uniform(20, 3))).toBeUndefined();
    }
  });

  test(`${backend.name}: generatorState resumes where it was, counts only training passes, and differs between branches`, async () => {
    using engine = await backend.create();
    const layers = () => [concat([[dropout(0.5)], [dropout(0.5)]], { inputs: 8 }), dropout(0.5)];
    const model = sequential(engine, layers(), { seed: 9 });
    const x = engine.tensor([16, 8], new Float32Array(128).fill(1));
    expect(model.generatorState).toEqual({ seed: 9, step: 0 });
    model.forward(x);
    model.eval();
    model.forward(x);
    model.train();
    model.forward(x);
    const { generatorState } = model;
    expect(generatorState).toEqual({ seed: 9, step: 2 });
    const next = [model.forward(x).toArray(), model.forward(x).toArray()];
    expect(difference(next[0], next[1])).toBeDefined();
    const other = sequential(engine, layers(), { seed: 1 });
    other.generatorState = generatorState;
    for (const want of next) expect(difference(other.forward(x).toArray(), want)).toBeUndefined();
    expect(generatorState.step).toBe(2); // a copy
    const plain = sequential(engine, [concat([[dropout(0.5)], [dropout(0.5)]], { inputs: 8 })], { seed: 9 }).forward(
      x,
    ).data;
    const half = (from: number) => plain.filter((_, i) => i % 16 >= from && i % 16 < from + 8);
    expect(difference(half(0), half(8))).toBeDefined();
    // The backward pass uses the mask of its forward pass, whatever the state is by then.
    const one = sequential(engine, [dropout(0.5)], { seed: 2 });
    const y = one.forward(x).toArray();
    one.generatorState = { seed: 4, step: 77 };
    one.eval();
    expect(difference(one.backward(engine.tensor([16, 8], new Float32Array(128).fill(1)))!.data, y)).toBeUndefined();
    // Step numbers beyond 32 bits differ from those within.
    const at = (step: number) => {
      one.train();
      one.generatorState = { seed: 2, step };
      return one.forward(x).toArray();
    };
    expect(difference(at(1), at(1 + 2 ** 32))).toBeDefined();
    for (const [bad, message] of [
      [{ seed: 0.5, step: 0 }, /^seed: .*got 0.5/],
      [{ seed: 1, step: -1 }, /^step: .*got -1/],
      [{ seed: 1, step: 1, Step: 1 }, /Step/],
      [undefined, /^generatorState: /],
    ] as const) {
      expect(() => {
        model.generatorState = bad as never;
      }).toThrow(message);
    }
  });
}

test("a probability outside [0, 1) is refused by name", () => {
  for (const p of [1, -0.1, Number.NaN]) expect(() => dropout(p)).toThrow(RangeError);
  expect(() => dropout(1)).toThrow(/^p: expected a number in \[0, 1\), got 1/);
  expect(() => dropout("0.5" as never)).toThrow(TypeError);
});
