/**
 * Optimizers whose second moment is a number for each row and column: kernels over rows have the bits of their twins, on
 * threads too; tensors of more dimensions follow the formula; and the state is as small as it should be.
 */
import { describe, expect, it } from "vitest";
import type { Ref } from "../../src/engine/backend.js";
import type { Engine } from "../../src/engine/engine.js";
import adafactorBinary from "../../src/engine/wasm/binaries/optim/adafactor/rows.js";
import sm3Binary from "../../src/engine/wasm/binaries/optim/sm3/rows.js";
import { adafactor, createEngine, sm3 } from "../../src/index.js";
import { adafactorPartitions, adafactorRows } from "../../src/optim/adafactor/rows.js";
import { sm3RowKernels } from "../../src/optim/sm3/rows.js";
import { backends, shared } from "../support/backends.js";
import { awkward, difference, uniform } from "../support/numbers.js";

const SHAPES = [1, 2, 3, 5, 8, 33].flatMap((rows) => [1, 2, 3, 4, 5, 8, 17].map((columns) => [rows, columns] as const));
const twins: Record<string, (...args: never[]) => unknown> = { ...adafactorRows, ...sm3RowKernels };

/** Operands of each kernel by their lengths, "s" for the five scalars; then numbers. */
const SIGNATURES: Record<string, { sizes: "rows" | "n"; operands: string[]; numbers: number[] }> = {
  factoredSums: { sizes: "rows", operands: ["rc", "r", "c"], numbers: [1 / 3] },
  factoredMeans: { sizes: "n", operands: ["r", "r"], numbers: [1 / 7, 1e-3, 0.7, 0.3] },
  factoredRoots: { sizes: "n", operands: ["r", "r"], numbers: [1.7] },
  factoredSquares: { sizes: "rows", operands: ["rc", "r", "c", "r", "s"], numbers: [] },
  factoredStep: { sizes: "rows", operands: ["rc", "rc", "r", "c", "s"], numbers: [] },
  factoredMomentum: { sizes: "rows", operands: ["rc", "rc", "rc", "r", "c", "s"], numbers: [] },
  sm3Rows: { sizes: "rows", operands: ["rc", "rc", "rc", "r", "c", "c"], numbers: [-3, 1e-8, 0.9, 0.1, 0.01] },
};

it("has a signature for every kernel", () => {
  expect(Object.keys(SIGNATURES).sort()).toEqual(Object.keys(twins).sort());
});

