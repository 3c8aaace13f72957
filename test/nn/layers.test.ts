import { expect, test } from "vitest";
import * as thalweg from "../../src/index.js";
import { backends } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

const { concat, dense, dropout, gelu, layerNorm, mse, relu, sequential, sigmoid, tanh } = thalweg;

const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
  expect(run).toThrow(message);
  expect(run).toThrow(type);
};

for (const backend of backends) {
  test(`${backend.name}: layerNorm of rows worked by hand`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([3, 4], [1, 2, 3, 4, 10, 10, 10, 10, -3, 1, -3, 1]);
    using model = sequential(engine, [layerNorm(4, { eps: 0.75 })]);
    // Mean 2.5, variance 1.25: deviations over the root of 2. No variance: 0. Mean -1, variance 4: over the root of
    // 4.75.
    const a = 1.5 / Math.SQRT2;
    const b = 0.5 / Math.SQRT2;
    const c = 2 / Math.sqrt(4.75);
    const plain = [-a, -b, b, a, 0, 0, 0, 0, -c, c, -c, c];
    const close = (got: Float32Array, want: number[]) => {
      got.forEach((v, i) => {
        expect(v).toBeCloseTo(want[i], 6);
      });
    };
    close(model.forward(x).data, plain);
    const [weight, bias] = model.parameters();
    expect(model.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
      ["0.weight", [4]],
      ["0.bias", [4]],
    ]);
    expect([...weight.data, ...bias.data]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    weight.copyFrom([1, 2, 3, 4]);
    bias.copyFrom([0.5, 0, 0, -1]);
    close(
      model.forward(x).data,
      plain.map((v, i) => v * ((i % 4) + 1) + [0.5, 0, 0, -1][i % 4]),
    );
    // The output changes neither with the mean of a row nor with its scale: these gradients are 0.
    const dx = model.backward(
      engine.tensor(
        [3, 4],
        new Array(12).fill(0).map((_, i) => 1 / ((i % 4) + 1)),
      ),
    )!;
    expect(Math.max(...dx.data.map(Math.abs))).toBeLessThan(1e-6);
  });

  test(`${backend.name}: layerNorm stays accurate far from 0, and a row alone has the same bits as in a batch`, async () => {
    using engine = await backend.create();
    for (const width of [1, 2, 3, 4, 5, 8, 13, 64, 67]) {
      using model = sequential(engine, [layerNorm(width)]);
      const values = uniform(6 * width, width).map((v) => v + 1000);
      const y = model.forward(engine.tensor([6, width], values)).toArray();
      for (let r = 0; r < 6; r++) {
        const row = values.slice(r * width, (r + 1) * width);
        const mean = row.reduce((sum, v) => sum + v, 0) / width;
        const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
        // At 1000, f32 resolves 6e-5, half of which is lost to the mean; a variance computed in one pass would lose
        // everything.
        row.forEach((v, j) => {
          const want = (v - mean) / Math.sqrt(variance + 1e-5);
          expect(Math.abs(y[r * width + j] - want)).toBeLessThan(3.1e-5 / Math.sqrt(variance + 1e-5) + 1e-6);
        });
        const alone = model.forward(engine.tensor([1, width], row)).toArray();
        expect(difference(alone, y.slice(r * width, (r + 1) * width))).toBeUndefined();
      }
    }
  });

  test(`${backend.name}: concat joins its branches, and its parameters are named and initialized like those of its layers`, async () => {
    using engine = await backend.create({ simd: "strict" });
    const towers = concat(
      [
        [dense(3, 4), tanh()],
        [dense(2, 5, { init: "heUniform" }), relu(), dense(5, 2)],
      ],
      {
        inputs: [3, 2],
      },
    );
    expect([towers.inputs, towers.outputs]).toEqual([5, 6]);
    using model = sequential(engine, [towers, dense(6, 1)], { seed: 4 });
    expect(model.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
      ["0.0.0.weight", [3, 4]],
      ["0.0.0.bias", [4]],
      ["0.1.0.weight", [2, 5]],
      ["0.1.0.bias", [5]],
      ["0.1.2.weight", [5, 2]],
      ["0.1.2.bias", [2]],
      ["1.weight", [6, 1]],
      ["1.bias", [1]],
    ]);
    // The same random numbers as for a sequence of these layers, however they are nested.
    const [w] = sequential(engine, [dense(3, 4)], { seed: 4 }).parameters();
    expect(difference(model.parameters()[0].data, w.data)).toBeUndefined();
    // heUniform of 2 inputs goes up to 1.73, the default only to 0.71.
    expect(Math.max(...model.parameters()[2].data.map(Math.abs))).toBeGreaterThan(Math.SQRT1_2);
    // Each tower gives the same bits as a model of its own.
    const parts = sequential(engine, [towers], { seed: 4 });
    const x = uniform(35, 2);
    const joined = parts.forward(engine.tensor([7, 5], x)).toArray();
    const [left, right] = [
      sequential(engine, [dense(3, 4), tanh()]),
      sequential(engine, [dense(2, 5), relu(), dense(5, 2)]),
    ];
    for (const [i, p] of [...left.parameters(), ...right.parameters()].entries())
      p.copyFrom(parts.parameters()[i].data);
    const columns = (from: number, to: number) => x.filter((_, i) => i % 5 >= from && i % 5 < to);
    const a = left.forward(engine.tensor([7, 3], columns(0, 3))).data;
    const b = right.forward(engine.tensor([7, 2], columns(3, 5))).data;
    for (let r = 0; r < 7; r++) {
      const want = Float32Array.of(...a.slice(4 * r, 4 * r + 4), ...b.slice(2 * r, 2 * r + 2));
      expect(difference(joined.slice(6 * r, 6 * r + 6), want)).toBeUndefined();
    }
  });

  test(`${backend.name}: a model with all kinds of layers frees all its memory, and a smaller last batch allocates nothing`, async () => {
    using engine = await backend.create();
    const x = engine.tensor([32, 5], uniform(160, 1));
    const short = engine.tensor([9, 5], uniform(45, 2));
    const before = engine.bytesInUse;
    const model = sequential(
      engine,
      [
        concat(
          [
            [dense(2, 4), gelu(), dropout(0.2)],
            [layerNorm(3, { affine: false }), dense(3, 4)],
          ],
          { inputs: [2, 3] },
        ),
        layerNorm(8),
        relu(),
        dropout(0.5),
        concat([[], [dense(8, 2)]]),
        dense(10, 2),
      ],
      { seed: 1 },
    );
    const step = (input: typeof x) => model.backward(model.forward(input), { inputGrad: true });
    step(x);
    const used = engine.bytesInUse;
    for (const input of [short, x, short]) step(input);
    expect(engine.bytesInUse).toBe(used);
    for (const p of model.parameters()) expect(p.grad.some((v) => v !== 0)).toBe(true);
    model.dispose();
    expect(engine.bytesInUse).toBe(before);
  });

  test(`${backend.name}: layers that allocate when bound leave nothing behind if memory runs out`, async () => {
    using engine = await backend.create({ maxMemoryMiB: 0.4 });
    const wide = () => layerNorm(30000, { affine: false }); // 240 kB of ones and zeros
    for (const layers of [
      [wide(), wide()],
      [dense(9, 60000), concat([[wide()], [wide()]], { inputs: [30000, 30000] })],
      [concat([[wide()], [wide()]], { inputs: [30000, 30000] })],
    ]) {
      expect(() => sequential(engine, layers)).toThrow(/out of memory/);
      expect(engine.bytesInUse).toBe(0);
    }
    using model = sequential(engine, [wide()]);
    expect(model.inputs).toBe(30000);
  });

  test(`${backend.name}: inspect reports the last passes`, async () => {
    using engine = await backend.create({ simd: "strict" });
    const layers = () => [dense(3, 4), relu(), concat([[dense(4, 2), sigmoid()], []]), dense(6, 1)];
    using model = sequential(engine, layers(), { seed: 3 });
    const names = ["0.dense", "1.relu", "2.concat", "2.0.0.dense", "2.0.1.sigmoid", "2.1.0.identity", "3.dense"];
    expect(model.inspect().map(({ name }) => name)).toEqual(names);
    expect(
      model.inspect().every(({ shape, mean, gradNorm }) => [shape, mean, gradNorm].every((v) => v === undefined)),
    ).toBe(true);
    model.parameters()[1].copyFrom([0, 0, -100, 0]); // the bias that makes a unit dead from now on
    const x = engine.tensor([20, 3], uniform(60, 5));
    const target = engine.tensor([20, 1], uniform(20, 6));
    const passes = () => {
      for (const p of model.parameters()) p.grad.fill(0);
      const y = model.forward(x);
      const forward = model.inspect();
      model.backward(mse(y, target).grad);
      return [forward, model.inspect(), model.parameters().map((p) => p.grad.slice()), y.toArray()] as const;
    };
    const [forward, reports, grads, output] = passes();
    expect(forward.every(({ gradient }) => gradient === undefined)).toBe(true);
    const of = (list: thalweg.LayerReport[], name: string) => list.find((one) => one.name === name)!;
    // relu works in place: the output before it is gone, and so is the gradient after it.
    expect(of(reports, "0.dense")).toMatchObject({
      shape: [20, 4],
      output: undefined,
      mean: undefined,
      zeros: undefined,
    });
    expect(of(reports, "0.dense").gradNorm).toBeGreaterThan(0);
    expect(of(reports, "1.relu").gradient).toBeUndefined();
    const rest = of(reports, "1.relu");
    expect(rest.deadUnits).toBe(1);
    expect(rest.zeros).toBeGreaterThanOrEqual(0.25);
    expect(rest.output!.shape).toEqual([20, 4]);
    expect(rest.zeros).toBe(rest.output!.data.filter((v) => v === 0).length / 80);
    const values = [...rest.output!.data];
    const mean = values.reduce((sum, v) => sum + v, 0) / 80;
    expect(rest.mean).toBeCloseTo(mean, 12);
    expect(rest.std).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 80), 12);
    expect(rest.rms).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / 80), 12);
    expect(of(reports, "3.dense").gradNorm).toBeCloseTo(
      Math.sqrt(output.reduce((sum, v, i) => sum + (0.1 * (v - target.data[i])) ** 2, 0)),
      6,
    );

    // Keeping all values changes no bit, and completes the reports.
    model.keepActivations = true;
    const [, all, kept, same] = passes();
    expect(difference(same, output)).toBeUndefined();
    for (const [i, grad] of kept.entries()) expect(difference(grad, grads[i])).toBeUndefined();
    for (const report of all) {
      expect(report.output, report.name).toBeDefined();
      expect(report.gradient, report.name).toBeDefined();
    }
    const rectified = of(all, "0.dense")
      .output!.toArray()
      .map((v) => Math.max(v, 0));
    expect(difference(of(all, "1.relu").output!.toArray(), rectified)).toBeUndefined();
    const [before, after] = [of(all, "0.dense").gradient!.toArray(), of(all, "1.relu").gradient!.toArray()];
    expect(
      difference(
        before,
        after.map((v, i) => (rectified[i] > 0 ? v : 0)),
      ),
    ).toBeUndefined();
    model.keepActivations = false;
    const [, again] = passes();
    expect(of(again, "0.dense").output).toBeUndefined();
    refused(
      () => {
        model.keepActivations = 1 as never;
      },
      TypeError,
      /^keepActivations: /,
    );
  });
}

