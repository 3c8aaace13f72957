/**
 * Parameters that get their first gradient late, or none for a while: each moves with the bits of a parameter that has an
 * optimizer of its own and sees only its own gradients, as PyTorch's `state["step"]` of each parameter has it.
 */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { tanh } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { adam } from "../../src/optim/adam.js";
import { adamax } from "../../src/optim/adamax.js";
import type { StateDict } from "../../src/optim/core/state.js";
import { dadaptAdam } from "../../src/optim/dadaptAdam.js";
import { demonAdam } from "../../src/optim/demonAdam.js";
import { lion } from "../../src/optim/lion.js";
import { nadam } from "../../src/optim/nadam.js";
import { prodigy } from "../../src/optim/prodigy.js";
import { accumulate } from "../../src/optim/wrappers/accumulate.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { sam } from "../../src/optim/wrappers/sam.js";
import { backends, shared } from "../support/backends.js";
import { firstDifference, uniform } from "../support/numbers.js";
import { type AnyOptimizer, factoryOf, rows } from "../support/options.js";

const STEPS = 14;
/** At which steps the four parameters of a slab and two further tensors have a gradient. */
const MOVES: readonly ((t: number) => boolean)[] = [
  () => true,
  (t) => t >= 5, // thawed
  (t) => t < 3 || t >= 7, // paused
  (t) => t % 2 === 0, // a branch that every other step uses
  (t) => t >= 5, // its first gradient: there is none to freeze before
  (t) => t >= 9,
];
const NEVER_TOUCHED = 4; // this one and those after it

const gradient = (size: number, t: number, i: number): Float32Array => uniform(size, 100 * t + i);

function make(engine: Engine): Tensor[] {
  const model = sequential(engine, [dense(3, 4), tanh(), dense(4, 2)], { seed: 1 });
  return [...model.parameters(), engine.tensor([3, 5], uniform(15, 3)), engine.attach(uniform(7, 4))];
}

/** Steps with gradients as MOVES has them. */
function walk(opt: { step(closure: () => number): unknown }, tensors: readonly Tensor[], from: number, to: number) {
  for (let t = from; t < to; t++) {
    for (const [i, tensor] of tensors.entries()) {
      const moves = MOVES[i](t);
      if (i < NEVER_TOUCHED) tensor.requiresGrad = moves;
      if (moves) tensor.grad.set(gradient(tensor.size, t, i));
    }
    opt.step(() => 0);
  }
}

/** The same parameter alone: it steps when it has a gradient, and the optimizer has never seen the other steps. */
function alone(engine: Engine, make: (list: Tensor[]) => AnyOptimizer, like: Tensor, i: number) {
  const tensor = engine.tensor(like.shape, like.toArray());
  const opt = make([tensor]);
  for (let t = 0; t < STEPS; t++) {
    if (!MOVES[i](t)) continue;
    tensor.grad.set(gradient(tensor.size, t, i));
    opt.step();
  }
  return { tensor, opt };
}

/** Rules of which each parameter moves by itself. Demon's momentum follows the time of the run. */
const independent = rows.filter(({ name, factory }) => !factory.rule.stepAll && !name.startsWith("demon"));

