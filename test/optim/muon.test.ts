/** Muon on matrices of any shape beside its formula in f64, and what it refuses. */
import { describe, expect, it } from "vitest";
import { muon } from "../../src/optim/muon.js";
import { backends, shared } from "../support/backends.js";
import { uniform } from "../support/numbers.js";

type Matrix = number[][];
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const transposed = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const rowsOf = (values: ArrayLike<number>, columns: number): Matrix =>
  Array.from({ length: values.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => values[i * columns + j]),
  );

/** As PyTorch writes it, for weights [out, in]: of more rows than columns, the transpose is orthogonalized. */
function orthogonalized(g: Matrix): Matrix {
  const tall = g.length > g[0].length;
  const norm = Math.max(Math.hypot(...g.flat()), 1e-7);
  let x = (tall ? transposed(g) : g).map((row) => row.map((value) => value / norm));
  for (let step = 0; step < 5; step++) {
    const gram = times(x, transposed(x));
    const square = times(gram, gram);
    const polynomial = gram.map((row, i) => row.map((value, j) => -4.775 * value + 2.0315 * square[i][j]));
    const more = times(polynomial, x);
    x = x.map((row, i) => row.map((value, j) => 3.4445 * value + more[i][j]));
  }
  return tall ? transposed(x) : x;
}

/** Three steps from zero with Nesterov on weights [in, out]. */
function steps(grads: readonly Matrix[], factor: (outputs: number, inputs: number) => number): Matrix {
  let theta: Matrix = grads[0].map((row) => row.map(() => 0));
  let buffer = theta;
  const lr = 0.02;
  for (const g of grads) {
    buffer = buffer.map((row, i) => row.map((value, j) => 0.95 * value + 0.05 * g[i][j]));
    const ahead = buffer.map((row, i) => row.map((value, j) => 0.95 * value + 0.05 * g[i][j]));
    const x = transposed(orthogonalized(transposed(ahead)));
    const s = factor(g[0].length, g.length);
    theta = theta.map((row, i) => row.map((value, j) => value * (1 - lr * 0.1) - lr * s * x[i][j]));
  }
  return theta;
}

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it("has no infinite factor for an eps and gradients next to the end of f32", () => {
    const engine = own();
    for (const eps of [0, 1e-40]) {
      const p = engine.tensor([2, 3], uniform(6, 1));
      const opt = muon([p], { eps });
      for (const g of [0, 1e-45, 1e-40]) {
        p.grad.fill(0);
        p.grad[1] = g;
        opt.step();
      }
      expect([...p.data].every(Number.isFinite)).toBe(true);
    }
  });

  it.each([
    [1, 1],
    [1, 9],
    [9, 1],
    [7, 13],
    [13, 7],
    [33, 20],
    [16, 64],
  ])("follows its formula on a matrix [%i, %i]", (inputs, outputs) => {
    const factors = {
      original: (out: number, into: number) => Math.sqrt(Math.max(1, out / into)),
      matchRmsAdamw: (out: number, into: number) => 0.2 * Math.sqrt(Math.max(out, into)),
    };
    for (const adjustLrFn of ["original", "matchRmsAdamw"] as const) {
      const p = own().tensor([inputs, outputs]);
      const opt = muon([p], { lr: 0.02, adjustLrFn });
      const grads = [1, 2, 3].map((seed) => uniform(p.size, seed));
      for (const g of grads) {
        p.grad.set(g);
        opt.step();
      }
      const want = steps(
        grads.map((g) => rowsOf(g, outputs)),
        factors[adjustLrFn],
      ).flat();
      const reach = Math.max(...want.map(Math.abs));
      // Measured 6e-7 to 4e-6: Newton and Schulz's first steps multiply what is small by 3.4 each.
      for (const [i, value] of p.data.entries()) expect(Math.abs(value - want[i])).toBeLessThan(1e-5 * reach);
      opt.dispose();
    }
  });

  it("brings singular values near 1", () => {
    const p = own().tensor([8, 8]);
    p.grad.set(uniform(64, 5));
    const opt = muon([p], { lr: 1, weightDecay: 0 });
    opt.step();
    // ‖X‖² is the sum of their squares, most of which Newton and Schulz leave between 0.7² and 1.2².
    const norm = Math.hypot(...p.data);
    expect(norm).toBeGreaterThan(0.7 * Math.sqrt(7));
    expect(norm).toBeLessThan(1.2 * Math.sqrt(8));
  });

  it("takes no memory after the first step", () => {
    const engine = own();
    const params = [engine.tensor([7, 40]), engine.tensor([40, 7]), engine.tensor([300, 260])];
    using opt = muon(params);
    let held = 0;
    for (let t = 0; t < 4; t++) {
      for (const { grad, size } of params) grad.set(uniform(size, t));
      opt.step();
      if (t > 0) expect(engine.bytesInUse).toBe(held);
      held = engine.bytesInUse;
    }
  });

  it("refuses vectors, by name and with advice, before anything changes", () => {
    const engine = own();
    const [w, b] = [engine.tensor([2, 3]), engine.tensor(3)];
    const before = engine.bytesInUse;
    const message = /^groups\[0\]\.params\[1\]: expected a matrix, .* adamw beside it: muonWith does\), got \[3\]$/;
    expect(() => muon([w, b])).toThrow(message);
    expect(() => muon([w, b])).toThrow(RangeError);
    const opt = muon([w]);
    expect(() => opt.addParamGroup({ params: [b] })).toThrow(/^groups\[1\]\.params\[0\]: expected a matrix/);
    expect(opt.groups).toHaveLength(1);
    expect(() => muon([engine.tensor([2, 2, 2])])).toThrow(/got \[2, 2, 2\]$/);
    expect(engine.bytesInUse).toBe(before + engine.tensor([2, 2, 2]).place.length * 4);
  });
});
