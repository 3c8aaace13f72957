/** What happens to gradients before a step: clipping in all its forms, centralisation, numbers that are not finite. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { adamw } from "../../src/optim/adamw.js";
import { adaptiveClipGrad } from "../../src/optim/gradients/adaptiveClip.js";
import { centralizeGrads } from "../../src/optim/gradients/centralize.js";
import { clipGradNorm, clipGradValue } from "../../src/optim/gradients/clip.js";
import { nag } from "../../src/optim/nag.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends, shared } from "../support/backends.js";
import { expectClose, flat, readGolden } from "../support/golden.js";
import { uniform } from "../support/numbers.js";
import { rows } from "../support/options.js";
import { snapshot } from "../support/refusals.js";

interface Utils {
  params: number[];
  grads: number[][];
  cases: {
    name: string;
    hyper: Record<string, number | string>;
    total_norm: number;
    clipped: number[];
    result: number[];
  }[];
}
const file = readGolden("utils") as Utils;
const named = (name: string) => file.cases.filter((one) => one.name === name);

/** Turns W [5, 5] from [out, in], as in the file, to our [in, out], and back. */
const turned = (values: readonly number[]): number[] =>
  values.map((value, i) => (i < 25 ? values[(i % 5) * 5 + Math.floor(i / 5)] : value));
