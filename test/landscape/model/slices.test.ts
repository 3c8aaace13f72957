/** Slices of a model's loss beside the loss of models with the parameters of each point; and what is as it was afterwards. */
import { describe, expect, it, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import * as t from "../../../src/index.js";
import {
  directionTo,
  filterNormalizedDirection,
  hessianEigenvalues,
  lossSlice,
  lossSurface,
} from "../../../src/landscape/index.js";
import { backends } from "../../support/backends.js";
import { bits, uniform } from "../../support/numbers.js";
import { everyRefusal, values } from "../../support/outOfMemory.js";

const ROWS = 7;
const any = (value: unknown) => value as never;
const layers = () => [t.dense(4, 16), t.relu(), t.layerNorm(16), t.dropout(0.3), t.dense(16, 3)];
function scene(engine: Engine, seed = 4) {
  const model = t.sequential(engine, layers(), { seed });
  const x = engine.tensor([ROWS, 4], uniform(ROWS * 4, 1));
  const y = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
  return { model, batch: { x, y } };
}
const { softmaxCrossEntropy } = t;
const lossOf = ({ model, batch }: ReturnType<typeof scene>) =>
  softmaxCrossEntropy(model.forward(batch.x), batch.y).value;

describe.each(backends)("$name", ({ create }) => {
  it("has the loss of a model with the parameters of each point", async () => {
    using engine = await create();
    const own = scene(engine);
    own.model.eval();
    const home = own.model.parameters().map((p) => p.toArray());
    const directions = [1, 2].map((seed) => filterNormalizedDirection(own.model, { seed, biases: "copy" }));
    const [d, e] = directions;
    const ranges = { alphaRange: [-2, 1], betaRange: [-0.5, 0.25] } as const;
    const options = { directions: [d, e] as const, ...ranges, points: 4 };
    const surface = lossSurface(own.model, softmaxCrossEntropy, own.batch, options);
    expect(surface.alphas).toEqual([-2, -1, 0, 1]);
    expect(surface.betas).toEqual([-0.5, -0.25, 0, 0.25]);
    const { losses, center } = surface;
    expect(center).toBe(lossOf(own));
    expect(losses[2][2]).toBe(center);
    for (const [j, beta] of surface.betas.entries()) {
      for (const [i, alpha] of surface.alphas.entries()) {
        for (const [k, p] of own.model.parameters().entries())
          p.copyFrom(home[k].map((v, n) => v + alpha * d[k][n] + beta * e[k][n]));
        expect(losses[j][i]).toBe(lossOf(own));
      }
    }
    for (const [k, p] of own.model.parameters().entries()) p.copyFrom(home[k]);
    const slice = lossSlice(own.model, softmaxCrossEntropy, own.batch, {
      direction: d,
      alphaRange: [-2, 1],
      points: 4,
    });
    expect(slice).toEqual({ alphas: surface.alphas, losses: losses[2], center, direction: "given direction" });
  });

  it("draws the same line in a slice and a surface of a seed", async () => {
    using engine = await create();
    const { model, batch } = scene(engine);
    model.eval();
    const surface = lossSurface(model, softmaxCrossEntropy, batch, { points: 5, seed: 3 });
    const slice = lossSlice(model, softmaxCrossEntropy, batch, { points: 5, seed: 3 });
    expect(surface.losses[2]).toEqual(slice.losses);
    expect(slice.direction).toBe("random, filter-normalised direction, seed 3");
    expect(surface.directions).toBe("random, filter-normalised directions, seed 3");
    const direction = filterNormalizedDirection(model, { seed: 3 });
    expect(lossSlice(model, softmaxCrossEntropy, batch, { points: 5, direction }).losses).toEqual(slice.losses);
    expect(lossSurface(model, softmaxCrossEntropy, batch, { points: 5, seed: 4 }).losses).not.toEqual(surface.losses);
  });

  it("leads from one model's loss to another's", async () => {
    using engine = await create();
    const [one, other] = [scene(engine, 1), scene(engine, 2)];
    for (const { model } of [one, other]) model.eval();
    const direction = directionTo(one.model, other.model);
    const { losses } = lossSlice(one.model, softmaxCrossEntropy, one.batch, {
      direction,
      alphaRange: [0, 1],
      points: 3,
    });
    expect([losses[0], losses[2]]).toEqual([lossOf(one), lossOf(other)]);
  });

  it("bends along an eigenvector by its eigenvalue", async () => {
    using engine = await create();
    const model = t.sequential(engine, [t.dense(4, 8), t.tanh(), t.dense(8, 1)], { seed: 1 });
    const batch = { x: engine.tensor([ROWS, 4], uniform(ROWS * 4, 1)), y: engine.tensor([ROWS, 1], uniform(ROWS, 2)) };
    const { top, bottom, vectors } = hessianEigenvalues(model, t.mse, batch, { vectors: true });
    for (const [value, direction] of [
      [top[0], vectors!.top[0]],
      [bottom[0], vectors!.bottom[0]],
    ] as const) {
      // biome-ignore format: one line
      const h = 1 / 16;
      const options = { direction, alphaRange: [-h, h], points: 3 } as const;
      const { losses } = lossSlice(model, t.mse, batch, options);
      expect((losses[0] - 2 * losses[1] + losses[2]) / (h * h)).toBeCloseTo(value, 2);
    }
  });

  it("restores parameters bit for bit, even if the loss throws, and leaves gradients and the model's own pass", async () => {
    using engine = await create();
    const run = (between: (s: ReturnType<typeof scene>) => void) => {
      const s = scene(engine);
      for (const { grad } of s.model.parameters()) grad.fill(0.25);
      s.model.parameters()[0].data[3] = -0;
      const { grad } = softmaxCrossEntropy(s.model.forward(s.batch.x), s.batch.y);
      const kept = s.model.parameters().map((p) => bits(p.toArray()));
      between(s);
      expect(s.model.parameters().map((p) => bits(p.toArray()))).toEqual(kept);
      const dx = s.model.backward(grad)!;
      return [...s.model.parameters().map((p) => p.grad.slice()), dx.toArray()];
    };
    const want = run(() => {});
    const did = (act: (s: ReturnType<typeof scene>) => void) => {
      const got = run((s) => {
        const { bytesInUse } = engine;
        act(s);
        expect(engine.bytesInUse).toBe(bytesInUse);
      });
      expect(got).toEqual(want);
    };
    did(({ model, batch }) => lossSurface(model, softmaxCrossEntropy, batch, { points: 3 }));
    did(({ model, batch }) => lossSlice(model, softmaxCrossEntropy, batch, { points: 3 }));
    for (const fails of [1, 2, 9]) {
      let calls = 0;
      const failing: t.Loss = (prediction, target) => {
        if (++calls === fails) throw new Error("no more");
        return softmaxCrossEntropy(prediction, target);
      };
      did(({ model, batch }) => {
        expect(() => lossSurface(model, failing, batch, { points: 3 })).toThrow("no more");
        expect(model.generatorState.step).toBe(1);
      });
    }
  });

  it("has the masks of one pass at all points in training mode, and counts as one", async () => {
    using engine = await create();
    const { model, batch } = scene(engine);
    const zero = model.parameters().map(({ size }) => new Float64Array(size));
    const slice = () => lossSlice(model, softmaxCrossEntropy, batch, { direction: zero, points: 4 });
    const first = slice();
    expect(new Set([...first.losses, first.center]).size).toBe(1);
    expect(model.generatorState).toEqual({ seed: 4, step: 1 });
    expect(slice().center).not.toBe(first.center);
    model.eval();
    slice();
    expect(model.generatorState).toEqual({ seed: 4, step: 2 });
  });
});

test("parameters that are NaN keep their bits", async () => {
  using engine = await backends[1].create();
  const { model, batch } = scene(engine);
  const { data } = model.parameters()[0];
  new Uint32Array(data.buffer, data.byteOffset, data.length).set([0x7fc12345, 0xffc54321]);
  const before = bits(data.slice());
  const { losses, center } = lossSlice(model, softmaxCrossEntropy, batch, { points: 3 });
  expect(bits(model.parameters()[0].toArray())).toEqual(before);
  expect([...losses, center]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

test("backends that are exact have the same losses, by bits", async () => {
  const found: unknown[] = [];
  for (const { create } of backends.filter(({ exact }) => exact)) {
    using engine = await create();
    const { model, batch } = scene(engine);
    found.push(lossSurface(model, softmaxCrossEntropy, batch, { points: 9, seed: 5 }));
  }
  expect(found).toHaveLength(2);
  expect(found[1]).toEqual(found[0]);
});

test("losses that are not finite are in the result, and a function of one's own will do", async () => {
  using engine = await backends[0].create();
  const { model, batch } = scene(engine);
  let calls = 0;
  const own: t.Loss = (prediction) => ({
    value: [1, Number.NaN, Number.POSITIVE_INFINITY, 2][calls++],
    grad: prediction,
  });
  expect(lossSlice(model, own, batch, { points: 3 })).toMatchObject({
    losses: [1, Number.NaN, Number.POSITIVE_INFINITY],
    center: 2,
  });
});

test("without memory nothing changes", async () => {
  const requests = await everyRefusal(backends[0], (engine) => {
    const { model, batch } = scene(engine);
    return {
      act: () => lossSlice(model, softmaxCrossEntropy, batch, { points: 3 }),
      state: () => [values(model.parameters()), model.generatorState, engine.bytesInUse],
    };
  });
  expect(requests).toBeGreaterThan(3);
});

test("refuses what it cannot take", async () => {
  using engine = await backends[0].create();
  const { model, batch } = scene(engine);
  const slice = (options: object) => () => lossSlice(model, softmaxCrossEntropy, batch, any(options));
  const surface = (options: object) => () => lossSurface(model, softmaxCrossEntropy, batch, any(options));
  const before = [values(model.parameters()), model.generatorState, engine.bytesInUse];
  const refused: [() => unknown, string][] = [
    [() => lossSlice(any(null), t.mse, batch), "model: expected a model made by sequential(), got null"],
    [() => lossSlice(model, any("mse"), batch), 'loss: expected a loss such as mse, got "mse"'],
    [() => lossSlice(model, any(() => 3), batch), "loss: expected a function that returns { value, grad }, got 3"],
    [() => lossSlice(model, softmaxCrossEntropy, any(3)), "batch: expected { x, y }, inputs and targets, got 3"],
    [() => lossSlice(model, t.mse, batch), "target: expected a tensor of shape [7, 3] for mse"],
    [slice({ directions: [] }), "lossSlice: expected options among direction, alphaRange, points, seed, got"],
    [slice({ direction: [[1]] }), "direction: expected 6 tensors or arrays, one for each parameter, got 1"],
    [slice({ alphaRange: 1 }), "alphaRange: expected [from, to], two numbers, the first the smaller, got 1"],
    [slice({ alphaRange: [1, 1] }), "alphaRange: expected [from, to], two numbers, the first the smaller, got [1, 1]"],
    [slice({ alphaRange: [0, "1"] }), 'alphaRange[1]: expected a finite number, got "1"'],
    [slice({ points: 1 }), "points: expected a whole number ≥ 2, got 1"],
    [slice({ seed: -0.5 }), "seed: expected a whole number, got -0.5"],
    [surface({ direction: [] }), "lossSurface: expected options among directions, alphaRange, betaRange, points, seed"],
    [surface({ directions: 3 }), "directions: expected two directions, got 3"],
    [surface({ directions: [[]] }), "directions: expected two directions, got 1"],
    [surface({ directions: [[], []] }), "directions[0]: expected 6 tensors or arrays"],
    [surface({ betaRange: [3, 2] }), "betaRange: expected [from, to]"],
  ]; // biome-ignore format: a line each
  for (const [call, message] of refused) expect(call, message).toThrow(message);
  expect([values(model.parameters()), model.generatorState, engine.bytesInUse]).toEqual(before);
});
