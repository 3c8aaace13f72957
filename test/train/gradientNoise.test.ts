/**
 * Batch, stochastic and mini-batch gradient descent on linear regression, gradient 2/m · Xᵀ(Xθ − y), by optimizer and
 * `batches`; and the noise of their gradients.
 */
import { describe, expect, it } from "vitest";
import {
  batches,
  dense,
  type Engine,
  gradientNoise,
  halfMse,
  type Model,
  mse,
  relu,
  sequential,
  sgd,
  softmaxCrossEntropy,
} from "../../src/index.js";
import { random } from "../../src/math/random.js";
import { backends, shared } from "../support/backends.js";

const ROWS = 512;
const WIDTH = 3;

/** y = Xθ + noise, the first column of X being 1; and what follows from it in f64. */
function regression(rows = ROWS) {
  const { normal } = random(7);
  const x = Array.from({ length: rows }, () => [1, ...Array.from({ length: WIDTH - 1 }, normal)].map(Math.fround));
  const y = x.map((row) => [Math.fround(2 * row[0] - row[1] + 0.5 * row[2] + 0.8 * normal())]);
  /** 2/m · Xᵀ(Xθ − y) over some rows. */
  const gradient = (theta: readonly number[], of: readonly number[] = [...x.keys()]) => {
    const sum = new Array<number>(WIDTH).fill(0);
    for (const i of of) {
      const residual = x[i].reduce((total, v, j) => total + v * theta[j], -y[i][0]);
      for (let j = 0; j < WIDTH; j++) sum[j] += (2 * residual * x[i][j]) / of.length;
    }
    return sum;
  };
  return { x, y, gradient };
}

const lineOf = (engine: Engine): Model => sequential(engine, [dense(WIDTH, 1, { bias: false, init: "zeros" })]);
const distance = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0);

interface Run {
  batchSize: number;
  passes: number;
  lr: number | ((step: number) => number);
  rows?: number;
}

/** θ after each step of SGD on the first rows. */
function descend(engine: Engine, { batchSize, passes, lr, rows = ROWS }: Run): number[][] {
  const { x, y } = regression(rows);
  using model = lineOf(engine);
  using optimizer = sgd(model.parameters(), { lr });
  using loader = batches(engine, { x, y }, { batchSize, seed: 1 });
  const path: number[][] = [];
  for (let pass = 0; pass < passes; pass++)
    for (const batch of loader) {
      const { grad } = mse(model.forward(batch.x), batch.y);
      model.backward(grad, { inputGrad: false });
      optimizer.step(undefined, { zeroGrad: true });
      path.push([...model.parameters()[0].data]);
    }
  return path;
}

/** The least squares, by gradient descent in f64 to its end. */
function leastSquares(rows = ROWS): number[] {
  const { gradient } = regression(rows);
  let theta = [0, 0, 0];
  for (let i = 0; i < 500; i++) {
    const g = gradient(theta);
    theta = theta.map((v, j) => v - 0.2 * g[j]);
  }
  expect(distance(gradient(theta), [0, 0, 0])).toBeLessThan(1e-24);
  return theta;
}

describe.each(backends)("linear regression on $name", (backend) => {
  const engine = shared(backend);

  it("batch gradient descent takes the steps of the formula", () => {
    const { gradient } = regression();
    let theta = [0, 0, 0];
    for (const got of descend(engine(), { batchSize: ROWS, passes: 30, lr: 0.1 })) {
      const g = gradient(theta);
      theta = theta.map((v, j) => v - 0.1 * g[j]);
      for (const [j, value] of got.entries()) expect(value).toBeCloseTo(theta[j], 5);
    }
    expect(distance(theta, leastSquares())).toBeLessThan(1e-4);
  });

  it.each([1, 32, ROWS])(
    "batches of %i rows take that many steps a pass, and end at the least squares as the rate falls",
    (batchSize) => {
      const passes = 60;
      const steps = ROWS / batchSize;
      const rate = batchSize === ROWS ? 0.2 : (step: number) => 0.05 / (1 + (2 * step) / steps);
      const path = descend(engine(), { batchSize, passes, lr: rate });
      expect(path).toHaveLength(passes * steps);
      expect(distance(path.at(-1)!, leastSquares())).toBeLessThan(0.003); // 3 η σ² = 8e-4 is what the noise of one row keeps up
    },
  );

  it("at a constant rate smaller batches wander further around it: the square of the distance falls as 1/B", () => {
    const end = leastSquares(4096);
    const wander = [2, 8, 32].map((batchSize) => {
      const path = descend(engine(), { batchSize, passes: 4 * batchSize, lr: 0.02, rows: 4096 }).slice(2000);
      return path.reduce((sum, theta) => sum + distance(theta, end), 0) / path.length;
    });
    // 4.3 and 5.1: a pass takes each row once, which holds the noise of its steps together below that of independent draws.
    for (const i of [0, 1]) {
      expect(wander[i] / wander[i + 1]).toBeGreaterThan(3.3);
      expect(wander[i] / wander[i + 1]).toBeLessThan(6);
    }
  });
});

