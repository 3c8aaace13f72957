/** Spectral densities beside spectra that are known. */
import { expect, it } from "vitest";
import * as t from "../../../src/index.js";
import { eigenOf } from "../../../src/landscape/eigen.js";
import { hessianEigenvalues, hessianSpectralDensity, spectralDensitySvg } from "../../../src/landscape/index.js";
import { quadrature } from "../../../src/landscape/model/density.js";
import { backends } from "../../support/backends.js";
import { numbers, uniform } from "../../support/numbers.js";
import { elements } from "../../support/xml.js";

const any = (value: unknown) => value as never;
const spread = (values: readonly number[]) => (v: Float64Array, into: Float64Array) => {
  for (const [i, value] of values.entries()) into[i] = value * v[i];
};
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

it("integrates polynomials over the spectrum, as exactly as a sample of vectors tells", () => {
  const next = numbers(3);
  const spectrum = Array.from({ length: 400 }, () => next() ** 3 * 4 - 1);
  const found = quadrature(400, spread(spectrum), 40, 12, 1, 1e-12);
  expect(sum(found.map(([, weight]) => weight))).toBeCloseTo(1, 12);
  for (const power of [1, 2, 3, 6]) {
    const want = sum(spectrum.map((value) => value ** power)) / 400;
    const got = sum(found.map(([node, weight]) => weight * node ** power));
    // A share of n eigenvalues in k draws has a standard error of about √(2/nk) of the spread, here 0.011: four of them.
    const deviation = Math.sqrt(sum(spectrum.map((value) => (value ** power - want) ** 2)) / 400);
    expect(Math.abs(got - want)).toBeLessThan(4 * Math.sqrt(2 / (400 * 40)) * deviation);
  }
});

it("has the eigenvalues themselves, each with its share, where the steps go through all dimensions", () => {
  const found = quadrature(4, spread([1, 2, 2, 7]), 4000, 4, 2, 1e-10);
  const shares = new Map<number, number>();
  for (const [node, weight] of found)
    shares.set(Math.round(node * 1e6) / 1e6, (shares.get(Math.round(node * 1e6) / 1e6) ?? 0) + weight);
  expect([...shares.keys()]).toEqual([1, 2, 7]);
  // The standard error of a share in 4,000 draws is below 0.005.
  for (const [value, share] of [[1, 0.25], [2, 0.5], [7, 0.25]] as const) expect(Math.abs(shares.get(value)! - share)).toBeLessThan(0.02); // biome-ignore format: one line
});

it.each(backends)("$name: has the trace, the ends and the area of a linear regression", async ({ create }) => {
  using engine = await create();
  const rows = 20;
  const model = t.sequential(engine, [t.dense(4, 1, { bias: false })], { seed: 1 });
  const x = engine.tensor([rows, 4], uniform(rows * 4, 1, 2));
  const batch = { x, y: engine.tensor([rows, 1], uniform(rows, 2)) };
  const h = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (2 / rows) * sum(Array.from({ length: rows }, (_, r) => x.data[4 * r + i] * x.data[4 * r + j])))); // biome-ignore format: one line
  const { values: want } = eigenOf(h);
  const { nodes, weights, values, densities, trace, sigma } = hessianSpectralDensity(model, t.mse, batch, {
    draws: 300,
  });
  for (const node of nodes) expect(Math.min(...want.map((value) => Math.abs(value - node)))).toBeLessThan(1e-5);
  expect(sum(weights)).toBeCloseTo(1, 10);
  expect(Math.abs(trace / sum(want) - 1)).toBeLessThan(0.1);
  expect(values).toHaveLength(400);
  expect(sum(densities) * (values[1] - values[0])).toBeCloseTo(1, 3);
  expect(sigma).toBeCloseTo((want[3] - want[0]) / 100, 5);
});

