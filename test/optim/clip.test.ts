/** Clipping by the global norm, fused into the step and on its own, and scaling of gradients. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { clipGradNorm } from "../../src/optim/gradients/clip.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends, shared } from "../support/backends.js";
import { bound, expectClose, flat, readGolden } from "../support/golden.js";
import { uniform } from "../support/numbers.js";
import { type AnyOptimizer, rows } from "../support/options.js";

const N = 11;
const parameter = (engine: Engine, seed: number): Tensor => engine.tensor(N, uniform(N, seed));

/** Steps with gradients that depend on seed and step alone. */
function walk(opt: { step(): unknown }, tensors: readonly Tensor[], steps: number, from = 0): void {
  for (let t = from; t < from + steps; t++) {
    for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 100 * t + i));
    opt.step();
  }
}

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  // A rule that calls the closure itself refuses to clip.
  const clipping = rows.filter(({ factory }) => factory.rule.closure !== "required");
  describe.each(clipping)("$title", ({ factory, hyper }) => {
    it("clips by the norm over all groups, like clipGradNorm before the step", () => {
      const engine = own();
      const make = (): [Tensor[], AnyOptimizer] => {
        const tensors = [parameter(engine, 1), engine.attach(uniform(N, 2)), parameter(engine, 3)];
        return [tensors, factory([{ params: tensors.slice(0, 2) }, { params: tensors.slice(2) }], hyper)];
      };
      const [fused, fusedOpt] = make();
      const [apart, apartOpt] = make();
      walk({ step: () => fusedOpt.step(undefined, { clipNorm: 0.5 }) }, fused, 20);
      const clipThenStep = (): void => {
        expect(clipGradNorm(apart, 0.5)).toBeGreaterThan(1);
        apartOpt.step();
      };
      walk({ step: clipThenStep }, apart, 20);
      // The fused form rounds a product less. A step moves by about lr whatever the optimizer, and rounds as much of it.
      expectClose(flat(fused), flat(apart), 1e-5, "after 20 steps");
      expect(clipGradNorm(apart, 0.5)).toBeCloseTo(0.5, 5);
    });
  });

  it("scales gradients before it clips them", () => {
    const engine = own();
    const x = engine.tensor(2);
    x.grad.set([3, 4]);
    const opt = sgd([x], { lr: 1 });
    opt.step(undefined, { gradScale: -2 });
    expect([...x.data]).toEqual([6, 8]);
    x.copyFrom([0, 0]);
    opt.step(undefined, { gradScale: 2, clipNorm: 1 }); // a norm of 10 comes down to 1
    expectClose([...x.data], [-0.6, -0.8], 1e-6, "clipped");
    x.copyFrom([0, 0]);
    opt.step(undefined, { gradScale: 2, clipNorm: 20 });
    expect([...x.data]).toEqual([-6, -8]);
  });

  it("adds 1e-6 to the norm that it divides by, as PyTorch does", () => {
    const engine = own();
    const x = engine.tensor(2);
    x.grad.set([3e-6, 4e-6]);
    expect(clipGradNorm([x], 3e-6)).toBeCloseTo(5e-6, 12);
    expectClose([...x.grad], [1.5e-6, 2e-6], 1e-12, "by 3 / (5 + 1)");
  });

  it("clips as torch.nn.utils.clip_grad_norm_ does", () => {
    const engine = own();
    interface Clip {
      name: string;
      hyper: { max_norm: number; norm_type?: string };
      total_norm: number;
      clipped: number[];
    }
    const file = readGolden("utils") as { grads: number[][]; cases: Clip[] };
    const cases = file.cases.filter(({ name, hyper }) => name === "clip_grad_norm_" && hyper.norm_type === "2.0");
    expect(cases.map(({ hyper }) => hyper.max_norm)).toEqual([0.5, 10000]);
    for (const { hyper, total_norm, clipped } of cases) {
      const grads = file.grads[0];
      const tensors = [engine.tensor([5, 5]), engine.attach(new Float32Array(12))];
      tensors[0].grad.set(grads.slice(0, 25));
      tensors[1].grad.set(grads.slice(25));
      expect(clipGradNorm(tensors, hyper.max_norm)).toBeCloseTo(total_norm, 5);
      const within = bound({ hyper, f64: [], f32_vs_f64_maxabs: 0 }, clipped);
      const got = tensors.flatMap(({ grad }) => [...grad]);
      expectClose(got, clipped, within, `max_norm ${hyper.max_norm}`);
    }
  });
});
