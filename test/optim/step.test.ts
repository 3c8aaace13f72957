/** What every optimizer does around its rule: groups, schedules, closures, clipping, gradients, memory. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { adam } from "../../src/optim/adam.js";
import { adamw } from "../../src/optim/adamw.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends, shared } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { difference, uniform } from "../support/numbers.js";
import { rows } from "../support/options.js";

const N = 11;
const parameter = (engine: Engine, seed: number): Tensor => engine.tensor(N, uniform(N, seed));

/** Steps with gradients that depend on seed and step alone. */
function walk(
  opt: { step(closure: () => number): unknown },
  tensors: readonly Tensor[],
  steps: number,
  from = 0,
): void {
  for (let t = from; t < from + steps; t++) {
    for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 100 * t + i));
    opt.step(() => 0); // some rules need a closure
  }
}
const same = (got: Tensor, want: Tensor): void => expect(difference(got.data, want.data)).toBeUndefined();

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(rows)("$title", ({ factory, hyper }) => {
    // Not for rules whose scalars depend on all groups: all-groups.test.ts has those.
    const apart = (title: string): string[] => (factory.rule.stepAll ? [] : [title]);
    it.each(apart("gives groups their own hyperparameters, with the bits of separate optimizers"))("%s", () => {
      const engine = own();
      const others = { lr: 0.3, maximize: true };
      const [a, b, c, d] = [1, 2, 1, 2].map((seed) => parameter(engine, seed)) as [Tensor, Tensor, Tensor, Tensor];
      walk(factory([{ params: [a] }, { params: [b], ...others }], hyper), [a, b], 10);
      const apart = [factory([c], hyper), factory([d], { ...hyper, ...others })];
      walk({ step: () => apart.map((opt) => opt.step(() => 0)) }, [c, d], 10);
      same(a, c);
      same(b, d);
    });

    it.each(apart("adds a group late, and starts it like a new one"))("%s", () => {
      const engine = own();
      const [early, late, alone] = [1, 2, 2].map((seed) => parameter(engine, seed)) as [Tensor, Tensor, Tensor];
      const opt = factory([early], hyper);
      walk(opt, [early], 5);
      opt.addParamGroup({ params: [late] });
      walk({ step: () => opt.step(() => 0) }, [late], 5);
      walk(factory([alone], hyper), [alone], 5);
      same(late, alone);
      expect(opt.stepCount).toBe(10);
      expect(opt.groups.map(({ params }) => params)).toEqual([[early], [late]]);
    });

    // Not for a rule that calls the closure itself: that may reach every parameter, so all get a gradient.
    const some =
      factory.rule.closure === "required" ? [] : ["leaves a parameter alone whose gradient was never touched"];
    it.each(some)("%s", () => {
      const engine = own();
      const [a, b] = [parameter(engine, 1), parameter(engine, 2)];
      const attached = engine.attach(uniform(N, 3));
      walk(
        factory([a, b, attached], { ...hyper, ...("weightDecay" in factory.rule.hyper && { weightDecay: 0.5 }) }),
        [a],
        10,
      );
      expect(difference(b.data, uniform(N, 2))).toBeUndefined();
      expect(difference(attached.data, uniform(N, 3))).toBeUndefined();
      expect([a, b, attached].map(({ hasGradient }) => hasGradient)).toEqual([true, false, false]);
    });

    // Rules that find their own rate (d0) stand still until the first gradient, like the code of their authors.
    const decays = "weightDecay" in factory.rule.hyper && !("d0" in factory.rule.hyper);
    const decaying = decays ? ["steps on a gradient that is exactly zero: decay continues"] : [];
    it.each(decaying)("%s", () => {
      const engine = own();
      const a = engine.tensor(N, new Float32Array(N).fill(2));
      a.grad.fill(0);
      // Not with eps 0, where it would be 0/0.
      const opt = factory([a], {
        ...hyper,
        ...(typeof hyper.eps === "number" && { eps: 1e-8 }),
        lr: 0.1,
        weightDecay: 0.5,
      });
      // Some rules only fill their state at first (ADOPT), or wait (RAdam without its silent steps).
      for (let t = 0; t < 10 && a.data[0] === 2; t++) opt.step(() => 0);
      expect(a.data.every((value) => value > 0 && value < 2)).toBe(true);
    });

    it("frees all memory", () => {
      const engine = own();
      const tensors = [parameter(engine, 1), engine.attach(uniform(N, 2))];
      using model = sequential(engine, [dense(3, 2)]);
      const all = [...tensors, ...model.parameters()];
      for (const { grad } of all) grad.fill(0);
      // The first step of an attached array makes its mirror's gradient, which is the tensor's own.
      const warm = factory(all, hyper);
      warm.step(() => 0);
      warm.dispose();
      const before = engine.bytesInUse;
      for (let round = 0; round < 5; round++) {
        using opt = factory(all, hyper);
        walk(opt, all, 3);
        opt.loadStateDict(opt.stateDict());
        walk(opt, all, 3);
      }
      expect(engine.bytesInUse).toBe(before);
    });
  });

  it("takes schedules for any number, counting steps from 0", () => {
    const engine = own();
    const x = engine.tensor(1);
    const seen: number[] = [];
    const lr = (step: number): number => {
      seen.push(step);
      return [0.5, 0.25, 2][step];
    };
    const opt = sgd([x], { lr });
    x.grad[0] = 1;
    const path = [0, 1, 2].map(() => {
      opt.step();
      return x.data[0];
    });
    expect(path).toEqual([-0.5, -0.75, -2.75]);
    expect(new Set(seen)).toEqual(new Set([0, 1, 2]));
    expect(opt.groups[0].lr).toBe(2); // the value of the last step
  });

  it("takes schedules for betas, eps and weightDecay: the bits of setting them by hand", () => {
    const engine = own();
    const [a, b] = [parameter(engine, 1), parameter(engine, 1)];
    const beta = (step: number): number => 0.8 + 0.01 * step;
    const decay = (step: number): number => 0.1 * step;
    const eps = (step: number): number => 1e-6 * (step + 1);
    walk(adam([a], { betas: [beta, 0.99], weightDecay: decay, eps }), [a], 10);
    const byHand = adam([b], { betas: [0, 0.99] });
    for (let t = 0; t < 10; t++) {
      Object.assign(byHand.groups[0], { betas: [beta(t), 0.99], weightDecay: decay(t), eps: eps(t) });
      walk(byHand, [b], 1, t);
    }
    same(a, b);
  });

  it("has live groups: numbers and schedules set between steps", () => {
    const engine = own();
    const x = engine.tensor(1);
    const y = engine.tensor(1);
    const opt = sgd([{ params: [x] }, { params: [y], lr: 3 }], { lr: 1 });
    for (const { grad } of [x, y]) grad[0] = 1;
    opt.step();
    opt.groups[0].lr = 0.5;
    opt.step();
    expect([x.data[0], y.data[0]]).toEqual([-1.5, -6]);
    // A schedule counts all steps, not those since it was set.
    Object.assign(opt.groups[1], { lr: (step: number) => step });
    expect(opt.groups[1].lr).toBe(2);
    opt.step();
    expect([x.data[0], y.data[0]]).toEqual([-2, -8]);
    // A momentum that comes later finds, or makes, its buffer: empty, and so the first gradient fills it whole.
    Object.assign(opt.groups[0], { momentum: 0.5, dampening: 0.5 });
    opt.step();
    opt.step();
    // b = 1, then 0.5 + 0.5 · 1
    expect(x.data[0]).toBe(-2 - 0.5 - 0.5);
    expect(opt.state(x).momentumBuffer.data[0]).toBe(1);
  });

  it("uses the optimizer's value where a group gives undefined", () => {
    const engine = own();
    const opt = sgd([{ params: [engine.tensor(1)], lr: undefined as unknown as number }], { lr: 0.7 });
    expect(opt.groups[0].lr).toBe(0.7);
  });

  it("calls the closure before it steps, and returns its loss", () => {
    const engine = own();
    const x = engine.tensor(1, [4]);
    const opt = sgd([x], { lr: 0.25 });
    const closure = (): number => {
      x.grad[0] = 2 * x.data[0];
      return x.data[0] ** 2;
    };
    expect([opt.step(closure), x.data[0]]).toEqual([16, 2]);
    expect([opt.step(closure), x.data[0]]).toEqual([4, 1]);
    expect(opt.step()).toBeUndefined();
  });

  it("ascends with maximize, and still decays", () => {
    const engine = own();
    const x = engine.tensor(2, [1, 1]);
    x.grad.set([2, -2]);
    // θ − lr (−g + λθ)
    sgd([x], { lr: 0.5, weightDecay: 0.5, maximize: true }).step();
    expect([...x.data]).toEqual([1.75, -0.25]);
  });

  it("keeps the state of a model's neighbours apart where the group has them apart", () => {
    const engine = own();
    const layers = [dense(3, 5), dense(5, 2)];
    using model = sequential(engine, layers, { seed: 1 });
    using twin = sequential(engine, layers, { seed: 1 });
    const [a, b, c, d] = model.parameters() as [Tensor, Tensor, Tensor, Tensor];
    // b follows a in memory, but not in the group: between their slots lie those of a parameter that does not move.
    const orders = [a, parameter(engine, 1), b, d, c];
    const opt = adam(orders);
    walk(opt, [a, b, c, d], 5);
    const apart = twin.parameters().map((tensor) => adam([tensor]));
    walk({ step: () => apart.map((opt) => opt.step()) }, twin.parameters(), 5);
    for (const [i, tensor] of twin.parameters().entries()) {
      same(model.parameters()[i], tensor);
      for (const [name, slot] of Object.entries(opt.state(model.parameters()[i]))) {
        same(slot, apart[i].state(tensor)[name]);
      }
    }
  });

  it("takes up and drops a slot between steps: the bits of js", async () => {
    const [here, there] = await Promise.all(
      [backend, backends[0]].map(async ({ create }) => {
        const engine = await create();
        using model = sequential(engine, [dense(3, 5), dense(5, 2)], { seed: 1 });
        const tensors = [...model.parameters(), parameter(engine, 1)];
        const opts = [adam(tensors, { amsgrad: true }), sgd(tensors, { momentum: (t) => (t % 3 ? 0.9 : 0) })];
        for (let t = 0; t < 12; t++) {
          opts[0].groups[0].lr = 0.01 * (t + 1);
          Object.assign(opts[0].groups[0], { amsgrad: t % 5 < 2, decoupled: t % 2 === 0 });
          for (const opt of opts) walk(opt, tensors, 1, t);
        }
        return Float32Array.from(flat(tensors));
      }),
    );
    expect(difference(here, there)).toBeUndefined();
  });

  it("sets gradients to zero: before the first step, after it, and those made since", () => {
    const engine = own();
    const [a, b] = [engine.tensor(3), engine.tensor(3)];
    const attached = engine.attach(new Float32Array(3), { grad: new Float32Array(3) });
    using model = sequential(engine, [dense(2, 2)]);
    const all = [a, attached, ...model.parameters()];
    const opt = adamw([a, b, attached, ...model.parameters()]);
    const zeros = (): boolean => all.every(({ grad }) => grad.every((value) => Object.is(value, 0)));

    for (const { grad } of all) grad.fill(1);
    opt.zeroGrad();
    expect(zeros()).toBe(true);
    for (const { grad } of all) grad.fill(1);
    opt.step();
    expect(zeros()).toBe(false);
    opt.step(undefined, { zeroGrad: true });
    expect(zeros()).toBe(true);
    all.push(b);
    for (const { grad } of all) grad.fill(1);
    opt.zeroGrad();
    expect(zeros()).toBe(true);
    // Restoring the state before any step frees the memory of the state, but no gradient.
    opt.loadStateDict(adamw([a, b, attached, ...model.parameters()]).stateDict());
    for (const { grad } of all) grad.fill(1);
    opt.zeroGrad();
    expect(zeros()).toBe(true);
  });
});
