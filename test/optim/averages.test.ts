/** Averages of weights compared with PyTorch's AveragedModel and the formula, and their exchange with the parameters. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { sgd } from "../../src/optim/sgd.js";
import { ema, swa, type WeightAverage } from "../../src/optim/wrappers/averages.js";
import { backends } from "../support/backends.js";
import { expectClose, flat, readGolden } from "../support/golden.js";
import { uniform } from "../support/numbers.js";

interface Utils {
  params: number[];
  grads: number[][];
  cases: { name: string; ema?: number[][]; avg?: number[][] }[];
}
const file = readGolden("utils") as Utils;
const found = (name: string) => file.cases.find((one) => one.name === name)!;

/** One tensor of a slab of three, one on its own, one attached: 25, 8 and 4 numbers. */
function tensors(engine: Engine): Tensor[] {
  const values = file.params.map(Math.fround);
  return [
    engine.tensor([5, 5], values.slice(0, 25)),
    engine.tensor(8, values.slice(25, 33)),
    engine.attach(Float32Array.from(values.slice(33))),
  ];
}
function setGrads(list: readonly Tensor[], values: readonly number[]): void {
  let at = 0;
  for (const { grad, size } of list) grad.set(values.slice(at, (at += size)).map(Math.fround));
}
const averages = (average: WeightAverage, list: readonly Tensor[]) => flat(list.map((x) => average.average(x)));

/** Averages over steps of SGD at 0.1, as in the file; returns parameters and averages after each. */
function walk(list: readonly Tensor[], average: WeightAverage): { theta: number[]; mean: number[] }[] {
  using opt = sgd(list, { lr: 0.1 });
  return file.grads.map((grads) => {
    setGrads(list, grads);
    opt.step();
    average.update();
    return { theta: flat(list), mean: averages(average, list) };
  });
}
/** Six roundings of numbers up to the largest parameter, those of the reference's own path among them. */
const off = (want: readonly number[]): number => 1e-6 * Math.max(...want.map(Math.abs));