function compare(engine: Engine, name: string, rows: number, columns: number, seed: number): string | undefined {
  const { sizes, operands, numbers } = SIGNATURES[name];
  const partition = adafactorPartitions[name as keyof typeof adafactorRows];
  const kernel = engine.implementation.kernel(name, twins[name] as never, partition, [adafactorBinary, sm3Binary]);
  const length = { rc: rows * columns, r: rows, c: columns, s: 5 };
  const given = operands.map((one, i) => {
    const n = length[one as keyof typeof length];
    if (one === "s") return Float32Array.of(-2.5, 3, 0.9, 0.1, 0.8);
    const values = seed % 2 ? awkward(n, 10 * seed + i) : uniform(n, 10 * seed + i);
    return one === "rc" ? values : values.map(Math.abs);
  });
  const tensors = given.map((values) => engine.tensor(values.length, values));
  const counts = sizes === "rows" ? [rows, columns] : [rows];
  (kernel as (...args: (number | Ref)[]) => void)(...counts, ...tensors.map(({ ref }) => ref), ...numbers);
  (twins[name] as (...args: unknown[]) => void)(...counts, ...given, ...numbers);
  const found = tensors.map((tensor, i) => difference(tensor.toArray(), given[i]));
  for (const tensor of tensors) tensor.dispose();
  const i = found.findIndex((one) => one !== undefined);
  return i < 0 ? undefined : `${name} of ${rows} x ${columns}, operand ${i}: ${JSON.stringify(found[i])}`;
}

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  it.each(Object.keys(SIGNATURES))("%s has the bits of its twin", (name) => {
    for (const [k, [rows, columns]] of SHAPES.entries()) {
      for (const seed of [2 * k, 2 * k + 1]) expect(compare(own(), name, rows, columns, seed)).toBeUndefined();
    }
  });

  it("sm3Rows leaves out the average where it has none", () => {
    const engine = own();
    const bound = engine.bind(sm3RowKernels, {}, [sm3Binary]);
    const [p, g, rowCover, columnCover, newCover] = [15, 15, 3, 5, 5].map((n, i) => uniform(n, i));
    const tensors = [p, g, rowCover, columnCover, newCover].map((values) => engine.tensor(values.length, values));
    const refs = tensors.map(({ ref }) => ref) as [Ref, Ref, Ref, Ref, Ref];
    bound.sm3Rows(3, 5, refs[0], refs[1], 0, refs[2], refs[3], refs[4], 1, 1e-8, 0, 1, 0.1);
    sm3RowKernels.sm3Rows(3, 5, p, g, 0 as never, rowCover, columnCover, newCover, 1, 1e-8, 0, 1, 0.1);
    for (const [i, values] of [p, g, rowCover, columnCover, newCover].entries())
      expect(difference(tensors[i].toArray(), values)).toBeUndefined();
  });

  it("adafactor takes a tensor of three dimensions as matrices with one update norm", () => {
    const engine = own();
    const [batch, rows, columns] = [2, 3, 5];
    const size = batch * rows * columns;
    const start = uniform(size, 1);
    const p = engine.tensor([batch, rows, columns], start);
    const opt = adafactor([p], { lr: 0.05 });
    let theta = [...start];
    const rowVar = new Array(batch * rows).fill(0);
    const columnVar = new Array(batch * columns).fill(0);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const rms = (values: number[]) => Math.sqrt(mean(values.map((x) => x * x)));
    for (let t = 1; t <= 10; t++) {
      const g = [...uniform(size, 100 + t)];
      p.grad.set(g);
      opt.step();
      const w = t ** -0.8;
      const at = (b: number, r: number, j: number) => (b * rows + r) * columns + j;
      for (let b = 0; b < batch; b++) {
        for (let r = 0; r < rows; r++) {
          const squares = Array.from({ length: columns }, (_, j) => g[at(b, r, j)] ** 2);
          rowVar[b * rows + r] += w * (mean(squares) - rowVar[b * rows + r]);
        }
        for (let j = 0; j < columns; j++) {
          const squares = Array.from({ length: rows }, (_, r) => g[at(b, r, j)] ** 2);
          columnVar[b * columns + j] += w * (mean(squares) - columnVar[b * columns + j]);
        }
      }
      const u = g.map((x, i) => {
        const b = Math.floor(i / (rows * columns));
        const whole = mean(rowVar.slice(b * rows, (b + 1) * rows));
        return x / Math.sqrt((rowVar[Math.floor(i / columns)] * columnVar[b * columns + (i % columns)]) / whole);
      });
      const step = (Math.min(0.05, 1 / Math.sqrt(t)) * Math.max(1e-3, rms(theta))) / Math.max(1, rms(u));
      theta = theta.map((x, i) => x - step * u[i]);
      for (const [i, x] of p.data.entries()) expect(Math.abs(x - theta[i])).toBeLessThan(1e-6);
    }
    expect(opt.state(p).rowVar.shape).toEqual([2, 3]);
    expect(opt.state(p).colVar.shape).toEqual([2, 5]);
  });

  it("sm3 has a cover for each of three dimensions", () => {
    const engine = own();
    const shape = [2, 3, 5];
    const size = 30;
    const start = uniform(size, 1);
    const p = engine.tensor(shape, start);
    const opt = sm3([p], { lr: 0.1, momentum: 0.9 });
    const theta = [...start];
    const m = new Array(size).fill(0);
    const covers = shape.map((n) => new Array(n).fill(0));
    for (let t = 1; t <= 10; t++) {
      const g = uniform(size, 100 + t);
      p.grad.set(g);
      opt.step();
      const fresh = shape.map((n) => new Array(n).fill(0));
      for (let i = 0; i < size; i++) {
        const index = [Math.floor(i / 15), Math.floor(i / 5) % 3, i % 5];
        const v = Math.min(...index.map((k, axis) => covers[axis][k])) + g[i] ** 2;
        for (const [axis, k] of index.entries()) fresh[axis][k] = Math.max(fresh[axis][k], v);
        m[i] = 0.9 * m[i] + 0.1 * (g[i] / Math.sqrt(v + 1e-8));
        theta[i] -= 0.1 * m[i];
      }
      for (const [axis, values] of fresh.entries()) covers[axis] = values;
      for (const [i, x] of p.data.entries()) expect(Math.abs(x - theta[i])).toBeLessThan(1e-6);
    }
  });

  it.each([
    ["adafactor", adafactor, { eps: [0, 0] as [number, number] }],
    ["adafactor, paper", adafactor, { variant: "paper" as const, eps: [0, 0] as [number, number], weightDecay: 0.1 }],
    ["sm3", sm3, { eps: 0 }],
  ] as const)("%s makes no NaN of zeros, without ε", (_, factory, hyper) => {
    const engine = own();
    const tensors = [engine.tensor([3, 5]), engine.tensor(5), engine.tensor([2, 2, 3], uniform(12, 1))];
    const opt = (factory as typeof sm3)(tensors, hyper as object);
    for (const tensor of tensors) tensor.grad.fill(0);
    opt.step();
    opt.step();
    for (const { grad, size } of tensors) grad.set(uniform(size, 2));
    opt.step();
    for (const { data } of tensors) expect([...data].every(Number.isFinite)).toBe(true);
  });
});