test("layers that do not fit are refused by name", () => {
  refused(() => layerNorm(0), RangeError, /^width: .*got 0/);
  refused(() => layerNorm(4, { eps: -1 }), RangeError, /^eps: .*got -1/);
  refused(() => layerNorm(4, { affine: 1 as never }), TypeError, /^affine: /);
  refused(() => layerNorm(4, { Eps: 1 } as object), RangeError, /Eps/);
  refused(() => concat([]), RangeError, /^branches: expected at least one branch/);
  refused(() => concat([relu()] as never), TypeError, /^branches\[0\]: expected an array of layers/);
  refused(() => concat([[relu as never]]), TypeError, /^branches\[0\]\[0\]: expected a layer .*got a function/);
  refused(() => concat([[relu()], [tanh()]]), RangeError, /^inputs: expected the width of the input, .*got undefined/);
  refused(() => concat([[dense(3, 2)], [dense(4, 2)]]), RangeError, /^branches\[1\]: .*take 3 inputs, got "4 inputs"/);
  refused(
    () => concat([[dense(3, 2), dense(3, 2)]]),
    RangeError,
    /^branches\[0\]\[1\]: .*takes the 2 outputs before it/,
  );
  refused(() => concat([[dense(3, 2)]], { inputs: [3, 4] }), RangeError, /^inputs: expected 1 widths/);
  refused(() => concat([[dense(3, 2)]], { inputs: [0] }), RangeError, /^inputs\[0\]: .*got 0/);
  refused(() => concat([[dense(3, 2)], []], { inputs: [4, 1] }), RangeError, /^branches\[0\]: .*take 4 inputs/);
  refused(() => concat([[dense(3, 2)]], { split: [3] } as object), RangeError, /split/);
});