function tensors(engine: Engine, transposed: boolean): Tensor[] {
  const lay = (values: readonly number[]) => (transposed ? turned(values) : values).map(Math.fround);
  const [p, g] = [lay(file.params), lay(file.grads[0])];
  const w = engine.tensor([5, 5], p.slice(0, 25));
  w.grad.set(g.slice(0, 25));
  return [w, engine.attach(Float32Array.from(p.slice(25)), { grad: Float32Array.from(g.slice(25)) })];
}
const grads = (list: readonly Tensor[]): number[] => list.flatMap(({ grad }) => [...grad]);
/** A factor rounded to f32 and a product rounded to f32, of each element: 1.2e-7 of it. The reference ran in f32 too, its norm included. */
const close = (got: readonly number[], want: readonly number[], where: string): void => {
  for (const [i, value] of want.entries()) expectClose([got[i]], [value], 4e-7 * Math.abs(value), `${where}, ${i}`);
};

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  const norms = [
    ...named("clip_grad_norm_").map((row) => ({
      ...row,
      options: { normType: Number(String(row.hyper.norm_type).replace("inf", "Infinity")) },
    })),
    ...named("optax.clip_by_global_norm").map((row) => ({ ...row, options: { eps: 0 } })),
  ];
  it("has every case of clipping by norm", () => expect(norms).toHaveLength(8));
  it.each(norms)("$name $hyper", ({ hyper, options, total_norm, clipped }) => {
    const engine = own();
    const list = tensors(engine, false);
    const norm = clipGradNorm(list, hyper.max_norm as number, options);
    expectClose([norm], [total_norm], 4e-7 * total_norm, "the norm");
    close(grads(list), clipped, "clipped");
  });

  it("clips by value as torch does, and lets NaN through", () => {
    const engine = own();
    const list = tensors(engine, false);
    const [{ hyper, clipped }] = named("clip_grad_value_") as [Utils["cases"][0]];
    clipGradValue(list, hyper.clip_value as number);
    close(grads(list), clipped, "clipped");
    const x = engine.tensor(5);
    x.grad.set([Number.NaN, Number.NEGATIVE_INFINITY, 1, -1, 0.25]);
    clipGradValue([x], 0.5);
    expect([...x.grad]).toEqual([Number.NaN, -0.5, 0.5, -0.5, 0.25]);
  });

  it.each(named("agc"))("clips by the size of the weights of each unit: $hyper", ({ hyper, clipped }) => {
    const engine = own();
    const list = tensors(engine, true);
    const { clipping, eps } = hyper as { clipping: number; eps: number };
    adaptiveClipGrad(list, { clipRatio: clipping, eps });
    close(turned(grads(list)), clipped, "clipped");
    // Three dimensions: all elements with the same last index are one unit.
    const flatter = engine.tensor([6, 3], uniform(18, 1));
    const deeper = engine.tensor([2, 3, 3], uniform(18, 1));
    for (const { grad } of [flatter, deeper]) grad.set(uniform(18, 2));
    adaptiveClipGrad([flatter, deeper]);
    expect(deeper.grad).toEqual(flatter.grad);
    expect(clipGradNorm([deeper], 1)).toBeLessThan(0.03);
  });

  it("centralises gradients by unit, in place and in the step", () => {
    const engine = own();
    const [{ result }] = named("gradient_centralization") as [Utils["cases"][0]];
    const largest = Math.max(...result.map(Math.abs));
    const list = tensors(engine, true);
    centralizeGrads(list);
    expectClose(turned(grads(list)), result, 4e-7 * largest, "centralised");

    const [apart, within] = [tensors(engine, true), tensors(engine, true)];
    centralizeGrads(apart);
    sgd(apart, { lr: 0.1 }).step(undefined, { clipNorm: 1 });
    sgd(within, { lr: 0.1, centralize: true }).step(undefined, { clipNorm: 1 });
    expect(flat(within)).toEqual(flat(apart));
    const plain = tensors(engine, true);
    sgd(plain, { lr: 0.1 }).step(undefined, { clipNorm: 1 });
    expect(flat(plain)).not.toEqual(flat(apart));
  });

  it("refuses bad options, and changes nothing", () => {
    const engine = own();
    const list = tensors(engine, false);
    const before = grads(list);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clipGradNorm(list, bad)).toThrow(/^clipNorm: expected a finite number > 0, got /);
      expect(() => clipGradValue(list, bad)).toThrow(/^clipValue: expected a finite number > 0, got /);
      expect(() => adaptiveClipGrad(list, { clipRatio: bad })).toThrow(
        /^clipRatio: expected a finite number > 0, got /,
      );
    }
    expect(() => clipGradNorm(list, 1, { normType: 3 })).toThrow("normType: expected 1, 2 or Infinity, got 3");
    expect(() => clipGradNorm(list, 1, { eps: -1 })).toThrow(RangeError);
    expect(() => clipGradNorm(list, 1, { norm: 2 } as never)).toThrow(RangeError);
    expect(() => clipGradValue([], 1)).toThrow(RangeError);
    expect(() => centralizeGrads([{}] as never)).toThrow("params[0]: expected a tensor, got an Object");
    expect(() => adaptiveClipGrad(list, { eps: -1 })).toThrow(RangeError);
    expect(grads(list)).toEqual(before);
    list[0].grad[3] = Number.NaN;
    for (const normType of [1, 2, Number.POSITIVE_INFINITY]) {
      const strict = () => clipGradNorm(list, 1, { normType, onNonFinite: "throw" });
      expect(strict).toThrow("params: expected gradients of a finite norm, got NaN");
    }
    expect(grads(list).slice(4)).toEqual(before.slice(4));
  });

  describe.each(rows.filter(({ factory }) => factory.rule.closure !== "required"))("$title", ({ factory, hyper }) => {
    it("skips a step for NaN, and throws for an infinity", () => {
      const engine = own();
      const make = () => [engine.tensor([2, 3], uniform(6, 1)), engine.attach(uniform(3, 2))];
      const walk = (list: Tensor[], onNonFinite: "skip" | "throw", bad?: number) => {
        const lr = (step: number) => 0.1 / (step + 1);
        const groups = list.map((x) => ({ params: [x], lr }));
        void list[1].gradient; // on wasm the engine's copy of it is made when first looked at
        const opt = factory(groups, { ...hyper, onNonFinite });
        for (let t = 0; t < 6; t++) {
          for (const i of bad !== undefined && (t === 0 || t === 3) ? [0, 1] : [1]) {
            for (const [k, { grad }] of list.entries()) grad.set(uniform(grad.length, 10 * t + k));
            if (i === 1) {
              opt.step();
              continue;
            }
            list[1].grad[2] = bad!;
            const before = snapshot(opt, list);
            if (onNonFinite === "throw") {
              expect(() => opt.step()).toThrow(
                `groups[1].params[0].grad: expected finite numbers, got ${bad} at element 2`,
              );
              expect(snapshot(opt, list)).toEqual(before);
            } else {
              const skipped = opt.skippedSteps;
              expect(opt.step(() => 7)).toBe(7);
              expect(opt.skippedSteps).toBe(skipped + 1);
              expect(opt.stateDict().skippedSteps).toBe(skipped + 1);
              const state = { ...opt.stateDict(), skippedSteps: skipped };
              expect({ ...(snapshot(opt, list) as object), state }).toEqual({ ...(before as object), state });
              expect(state).toEqual((before as { state: unknown }).state);
            }
          }
        }
        return flat(list);
      };
      const whole = walk(make(), "skip");
      expect(walk(make(), "skip", Number.NaN)).toEqual(whole);
      expect(walk(make(), "throw", Number.NEGATIVE_INFINITY)).toEqual(whole);
    });
  });

  it("treats what is not finite by group, zeroes the gradients of a skipped step, and counts it in its state", () => {
    const engine = own();
    const [a, b] = [engine.tensor(2, [1, 1]), engine.tensor(2, [1, 1])];
    const opt = adamw([{ params: [a], onNonFinite: "skip" }, { params: [b] }]);
    for (const { grad } of [a, b]) grad.fill(1);
    b.grad[0] = Number.NaN; // its group propagates
    opt.step();
    expect([opt.stepCount, opt.skippedSteps, b.data[0]]).toEqual([1, 0, Number.NaN]);
    a.grad[0] = Number.NaN;
    opt.step(undefined, { zeroGrad: true, clipNorm: 1 });
    expect([opt.stepCount, opt.skippedSteps, a.grad[0]]).toEqual([1, 1, 0]);
    const other = adamw([{ params: [a] }, { params: [b] }]);
    other.loadStateDict(opt.stateDict());
    expect([other.skippedSteps, other.groups[0].onNonFinite]).toEqual([1, "skip"]);
    const { skippedSteps: _, ...older } = opt.stateDict();
    other.loadStateDict(older);
    expect(other.skippedSteps).toBe(0);
    expect(() => sgd([a], { onNonFinite: "ignore" as never })).toThrow(RangeError);
    expect(() => sgd([a], { centralize: 1 as never })).toThrow(TypeError);
    expect(() => nag([a], { onNonFinite: "skip" })).toThrow(RangeError);
    expect(() => nag([a], { centralize: true })).toThrow(RangeError);
  });
});