it("has the bits of one thread on two, over matrices that are cut", async () => {
  const run = async (engine: Engine) => {
    const found: Float32Array[] = [];
    for (const [factory, hyper] of [
      [adafactor, {}],
      [adafactor, { momentum: 0.9, variant: "paper" }],
      [sm3, {}],
    ] as const) {
      using p = engine.tensor([515, 517], uniform(515 * 517, 1));
      const opt = (factory as typeof sm3)([p], hyper as object);
      for (let t = 1; t <= 3; t++) {
        p.grad.set(uniform(p.size, 10 + t));
        opt.step();
      }
      found.push(p.toArray());
      opt.dispose();
    }
    return found;
  };
  using one = await createEngine({ backend: "wasm", simd: "strict" });
  using two = await createEngine({ backend: "wasm", simd: "strict", threads: 2 });
  expect(two.threads).toBe(2);
  const want = await run(one);
  for (const [i, array] of (await run(two)).entries()) expect(difference(array, want[i])).toBeUndefined();
});

it("adafactor keeps 32,768 bytes of second moments for 4096 x 4096, a 4,096th of Adam's", async () => {
  using engine = await createEngine();
  using p = engine.tensor([4096, 4096]);
  void p.grad;
  const opt = adafactor([p]);
  opt.step();
  const bytes = Object.values(opt.state(p)).reduce((total, { data }) => total + data.byteLength, 0);
  expect(bytes).toBe(32768);
  expect(bytes).toBeLessThanOrEqual(32800);
});

