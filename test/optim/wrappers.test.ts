/** Wrappers around optimizers: accumulation, Lookahead, sharpness-aware minimisation. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { mse } from "../../src/nn/squaredError.js";
import { type AdamHyper, type AdamState, adam } from "../../src/optim/adam.js";
import { Optimizer, type WrapperState } from "../../src/optim/core/optimizer.js";
import { nag } from "../../src/optim/nag.js";
import { scheduleFreeAdamw } from "../../src/optim/scheduleFreeAdamw.js";
import { sgd } from "../../src/optim/sgd.js";
import { accumulate } from "../../src/optim/wrappers/accumulate.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { sam } from "../../src/optim/wrappers/sam.js";
import type { AnyOptimizer } from "../../src/train/options.js";
import { train } from "../../src/train/train.js";
import { backends } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { uniform } from "../support/numbers.js";
import { parameters, quadratic } from "../support/quadratic.js";

type Any = Optimizer<AdamHyper, AdamState>;
/** Every wrapper, and two of them nested. */
const wrappers: { name: string; make(list: readonly Tensor[]): Any }[] = [
  { name: "accumulate", make: (list) => accumulate(adam(list, { lr: 0.05 }), 3) },
  { name: "lookahead", make: (list) => lookahead(adam(list, { lr: 0.05 }), { k: 3 }) },
  { name: "sam", make: (list) => sam(adam(list, { lr: 0.05 })) },
  {
    name: "sam adaptive",
    make: (list) => sam(adam(list, { lr: 0.05 }), { adaptive: true, rho: 0.5 }),
  },
  { name: "lookahead of sam", make: (list) => lookahead(sam(adam(list, { lr: 0.05 }))) },
  {
    name: "lookahead of accumulate",
    make: (list) => lookahead(accumulate(adam(list, { lr: 0.05 }), 2), { k: 2 }),
  },
];

