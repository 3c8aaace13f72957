/** `layerGroups`: which parameters have a trust ratio and decay, and what becomes of the others. */
import { expect, it } from "vitest";
import { adamw, lamb, larc, lars, layerGroups, sgd } from "../../src/index.js";
import { backends } from "../support/backends.js";
import { uniform } from "../support/numbers.js";
import type { AnyFactory } from "../support/options.js";

it.each(backends)(
  "$name: layerGroups leaves vectors without decay and ratio, as SGD and AdamW step",
  async (backend) => {
    using engine = await backend.create();
    const start = uniform(6, 1);
    const pairs = [lars, larc, lamb].map((factory) => {
      const [w, b, same] = [engine.tensor([2, 3], start), engine.tensor(6, start), engine.tensor(6, start)] as const;
      const groups = layerGroups(Object.entries({ "0.weight": w, "0.bias": b }), 0.1);
      expect(groups).toEqual([
        { params: [w], weightDecay: 0.1, layerAdaptation: true },
        { params: [b], weightDecay: 0, layerAdaptation: false },
      ]);
      const opt = (factory as unknown as AnyFactory)(groups, { lr: 0.1 });
      const plain =
        factory === lamb
          ? adamw([same], { lr: 0.1, weightDecay: 0, eps: 1e-6 })
          : sgd([same], { lr: 0.1, momentum: 0.9 });
      for (let t = 1; t <= 5; t++) {
        for (const { grad } of [w, b, same]) grad.set(uniform(6, 10 + t));
        opt.step();
        plain.step();
      }
      return [[...b.data], [...same.data]] as const;
    });
    for (const [got, want] of pairs) for (const [i, x] of got.entries()) expect(x).toBeCloseTo(want[i], 6);
    // AdamW runs the very kernel.
    expect(pairs[2][0]).toEqual(pairs[2][1]);
  },
);

it("layerGroups takes a mask and refuses what it cannot sort", async () => {
  using engine = await (backends[0] as (typeof backends)[number]).create();
  const [w, b] = [engine.tensor([2, 3]), engine.tensor(3)] as const;
  const named = Object.entries({ weight: w, bias: b });
  const decay = () => 0.1;
  expect(layerGroups(named, decay, (name) => name === "bias")).toEqual([
    { params: [b], weightDecay: decay, layerAdaptation: true },
    { params: [w], weightDecay: 0, layerAdaptation: false },
  ]);
  expect(layerGroups([["bias", b]], 0.1)).toEqual([{ params: [b], weightDecay: 0, layerAdaptation: false }]);
  expect(() => layerGroups([], 0.1)).toThrow(RangeError);
  expect(() => layerGroups(named, -1)).toThrow("weightDecay: expected a finite number ≥ 0, got -1");
  expect(() => layerGroups([w] as never, 1)).toThrow(TypeError);
  expect(() => layerGroups(named, 1, (() => 1) as never)).toThrow('adapts("weight"): expected true or false, got 1');
});
