/** Eigenvalues of models' losses beside Hessians that are known: by formula, or by differences of a network in f64. */
import { describe, expect, it, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import * as t from "../../../src/index.js";
import { eigenOf } from "../../../src/landscape/eigen.js";
import { type HessianEigenvalues, hessianEigenvalues } from "../../../src/landscape/index.js";
import { backends, threaded } from "../../support/backends.js";
import { layerOf } from "../../support/networks.js";
import { uniform } from "../../support/numbers.js";
import { everyRefusal, values } from "../../support/outOfMemory.js";
import { forward, losses, type Spec, secondDifferences } from "../../support/reference.js";

const js = backends.find(({ name }) => name === "js")!;
const ROWS = 12;
const any = (value: unknown) => value as never;

/** Σ weights[r] xᵣ xᵣᵀ over rows with a 1 for the bias behind them. */
function weighted(x: ArrayLike<number>, width: number, weights: readonly number[]): number[][] {
  const row = (r: number) => [...Array.from({ length: width }, (_, k) => x[r * width + k]), 1];
  const n = width + 1;
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) => weights.reduce((sum, w, r) => sum + w * row(r)[i] * row(r)[j], 0)),
  );
}

function expectExtremes(got: HessianEigenvalues, h: number[][], relative: number, label = ""): void {
  const { values: want } = eigenOf(h);
  const scale = Math.max(...want.map(Math.abs));
  expect(got.converged, label).toBe(true);
  for (const [i, value] of got.top.entries())
    expect(Math.abs(value - want[want.length - 1 - i]), `${label} top ${i}`).toBeLessThan(relative * scale);
  for (const [i, value] of got.bottom.entries())
    expect(Math.abs(value - want[i]), `${label} bottom ${i}`).toBeLessThan(relative * scale);
  for (const residual of [...got.residuals.top, ...got.residuals.bottom]) expect(residual).toBeLessThan(1e-5 * scale);
}

describe.each(backends)("$name", ({ create }) => {
  it("has 2/m XᵀX of a linear regression, and the limit of gradient descent on it", async () => {
    using engine = await create();
    const model = t.sequential(engine, [t.dense(4, 1)], { seed: 1 });
    const x = engine.tensor([ROWS, 4], uniform(ROWS * 4, 1, 2));
    const y = engine.tensor([ROWS, 1], uniform(ROWS, 2));
    const h = weighted(x.data, 4, new Array(ROWS).fill(2 / ROWS));
    const found = hessianEigenvalues(model, t.mse, { x, y }, { top: 5, bottom: 5 });
    expectExtremes(found, h, 1e-6);
    expect([...found.top].reverse()).toEqual(found.bottom);
    const { values: want } = eigenOf(h);
    expect(found.maxRate! * want[4]).toBeCloseTo(2, 5);
    expect(found.conditionNumber).toBeCloseTo(want[4] / want[0], 3);
    expect(found.negative).toBe(0);
    const reached = (lr: number): number => {
      const own = t.sequential(engine, [t.dense(4, 1)], { seed: 1 });
      const opt = t.sgd(own.parameters(), { lr });
      for (let i = 0; i < 2000; i++) {
        own.backward(t.mse(own.forward(x), y).grad, { inputGrad: false });
        opt.step(undefined, { zeroGrad: true });
      }
      return t.mse(own.forward(x), y).value;
    };
    expect(reached(found.maxRate! * 0.99)).toBeLessThan(1);
    expect(reached(found.maxRate! * 1.01)).toSatisfy((value: number) => !(value < 1e6));
  });

  it("has Σ p(1 − p) x xᵀ of a logistic regression, with the Gauss–Newton matrix the same", async () => {
    using engine = await create();
    const model = t.sequential(engine, [t.dense(3, 1)], { seed: 3 });
    const x = engine.tensor([ROWS, 3], uniform(ROWS * 3, 3, 2));
    const y = engine.tensor(
      [ROWS, 1],
      uniform(ROWS, 4).map((v) => (v > 0 ? 1 : 0)),
    );
    const weights = Array.from(model.forward(x).data, (z) => {
      const p = 1 / (1 + Math.exp(-z));
      return (p * (1 - p)) / ROWS;
    });
    for (const matrix of ["hessian", "gaussNewton"] as const) {
      const found = hessianEigenvalues(model, t.binaryCrossEntropyWithLogits, { x, y }, { top: 2, bottom: 2, matrix });
      expectExtremes(found, weighted(x.data, 3, weights), 2e-6, matrix);
    }
  });

  it("has the Hessian of a network, by differences in f64", async () => {
    using engine = await create();
    const specs: Spec[] = [
      { kind: "dense", inputs: 3, outputs: 5, bias: true },
      { kind: "tanh" },
      { kind: "dense", inputs: 5, outputs: 3, bias: true },
    ];
    const model = t.sequential(engine, specs.map(layerOf), { seed: 5 });
    const x = engine.tensor([ROWS, 3], uniform(ROWS * 3, 5, 2));
    const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
    const parameters = model.parameters().map(({ data }) => Float64Array.from(data));
    const input = Float64Array.from(x.data);
    const onehot = Array.from({ length: ROWS * 3 }, (_, i) => (i % 3 === labels[(i / 3) | 0] ? 1 : 0));
    const f = () => losses.crossEntropy(forward(specs, parameters, ROWS, input).y, onehot, ROWS);
    const h = parameters.flatMap((values, k) =>
      Array.from(values, (_, e) => {
        const unit = parameters.map((own, j) => own.map((__, i) => (j === k && i === e ? 1 : 0)));
        return secondDifferences(f, parameters, unit).flatMap((part) => [...part]);
      }),
    );
    const symmetric = h.map((row, i) => row.map((value, j) => (value + h[j][i]) / 2));
    const options = { top: 4, bottom: 4, vectors: true };
    const found = hessianEigenvalues(model, t.softmaxCrossEntropy, { x, y: labels }, options);
    expectExtremes(found, symmetric, 1e-5);
    expect(found.negative).toBeGreaterThan(0);
    expect(found.conditionNumber).toBeUndefined();
    // The eigenvectors are those of the matrix, and of length 1.
    for (const [i, vector] of found.vectors!.top.entries()) {
      expect(vector.map(({ length }) => length)).toEqual(model.parameters().map(({ size }) => size));
      const whole = vector.flatMap((part) => [...part]);
      expect(whole.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 10);
      for (const [r, row] of symmetric.entries())
        expect(row.reduce((sum, v, j) => sum + v * whole[j], 0)).toBeCloseTo(found.top[i] * whole[r], 5);
    }
  });
});