/** Adafactor of one tensor in f64: a matrix [4, 6], or a vector of 24. */
function reference(h: Record<string, unknown>, matrix: boolean) {
  const {
    d = 1,
    momentum = 0,
    weightDecay: wd = 0,
    beta2Decay = -0.8,
    rows = 4,
    columns = 6,
  } = h as Record<string, number>;
  const paper = h.variant === "paper";
  const [eps1, eps2] = (h.eps as number[]) ?? [paper ? 1e-30 : 2 ** -23, 1e-3];
  const factored = matrix && h.factored !== false;
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const rms = (values: number[]) => Math.sqrt(mean(values.map((x) => x * x)));
  let R = new Array(rows).fill(0);
  let C = new Array(columns).fill(0);
  let V = new Array(rows * columns).fill(0);
  let m = new Array(rows * columns).fill(0);
  return (theta: number[], g: number[], lr: number, t: number): number[] => {
    const w = t ** beta2Decay;
    const squares = g.map((x) => x * x + (paper ? eps1 : 0));
    R = R.map((r, i) => r + w * (mean(squares.slice(i * columns, (i + 1) * columns)) - r));
    C = C.map((c, j) => c + w * (mean(squares.filter((_, i) => i % columns === j)) - c));
    V = V.map((v, i) => v + w * (squares[i] - v));
    const whole = paper ? mean(R) : Math.max(mean(R), eps1);
    const u = g.map((x, i) => {
      const v = factored ? (R[Math.floor(i / columns)] * C[i % columns]) / whole : V[i];
      return x / Math.sqrt(paper ? v : Math.max(v, eps1 * eps1));
    });
    const rho = h.relativeStep === false ? lr : Math.min(lr, 1 / Math.sqrt(t));
    const alpha = (rho * (h.scaleParameter === false ? 1 : Math.max(eps2, rms(theta)))) / Math.max(1, rms(u) / d);
    m = m.map((x, i) => momentum * x + (1 - momentum) * alpha * u[i]);
    return theta.map((x, i) => (1 - (h.fixedDecay ? 1 : lr) * wd) * x - m[i]);
  };
}

const OPTIONS: Record<string, unknown>[] = [
  { lr: 0.8, weightDecay: 0.1 },
  { lr: 0.05, relativeStep: false, scaleParameter: false, momentum: 0.5, d: 3 },
  { lr: 0.1, factored: false, weightDecay: 0.1, fixedDecay: true, momentum: 0.9 },
  { lr: 0.1, eps: [0.3, 0.5], beta2Decay: -0.3 },
  { lr: 0.1, variant: "paper", eps: [1e-3, 1e-3], beta2Decay: 0 },
  { lr: 0.8, variant: "paper", momentum: 0.9, weightDecay: 0.2 },
  { lr: 0.1, variant: "paper", relativeStep: false, scaleParameter: false, factored: false, fixedDecay: true },
];

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  it.each(OPTIONS.map((hyper) => [JSON.stringify(hyper), hyper] as const))(
    "adafactor follows its formula with %s",
    (_, hyper) => {
      for (const matrix of [true, false]) {
        for (const from of [1, 0]) {
          const engine = own();
          using p = engine.tensor(matrix ? [4, 6] : 24, from === 0 ? undefined : uniform(24, 1));
          const rate = (t: number) => (hyper.lr as number) * (1 - t / 20);
          const opt = adafactor([p], { ...hyper, lr: rate, maximize: true } as object);
          const next = reference(hyper, matrix);
          let theta = [...p.data];
          for (let t = 1; t <= 12; t++) {
            // A row and a column without gradients, and steps without any.
            const g = [...uniform(24, 50 + t)].map((x, i) =>
              t === 5 || t === 9 || i < 6 || i % 6 === 2 ? 0 : t === 7 ? 100 * x : x,
            );
            p.grad.set(g);
            opt.step(undefined, { gradScale: 3 });
            theta = next(
              theta,
              [...p.grad].map((x) => -3 * x),
              rate(t - 1),
              t,
            );
            for (const [i, x] of p.data.entries())
              expect(Math.abs(x - theta[i]), `step ${t}, ${i}`).toBeLessThan(
                2e-6 * Math.max(1, ...theta.map(Math.abs)),
              );
          }
          opt.dispose();
        }
      }
    },
  );
});
