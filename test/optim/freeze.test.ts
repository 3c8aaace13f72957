/** Frozen parameters, and groups that decay weights alone. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { tanh } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { adagrad } from "../../src/optim/adagrad.js";
import { adamw } from "../../src/optim/adamw.js";
import { decayGroups } from "../../src/optim/core/decayGroups.js";
import { clipGradNorm } from "../../src/optim/gradients/clip.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends, shared } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { firstDifference, uniform } from "../support/numbers.js";
import { rows } from "../support/options.js";

const model = (engine: Engine) => sequential(engine, [dense(3, 4), tanh(), dense(4, 2)], { seed: 1 });
function setGrads(params: readonly Tensor[], t: number): void {
  for (const [i, p] of params.entries()) p.grad.set(uniform(p.size, 100 * t + i));
}

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  it("refuses anything but true and false", () => {
    const engine = own();
    const x = engine.tensor(1);
    expect(() => {
      x.requiresGrad = 0 as never;
    }).toThrow("requiresGrad: expected true or false, got 0");
    expect(x.requiresGrad).toBe(true);
  });

  const alone = rows.filter(({ factory }) => !factory.rule.stepAll && factory.rule.closure !== "required");
  it("has rows", () => expect(alone.length).toBeGreaterThan(40));
  it.each(alone)("$title: a frozen parameter and its state stay, while the others move", ({ factory, hyper }) => {
    const engine = own();
    // Freezing every choice of the four tensors of a slab cuts it into every kind of run.
    for (const frozen of [[0], [1], [1, 2], [0, 3], [0, 1, 2, 3]]) {
      using cut = model(engine);
      using whole = model(engine);
      const [ours, theirs] = [cut.parameters(), whole.parameters()];
      using opt = factory(ours, hyper);
      using reference = factory(theirs, hyper);
      for (let t = 0; t < 9; t++) {
        setGrads(ours, t);
        setGrads(theirs, t);
        for (const i of frozen) ours[i].requiresGrad = t < 3 || t >= 6;
        const all = () => frozen.flatMap((i) => [ours[i], ...Object.values(opt.state(ours[i]))]);
        const before = all().map((tensor) => tensor.toArray());
        opt.step(undefined, { zeroGrad: true });
        reference.step();
        const moved = firstDifference(
          all().map(({ data }) => data),
          before,
        );
        if (t >= 3 && t < 6) expect(moved).toBeUndefined();
        else expect(moved).toBeDefined();
        expect(ours.flatMap(({ grad }) => [...grad]).every((x) => x === 0)).toBe(true);
        // The scalars of a group advance, so the others are where they would be without the frozen one.
        const going = [0, 1, 2, 3].filter((i) => t < 3 || !frozen.includes(i));
        const [got, want] = [ours, theirs].map((params) => going.map((i) => params[i].data));
        expect(firstDifference(got, want)).toBeUndefined();
      }
    }
  });

  it("has no state before it first moves, and starts it properly then", () => {
    const engine = own();
    const [a, b] = [engine.tensor(3, uniform(3, 1)), engine.tensor(5, uniform(5, 2))];
    b.requiresGrad = false;
    setGrads([a, b], 0);
    const opt = adagrad([a, b], { initialAccumulatorValue: 0.5 });
    const start = engine.bytesInUse;
    opt.step();
    expect(engine.bytesInUse - start).toBe(64);
    expect(opt.state(b)).toEqual({});
    const saved = structuredClone(opt.stateDict());
    expect(saved.groups[0].params[1]).toEqual({});
    const [c, d] = [engine.tensor(3, a.data), engine.tensor(5, uniform(5, 2))];
    const resumed = adagrad([c, d], { initialAccumulatorValue: 0.5 });
    d.requiresGrad = false;
    resumed.loadStateDict(saved);
    expect(resumed.state(d)).toEqual({});
    for (const tensor of [b, d]) tensor.requiresGrad = true;
    setGrads([a, b], 1);
    setGrads([c, d], 1);
    opt.step();
    resumed.step();
    expect(flat([c, d])).toEqual(flat([a, b]));
    const want = [...uniform(5, 101)].map((g) => Math.fround(0.5 + Math.fround(g * g)));
    expect([...opt.state(b).sum.data]).toEqual(want);
    expect(resumed.stateDict()).toEqual(opt.stateDict());
  });

  it("does not count in the norm, nor in the check for numbers that are not finite", () => {
    const engine = own();
    const [a, b] = [engine.tensor(2), engine.tensor(2)];
    a.grad.set([3, 4]);
    b.grad.set([Number.NaN, 1]);
    b.requiresGrad = false;
    expect(clipGradNorm([a, b], 10)).toBe(5);
    const opt = sgd([a, b], { lr: 1, onNonFinite: "throw" });
    opt.step(undefined, { clipNorm: 10 });
    expect(flat([a, b])).toEqual([-3, -4, 0, 0]);
  });

  it("decays weights alone by default, or those of the mask", () => {
    const engine = own();
    using net = model(engine);
    const [w1, b1, w2, b2] = net.parameters();
    const pairs = net.namedParameters();
    expect(decayGroups(pairs, 0.1)).toEqual([
      { params: [w1, w2], weightDecay: 0.1 },
      { params: [b1, b2], weightDecay: 0 },
    ]);
    expect(decayGroups(pairs, 0.1, (name) => name === "0.bias")[0].params).toEqual([b1]);
    expect(decayGroups([["bias", b1]], 0.1)).toEqual([{ params: [b1], weightDecay: 0 }]);
    const opt = adamw(
      decayGroups(pairs, () => 0.1),
      { lr: 0.5 },
    );
    const before = [w1, b1].map((p) => p.toArray());
    for (const p of net.parameters()) p.grad.fill(0);
    opt.step();
    expect(w1.data).toEqual(before[0].map((x) => x * Math.fround(1 - 0.05)));
    expect(b1.data).toEqual(before[1]);
    expect(() => decayGroups([], 0.1)).toThrow(RangeError);
    expect(() => decayGroups(pairs, -1)).toThrow("weightDecay: expected a finite number ≥ 0, got -1");
    expect(() => decayGroups([w1] as never, 1)).toThrow(TypeError);
    expect(() => decayGroups(pairs, 1, (() => 1) as never)).toThrow(
      'decays("0.weight"): expected true or false, got 1',
    );
  });
});
