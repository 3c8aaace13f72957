/** Directions in the space of a model's parameters: norms of filters, differences of models, planes of trajectories. */
import { expect, it } from "vitest";
import * as t from "../../../src/index.js";
import { eigenOf } from "../../../src/landscape/eigen.js";
import {
  type Direction,
  directionTo,
  filterNormalizedDirection,
  trajectoryDirections,
} from "../../../src/landscape/index.js";
import { uniform } from "../../support/numbers.js";

const engine = await t.createEngine({ backend: "js" });
const layers = () => [t.dense(6, 5), t.tanh(), t.layerNorm(5), t.dense(5, 3, { bias: false })];
const model = t.sequential(engine, layers(), { seed: 2 });
const any = (value: unknown) => value as never;
const flat = (direction: Direction) => direction.flatMap((part) => [...part]);
const along = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i], 0);

const columnNorms = (values: ArrayLike<number>, columns: number) =>
  Array.from({ length: columns }, (_, c) =>
    Math.sqrt(Array.from(values).reduce((sum, v, i) => (i % columns === c ? sum + v * v : sum), 0)),
  );

it("has filters as long as the model's, in random directions, and zeros for vectors", () => {
  const direction = filterNormalizedDirection(model, { seed: 3 });
  for (const [i, { shape, data, size }] of model.parameters().entries()) {
    expect(direction[i]).toHaveLength(size);
    if (shape.length === 1) {
      expect(direction[i].every((v) => Object.is(v, 0))).toBe(true);
      continue;
    }
    const [got, want] = [columnNorms(direction[i], shape[1]), columnNorms(data, shape[1])];
    for (const [c, length] of got.entries()) expect(length / want[c]).toBeCloseTo(1, 12);
  }
  // The columns point in directions of their own, not along the weights.
  const [d, w] = [flat(direction), model.parameters().flatMap(({ data }) => [...data])];
  expect(Math.abs(along(d, w))).toBeLessThan(0.5 * Math.sqrt(along(d, d) * along(w, w)));
});

it("has a direction for each seed, and copies vectors on request, with the same filters", () => {
  const [one, again, other] = [1, 1, 2].map((seed) => filterNormalizedDirection(model, { seed }));
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  const copied = filterNormalizedDirection(model, { seed: 1, biases: "copy" });
  for (const [i, { shape, data }] of model.parameters().entries())
    expect(copied[i]).toEqual(shape.length === 1 ? Float64Array.from(data) : one[i]);
});

it("leaves a filter of zeros at zero", () => {
  const own = t.sequential(engine, [t.dense(3, 2)], { seed: 1 });
  for (const i of [0, 2, 4]) own.parameters()[0].data[i] = 0;
  const [weight] = filterNormalizedDirection(own);
  expect([...weight].map((v) => v === 0)).toEqual([true, false, true, false, true, false]);
});

it("leads from a model to another, exactly", () => {
  const other = t.sequential(engine, layers(), { seed: 9 });
  const direction = directionTo(model, other);
  expect(directionTo(model, other.parameters())).toEqual(direction);
  expect(directionTo(model, other.parameters().map((p) => p.toArray()))).toEqual(direction); // biome-ignore format: one line
  for (const [i, { data }] of model.parameters().entries())
    expect(Float32Array.from(data, (v, k) => v + direction[i][k])).toEqual(other.parameters()[i].toArray());
});

