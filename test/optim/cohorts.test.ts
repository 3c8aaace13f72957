/** The cohorts of a group: how often a kernel is called, when parameters join again, and states that were saved without. */
import { describe, expect, it } from "vitest";
import type { Twin } from "../../src/engine/backend.js";
import { createEngine } from "../../src/engine/create.js";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { tanh } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { adam } from "../../src/optim/adam.js";
import { backends } from "../support/backends.js";
import { firstDifference, uniform } from "../support/numbers.js";
import { factoryOf, rows } from "../support/options.js";

/** Neighbours in memory: 12, 4, 8 and 2 elements in stretches of 16. */
const slab = (engine: Engine): readonly Tensor[] =>
  sequential(engine, [dense(3, 4), tanh(), dense(4, 2)], { seed: 1 }).parameters();

it("joins parameters again that have taken the same steps", async () => {
  using engine = await createEngine({ backend: "js" });
  const tensors = slab(engine);
  const [a, b] = tensors;
  const opt = adam(tensors);
  for (const tensor of tensors) tensor.grad.fill(1);
  opt.step();
  expect(opt.stateDict().groups[0].paramScalars).toBeUndefined();
  for (const pausing of [[a], tensors.filter((tensor) => tensor !== a)]) {
    for (const tensor of tensors) tensor.requiresGrad = !pausing.includes(tensor);
    opt.step();
  }
  for (const tensor of tensors) tensor.requiresGrad = true;
  expect(opt.stateDict().groups[0].paramScalars).toBeUndefined();
  b.requiresGrad = false;
  opt.step();
  expect(opt.stateDict().groups[0].paramScalars).toHaveLength(4);
});

describe("a state without scalars of each parameter, as they were before", () => {
  const [{ create }] = backends;
  /** A run in which the second of three parameters is frozen, then saved as it was before. */
  async function saved(factory: ReturnType<typeof factoryOf>) {
    const engine = await create();
    const tensors = [3, 4, 5].map((n) => engine.tensor(n, uniform(n, n)));
    tensors[1].requiresGrad = false;
    const opt = factory(tensors, {});
    for (let t = 0; t < 6; t++) {
      for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 100 * t + i));
      opt.step();
    }
    const [group] = opt.stateDict().groups;
    const { paramScalars, ...before } = group;
    expect(paramScalars === undefined).toBe(factory.rule.state === undefined);
    delete before.scalars.steps;
    return { engine, tensors, opt, state: { ...opt.stateDict(), groups: [before] } };
  }
  const counting = rows.filter(({ factory, hyper }) => Object.keys(hyper).length === 0 && !factory.rule.stepAll);
  it.each(counting)("$name continues, and begins anew on a frozen parameter", async ({ factory }) => {
    if (Object.keys(factory.rule.slots(factory.rule.hyper, [3])).length === 0) return; // sgd has nothing to begin
    const { engine, tensors, opt, state } = await saved(factory);
    const others = tensors.map((tensor) => engine.tensor(tensor.shape, tensor.toArray()));
    const resumed = factory(others, {});
    resumed.loadStateDict(state);
    for (const list of [tensors, others]) {
      for (const [i, tensor] of list.entries()) {
        tensor.requiresGrad = true;
        tensor.grad.set(uniform(tensor.size, 600 + i));
      }
    }
    opt.step();
    resumed.step();
    expect(
      firstDifference(
        others.map(({ data }) => data),
        tensors.map(({ data }) => data),
      ),
    ).toBeUndefined();
    expect(resumed.stateDict()).toEqual(opt.stateDict());
  });
});

it("calls a kernel once while all have gradients, and once for each count of steps afterwards", async () => {
  using engine = await createEngine({ backend: "js" });
  const calls: [kernel: string, elements: number][] = [];
  const counted = (name: string, twin: Twin): [string, Twin] => [
    name,
    (n, ...rest) => {
      calls.push([name, n]);
      twin(n, ...rest);
    },
  ];
  const kernels = Object.fromEntries(Object.entries(adam.rule.kernels).map(([name, twin]) => counted(name, twin)));
  const tensors = slab(engine);
  const opt = factoryOf({ ...adam.rule, kernels })(tensors);
  const step = () => {
    calls.length = 0;
    opt.step();
    return calls;
  };
  for (const tensor of tensors) tensor.grad.fill(1);
  const whole = tensors.reduce((total, { size }) => total + 16 * Math.ceil(size / 16), 0);
  expect(step()).toEqual([["adam", whole]]);
  tensors[3].requiresGrad = false;
  expect(step()).toEqual([["adam", whole - 16]]);
  tensors[3].requiresGrad = true;
  expect(step()).toEqual([
    ["adam", whole - 16],
    ["adam", 16],
  ]);
});