it("is the same on backends that are exact, is as wide as the spectrum, and leaves everything as it was", async () => {
  const found: unknown[] = [];
  for (const { create } of backends.filter(({ exact }) => exact)) {
    using engine = await create();
    const model = t.sequential(engine, [t.dense(4, 8), t.tanh(), t.dense(8, 3)], { seed: 1 });
    const batch = { x: engine.tensor([12, 4], uniform(48, 1)), y: Int32Array.from({ length: 12 }, (_, i) => i % 3) };
    const { bytesInUse } = engine;
    const density = hessianSpectralDensity(model, t.softmaxCrossEntropy, batch, { draws: 2, steps: 40 });
    expect(engine.bytesInUse).toBe(bytesInUse);
    expect(model.generatorState.step).toBe(1);
    const { top, bottom } = hessianEigenvalues(model, t.softmaxCrossEntropy, batch);
    expect(density.nodes.at(-1)).toBeCloseTo(top[0], 4);
    expect(density.nodes[0]).toBeCloseTo(bottom[0], 4);
    found.push(density);
  }
  expect(found).toHaveLength(2);
  expect(found[1]).toEqual(found[0]);
});

it("has a curve where all eigenvalues are the same", async () => {
  using engine = await backends[0].create();
  const model = t.sequential(engine, [t.dense(2, 1)], { seed: 1 });
  const batch = { x: engine.tensor([3, 2], [1, 2, 3, 4, 5, 6]), y: engine.tensor([3, 1], [50, -50, 50]) };
  const { nodes, weights, densities, trace } = hessianSpectralDensity(model, t.l1, batch, { draws: 1 });
  expect([nodes, weights, trace]).toEqual([[0], [1], 0]);
  expect(Math.max(...densities)).toBeCloseTo(0.3989, 3);
});

it("refuses what it cannot take", async () => {
  using engine = await backends[0].create();
  const model = t.sequential(engine, [t.dense(2, 1)], { seed: 1 });
  const batch = { x: engine.tensor([1, 2]), y: engine.tensor([1, 1]) };
  const find = (options: object) => () => hessianSpectralDensity(model, t.mse, batch, any(options));
  const refused: [() => unknown, string][] = [
    [() => hessianSpectralDensity(model, any(() => 0), batch), "loss: expected a loss of the library, whose second derivative it knows"],
    [find({ iter: 3 }), "hessianSpectralDensity: expected options among matrix, draws, steps, points, sigma, seed"],
    [find({ draws: 0 }), "draws: expected a whole number ≥ 1, got 0"],
    [find({ steps: 0 }), "steps: expected a whole number ≥ 1, got 0"],
    [find({ points: 1 }), "points: expected a whole number ≥ 2, got 1"],
    [find({ sigma: 0 }), "sigma: expected a finite number > 0, got 0"],
    [find({ seed: 0.5 }), "seed: expected a whole number, got 0.5"],
    [find({ matrix: "h" }), 'matrix: expected "hessian" or "gaussNewton", got "h"'],
  ]; // biome-ignore format: a line each
  for (const [call, message] of refused) expect(call, message).toThrow(message);
});

it("is drawn by its logarithm, however deep the gaps are, and nothing else is", async () => {
  using engine = await backends[0].create();
  const model = t.sequential(engine, [t.dense(2, 1)], { seed: 1 });
  const batch = { x: engine.tensor([3, 2], [1, 2, 3, 4, 5, 6]), y: engine.tensor([3, 1]) };
  const density = hessianSpectralDensity(model, t.mse, batch, { sigma: 0.01 });
  expect(Math.min(...density.densities)).toBe(0);
  const svg = spectralDensitySvg([density, density], { title: "<b>", labels: ["before", "<i>"] });
  expect(elements(svg).filter((name) => name === "svg")).toHaveLength(1);
  expect(svg).toContain("density, by its logarithm");
  expect(svg).not.toMatch(/<b>|<i>/);
  expect(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, "")).not.toMatch(/NaN|Infinity|undefined|not finite/);
  expect(spectralDensitySvg(density)).toContain(`trace ${Number(density.trace.toPrecision(4))}`);
  expect(() => spectralDensitySvg([])).toThrow("densities: expected at least one, got []");
  expect(() => spectralDensitySvg(any(null))).toThrow(
    "densities: expected what hessianSpectralDensity returns, or an array of them, got null",
  );
  expect(() => spectralDensitySvg({ ...density, densities: [1] })).toThrow(
    "densities: expected a density for each of two or more values, got [1]",
  );
  expect(() => spectralDensitySvg(density, { labels: [] })).toThrow("labels: expected 1, one for each density, got []");
  expect(() => spectralDensitySvg(density, { title: any(1) })).toThrow("title: expected a string, got 1");
});