describe.each(backends)("gradientNoise on $name", (backend) => {
  const engine = shared(backend);
  const { x, y, gradient } = regression();
  const theta = [1, 0.5, -1];
  const whole = gradient(theta);
  /** S²: the variance of the rows' gradients. */
  const single = x.reduce((sum, _, i) => sum + distance(gradient(theta, [i]), whole), 0) / ROWS;
  const at = () => {
    const model = lineOf(engine());
    model.parameters()[0].copyFrom(theta);
    return model;
  };

  it("is that of the rows' gradients for batches of one, each of which is taken once", () => {
    using model = at();
    const { variance, squaredNorm, batches } = gradientNoise(model, { x, y }, { loss: mse, batchSize: 1 });
    expect(batches).toBe(ROWS);
    expect(variance / single).toBeCloseTo(1, 5);
    expect(squaredNorm / distance(whole, [0, 0, 0])).toBeCloseTo(1, 4);
  });

  it("falls as 1/B, by the formula for rows drawn once each, and is 0 for all rows", () => {
    using model = at();
    for (const batchSize of [2, 4, 8, 16, 32, 64, 128]) {
      const passes = 4 * batchSize; // 2,048 batches of each size: some 3 % of chance
      const { variance } = gradientNoise(model, { x, y }, { loss: mse, batchSize, passes, seed: 1 });
      const expected = (single / batchSize) * ((ROWS - batchSize) / (ROWS - 1));
      expect(variance / expected, `${batchSize}`).toBeGreaterThan(0.85);
      expect(variance / expected, `${batchSize}`).toBeLessThan(1.15);
    }
    const { variance, batches } = gradientNoise(model, { x, y }, { loss: mse, batchSize: 10 * ROWS });
    expect(batches).toBe(1);
    expect(variance).toBeLessThan(1e-9 * single); // another order of the same sum
  });

  it("is the same for the same seed, leaves a smaller last batch out, and the model as it was", () => {
    using model = at();
    model.parameters()[0].grad.set([1, 2, 3]);
    const of = (seed: number) => gradientNoise(model, { x, y }, { loss: mse, batchSize: 100, seed });
    expect(of(3)).toEqual(of(3));
    expect(of(3).batches).toBe(5);
    expect(of(4).variance).not.toBe(of(3).variance);
    expect([...model.parameters()[0].grad]).toEqual([1, 2, 3]);
    expect([...model.parameters()[0].data]).toEqual(theta);
    expect(model.training).toBe(true);
  });

  it("sums over all parameters, and takes classes", () => {
    using model = sequential(engine(), [dense(WIDTH, 8), relu(), dense(8, 2)], { seed: 1 });
    const labels = Int32Array.from(y, ([value]) => Number(value > 2));
    const of = (batchSize: number) =>
      gradientNoise(model, { x, y: labels }, { loss: softmaxCrossEntropy, batchSize, passes: batchSize }).variance;
    expect(of(1) / of(8)).toBeGreaterThan(6.5);
    expect(of(1) / of(8)).toBeLessThan(9.7);
  });
});

it("frees its memory, and refuses what does not fit", async () => {
  using engine = await backends[0].create();
  const { x, y } = regression(16);
  {
    using model = lineOf(engine);
    const before = engine.bytesInUse;
    gradientNoise(model, { x, y }, { loss: mse, batchSize: 4 });
    const after = engine.bytesInUse;
    gradientNoise(model, { x, y }, { loss: mse, batchSize: 4 });
    expect(engine.bytesInUse).toBe(after); // the first call makes gradients and buffers
    expect(after).toBeGreaterThanOrEqual(before);
    const of = (options: object) => () =>
      gradientNoise(model, { x, y }, options as Parameters<typeof gradientNoise>[2]);
    expect(of({ loss: mse, batchSize: 0 })).toThrow("batchSize: expected a whole number ≥ 1, got 0");
    expect(of({ loss: mse, batchSize: 2, passes: 0.5 })).toThrow("passes: expected a whole number ≥ 1, got 0.5");
    expect(of({ loss: mse, batchSize: 2, seed: 0.5 })).toThrow("seed: expected a whole number, got 0.5");
    expect(of({ batchSize: 2 })).toThrow("loss: expected a loss such as mse, got undefined");
    expect(of({ loss: mse, batchsize: 2 })).toThrow("gradientNoise: expected options among");
    expect(of({ loss: halfMse, batchSize: 4 })).not.toThrow();
    expect(() => gradientNoise(model, { x: [[1, 2]], y: [[1]] }, { loss: mse, batchSize: 1 })).toThrow("expected");
    expect(engine.bytesInUse).toBe(after);
  }
  expect(engine.bytesInUse).toBe(0);
});