/** A network with everything in it, and a batch. */
function scene(engine: Engine) {
  const layers = [t.dense(4, 16), t.relu(), t.layerNorm(16), t.dropout(0.3), t.dense(16, 3)];
  const model = t.sequential(engine, layers, { seed: 4 });
  const x = engine.tensor([ROWS, 4], uniform(ROWS * 4, 1));
  const y = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
  return { model, batch: { x, y } };
}
const OPTIONS = { top: 2, bottom: 2, vectors: true } as const;

test("has the same bits on every backend that is exact, and with threads", async () => {
  const found: HessianEigenvalues[] = [];
  for (const { create } of [...backends.filter(({ exact }) => exact), threaded(2)]) {
    using engine = await create();
    const { model, batch } = scene(engine);
    found.push(hessianEigenvalues(model, t.softmaxCrossEntropy, batch, OPTIONS));
  }
  expect(found.length).toBeGreaterThan(2);
  for (const one of found) expect(one).toEqual(found[0]);
});

test("the Gauss–Newton matrix has no negative eigenvalue, and zeros as often as they are asked for", async () => {
  using engine = await js.create();
  const { model, batch } = scene(engine);
  const options = { top: 1, bottom: 4, matrix: "gaussNewton" } as const;
  const found = hessianEigenvalues(model, t.softmaxCrossEntropy, batch, options);
  expect(found.converged).toBe(true);
  expect(found.negative).toBe(0);
  for (const value of found.bottom) expect(Math.abs(value)).toBeLessThan(1e-5 * found.top[0]);
  expect(found.conditionNumber).toBeUndefined();
});

test("a loss without curvature has eigenvalues of 0, and no rate that is too high", async () => {
  using engine = await js.create();
  const model = t.sequential(engine, [t.dense(2, 1)], { seed: 1 });
  const batch = { x: engine.tensor([3, 2], [1, 2, 3, 4, 5, 6]), y: engine.tensor([3, 1], [50, -50, 50]) };
  const found = hessianEigenvalues(model, t.l1, batch, { top: 2, bottom: 2 });
  expect(found).toMatchObject({ top: [0, 0], bottom: [0, 0], converged: true, negative: 0 });
  expect([found.maxRate, found.conditionNumber]).toEqual([undefined, undefined]);
});

