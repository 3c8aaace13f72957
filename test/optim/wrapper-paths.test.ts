/** Wrappers follow the trajectories of their papers and references. */
import { describe, expect, it } from "vitest";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { mse } from "../../src/nn/squaredError.js";
import { adam } from "../../src/optim/adam.js";
import { sgd } from "../../src/optim/sgd.js";
import { accumulate } from "../../src/optim/wrappers/accumulate.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { sam } from "../../src/optim/wrappers/sam.js";
import { backends } from "../support/backends.js";
import { bound, expectClose, flat, readGolden } from "../support/golden.js";
import { uniform } from "../support/numbers.js";
import { named, off, parameters, quadratic } from "../support/quadratic.js";

const utils = readGolden("utils") as { grads: number[][]; cases: { name: string; running?: number[][] }[] };

describe.each(backends)("$name", (backend) => {
  it.each(named("sam"))("sam follows the paper: $hyper", async ({ hyper, x }) => {
    using engine = await backend.create();
    for (const sign of [1, -1]) {
      const list = parameters(engine);
      const groups = list.map((p) => ({ params: [p] }));
      const inner = sgd(groups, { lr: hyper.inner.lr, momentum: hyper.inner.momentum, maximize: sign < 0 });
      const opt = sam(inner, { rho: hyper.rho, adaptive: hyper.adaptive });
      expect(x).toHaveLength(20);
      for (const [t, want] of x.entries()) {
        const losses: number[] = [];
        const loss = opt.step(() => losses[losses.push(quadratic(list, sign)) - 1]);
        expect(losses).toHaveLength(2);
        expect(loss).toBe(losses[0]);
        expect(sign * (losses[1] - losses[0])).toBeGreaterThan(sign > 0 ? 0 : -1e-9);
        expectClose(flat(list), want, off(want), `step ${t + 1}`);
      }
      expect(opt.stepCount).toBe(20);
    }
  });

  it.each(named("lookahead_adam"))("lookahead follows the paper: $hyper", async ({ hyper, x }) => {
    using engine = await backend.create();
    const list = parameters(engine);
    const opt = lookahead(adam(list, { lr: hyper.inner.lr }), { k: hyper.k, alpha: hyper.alpha });
    expect(x).toHaveLength(20);
    for (const [t, want] of x.entries()) {
      opt.step(() => quadratic(list));
      expectClose(flat(list), want, off(want), `step ${t + 1}`);
    }
  });

  it("accumulates the mean of the reference's gradients", async () => {
    using engine = await backend.create();
    const { running } = utils.cases.find(({ name }) => name.startsWith("accumulate_mean"))!;
    for (const [i, want] of running!.entries()) {
      const [x, y] = [engine.tensor(25), engine.attach(new Float32Array(12))];
      const opt = accumulate(sgd([x, y], { lr: 1 }), i + 1);
      for (const grads of utils.grads.slice(0, i + 1)) {
        expect(opt.stepCount).toBe(0);
        expect(flat([x, y]).every((value) => value === 0)).toBe(true);
        for (const [k, { grad }] of [x, y].entries())
          for (let j = 0; j < grad.length; j++) grad[j] += grads[25 * k + j];
        opt.step(undefined, { zeroGrad: true });
      }
      expect([opt.stepCount, opt.pending]).toEqual([1, 0]);
      // The sum of the f32 gradients passes through numbers as large as the largest of them.
      const within = bound({ hyper: {}, f64: [], f32_vs_f64_maxabs: 0 }, want);
      expectClose(
        flat([x, y]).map((value) => -value),
        want,
        within,
        `${i + 1} micro-batches`,
      );
    }
  });

  it("steps on micro-batches as on their batch, whether the method or the option zeroes gradients, and flushes the rest", async () => {
    using engine = await backend.create();
    const make = () => sequential(engine, [dense(3, 4), dense(4, 2)], { seed: 1 });
    using whole = make();
    using parts = make();
    const once = sgd(whole.parameters(), { lr: 0.1, momentum: 0.9 });
    const opt = accumulate(sgd(parts.parameters(), { lr: 0.1, momentum: 0.9 }), 2);
    const x = uniform(24, 1);
    const y = uniform(16, 2);
    const backward = (model: typeof whole, from: number, rows: number) => {
      const input = engine.tensor([rows, 3], x.slice(from * 3, (from + rows) * 3));
      const loss = mse(model.forward(input), engine.tensor([rows, 2], y.slice(from * 2, (from + rows) * 2)));
      model.backward(loss.grad);
      return loss.value;
    };
    for (let t = 0; t < 3; t++) {
      backward(whole, 0, 8);
      once.step(undefined, { zeroGrad: true, clipNorm: 0.5 });
      for (const from of [0, 4]) {
        opt.zeroGrad();
        backward(parts, from, 4);
        opt.step(undefined, { clipNorm: 0.5 });
      }
      expectClose(flat(parts.parameters()), flat(whole.parameters()), 2e-6, `step ${t + 1}`);
    }
    opt.zeroGrad();
    backward(whole, 0, 4);
    once.step(undefined, { zeroGrad: true });
    expect(opt.step(() => backward(parts, 0, 4))).toBeGreaterThan(0);
    expect([opt.pending, opt.flush({ zeroGrad: true }), opt.pending, opt.flush()]).toEqual([1, true, 0, false]);
    expectClose(flat(parts.parameters()), flat(whole.parameters()), 2e-6, "flushed");
    expect(parts.parameters().every(({ grad }) => grad.every((g) => g === 0))).toBe(true);
  });
});