describe.each(backends)("$name", (backend) => {
  it("leaves the parameters unchanged, to the bit, if sam's closure throws", async () => {
    using engine = await backend.create();
    const list = parameters(engine);
    const opt = sam(adam(list), { rho: 3 });
    opt.step(() => quadratic(list));
    const before = [flat(list), opt.stateDict()];
    for (const at of [1, 2]) {
      let calls = 0;
      const fail = () => {
        if (++calls === at) throw new Error("no loss today");
        return quadratic(list);
      };
      expect(() => opt.step(fail)).toThrow("no loss today");
      expect([flat(list), opt.stateDict()]).toEqual(before);
    }
  });

  it("does not count a skipped step as a fast one", async () => {
    using engine = await backend.create();
    const [x, y] = [engine.tensor(1, [4]), engine.tensor(1, [4])];
    const opt = lookahead(sgd([x], { lr: 1, onNonFinite: "skip" }), { k: 2, alpha: 0.25 });
    const same = lookahead(sgd([y], { lr: 1 }), { k: 2, alpha: 0.25 });
    for (const g of [1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1]) {
      x.grad[0] = g;
      opt.step();
      if (!Number.isFinite(g)) continue;
      y.grad[0] = g;
      same.step();
    }
    // From 4 two steps to 2, a quarter of the way back up from there is 3.5; and one more step.
    expect([x.data[0], y.data[0], opt.skippedSteps]).toEqual([2.5, 2.5, 2]);
  });

  describe.each(wrappers)("$name", ({ make }) => {
    const step = (opt: Any, list: Tensor[], t: number) =>
      opt.step(() => {
        opt.zeroGrad();
        for (const [i, { data, grad }] of list.entries()) {
          const noise = uniform(grad.length, 100 * t + i);
          for (let j = 0; j < grad.length; j++) grad[j] += data[j] + noise[j];
        }
        return t;
      });
    const tensors = (engine: Engine) => [engine.tensor([2, 3], uniform(6, 1)), engine.attach(uniform(5, 2))];

    it("is an optimizer: live groups, a loss, state by tensor, and nothing left once disposed", async () => {
      using engine = await backend.create();
      const list = tensors(engine);
      for (const { grad } of list) grad.fill(0);
      const attachedGradient = engine.backend === "js" ? 0 : 64;
      const bytes = engine.bytesInUse + attachedGradient;
      const opt = make(list);
      expect(opt).toBeInstanceOf(Optimizer);
      opt.groups[0].lr = 0.01;
      expect(step(opt, list, 7)).toBe(7);
      for (let t = 0; t < 9; t++) step(opt, list, t);
      expect(Object.keys(opt.state(list[0]))).toEqual(["expAvg", "expAvgSq"]);
      expect(() => opt.state(engine.tensor(1))).toThrow(RangeError);
      opt.eval();
      opt.train();
      const extra = engine.tensor(4, [1, 2, 3, 4]);
      extra.grad.fill(1);
      opt.addParamGroup({ params: [extra] });
      for (let t = 0; t < 6; t++) step(opt, [...list, extra], t);
      expect(extra.toArray()).not.toEqual(Float32Array.of(1, 2, 3, 4));
      opt.dispose();
      opt.dispose();
      extra.dispose();
      expect(engine.bytesInUse).toBe(bytes + 64); // the tensor that was refused
      for (const use of [() => step(opt, list, 0), () => opt.zeroGrad(), () => opt.stateDict()]) {
        expect(use).toThrow(/has been disposed/);
      }
    });

    it.each([0, 1, 4, 7])(
      "resumes from its state after %i calls with the bits of a run that never stopped",
      async (at) => {
        using engine = await backend.create();
        const list = tensors(engine);
        const whole = make(list);
        for (let t = 0; t < 14; t++) step(whole, list, t);
        const first = tensors(engine);
        const stopped = make(first);
        for (let t = 0; t < at; t++) step(stopped, first, t);
        const saved = structuredClone(stopped.stateDict());
        using other = await backend.create();
        const second = tensors(other);
        for (const [i, tensor] of second.entries()) tensor.copyFrom(first[i].data);
        const resumed = make(second);
        resumed.loadStateDict(saved);
        for (let t = at; t < 14; t++) step(resumed, second, t);
        expect(flat(second)).toEqual(flat(list));
        expect(resumed.stateDict()).toEqual(whole.stateDict());
      },
    );

    it("refuses the state of another, and bad options of a step, changing nothing", async () => {
      using engine = await backend.create();
      const list = tensors(engine);
      const opt = make(list);
      for (let t = 0; t < 4; t++) step(opt, list, t);
      const before = [flat(list), structuredClone(opt.stateDict())];
      const saved = opt.stateDict() as WrapperState;
      for (const bad of [
        saved.inner,
        { ...saved, inner: { optimizer: "sgd" } },
        { ...saved, k: 77, rho: 77 },
        { ...saved, fast: -1, count: -1, adaptive: 1 },
        { ...saved, slow: [new Float32Array(6)], count: 1, grads: [], inner: {} },
      ]) {
        expect(() => opt.loadStateDict(bad as never)).toThrow();
      }
      expect(() => opt.loadStateDict(null as never)).toThrow(TypeError);
      expect(() => opt.step(3 as never)).toThrow(TypeError);
      expect(() => opt.step(() => 0, { clip: 1 } as never)).toThrow(RangeError);
      expect(() => opt.step(() => 0, { clipNorm: 0 })).toThrow("clipNorm: expected a finite number > 0, got 0");
      expect([flat(list), opt.stateDict()]).toEqual(before);
    });
  });

  it("wraps rules of two points: lookahead over scheduleFreeAdamw steps only at the point of training", async () => {
    using engine = await backend.create();
    const list = parameters(engine);
    const opt = lookahead(scheduleFreeAdamw(list, { lr: 0.1 }), { k: 2 });
    for (let t = 0; t < 3; t++) opt.step(() => quadratic(list));
    opt.eval();
    expect(() => opt.step(() => quadratic(list))).toThrow("expected train() before step()");
    opt.train();
    opt.step(() => quadratic(list));
    expect(opt.stepCount).toBe(4);
  });

  it("trains a model: train() takes them all, with a closure where one is needed", async () => {
    using engine = await backend.create();
    const run = async (wrap: (list: readonly Tensor[]) => AnyOptimizer) => {
      using model = sequential(engine, [dense(2, 4), dense(4, 1)], { seed: 1 });
      const data = {
        x: [
          [0, 1],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
        y: [[1], [2], [3], [0]],
      };
      const optimizer = wrap(model.parameters());
      const { epochs } = await train(model, data, { optimizer, loss: mse, epochs: 60, batchSize: 2, seed: 1 });
      return epochs.at(-1).loss;
    };
    expect(await run((list) => lookahead(adam(list, { lr: 0.05 })))).toBeLessThan(0.1);
    expect(await run((list) => accumulate(adam(list, { lr: 0.1 }), 2))).toBeLessThan(0.1);
    expect(await run((list) => sam(adam(list, { lr: 0.05 })))).toBeLessThan(0.1);
    expect(await run((list) => nag(list, { lr: 0.05 }))).toBeLessThan(0.1);
  });

  it("refuses bad options", async () => {
    using engine = await backend.create();
    const x = engine.tensor(2, [1, 2]);
    x.grad.fill(1);
    for (const k of [0, -1, 1.5]) {
      expect(() => accumulate(sgd([x]), k)).toThrow(`k: expected a whole number ≥ 1, got ${k}`);
      expect(() => lookahead(sgd([x]), { k })).toThrow(RangeError);
    }
    for (const alpha of [0, 1.1, -1]) expect(() => lookahead(sgd([x]), { alpha })).toThrow(RangeError);
    expect(() => sam(sgd([x]), { rho: -1 })).toThrow("rho: expected a finite number ≥ 0, got -1");
    expect(() => sam(sgd([x]), { adaptive: 1 as never })).toThrow(TypeError);
    expect(() => sam(nag([x]))).toThrow("opt: expected an optimizer that steps on given gradients, got");
    expect(() => sam(accumulate(sgd([x]), 2))).toThrow(RangeError);
    expect(() => sam(lookahead(accumulate(sgd([x]), 2)))).toThrow(
      "opt: expected an optimizer that steps at every call",
    );
    expect(() => accumulate(nag([x]), 2)).toThrow(RangeError);
    expect(() => lookahead({} as never)).toThrow("opt: expected an optimizer, got an Object");
    expect(() => lookahead(sgd([x]), { beta: 1 } as never)).toThrow(RangeError);
    const opt = sam(sgd([x]));
    expect(() => opt.step()).toThrow(
      "closure: expected a function that returns the loss, which sam needs, got undefined",
    );
    expect(() => opt.step(() => 0, { gradScale: Number.NaN })).toThrow(RangeError);
    expect(flat([x])).toEqual([1, 2]);
  });
});