test.each(backends)(
  "$name: leaves the model and its own pass as they are, and counts as one pass",
  async ({ create }) => {
    using engine = await create();
    const run = (between: (s: ReturnType<typeof scene>) => void) => {
      const s = scene(engine);
      for (const { grad } of s.model.parameters()) grad.fill(0.25);
      const { grad } = t.softmaxCrossEntropy(s.model.forward(s.batch.x), s.batch.y);
      between(s);
      const dx = s.model.backward(grad)!;
      return [...s.model.parameters().flatMap((p) => [p.toArray(), p.grad.slice()]), dx.toArray()];
    };
    const got = run(({ model, batch }) => {
      const { bytesInUse } = engine;
      hessianEigenvalues(model, t.softmaxCrossEntropy, batch, OPTIONS);
      expect(engine.bytesInUse).toBe(bytesInUse);
      expect(model.generatorState).toEqual({ seed: 4, step: 2 });
    });
    expect(got).toEqual(run(() => {}));
  },
);

test("without memory it changes nothing", async () => {
  const requests = await everyRefusal(js, (engine) => {
    const { model, batch } = scene(engine);
    return {
      act: () => hessianEigenvalues(model, t.softmaxCrossEntropy, batch, { maxSteps: 3 }),
      state: () => [values(model.parameters()), model.generatorState, engine.bytesInUse],
    };
  });
  expect(requests).toBeGreaterThan(10);
});

test("refuses what it cannot take, and says when steps were too few", async () => {
  using engine = await js.create();
  const { model, batch } = scene(engine);
  const { softmaxCrossEntropy } = t;
  const n = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const custom: t.Loss = (prediction, target) => softmaxCrossEntropy(prediction, target);
  const own: t.Layer = {
    name: "own",
    parameters: [],
    inPlace: false,
    backwardReads: "nothing",
    bind: () => ({
      forward: (x, y) => void y.data.set(x.data),
      backward: (_, __, dy, dx) => void dx?.data.set(dy.data),
    }),
  };
  const strange = t.sequential(engine, [t.dense(4, 3), own], { seed: 1 });
  const before = [model.generatorState, engine.bytesInUse];
  const find = (options: object) => () => hessianEigenvalues(model, softmaxCrossEntropy, batch, any(options));
  const refused: [() => unknown, string][] = [
    [() => hessianEigenvalues(any({}), t.mse, batch), "model: expected a model made by sequential()"],
    [
      () => hessianEigenvalues(model, custom, batch),
      "loss: expected a loss of the library, whose second derivative it knows",
    ],
    [() => hessianEigenvalues(strange, softmaxCrossEntropy, batch), "a layer of the library"],
    [() => hessianEigenvalues(model, softmaxCrossEntropy, any(null)), "batch: expected { x, y }"],
    [() => hessianEigenvalues(model, t.mse, batch), "target: expected a tensor of shape [12, 3] for mse"],
    [find({ k: 3 }), "hessianEigenvalues: expected options among top, bottom, matrix"],
    [find({ top: 1.5 }), `top: expected a whole number from 0 to ${n}, the number of parameters, got 1.5`],
    [find({ bottom: n + 1 }), `bottom: expected a whole number from 0 to ${n}`],
    [find({ top: 0, bottom: 0 }), "top: expected at least 1 where bottom is 0, got 0"],
    [find({ matrix: "fisher" }), 'matrix: expected "hessian" or "gaussNewton", got "fisher"'],
    [find({ vectors: 1 }), "vectors: expected true or false, got 1"],
    [find({ tolerance: 0 }), "tolerance: expected a finite number > 0, got 0"],
    [find({ maxSteps: 0 }), "maxSteps: expected a whole number ≥ 1, got 0"],
    [find({ repeated: null }), "repeated: expected true or false, got null"],
    [find({ seed: 0.5 }), "seed: expected a whole number, got 0.5"],
  ];
  for (const [call, message] of refused) expect(call, message).toThrow(message);
  expect([model.generatorState, engine.bytesInUse]).toEqual(before);
  expect(find({ maxSteps: 2 })()).toMatchObject({ converged: false, steps: 2 });
  model.parameters()[0].data[0] = Number.NaN;
  expect(find({})).toThrow("model: expected finite second derivatives at these parameters, got NaN");
});
