/** What L-BFGS keeps from step to step: saved and resumed, begun anew, and its memory. */
import { describe, expect, it } from "vitest";
import { lbfgs } from "../../src/optim/lbfgs.js";
import { backends, shared } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { scene, VARIANTS, variants } from "../support/lbfgsScene.js";
import { everyRefusal, values } from "../support/outOfMemory.js";

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it.each(variants)("resumes with the bits of a run that never stopped, $title", ({ hyper }) => {
    for (const steps of [0, 1, 3, 7]) {
      const [whole, first] = [scene(own()), scene(own())];
      const reference = lbfgs(whole.tensors, hyper);
      for (let t = 0; t < 10; t++) reference.step(whole.closure);
      const stopped = lbfgs(first.tensors, hyper);
      for (let t = 0; t < steps; t++) stopped.step(first.closure);
      const saved = structuredClone(stopped.stateDict());
      stopped.dispose();
      const resumed = lbfgs(first.tensors, hyper);
      resumed.loadStateDict(saved);
      for (let t = steps; t < 10; t++) resumed.step(first.closure);
      expect(flat(first.tensors)).toEqual(flat(whole.tensors));
      expect(resumed.stateDict()).toEqual(reference.stateDict());
      expect(resumed.report).toEqual(reference.report);
    }
  });

  it("begins anew when other parameters move, or historySize changes", () => {
    const { tensors, closure, own: bowl, attached } = scene(own());
    const opt = lbfgs(tensors, { maxIter: 3, maxEval: 50, historySize: 4 });
    const count = () => opt.stateDict().groups[0].scalars.count;
    opt.step(closure);
    expect(count()).toBe(2);
    bowl.requiresGrad = false;
    const still = bowl.toArray();
    opt.step(closure);
    expect(count()).toBe(2);
    expect(bowl.data).toEqual(still);
    [bowl.requiresGrad, attached.requiresGrad] = [true, false]; // as many, but others
    opt.step(closure);
    expect(count()).toBe(2);
    opt.step(closure);
    expect(count()).toBe(4);
    opt.groups[0].historySize = 6;
    opt.step(closure);
    expect(count()).toBe(2);
    for (const tensor of tensors) tensor.requiresGrad = false;
    const before = flat(tensors);
    opt.step(closure);
    expect(flat(tensors)).toEqual(before);
  });

  it("frees all memory", () => {
    const engine = own();
    const { tensors, closure } = scene(engine);
    const warm = lbfgs(tensors);
    warm.step(closure);
    warm.dispose();
    const before = engine.bytesInUse;
    for (const { hyper } of variants) {
      using opt = lbfgs(tensors, hyper);
      for (let t = 0; t < 4; t++) opt.step(closure);
      opt.loadStateDict(opt.stateDict());
      opt.step(closure);
    }
    expect(engine.bytesInUse).toBe(before);
  });

  it("a step refused for memory changes nothing", async () => {
    const requests = await everyRefusal(backend, (engine) => {
      const { tensors, closure } = scene(engine);
      closure(); // what the model takes is not the optimizer's
      const opt = lbfgs(tensors, VARIANTS.search);
      return { act: () => opt.step(closure), state: () => [values(tensors), opt.stateDict(), opt.report] };
    });
    expect(requests).toBeGreaterThan(10);
  });
});
