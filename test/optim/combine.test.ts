/** Several optimizers that step as one, and Muon with AdamW for what it does not take. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { relu } from "../../src/nn/activation.js";
import { softmaxCrossEntropy } from "../../src/nn/crossEntropy.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { adamw } from "../../src/optim/adamw.js";
import { clipGradNorm } from "../../src/optim/gradients/clip.js";
import { muon } from "../../src/optim/muon.js";
import { muonWith } from "../../src/optim/muonWith.js";
import { nag } from "../../src/optim/nag.js";
import { scheduleFreeSgd } from "../../src/optim/scheduleFreeSgd.js";
import { sgd } from "../../src/optim/sgd.js";
import { accumulate } from "../../src/optim/wrappers/accumulate.js";
import { combine } from "../../src/optim/wrappers/combine.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/train/checkpoint.js";
import { backends, shared } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { uniform } from "../support/numbers.js";
import { everyRefusal } from "../support/outOfMemory.js";

const make = (engine: Engine): [Tensor, Tensor] => [
  engine.tensor([3, 4], uniform(12, 1)),
  engine.tensor(4, uniform(4, 2)),
];
function setGrads(tensors: readonly Tensor[], t: number): void {
  for (const [i, { grad, size }] of tensors.entries()) grad.set(uniform(size, 100 * t + i));
}
const both = ([w, b]: readonly [Tensor, Tensor]) => combine([muon([w], { lr: 0.02 }), adamw([b], { lr: 0.1 })]);

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it("gives the bits of its parts apart, and clips by the norm of all gradients", () => {
    for (const clipNorm of [undefined, 0.7]) {
      const [ours, theirs] = [make(own()), make(own())];
      const opt = both(ours);
      const apart = [muon([theirs[0]], { lr: 0.02 }), adamw([theirs[1]], { lr: 0.1 })];
      for (let t = 0; t < 9; t++) {
        setGrads(ours, t);
        setGrads(theirs, t);
        if (clipNorm !== undefined) clipGradNorm(theirs, clipNorm);
        expect(opt.step(() => t, { ...(clipNorm && { clipNorm }), zeroGrad: true })).toBe(t);
        for (const one of apart) one.step();
        // Clipping by hand rounds once more.
        for (const [i, value] of flat(ours).entries()) {
          if (clipNorm === undefined) expect(value).toBe(flat(theirs)[i]);
          else expect(value).toBeCloseTo(flat(theirs)[i], 5);
        }
        expect(ours.flatMap(({ grad }) => [...grad]).every((x) => x === 0)).toBe(true);
      }
      expect(opt.stepCount).toBe(9);
      expect(opt.groups.map(({ params }) => params)).toEqual([[ours[0]], [ours[1]]]);
      expect(Object.keys(opt.state(ours[1]))).toEqual(["expAvg", "expAvgSq"]);
      expect(() => opt.state(theirs[0])).toThrow(RangeError);
      opt.parts[0].groups[0].nsSteps = 3;
    }
  });

  it("resumes with the bits of a run that never stopped, inside other wrappers too", () => {
    const wraps = [
      both,
      (p: [Tensor, Tensor]) => lookahead(both(p), { k: 2 }),
      (p: [Tensor, Tensor]) => accumulate(both(p), 3),
    ];
    for (const wrap of wraps) {
      const [whole, stopped, later] = [make(own()), make(own()), make(own())];
      const [a, b] = [wrap(whole), wrap(stopped)];
      for (let t = 0; t < 5; t++) {
        for (const [tensors, opt] of [
          [whole, a],
          [stopped, b],
        ] as const) {
          setGrads(tensors, t);
          opt.step();
        }
      }
      const saved = structuredClone(b.stateDict());
      for (const [i, tensor] of later.entries()) tensor.copyFrom(stopped[i].data);
      const resumed = wrap(later);
      resumed.loadStateDict(saved);
      expect(resumed.stateDict()).toEqual(saved);
      for (let t = 5; t < 12; t++) {
        for (const [tensors, opt] of [
          [whole, a],
          [later, resumed],
        ] as const) {
          setGrads(tensors, t);
          opt.step();
        }
      }
      expect(flat(later)).toEqual(flat(whole));
    }
  });

  it("skips the step of all where a group of one part says so", () => {
    const [w, b] = make(own());
    const opt = combine([muon([w]), adamw([b], { onNonFinite: "skip" })]);
    setGrads([w, b], 1);
    b.grad[2] = Number.NaN;
    const before = flat([w, b]);
    opt.step(undefined, { zeroGrad: true });
    expect([opt.stepCount, opt.skippedSteps, opt.parts[0].skippedSteps]).toEqual([0, 1, 1]);
    expect(flat([w, b])).toEqual(before);
    expect([...w.grad, ...b.grad].every((x) => x === 0)).toBe(true);
    opt.groups[0].onNonFinite = "throw";
    setGrads([w, b], 1);
    w.grad[0] = Number.POSITIVE_INFINITY;
    expect(() => opt.step()).toThrow("groups[0].params[0].grad: expected finite numbers, got Infinity at element 0");
  });

  it("moves all parts between the points of training and evaluation", () => {
    const [w, b] = make(own());
    const opt = combine([muon([w]), scheduleFreeSgd([b])]);
    for (let t = 0; t < 4; t++) {
      setGrads([w, b], t);
      opt.step();
    }
    const [atY, still] = [b.toArray(), w.toArray()];
    opt.eval();
    expect(b.toArray()).not.toEqual(atY);
    expect(w.toArray()).toEqual(still);
    expect(() => opt.step()).toThrow("train()");
    opt.train();
    for (const [i, value] of b.toArray().entries()) expect(value).toBeCloseTo(atY[i], 5);
    expect(opt.rule.mode).toBeDefined();
  });

  it("refuses a first step for which there is no memory, and a state, and leaves everything as it was", async () => {
    const setup = (load: boolean) => (engine: Engine) => {
      const tensors = make(engine);
      setGrads(tensors, 1);
      const fresh = both(tensors);
      if (!load) return { act: () => void fresh.step(), state: () => [flat(tensors), fresh.stateDict()] };
      fresh.step();
      const saved = fresh.stateDict();
      fresh.dispose();
      const opt = both(tensors);
      return { act: () => opt.loadStateDict(saved), state: () => [flat(tensors), opt.stateDict()] };
    };
    for (const load of [false, true]) expect(await everyRefusal(backend, setup(load))).toBeGreaterThan(1);
  });

  it("refuses what cannot step together", () => {
    const engine = own();
    const [w, b] = make(engine);
    expect(() => combine(undefined as never)).toThrow("parts: expected an array of optimizers, got undefined");
    expect(() => combine([])).toThrow("parts: expected at least one optimizer, got []");
    expect(() => combine([5 as never])).toThrow(
      "parts[0]: expected an optimizer made by its factory, not a wrapper, got 5",
    );
    expect(() => combine([lookahead(sgd([w])) as never])).toThrow(/^parts\[0\]: .* got a Lookahead$/);
    expect(() => combine([sgd([w]), nag([b])])).toThrow('got "nag, which needs a closure"');
    expect(() => combine([sgd([w, b]), adamw([b])])).toThrow("parts[1]: expected each parameter in one part");
    const ahead = sgd([b]);
    setGrads([b], 1);
    ahead.step();
    expect(() => combine([muon([w]), ahead])).toThrow("parts[1]: expected 0 steps taken, as by the first, got 1");
    const opt = combine([muon([w]), adamw([b])]);
    expect(() => opt.addParamGroup({ params: [engine.tensor(1)] })).toThrow("opt.parts[0].addParamGroup");
    expect(() => opt.loadStateDict({ optimizer: "sam", stepCount: 0, parts: [] })).toThrow(
      'state.optimizer: expected "combine"',
    );
    expect(() => opt.loadStateDict({ optimizer: "combine", stepCount: 0, parts: [] })).toThrow(
      "state.parts: expected 2 states, got []",
    );
    const { parts } = opt.stateDict();
    expect(() => opt.loadStateDict({ optimizer: "combine", stepCount: 0, parts: [parts[0], parts[0]] })).toThrow(
      'expected "adamw"',
    );
    let thrown = "";
    opt.step(() => {
      try {
        opt.parts[1].step();
      } catch (error) {
        thrown = (error as Error).message;
      }
      return 0;
    });
    expect(thrown).toContain("expected this call after the step");
    opt.dispose();
    opt.dispose();
    for (const use of [() => opt.step(), () => opt.zeroGrad(), () => opt.state(w), () => opt.stateDict()])
      expect(use).toThrow("combine: expected a live optimizer, got one that has been disposed");
    expect(() => opt.parts[0].step()).toThrow("disposed");
  });

  it("muonWith gives matrices to Muon and the rest to AdamW, trains, and resumes from a checkpoint", () => {
    const engine = own();
    const build = () => sequential(engine, [dense(4, 16), relu(), dense(16, 8), relu(), dense(8, 3)], { seed: 1 });
    const x = engine.tensor([12, 4], uniform(48, 1));
    const labels = Int32Array.from({ length: 12 }, (_, i) => i % 3);
    const optimizerOf = (model: ReturnType<typeof build>) =>
      muonWith(model.namedParameters(), {
        muon: { lr: 0.02 },
        adamw: { lr: 0.01 },
        muonFor: (name) => name !== "4.weight",
      });
    const walk = (model: ReturnType<typeof build>, opt: ReturnType<typeof optimizerOf>, steps: number) => {
      let value = 0;
      for (let t = 0; t < steps; t++) {
        const loss = softmaxCrossEntropy(model.forward(x), labels);
        value = loss.value;
        model.backward(loss.grad);
        opt.step(undefined, { clipNorm: 1, zeroGrad: true });
      }
      return value;
    };
    const model = build();
    const opt = optimizerOf(model);
    const sizes = opt.parts.map((part) => [part.name, part.groups[0].params.length]);
    expect(sizes).toEqual([
      ["muon", 2],
      ["adamw", 4],
    ]);
    expect(walk(model, opt, 20)).toBeGreaterThan(walk(model, opt, 20));
    const bytes = saveCheckpoint({ model, optimizer: opt });
    const second = build();
    const resumed = optimizerOf(second);
    loadCheckpoint(bytes, { model: second, optimizer: resumed });
    walk(model, opt, 5);
    walk(second, resumed, 5);
    expect(flat(second.parameters())).toEqual(flat(model.parameters()));
    expect(() => muonWith(model.namedParameters(), { lr: 1 } as never)).toThrow(
      "expected options among muon, adamw, muonFor",
    );
    expect(() => muonWith([["w", 5 as never]])).toThrow("named[0][1]: expected a tensor, got 5");
    expect(() => muonWith(model.namedParameters(), { muonFor: () => 1 as never })).toThrow('muonFor("0.weight")');
    expect(muonWith(model.namedParameters(), { muonFor: () => false }).parts.map(({ name }) => name)).toEqual([
      "adamw",
    ]);
  });
});
