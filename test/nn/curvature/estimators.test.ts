/** The estimates of a Hessian's diagonal: their means, their draws, and their bits. */
import { expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import type { Model, Tensor } from "../../../src/index.js";
import * as thalweg from "../../../src/index.js";
import { backends, threaded } from "../../support/backends.js";
import { firstDifference, uniform } from "../../support/numbers.js";

const { dense, dropout, sequential, softmaxCrossEntropy, tanh } = thalweg;
const { gaussNewtonBartlett, gaussNewtonVectorProduct, hessianVectorProduct, hutchinson } = thalweg;

const ROWS = 6;
const scene = (engine: Engine, extra: thalweg.Layer[] = []) => ({
  model: sequential(engine, [dense(3, 4), tanh(), ...extra, dense(4, 3)], { seed: 2 }),
  x: engine.tensor([ROWS, 3], uniform(ROWS * 3, 1, 2)),
  y: Int32Array.of(0, 1, 2, 1, 0, 2),
});
const flat = (tensors: readonly Tensor[]) => tensors.flatMap(({ data }) => [...data]);

/** The diagonal of a symmetric matrix that is known by its products, and the sums of squares beside it in each row. */
function diagonalOf(engine: Engine, model: Model, product: (v: Tensor[]) => readonly Tensor[]) {
  const v = model.parameters().map(({ shape }) => engine.tensor(shape));
  const diagonal: number[] = [];
  const beside: number[] = [];
  for (const { data } of v) {
    for (let i = 0; i < data.length; i++) {
      data[i] = 1;
      const row = flat(product(v));
      const at = diagonal.length;
      diagonal.push(row[at]);
      beside.push(row.reduce((sum, value, j) => (j === at ? sum : sum + value * value), 0));
      data[i] = 0;
    }
  }
  return { diagonal, beside };
}

// A fair draw is 5 standard deviations off once in 1.7 million times; each test compares 31 elements.
const LIMIT = 5;

test("hutchinson: the mean over draws is the diagonal", async () => {
  using engine = await backends[0].create();
  const { model, x, y } = scene(engine);
  model.eval();
  const batch = { x, y };
  const { diagonal, beside } = diagonalOf(engine, model, (v) =>
    hessianVectorProduct(model, softmaxCrossEntropy, batch, v),
  );
  const samples = 2000;
  const got = flat(hutchinson(model, softmaxCrossEntropy, batch, { samples, seed: 7, step: 3 }));
  // The variance of v_i Σ_j H_ij v_j is Σ_(j ≠ i) H_ij².
  for (const [i, want] of diagonal.entries())
    expect(Math.abs(got[i] - want), `element ${i}`).toBeLessThan(LIMIT * Math.sqrt(beside[i] / samples) + 1e-6);
});

test("gaussNewtonBartlett: the mean over draws is the diagonal of the Gauss–Newton matrix, and none is negative", async () => {
  using engine = await backends[0].create();
  const { model, x, y } = scene(engine);
  model.eval();
  const { diagonal } = diagonalOf(engine, model, (v) =>
    gaussNewtonVectorProduct(model, softmaxCrossEntropy, { x, y }, v),
  );
  const draws = Array.from({ length: 2000 }, (_, step) => flat(gaussNewtonBartlett(model, { x }, { seed: 7, step })));
  for (const [i, want] of diagonal.entries()) {
    const values = draws.map((draw) => draw[i]);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - want), `element ${i}`).toBeLessThan((LIMIT * deviation) / Math.sqrt(values.length) + 1e-6);
  }
});

test("hutchinson: the signs of one draw are fair, and those of another step, seed or sample are others", async () => {
  using engine = await backends[0].create();
  // One output that sums n weights: H is all ones, and v ∘ Hv is v times the sum of v.
  const n = 10_000;
  const model = sequential(engine, [dense(n, 1, { bias: false })]);
  const x = engine.tensor([1, n], new Float32Array(n).fill(1));
  const y = engine.tensor([1, 1]);
  /** The signs of v, or all of them turned. */
  const signs = (options: thalweg.HutchinsonOptions) =>
    flat(hutchinson(model, thalweg.halfMse, { x, y }, options)).map(Math.sign);
  const plus = signs({ seed: 1, step: 0 });
  expect(Math.abs(plus.reduce((sum, value) => sum + value, 0))).toBeLessThan(LIMIT * Math.sqrt(n));
  expect(signs({ seed: 1, step: 0 })).toEqual(plus);
  for (const other of [
    { seed: 1, step: 1 },
    { seed: 2, step: 0 },
    { seed: 1, step: 2 ** 33 },
    { seed: 2 ** 33 + 1, step: 0 },
  ]) {
    const equal = signs(other).filter((value, i) => value === plus[i]).length;
    expect(Math.abs(equal - n / 2)).toBeLessThan((LIMIT / 2) * Math.sqrt(n));
  }
});

test("draws come from the model's own generator by default, which a checkpoint has", async () => {
  using engine = await backends[0].create();
  const { model, x, y } = scene(engine, [dropout(0.2)]);
  const estimates = () =>
    [hutchinson(model, softmaxCrossEntropy, { x, y }), gaussNewtonBartlett(model, { x })].map(flat);
  model.generatorState = { seed: 5, step: 11 };
  const first = estimates();
  expect(model.generatorState).toEqual({ seed: 5, step: 13 });
  expect(estimates()).not.toEqual(first);
  model.generatorState = { seed: 5, step: 11 };
  expect(estimates()).toEqual(first);
  model.eval();
  const given = (step: number) => flat(gaussNewtonBartlett(model, { x }, { seed: 5, step }));
  const still = flat(gaussNewtonBartlett(model, { x }));
  expect(still).toEqual(given(13));
  expect(still).not.toEqual(given(14));
});

const exact = [...backends.filter(({ exact }) => exact), threaded(2), threaded(3), threaded(4)];

test("all backends and numbers of threads give the same bits", async () => {
  let want: Float32Array[] | undefined;
  for (const backend of exact) {
    using engine = await backend.create();
    const { model, x, y } = scene(engine, [dropout(0.2)]);
    const got = [
      ...hutchinson(model, softmaxCrossEntropy, { x, y }, { samples: 3 }),
      ...gaussNewtonBartlett(model, { x }),
    ].map((one) => one.toArray());
    want ??= got;
    expect(firstDifference(got, want), backend.name).toBeUndefined();
  }
});
