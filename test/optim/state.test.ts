/** The state of an optimizer: saved and restored, read, swept, freed; and the two points of `mode`. */
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/engine/tensor.js";
import { adam } from "../../src/optim/adam.js";
import { type AdamwHyper, type AdamwState, adamw } from "../../src/optim/adamw.js";
import { optimizer } from "../../src/optim/core/ruleOptimizer.js";
import type { StateDict } from "../../src/optim/core/state.js";
import { type RmspropHyper, rmsprop } from "../../src/optim/rmsprop.js";
import { scheduleFreeAdamw } from "../../src/optim/scheduleFreeAdamw.js";
import { sgd } from "../../src/optim/sgd.js";
import { params as make, walk } from "../../src/testing/state.js";
import { backends, shared } from "../support/backends.js";
import { expectClose, flat } from "../support/golden.js";
import { difference, uniform } from "../support/numbers.js";
import { rows } from "../support/options.js";

const [START, GRADIENT] = [uniform(1 << 14, 1), uniform(1 << 14, 2)];

const values = (tensors: readonly Tensor[]): Float32Array => Float32Array.from(flat(tensors));
const same = (got: readonly Tensor[], want: readonly Tensor[]): void => {
  expect(difference(values(got), values(want))).toBeUndefined();
};

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  const other = shared(backend);
  describe.each(rows)("$title", ({ factory, hyper }) => {
    const groups = ([a, b, c]: Tensor[]) => [{ params: [a, b] }, { params: [c], lr: (step: number) => 1 / (step + 9) }];
    // 100 steps pass a sweep at 64, which a resumed run must make at the same step.
    let whole: { values: Float32Array; state: StateDict } | undefined;
    const unstopped = (): NonNullable<typeof whole> => {
      if (whole) return whole;
      const tensors = make(own());
      const opt = factory(groups(tensors), hyper);
      walk(opt, tensors, 0, 100);
      whole = { values: values(tensors), state: opt.stateDict() };
      return whole;
    };
    it.each([0, 1, 30, 63])("resumes from its state after %i steps with the bits of a run that never stopped", (at) => {
      const first = make(own());
      const stopped = factory(groups(first), hyper);
      walk(stopped, first, 0, at);
      const saved = structuredClone(stopped.stateDict());
      const params = flat(first);
      // Another engine, and hyperparameters that the state overwrites, except for the schedule.
      const second = make(other());
      for (const tensor of second) tensor.copyFrom(params.splice(0, tensor.size));
      const resumed = factory(groups(second), { ...hyper, lr: 77 });
      resumed.loadStateDict(saved);
      expect(resumed.stepCount).toBe(at);
      walk(resumed, second, at, 100);
      expect(difference(values(second), unstopped().values)).toBeUndefined();
      expect(resumed.stateDict()).toEqual(unstopped().state);
    });

    it("returns to an earlier state of its own", () => {
      const engine = own();
      const tensors = make(engine);
      const opt = factory(tensors, hyper);
      const fresh = opt.stateDict();
      walk(opt, tensors, 0, 10);
      const want = flat(tensors);
      for (const [i, tensor] of make(engine).entries()) tensors[i].copyFrom(tensor.data);
      opt.loadStateDict(fresh);
      walk(opt, tensors, 0, 10);
      expect(flat(tensors)).toEqual(want);
    });

    it("saves plain data, which does not change when the optimizer steps", () => {
      const engine = own();
      const tensors = make(engine);
      const opt = factory(tensors, hyper);
      walk(opt, tensors, 0, 3);
      const saved = opt.stateDict();
      const copy = structuredClone(saved);
      walk(opt, tensors, 3, 6);
      expect(saved).toEqual(copy);
      expect(opt.stateDict()).not.toEqual(copy);
    });

    it("shows the state of a parameter as live tensors of its own", () => {
      const engine = own();
      const tensors = make(engine);
      const opt = factory(tensors, hyper);
      expect(opt.state(tensors[0])).toEqual({});
      walk(opt, tensors, 0, 2);
      for (const [i, tensor] of tensors.entries()) {
        const slots = opt.state(tensor);
        const shapes = factory.rule.slots({ ...factory.rule.hyper, ...hyper }, tensor.shape);
        expect(Object.fromEntries(Object.entries(slots).map(([name, { shape }]) => [name, shape]))).toEqual(shapes);
        const saved = opt.stateDict().groups[0].params[i];
        for (const [name, slot] of Object.entries(slots)) {
          expect(difference(saved[name] as Float32Array, slot.data)).toBeUndefined();
          expect(() => slot.dispose()).toThrow("belongs to an optimizer");
        }
      }
      expect(() => opt.state(engine.tensor(1))).toThrow(RangeError);
    });

    it("refuses everything once disposed, and leaves the parameters", () => {
      const engine = own();
      const tensors = make(engine);
      const opt = factory(tensors, hyper);
      walk(opt, tensors, 0, 2);
      const saved = opt.stateDict();
      const slots = Object.values(opt.state(tensors[0]));
      const before = flat(tensors);
      opt.dispose();
      opt.dispose();
      const uses = [
        () => opt.step(),
        () => opt.zeroGrad(),
        () => opt.state(tensors[0]),
        () => opt.stateDict(),
        () => opt.loadStateDict(saved),
        () => opt.addParamGroup({ params: [engine.tensor(1)] }),
        () => opt.train(),
        () => opt.eval(),
        ...slots.map((slot) => () => slot.data),
      ];
      for (const use of uses) expect(use).toThrow(/^(?=.*has been disposed)/);
      expect(flat(tensors)).toEqual(before);
    });

    it("throws if there is no memory for its state, changes nothing, and steps once there is", async () => {
      using engine = await backend.create({ maxMemoryMiB: 1 });
      const x = engine.tensor(1 << 14, START);
      x.grad.set(GRADIENT);
      const opt = factory([x], hyper);
      if (Object.keys(factory.rule.slots({ ...factory.rule.hyper, ...hyper }, [4])).length === 0) {
        // It allocates nothing.
        expect(opt.step(() => 0)).toBe(0);
        expect(opt.state(x)).toEqual({});
        return;
      }
      const fill: Tensor[] = [];
      try {
        for (;;) fill.push(engine.tensor(1 << 12));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      // Room for one slot of 64 KiB, so that an optimizer of two fails half-way.
      for (let i = 0; i < 5; i++) fill.pop()!.dispose();
      // A slot of one number fits in what is left.
      const slots = Object.values(factory.rule.slots({ ...factory.rule.hyper, ...hyper }, [1 << 14]));
      if (slots.filter(([size]) => size === 1 << 14).length === 1) fill.push(engine.tensor(1 << 14));
      const before = { state: opt.stateDict(), bytes: engine.bytesInUse };
      expect(() => opt.step(() => 0)).toThrow(RangeError);
      expect({ state: opt.stateDict(), bytes: engine.bytesInUse }).toEqual(before);
      expect(difference(x.data, START)).toBeUndefined();
      for (const tensor of fill) tensor.dispose();
      opt.step(() => 0);
      expect(opt.stepCount).toBe(1);
      const twin = engine.tensor(1 << 14, START);
      twin.grad.set(GRADIENT);
      factory([twin], hyper).step(() => 0);
      expect(difference(x.data, twin.data)).toBeUndefined();
    });
  });

  it("saves a slot that an option has added since the last step", () => {
    const engine = own();
    const tensors = make(engine);
    const opt = adam(tensors);
    walk(opt, tensors, 0, 3);
    opt.groups[0].amsgrad = true;
    const saved = opt.stateDict();
    const other = make(engine);
    for (const [i, tensor] of other.entries()) tensor.copyFrom(tensors[i].data);
    const resumed = adam(other);
    resumed.loadStateDict(saved);
    walk(opt, tensors, 3, 8);
    walk(resumed, other, 3, 8);
    same(other, tensors);
  });

  it("hands a kernel its slots whatever option asked for them last", () => {
    const engine = own();
    const tensors = make(engine);
    const opt = rmsprop(tensors, { momentum: 0.9, lr: 0.01 });
    walk(opt, tensors, 0, 3);
    opt.groups[0].centered = true; // between the two slots that are there
    walk(opt, tensors, 3, 6);
    opt.groups[0].centered = false; // and leaves it there
    walk(opt, tensors, 6, 9);

    const other = make(engine);
    const stages: Partial<RmspropHyper>[] = [{ centered: false }, { centered: true }, { centered: false }];
    let saved: StateDict | undefined;
    for (const [i, stage] of stages.entries()) {
      const resumed = rmsprop(other, { momentum: 0.9, lr: 0.01, centered: true });
      if (saved) resumed.loadStateDict(saved);
      Object.assign(resumed.groups[0], stage);
      walk(resumed, other, 3 * i, 3 * i + 3);
      saved = resumed.stateDict();
    }
    same(other, tensors);
  });

  const tiny = [2 ** -101, -(2 ** -101), 2 ** -126, 2 ** -149, 2 ** -99, -(2 ** -99), 0.5];
  const sweeps = [
    { name: "adam", hyper: {}, factory: adam, slots: ["expAvg", "expAvgSq"], swept: true },
    { name: "adamw amsgrad", hyper: { amsgrad: true }, factory: adamw, slots: ["expAvg", "expAvgSq"], swept: true },
    { name: "sgd momentum", hyper: { momentum: 0.9 }, factory: sgd, slots: ["momentumBuffer"], swept: true },
    { name: "adam eps 0", hyper: { eps: 0 }, factory: adam, slots: ["expAvg", "expAvgSq"], swept: false },
  ];
  it.each(sweeps)("sweeps what is below 2^-100 out of the averages of $name at step 64: $swept", (row) => {
    const engine = own();
    const x = engine.tensor(
      tiny.length,
      tiny.map(() => 1),
    );
    x.grad.fill(row.swept ? 0 : 1); // with eps 0 a step on zeros alone is 0/0
    const opt = (row.factory as typeof adam)([x], row.hyper);
    for (let t = 1; t <= 62; t++) opt.step();
    x.grad.fill(0);
    const put = (): void => {
      for (const name of row.slots) opt.state(x)[name].copyFrom(name === "expAvgSq" ? tiny.map(Math.abs) : tiny);
    };
    for (const step of [63, 64]) {
      put();
      opt.step();
      for (const name of row.slots) {
        const got = [...opt.state(x)[name].data];
        const gone = row.swept && step === 64;
        // A step shrinks an average by at most a tenth, so 2^-99 stays above the line.
        const kept = tiny.map((value) => !gone || Math.abs(value) > 2 ** -100);
        const subnormal = 3; // 2^-149 times a rate rounds back to itself
        expect(got.map((value) => value !== 0)).toEqual(kept);
        if (!gone) expect(got[subnormal]).toBe(2 ** -149);
      }
    }
  });

  it("moves every parameter between train() and eval(), those of a resumed run without a gradient too", () => {
    const engine = own();
    const tensors = make(engine);
    const opt = scheduleFreeAdamw(tensors, { lr: 0.1 });
    walk(opt, tensors, 0, 5);
    const y = flat(tensors);
    const saved = opt.stateDict();
    opt.eval();
    const x = flat(tensors);
    expect(x).not.toEqual(y);

    const values = [...y];
    const other = make(engine).map((tensor) => tensor.copyFrom(values.splice(0, tensor.size)));
    const resumed = scheduleFreeAdamw(other, { lr: 0.1 });
    resumed.loadStateDict(saved);
    resumed.eval();
    expect(flat(other)).toEqual(x);
    expect(other.some(({ hasGradient }) => hasGradient)).toBe(false);
    resumed.eval(); // is there already
    expect(flat(other)).toEqual(x);
    resumed.train();
    expectClose(flat(other), y, 1e-6, "back at y");
  });

  it("shows start() the caller's arrays, with a gradient or without", () => {
    const engine = own();
    const factory = optimizer<AdamwHyper, AdamwState>({
      ...adamw.rule,
      start: (c) => c.tensors.forEach(({ p, slots }) => void c.ops.copy(p, slots.expAvg)),
    });
    const tensors = make(engine);
    tensors[0].grad.fill(0);
    const opt = factory(tensors, { betas: [0.5, 0.5] });
    opt.step();
    const [stepped, ...waiting] = tensors.map((tensor, i) => [
      make(engine)[i].toArray(),
      opt.state(tensor).expAvg.data,
    ]);
    expect(stepped[1]).toEqual(stepped[0].map((value) => value / 2));
    for (const [start, slot] of waiting) expect(slot).toEqual(start);
    expect(tensors.map(({ hasGradient }) => hasGradient)).toEqual([true, false, false]);
  });
});