it("finds the plane of a trajectory that lies in one", () => {
  const [u, v] = [uniform(40, 1), uniform(40, 2)];
  const snapshots = Array.from({ length: 30 }, (_, s) => {
    const whole = u.map((x, i) => 3 * x + Math.cos(s / 9) * 5 * x + Math.sin(s / 9) * 2 * v[i]);
    return [whole.slice(0, 33), whole.slice(33)];
  });
  const { directions, explained, path } = trajectoryDirections(snapshots);
  expect(explained[0] + explained[1]).toBeCloseTo(1, 9);
  expect(explained[0]).toBeGreaterThan(explained[1]);
  const [d, e] = directions.map(flat);
  expect([along(d, d), along(e, e), along(d, e)].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([1, 1, 0]);
  expect(path).toHaveLength(30);
  expect(path[29]).toEqual([0, 0]);
  const last = snapshots[29].flatMap((part) => [...part]);
  for (const [s, [alpha, beta]] of path.entries()) {
    const want = snapshots[s].flatMap((part) => [...part]);
    for (const [i, x] of last.entries()) expect(x + alpha * d[i] + beta * e[i]).toBeCloseTo(want[i], 5);
  }
});

it("has the principal components of the covariance", () => {
  const n = 8;
  const snapshots = Array.from({ length: 50 }, (_, s) => [uniform(n, 100 + s).map((x, i) => x * (n - i))]);
  const rows = snapshots.map(([row]) => [...row!]);
  const mean = rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
  const covariance = mean.map((_, i) =>
    mean.map((__, j) => rows.reduce((sum, row) => sum + (row[i] - mean[i]) * (row[j] - mean[j]), 0)),
  );
  const { values, vectors } = eigenOf(covariance);
  const total = values.reduce((sum, value) => sum + value, 0);
  const { directions, explained } = trajectoryDirections(snapshots);
  for (const rank of [0, 1]) {
    expect(explained[rank]).toBeCloseTo(values[n - 1 - rank] / total, 10);
    expect(Math.abs(along(flat(directions[rank]), vectors[n - 1 - rank]))).toBeCloseTo(1, 10);
  }
});

it("refuses what is no direction, no model and no trajectory", () => {
  const other = t.sequential(engine, [t.dense(2, 2)], { seed: 1 });
  const line = [0, 1, 2].map((s) => [[s, 2 * s]]);
  const refused: [() => unknown, string][] = [
    [() => filterNormalizedDirection(any(null)), "model: expected a model made by sequential(), got null"],
    [() => filterNormalizedDirection(t.sequential(engine, [t.relu()])), "model: expected a model with parameters"],
    [() => filterNormalizedDirection(model, any({ norm: "layer" })), "filterNormalizedDirection: expected options among seed, biases"],
    [() => filterNormalizedDirection(model, { seed: 0.1 }), "seed: expected a whole number, got 0.1"],
    [() => filterNormalizedDirection(model, { biases: any("random") }), 'biases: expected "zero" or "copy", got "random"'],
    [() => directionTo(model, other), "target: expected 5 tensors or arrays, one for each parameter, got 2"],
    [() => directionTo(model, any(3)), "target: expected an array of tensors or arrays, one for each parameter, got 3"],
    [() => directionTo(other, [[1, 2, 3], [1, 2]]), "target[0]: expected 4 numbers, as the parameter has, got 3"],
    [() => directionTo(other, [any("1234"), [1, 2]]), 'target[0]: expected a tensor or an array of numbers, got "1234"'],
    [() => directionTo(other, [[1, 2, Number.NaN, 4], [1, 2]]), "target[0][2]: expected a finite number of f32, got NaN"],
    [() => directionTo(other, [[1, 2, 3, 4], [1, 1e39]]), "target[1][1]: expected a finite number of f32, got 1e+39"],
    [() => trajectoryDirections(any({})), "snapshots: expected an array of copies of all parameters"],
    [() => trajectoryDirections(line.slice(1)), "snapshots: expected at least 3 copies of all parameters, got 2"],
    [() => trajectoryDirections(line), "snapshots: expected copies of parameters that do not lie on a line"],
    [() => trajectoryDirections([[[1, 1]], [[1, 1]], [[1, 1]]]), "snapshots: expected copies of parameters that do not lie on a line"],
    [() => trajectoryDirections([...line, [[1, 2, 3]]]), "snapshots[3][0]: expected 2 numbers, as the parameter has, got 3"],
    [() => trajectoryDirections([any(1), any(1), any(1)]), "snapshots[0]: expected an array of tensors or arrays"],
  ]; // biome-ignore format: a line each
  for (const [call, message] of refused) expect(call, message).toThrow(message);
});
