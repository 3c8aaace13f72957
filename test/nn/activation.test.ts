import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import * as thalweg from "../../src/index.js";
import type { Layer } from "../../src/nn/layer.js";
import { normalCdf } from "../support/normal.js";
import { numbers } from "../support/numbers.js";

// Compares every activation and its derivative with the definition in f64, point by point. `within` bounds the error of
// the value, relative to the larger of 2^-20 and the value itself; `slope` bounds the error of the derivative. Both are
// 1.5 to 3 times the errors measured over x in [-9, 9].

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };
const C = Math.sqrt(2 / Math.PI);

interface Row {
  name: string;
  layer: Layer;
  f: (x: number) => number;
  within: number;
  slope: number;
}
const rows: Row[] = [
  { name: "relu", layer: thalweg.relu(), f: (x) => Math.max(x, 0), within: 0, slope: 0 },
  { name: "leakyRelu", layer: thalweg.leakyRelu(), f: (x) => (x > 0 ? x : 0.01 * x), within: 1.2e-7, slope: 1e-7 },
  {
    name: "leakyRelu 0.3",
    layer: thalweg.leakyRelu({ slope: 0.3 }),
    f: (x) => (x > 0 ? x : 0.3 * x),
    within: 1.2e-7,
    slope: 1e-7,
  },
  { name: "elu", layer: thalweg.elu(), f: (x) => (x > 0 ? x : Math.expm1(x)), within: 2e-7, slope: 2e-7 },
  {
    name: "elu 0.5",
    layer: thalweg.elu({ alpha: 0.5 }),
    f: (x) => (x > 0 ? x : 0.5 * Math.expm1(x)),
    within: 2e-7,
    slope: 2e-7,
  },
  {
    name: "selu",
    layer: thalweg.selu(),
    f: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
    within: 3e-7,
    slope: 3e-7,
  },
  // The tail stays accurate: at -5.5 the form with erf is off by 4e-2.
  { name: "gelu", layer: thalweg.gelu(), f: (x) => x * normalCdf(x), within: 1e-6, slope: 3e-7 },
  {
    name: "gelu tanh",
    layer: thalweg.gelu({ approximate: "tanh" }),
    f: (x) => x * logistic(2 * C * (x + 0.044715 * x ** 3)),
    within: 3e-6,
    slope: 4e-7,
  },
  { name: "silu", layer: thalweg.silu(), f: (x) => x * logistic(x), within: 4e-7, slope: 3e-7 },
  { name: "softplus", layer: thalweg.softplus(), f: (x) => Math.log1p(Math.exp(x)), within: 3e-7, slope: 2e-7 },
  {
    name: "softplus 3",
    layer: thalweg.softplus({ beta: 3, threshold: 1e9 }),
    f: (x) => Math.log1p(Math.exp(3 * x)) / 3,
    within: 1e-6,
    slope: 3e-7,
  },
  {
    name: "mish",
    layer: thalweg.mish(),
    f: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
    within: 5e-7,
    slope: 4e-7,
  },
  { name: "sigmoid", layer: thalweg.sigmoid(), f: logistic, within: 3e-7, slope: 2e-7 },
  { name: "tanh", layer: thalweg.tanh(), f: Math.tanh, within: 2e-7, slope: 3e-7 },
];

test.each(rows)("$name and its derivative agree with the definition", async ({ layer, f, within, slope }) => {
  using engine = await createEngine({ simd: "strict" });
  const next = numbers(11);
  const count = 20000;
  const x = engine.tensor(
    [1, count],
    Float32Array.from({ length: count }, () => 9 * (2 * next() - 1)),
  );
  const model = thalweg.sequential(engine, [layer]);
  const y = model.forward(x).toArray();
  const dx = model.backward(engine.tensor([1, count], new Float32Array(count).fill(1)))!.data;
  let worst = 0;
  let worstSlope = 0;
  for (let i = 0; i < count; i++) {
    const at = x.data[i];
    const want = f(at);
    worst = Math.max(worst, Math.abs(y[i] - want) / Math.max(2 ** -20, Math.abs(want)));
    if (Math.abs(at) < 1e-3) continue; // relus have a kink at 0
    const h = 2e-4;
    // A difference of fourth order, whose own error is below 1e-11.
    const derivative = (8 * (f(at + h) - f(at - h)) - (f(at + 2 * h) - f(at - 2 * h))) / (12 * h);
    worstSlope = Math.max(worstSlope, Math.abs(dx[i] - derivative));
  }
  expect(worst).toBeLessThanOrEqual(within);
  expect(worstSlope).toBeLessThanOrEqual(Math.max(slope, 1e-10));
});

test("known values of each, as PyTorch prints them", async () => {
  using engine = await createEngine({ backend: "js" });
  const at = (layer: Layer, ...values: number[]) => [
    ...thalweg.sequential(engine, [layer]).forward(engine.tensor([1, values.length], values)).data,
  ];
  // Known to ten digits: x Φ(x) at ±1, 1/(1+1/e), ln 2, 1 − 1/e, tanh(ln(1 + e)).
  const close = (got: number[], want: number[]) => {
    got.forEach((v, i) => {
      expect(v).toBeCloseTo(want[i], 6);
    });
  };
  close(at(thalweg.gelu(), 1, -1, 0), [0.8413447461, -0.1586552539, 0]);
  close(at(thalweg.gelu({ approximate: "tanh" }), 1, -1), [0.8411919906, -0.1588080094]);
  close(at(thalweg.silu(), 1, -1), [0.7310585786, -0.2689414214]);
  close(at(thalweg.softplus(), 0, 30, -30), [0.6931471806, 30, 0]);
  close(at(thalweg.elu({ alpha: 2 }), -1, 3), [-1.2642411177, 3]);
  close(at(thalweg.selu(), 1, -1), [1.0507009874, -1.1113307378]);
  close(at(thalweg.mish(), 1, -1), [0.8650983883, -0.3034014613]);
  close(at(thalweg.leakyRelu(), 2, -2), [2, -0.02]);
  // Above its threshold softplus equals x to the last bit.
  expect(at(thalweg.softplus({ threshold: 2 }), 2.5)).toEqual([2.5]);
});

test("bad options are refused by name", () => {
  const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
    expect(run).toThrow(message);
    expect(run).toThrow(type);
  };
  refused(() => thalweg.leakyRelu({ slope: -1 }), RangeError, /^slope: .*got -1/);
  refused(() => thalweg.leakyRelu({ slope: "0" as never }), TypeError, /^slope: /);
  refused(() => thalweg.leakyRelu({ negativeSlope: 0.1 } as object), RangeError, /negativeSlope/);
  refused(() => thalweg.elu({ alpha: Number.NaN }), RangeError, /^alpha: .*got NaN/);
  refused(() => thalweg.gelu({ approximate: "erf" as never }), RangeError, /^approximate: .*"tanh".*got "erf"/);
  refused(() => thalweg.softplus({ beta: 0 }), RangeError, /^beta: .*got 0/);
  refused(() => thalweg.softplus({ threshold: Number.POSITIVE_INFINITY }), RangeError, /^threshold: /);
});
