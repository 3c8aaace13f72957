/** What Shampoo and SOAP do beyond their golden files: tensors of more dimensions, diagonals, grafting, and failures that they count. */
import { describe, expect, it } from "vitest";
import { sgd, shampoo, soap } from "../../src/optim/index.js";
import { backends, helped, shared, threaded } from "../support/backends.js";
import { bits, uniform } from "../support/numbers.js";

const close = (got: Float32Array, want: ArrayLike<number>, within: number) => {
  for (const [i, x] of got.entries()) expect(Math.abs(x - want[i]), `element ${i}`).toBeLessThanOrEqual(within);
};

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it("takes the step of a matrix for a tensor with a dimension of 1, but for the exponent", () => {
    const engine = own();
    // One step from L = εI with a tiny ε: u = g (ggᵀ)^(-1/2k) along each dimension has singular values σ^(1 - d/k), where d of
    // the k dimensions are those of the matrix and the third scales by ‖g‖^(-1/k).
    const g = uniform(12, 3);
    const tensor = engine.tensor([3, 1, 4], new Float32Array(12));
    const matrix = engine.tensor([3, 4], new Float32Array(12));
    tensor.grad.set(g);
    matrix.grad.set(g);
    shampoo([tensor], { lr: 1, eps: 1e-12 }).step();
    shampoo([matrix], { lr: 1, eps: 1e-12 }).step();
    // Both turn by the singular vectors of g: the matrix's step has singular values of 1, as g's polar factor.
    const rows = (x: Float32Array, i: number) => [...x.subarray(4 * i, 4 * i + 4)];
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        expect(dot(rows(matrix.data, i), rows(matrix.data, j))).toBeCloseTo(i === j ? 1 : 0, 3);
    // U σ^(1/3) Vᵀ ‖g‖^(-1/3): its cube, by the polar factor, is g / ‖g‖.
    const product = (x: Float32Array, y: Float32Array, z: Float32Array) => {
      const out = new Float32Array(12);
      for (let i = 0; i < 3; i++)
        for (let l = 0; l < 4; l++)
          for (let k = 0; k < 3; k++) out[4 * i + l] += dot(rows(x, i), rows(y, k)) * z[4 * k + l];
      return out;
    };
    const cube = product(tensor.data, tensor.data, tensor.data);
    const size = Math.hypot(...g);
    close(
      cube,
      [...g].map((x) => -x / size),
      1e-4,
    );
  });

  it("is AdaGrad for a vector above maxPreconditionerDim", () => {
    const engine = own();
    const p = engine.tensor(7, uniform(7, 1));
    const want = Float64Array.from(p.data);
    const sum = new Float64Array(7).fill(1e-4);
    const opt = shampoo([p], { lr: 0.3, maxPreconditionerDim: 6, preconditionFrequency: 5, preconditionWarmup: 0 });
    for (let t = 0; t < 10; t++) {
      const g = uniform(7, 10 + t);
      p.grad.set(g);
      opt.step();
      for (let i = 0; i < 7; i++) {
        sum[i] += g[i] ** 2;
        want[i] -= (0.3 * g[i]) / Math.sqrt(sum[i]);
      }
    }
    close(p.data, want, 1e-6);
  });

  it("keeps the root of a dimension of 1 from refresh to refresh, as of any other", () => {
    const engine = own();
    for (const shape of [[1, 1], [1], [1, 1, 1]]) {
      const p = engine.tensor(shape, [2]);
      const opt = shampoo([p], { lr: 0.1, preconditionFrequency: 3, preconditionWarmup: 0 });
      let [want, sum, root] = [2, 1e-4, 0];
      for (let t = 0; t < 7; t++) {
        const g = Math.fround(1 + t);
        p.grad[0] = g;
        opt.step();
        sum += g * g;
        // k dimensions, each with the power -1/2k.
        if (t % 3 === 0) root = sum ** -0.5;
        want -= 0.1 * g * root;
        expect(Math.abs(p.data[0] - want), `${shape}, step ${t + 1}`).toBeLessThan(2e-6);
      }
    }
  });

  it("goes on, and resumes, where maxPreconditionerDim changes between steps", () => {
    const engine = own();
    for (const [from, to] of [
      [6, 2],
      [2, 6],
    ]) {
      const [p, q] = [0, 1].map(() => engine.tensor(5, uniform(5, 1)));
      const hyper = { lr: 0.1, preconditionFrequency: 4, preconditionWarmup: 0 };
      const opt = shampoo([p], { ...hyper, maxPreconditionerDim: from });
      const steps = (one: typeof opt, x: typeof p, first: number, last: number) => {
        for (let t = first; t < last; t++) {
          x.grad.set(uniform(5, 10 + t));
          one.step();
        }
      };
      steps(opt, p, 0, 2);
      opt.groups[0].maxPreconditionerDim = to;
      const before = [...p.data];
      steps(opt, p, 2, 3);
      // The new statistic starts at ε, with this gradient: g / √(ε + g²) for a diagonal, g / √(ε + ‖g‖²) for a matrix.
      const g = [...uniform(5, 12)];
      const square = g.reduce((sum, x) => sum + x * x, 0);
      const want = g.map((x, i) => before[i] - (0.1 * x) / Math.sqrt(1e-4 + (to < 5 ? x * x : square)));
      close(p.data, want, 1e-6);
      q.data.set(p.data);
      const other = shampoo([q], hyper);
      other.loadStateDict(structuredClone(opt.stateDict()));
      steps(opt, p, 3, 9);
      steps(other, q, 3, 9);
      expect(q.data).toEqual(p.data);
    }
    // On a schedule, there is room for both.
    const p = engine.tensor(5, uniform(5, 1));
    const opt = shampoo([p], { lr: 0.1, maxPreconditionerDim: (t) => (t < 3 ? 6 : 2) });
    for (let t = 0; t < 6; t++) {
      p.grad.set(uniform(5, 10 + t));
      opt.step();
    }
    expect(p.data.every(Number.isFinite)).toBe(true);
  });

  it("has no infinite factor for gradients and ε next to the ends of f32", () => {
    const engine = own();
    for (const [hyper, size] of [
      [{ eps: 0, maxPreconditionerDim: 1 }, 1e-40],
      [{ eps: 1e-160 }, 0],
      [{ eps: 1e-310, beta2: 0.5 }, 0],
      [{ grafting: "adagrad", maxPreconditionerDim: 1 }, 1e-45],
      [{ grafting: "sgd" }, 3e38],
    ] as const)
      for (const shape of [[2, 3], [6], [1, 6]]) {
        const p = engine.tensor(shape, uniform(6, 1));
        const opt = shampoo([p], hyper);
        for (let t = 0; t < 3; t++) {
          p.grad.fill(0);
          p.grad.subarray(0, 5).fill(size);
          opt.step();
        }
        expect([...p.data].every(Number.isFinite), `${JSON.stringify(hyper)}, ${size}, ${shape}`).toBe(true);
      }
  });

  it("takes a step of another optimizer's length under grafting", () => {
    const engine = own();
    const start = uniform(20, 1);
    const [p, q, r] = [0, 1, 2].map(() => engine.tensor([4, 5], start));
    const lengths = [shampoo([p], { lr: 0.1, grafting: "sgd" }), sgd([q], { lr: 0.1 })];
    const adagrad = shampoo([r], { lr: 0.1, grafting: "adagrad" });
    const g = uniform(20, 2);
    for (const one of [p, q, r]) one.grad.set(g);
    for (const opt of [...lengths, adagrad]) opt.step();
    const moved = ({ data }: typeof p) => Math.hypot(...data.map((x, i) => x - start[i]));
    expect(Math.abs(moved(p) / moved(q) - 1)).toBeLessThan(1e-5);
    // AdaGrad's first step is lr in every element.
    expect(Math.abs(moved(r) / (0.1 * Math.sqrt(20)) - 1)).toBeLessThan(1e-5);
  });

  it("raises the ridge of a statistic that is not definite, and counts it", () => {
    const engine = own();
    const p = engine.tensor([6, 6], uniform(36, 1));
    const calm = engine.tensor([2, 2], uniform(4, 1));
    // One direction and ε = 0: a matrix of rank 1.
    const opt = shampoo([p, calm], { lr: 0.1, eps: 0 });
    for (let t = 0; t < 3; t++) {
      p.grad.fill(1);
      calm.grad.set([1, 0, 0, 2]);
      opt.step();
      expect(p.data.every(Number.isFinite)).toBe(true);
    }
    const [first, second] = opt.stateDict().groups[0].params;
    expect([...first.damped]).toEqual([6]);
    expect([...second.damped]).toEqual([0]);
    expect(opt.report).toEqual({ damped: 6, failed: 0 });
    // (t ggᵀ)^(-1/4) g (t gᵀg)^(-1/4) = g / (‖g‖ √t): 1/6 in every element.
    const shift = 0.1 * (1 + 1 / Math.sqrt(2) + 1 / Math.sqrt(3));
    close(
      p.data,
      uniform(36, 1).map((x) => x - shift / 6),
      2e-3 * shift,
    );
  });

  it("counts a statistic that is not finite, and keeps the root or the basis", () => {
    const engine = own();
    for (const [factory, hyper] of [
      [shampoo, {}],
      [soap, { preconditionFrequency: 1 }],
    ] as const) {
      const p = engine.tensor([2, 3], uniform(6, 1));
      const opt = (factory as typeof soap)([p], hyper);
      const step = (at: number) => {
        p.grad.fill(0.5);
        p.grad[0] = at;
        opt.step();
      };
      for (let t = 0; t < 3; t++) step(1);
      expect(opt.report.failed).toBe(0);
      const { data } = p;
      const before = data.slice();
      step(Number.NaN);
      expect(opt.report.failed).toBe(2);
      expect([...opt.stateDict().groups[0].params[0].failed]).toEqual([2]);
      data.set(before);
      opt.dispose();
      p.dispose();
    }
  });

  it("SOAP stands still in its first step, and turns nothing where no dimension has a basis", () => {
    const engine = own();
    const [p, q] = [0, 1].map(() => engine.tensor([3, 4], uniform(12, 1)));
    const flat = engine.tensor(12, uniform(12, 1));
    const opts = [soap([p]), soap([q], { maxPreconditionerDim: 2 }), soap([flat])];
    for (let t = 0; t < 5; t++) {
      for (const one of [p, q, flat]) one.grad.set(uniform(12, 2 + t));
      for (const opt of opts) opt.step();
      if (t === 0) for (const one of [p, q, flat]) expect(one.data).toEqual(uniform(12, 1));
    }
    expect(q.data).toEqual(flat.data);
    expect(p.data).not.toEqual(flat.data);
  });
});

it.each(["shampoo", "soap"] as const)("%s has the bits of js on 1, 2 and 4 threads", async (name) => {
  const factories = { shampoo, soap };
  let want: Uint32Array | undefined;
  for (const row of [backends[0], threaded(2), threaded(4)]) {
    const engine = await row.create();
    const shapes = [[40, 33], [33], [5, 4, 6]];
    const params = shapes.map((shape, i) =>
      engine.tensor(
        shape,
        uniform(
          shape.reduce((a, b) => a * b),
          i,
        ),
      ),
    );
    const opt = factories[name](params, { preconditionFrequency: 2 });
    for (let t = 0; t < 9; t++) {
      for (const [i, p] of params.entries()) p.grad.set(uniform(p.size, 10 * t + i));
      opt.step();
    }
    const got = bits(Float32Array.from(params.flatMap(({ data }) => [...data])));
    want ??= got;
    expect(got, row.name).toEqual(want);
    if (row !== backends[0]) expect(helped(engine)).toBeGreaterThan(0);
    engine.dispose();
  }
});
