/** Nesterov's look-ahead against the references on a quadratic (test/golden/quadratic.json), and PyTorch's form of it. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { nag } from "../../src/optim/nag.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends } from "../support/backends.js";
import { expectClose, flat, readGolden } from "../support/golden.js";

interface Quadratic {
  A: number[][];
  b: number[];
  x0: number[];
  cases: { name: string; hyper: { lr: number; momentum: number }; theta: number[][]; theta_plus_mu_v: number[][] }[];
}
const { A, b, x0, cases } = readGolden("quadratic") as Quadratic;
const { hyper, theta, theta_plus_mu_v: ahead } = cases.find(({ name }) => name === "nag_lookahead")!;

/** f32 rounds every step to half a unit in the last place of some intermediate; momentum 0.9 adds up ten of them. */
const off = (want: readonly number[]): number => 2 ** -20 * Math.max(...want.map(Math.abs));

function parameters(engine: Engine): Tensor[] {
  return [engine.tensor(2, x0.slice(0, 2)), engine.attach(Float32Array.from(x0.slice(2)))];
}

/** ½ xᵀAx − bᵀx in f64 at the f32 point, and its gradient rounded to f32. */
function quadratic(tensors: readonly Tensor[]): number {
  const x = flat(tensors);
  const ax = A.map((line) => line.reduce((total, a, j) => total + a * x[j], 0));
  let at = 0;
  for (const { grad, size } of tensors) grad.set(ax.slice(at, at + size).map((value) => value - b[at++]));
  return ax.reduce((total, value, i) => total + (value / 2 - b[i]) * x[i], 0);
}

/** θ - βv: the reference counts v with the other sign. */
function pointAhead(opt: ReturnType<typeof nag>, tensors: readonly Tensor[]): number[] {
  return tensors.flatMap((x) => [...x.data].map((value, i) => value - hyper.momentum * opt.state(x).velocity.data[i]));
}

describe.each(backends)("$name", (backend) => {
  it.each([1, 2])("walks the path of the paper, in %i group(s), one closure a step", async (count) => {
    using engine = await backend.create();
    const tensors = parameters(engine);
    const opt = nag(count === 1 ? tensors : tensors.map((x) => ({ params: [x] })), hyper);
    expect(theta).toHaveLength(30);
    for (const [t, want] of theta.entries()) {
      const from = t === 0 ? x0 : ahead[t - 1];
      let calls = 0;
      const loss = opt.step(() => {
        calls++;
        expectClose(flat(tensors), from, off(from), `where the closure is at step ${t + 1}`);
        return quadratic(tensors);
      });
      expect(calls).toBe(1);
      expect(loss).toBeTypeOf("number");
      expectClose(flat(tensors), want, off(want), `step ${t + 1}`);
      expectClose(pointAhead(opt, tensors), ahead[t], off(want), `the point ahead of step ${t + 1}`);
    }
  });

  it("is PyTorch's nesterov under the change of variables x = θ - βv", async () => {
    using engine = await backend.create();
    const [ours, theirs] = [parameters(engine), parameters(engine)];
    const opt = nag(ours, hyper);
    const torch = sgd(theirs, { ...hyper, nesterov: true });
    for (let t = 1; t <= 30; t++) {
      opt.step(() => quadratic(ours));
      torch.step(() => quadratic(theirs));
      const x = flat(theirs);
      expectClose(pointAhead(opt, ours), x, off(x), `step ${t}`);
    }
  });

  it("ascends, and scales gradients", async () => {
    using engine = await backend.create();
    const [x, y] = [engine.tensor(1, [1]), engine.tensor(1, [1])];
    const up = nag([x], { lr: 0.5, maximize: true });
    const half = nag([y], { lr: 0.5 });
    for (const [opt, z] of [
      [up, x],
      [half, y],
    ] as const) {
      opt.step(
        () => {
          z.grad.fill(1);
          return 0;
        },
        { gradScale: 0.5 },
      );
    }
    expect([x.data[0], y.data[0]]).toEqual([1.25, 0.75]);
  });

  it("goes back when the closure throws, and refuses to step without one or with clipping", async () => {
    using engine = await backend.create();
    const tensors = parameters(engine);
    const opt = nag(tensors, hyper);
    for (let t = 0; t < 3; t++) opt.step(() => quadratic(tensors));
    const before = flat(tensors);
    const fail = () => {
      throw new Error("no loss today");
    };
    expect(() => opt.step(fail)).toThrow("no loss today");
    expectClose(flat(tensors), before, off(before), "after a closure that throws");
    expect(opt.stateDict().groups[0].steps).toBe(3);
    const after = flat(tensors);
    expect(() => opt.step()).toThrow(TypeError);
    expect(() => opt.step(() => 0, { clipNorm: 1 })).toThrow(RangeError);
    expect(flat(tensors)).toEqual(after);
    expect(opt.stepCount).toBe(3);
  });
});