describe.each(backends)("$name", (backend) => {
  it("follows the references: ema with decay 0.9, and swa", async () => {
    using engine = await backend.create();
    for (const [make, want] of [
      [(list: Tensor[]) => ema(list, { decay: 0.9 }), found("ema_weights").ema!],
      [(list: Tensor[]) => swa(list), found("swa (AveragedModel)").avg!],
    ] as const) {
      const list = tensors(engine);
      using average = make(list);
      expect(want).toHaveLength(file.grads.length);
      for (const [t, { mean }] of walk(list, average).entries())
        expectClose(mean, want[t], off(want[t]), `update ${t + 1}`);
    }
  });

  it("starts and skips as swa's options say: the mean of the points that count", async () => {
    using engine = await backend.create();
    const list = tensors(engine);
    using average = swa(list, { start: 1, every: 2 });
    const path = walk(list, average); // updates 1, 3 and 5, from 0
    const counted = [1, 3, 5].map((t) => path[t].theta);
    const mean = counted[0].map((_, i) => counted.reduce((sum, theta) => sum + theta[i] / 3, 0));
    expectClose(path[5].mean, mean, off(mean), "the mean of three");
    expect(average.stateDict()).toMatchObject({ updates: 6, averaged: 3 });
  });

  it("corrects the bias: the weighted mean of the points of the updates alone", async () => {
    using engine = await backend.create();
    const list = tensors(engine);
    using average = ema(list, { decay: 0.9, biasCorrection: true });
    const path = walk(list, average);
    for (const [t, { mean }] of path.entries()) {
      const weights = path.slice(0, t + 1).map((_, k) => 0.9 ** (t - k));
      const total = weights.reduce((sum, w) => sum + w);
      const want = mean.map((_, i) => weights.reduce((sum, w, k) => sum + (w / total) * path[k].theta[i], 0));
      expectClose(mean, want, off(want), `update ${t + 1}`);
    }
  });

  it("warms up by min(decay, (1 + t) / (10 + t))", async () => {
    using engine = await backend.create();
    const x = engine.tensor(1, [0]);
    using average = ema([x], { decay: 0.25, warmup: true });
    x.data[0] = 1;
    let want = 0;
    for (const keep of [2 / 11, 3 / 12, 0.25, 0.25]) {
      average.update();
      want = keep * want + (1 - keep);
      expectClose(averages(average, [x]), [want], 1e-6, `kept ${keep}`);
    }
  });

  it("exchanges averages and parameters and back, to the bit, in a model and in arrays", async () => {
    using engine = await backend.create();
    using model = sequential(engine, [dense(3, 4), dense(4, 2)], { seed: 1 });
    const list = [...model.parameters(), engine.attach(uniform(5, 1))];
    const bytes = engine.bytesInUse;
    using average = ema(list, { decay: 0.5 });
    const first = flat(list);
    expect(averages(average, list)).toEqual(first);
    for (const [i, x] of list.entries()) x.copyFrom(uniform(x.size, 10 + i));
    average.update();
    const live = flat(list);
    const mean = averages(average, list);
    expect(mean).toEqual(first.map((e, i) => Math.fround(e + Math.fround(0.5 * Math.fround(live[i] - e)))));
    average.swapIn();
    average.swapIn();
    expect([flat(list), averages(average, list), average.swapped]).toEqual([mean, mean, true]);
    expect(() => average.update()).toThrow("ema: expected swapOut() before update()");
    average.swapOut();
    expect([flat(list), averages(average, list), average.updates]).toEqual([live, mean, 1]);
    average.dispose();
    average.dispose();
    expect(engine.bytesInUse).toBe(bytes);
    expect(() => average.update()).toThrow(TypeError);
    expect(list.some(({ hasGradient }) => hasGradient)).toBe(false);
  });

  it.each(["ema", "swa"] as const)("resumes from saved state with the same bits: %s", async (kind) => {
    using engine = await backend.create();
    const make = (list: Tensor[]) =>
      kind === "ema" ? ema(list, { decay: 0.9, biasCorrection: true }) : swa(list, { every: 2 });
    const move = (list: Tensor[], t: number) => {
      for (const [i, x] of list.entries()) x.copyFrom(uniform(x.size, 10 * t + i));
    };
    const list = tensors(engine);
    using whole = make(list);
    for (let t = 0; t < 4; t++) {
      move(list, t);
      whole.update();
    }
    const saved = structuredClone(whole.stateDict());
    const other = tensors(engine);
    using resumed = make(other);
    resumed.loadStateDict(saved);
    for (let t = 4; t < 9; t++) {
      for (const [tensors, average] of [
        [list, whole],
        [other, resumed],
      ] as const) {
        move(tensors, t);
        average.update();
      }
    }
    expect(resumed.stateDict()).toEqual(whole.stateDict());
    const before = resumed.stateDict();
    for (const bad of [
      { ...saved, average: kind === "ema" ? "swa" : "ema" },
      { ...saved, updates: -1 },
      { ...saved, params: saved.params.slice(1) },
      { ...saved, params: saved.params.map((x) => x.slice(1)) },
    ]) {
      expect(() => resumed.loadStateDict(bad as never)).toThrow(RangeError);
    }
    expect(() => resumed.loadStateDict({ ...saved, params: saved.params.map((x) => [...x]) } as never)).toThrow(
      TypeError,
    );
    expect(resumed.stateDict()).toEqual(before);
  });

  it("refuses bad options", async () => {
    using engine = await backend.create();
    using another = await backend.create();
    const x = engine.tensor(2);
    for (const decay of [-0.1, 1, Number.NaN])
      expect(() => ema([x], { decay })).toThrow("decay: expected a number in [0, 1)");
    expect(() => ema([x], { warmup: true, biasCorrection: true })).toThrow(RangeError);
    expect(() => ema([x], { rate: 1 } as never)).toThrow(RangeError);
    expect(() => swa([x], { start: -1 })).toThrow(RangeError);
    expect(() => swa([x], { every: 0 })).toThrow("every: expected a whole number ≥ 1, got 0");
    expect(() => swa([])).toThrow(RangeError);
    expect(() => swa([x, x])).toThrow("params[1]: expected each tensor once");
    expect(() => ema([x, another.tensor(2)])).toThrow(TypeError);
    expect(engine.bytesInUse).toBe(64);
  });
});