const scalarsOf = (saved: StateDict, i: number) => (saved.groups[0].paramScalars ?? [])[i] ?? saved.groups[0].scalars;

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  const other = shared(backend);
  it("has rows", () => expect(independent.length).toBeGreaterThan(80));

  describe.each(independent)("$title", ({ factory, hyper }) => {
    it("moves each parameter like one that has an optimizer of its own", () => {
      const engine = own();
      const tensors = make(engine);
      const start = tensors.map((tensor) => engine.tensor(tensor.shape, tensor.toArray()));
      const opt = factory(tensors, hyper);
      walk(opt, tensors, 0, STEPS);
      const saved = opt.stateDict();
      const references = start.map((tensor, i) => alone(engine, (list) => factory(list, hyper), tensor, i));
      for (const [i, { tensor, opt: reference }] of references.entries()) {
        const slots = Object.values(reference.state(tensor));
        const got = [tensors[i], ...Object.values(opt.state(tensors[i]))].map(({ data }) => data);
        expect(
          firstDifference(
            got,
            [tensor, ...slots].map(({ data }) => data),
          ),
          `parameter ${i}`,
        ).toBeUndefined();
        // Scalars of a rule that counts nothing are the same for all, and the same as of one alone.
        expect(scalarsOf(saved, i)).toEqual(reference.stateDict().groups[0].scalars);
      }
      opt.eval();
      for (const { opt: reference } of references) reference.eval();
      expect(
        firstDifference(
          tensors.map(({ data }) => data),
          references.map(({ tensor }) => tensor.data),
        ),
      ).toBeUndefined();
    });

    it.each([2, 8])("resumes after %i steps with the bits of a run that never stopped", (at) => {
      const first = make(own());
      const opt = factory(first, hyper);
      walk(opt, first, 0, at);
      const saved = structuredClone(opt.stateDict());
      const second = make(other());
      const resumed = factory(second, hyper);
      resumed.loadStateDict(saved);
      // Afterwards: what has no state yet starts at its first step, from where it is then.
      for (const [i, tensor] of second.entries()) tensor.copyFrom(first[i].toArray());
      expect(resumed.stateDict()).toEqual(saved);
      walk(opt, first, at, STEPS);
      walk(resumed, second, at, STEPS);
      expect(
        firstDifference(
          second.map(({ data }) => data),
          first.map(({ data }) => data),
        ),
      ).toBeUndefined();
      expect(resumed.stateDict()).toEqual(opt.stateDict());
    });
  });

  // After 10,000 steps Adam's was 3.16 times as long, NAdam's 8.1 times, AdaMax's a tenth.
  const [lr, g] = [0.01, 0.25];
  const mu = (t: number) => 0.9 * (1 - 0.5 * 0.96 ** (t * 0.004));
  it.each([
    { name: "adam", factory: factoryOf(adam.rule), want: lr },
    { name: "nadam", factory: factoryOf(nadam.rule), want: lr * (1 + (mu(2) * 0.1) / (1 - mu(1) * mu(2))) },
    { name: "adamax", factory: factoryOf(adamax.rule), want: lr },
  ])("takes the first step of $name on a parameter that is thawed after 10,000 steps", ({ factory, want }) => {
    const engine = own();
    const [a, late] = [engine.tensor(3), engine.tensor(5)];
    a.grad.fill(1);
    late.requiresGrad = false;
    late.grad.set([g, -g, 1e-3, 4, g]);
    const opt = factory([a, late], { lr });
    for (let t = 0; t < 10_000; t++) opt.step();
    late.requiresGrad = true;
    opt.step();
    for (const [i, x] of late.data.entries()) {
      const step = [-1, 1, -1, -1, -1][i] * want * (1 - 1e-8 / Math.abs(late.grad[i])); // ε
      expect(Math.abs(x / step - 1)).toBeLessThan(1e-6);
    }
    expect(opt.stepCount).toBe(10_001);
  });

  it("follows Demon's momentum of the run, with a second moment of its own", () => {
    const engine = own();
    const [a, late] = [engine.tensor(3), engine.tensor(5)];
    a.grad.fill(1);
    const opt = demonAdam([a, late], { lr, totalSteps: 100 });
    for (let t = 0; t < 50; t++) opt.step();
    late.grad.fill(g);
    opt.step();
    const left = 0.9 * 0.5;
    const beta = left / (1 - 0.9 + left);
    for (const x of late.data) expect(Math.abs(x / (-lr * (1 - beta)) - 1)).toBeLessThan(1e-6);
  });

  // Their authors count steps of a group: of a parameter without a gradient so far, as of one whose gradients were 0.
  it.each([
    { name: "dadaptAdam", factory: factoryOf(dadaptAdam.rule) },
    { name: "prodigy", factory: factoryOf(prodigy.rule) },
  ])("$name counts the steps of the group that d is measured over", ({ factory }) => {
    const engine = own();
    const run = (late: Tensor): Float32Array[] => {
      const a = engine.tensor(9, uniform(9, 1));
      const opt = factory([a, late], { d0: 1e-3, biasCorrection: true });
      for (let t = 0; t < STEPS; t++) {
        a.grad.set(gradient(9, t, 0));
        if (t >= 5) late.grad.set(gradient(4, t, 1));
        opt.step();
      }
      return [a.data, late.data];
    };
    const zeros = engine.tensor(4, uniform(4, 2));
    zeros.grad.fill(0);
    expect(firstDifference(run(engine.tensor(4, uniform(4, 2))), run(zeros))).toBeUndefined();
  });

  it.each([
    { name: "accumulate", wrap: (list: Tensor[]) => accumulate(adam(list, { lr: 0.05 }), 2) },
    { name: "lookahead", wrap: (list: Tensor[]) => lookahead(adam(list, { lr: 0.05 }), { k: 2 }) },
    { name: "sam", wrap: (list: Tensor[]) => sam(adam(list, { lr: 0.05 })) },
  ])("$name wraps such steps", ({ wrap }) => {
    const engine = own();
    const [a, late, single] = [5, 6, 6].map((n) => engine.tensor(n, uniform(n, n)));
    const run = (tensors: Tensor[], opt: ReturnType<typeof wrap>, from: number) => {
      for (let t = from; t < 12; t++) {
        opt.step(() => {
          // Two calls for one step of accumulate and of lookahead: the parameter joins between two of those.
          for (const tensor of tensors)
            if (tensor === a || t >= 6) tensor.grad.set(gradient(tensor.size, t, tensor.size));
          return 0;
        });
      }
    };
    run([a, late], wrap([a, late]), 0);
    run([single], wrap([single]), 6);
    expect(firstDifference([late.data], [single.data])).toBeUndefined();
    expect(firstDifference([late.data], [uniform(6, 6)])).toBeDefined();
  });

  it("moves nothing while everything is frozen, after a state was loaded too", () => {
    const engine = own();
    const tensors = make(engine);
    for (const tensor of tensors) tensor.grad.fill(1);
    for (const factory of [factoryOf(adam.rule), factoryOf(lion.rule)]) {
      for (const tensor of tensors) tensor.requiresGrad = true;
      const opt = factory(tensors);
      opt.step();
      for (const tensor of tensors) tensor.requiresGrad = false;
      const saved = opt.stateDict();
      opt.loadStateDict(saved);
      const before = tensors.map((tensor) => tensor.toArray());
      opt.step();
      expect(
        firstDifference(
          tensors.map(({ data }) => data),
          before,
        ),
      ).toBeUndefined();
      expect(opt.stateDict().groups).toEqual(saved.groups.map((group) => ({ ...group, steps: 2 })));
    }
  });
});
