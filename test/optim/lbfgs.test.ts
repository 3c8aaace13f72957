/**
 * L-BFGS on engines: PyTorch's path (test/golden/quadratic.json), how far f32 goes, why steps end, and what the batteries
 * over THE TABLE ask of rules that gradients alone drive. Its state: lbfgs-state.test.ts.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/engine/tensor.js";
import { softmaxCrossEntropy } from "../../src/nn/crossEntropy.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { lbfgs } from "../../src/optim/lbfgs.js";
import { accumulate } from "../../src/optim/wrappers/accumulate.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { sam } from "../../src/optim/wrappers/sam.js";
import { train } from "../../src/train/train.js";
import { backends, shared } from "../support/backends.js";
import { digits } from "../support/digits.js";
import { expectClose, flat, readGolden } from "../support/golden.js";
import { scene, variants } from "../support/lbfgsScene.js";
import type { Hyper } from "../support/options.js";
import { parameters, quadratic } from "../support/quadratic.js";
import { named } from "../support/renamed.js";
import { rosenbrock, starts } from "../support/rosenbrock.js";

interface Golden {
  x0: number[];
  cases: { name: string; hyper: Hyper; x_after_step: number[][]; loss_returned: number[]; func_evals: number }[];
}
const golden = readGolden("quadratic") as Golden;
const runs = golden.cases.filter(({ name }) => name === "lbfgs");
/** PyTorch has no search by default. */
const hyperOf = ({ line_search_fn, ...given }: Hyper) => ({
  ...named(given),
  lineSearchFn: line_search_fn === undefined ? null : ("strongWolfe" as const),
});

/** Rosenbrock's function of parameters, in f64 at the f32 point, with its gradient rounded to f32. */
function valley(tensors: readonly Tensor[]): number {
  const x = flat(tensors);
  const gradient = new Float64Array(x.length);
  const value = rosenbrock(x, gradient);
  let at = 0;
  for (const { grad, size } of tensors) grad.set(gradient.subarray(at, (at += size)));
  return value;
}
const steepest = (tensors: readonly Tensor[]): number => {
  valley(tensors);
  return Math.max(...tensors.flatMap(({ grad }) => [...grad].map(Math.abs)));
};

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  // Points are f32 here, f64 there; loss and sums are f64 in both. The first step visits five points, each rounded by half a
  // unit in the last place of its largest coordinate, and each gradient repeats that: 2^-21 allows 13 such roundings.
  const off = (want: number[]): number => 2 ** -21 * Math.max(...want.map(Math.abs));
  it.each(runs.map((row) => [JSON.stringify(row.hyper), row] as const))("walks PyTorch's path: %s", (_, row) => {
    const engine = own();
    for (const tensors of [parameters(engine), [engine.tensor(6, golden.x0)]]) {
      const opt = lbfgs(tensors, hyperOf(row.hyper));
      for (const [i, want] of row.x_after_step.entries()) {
        const loss = opt.step(() => quadratic(tensors))!;
        expectClose([loss], [row.loss_returned[i]], off(want), `the loss of step ${i + 1}`);
        expectClose(flat(tensors), want, off(want), `step ${i + 1}`);
      }
      expect(opt.report.evaluations).toBe(row.func_evals);
      expect(opt.report.reason).toBe("slope");
    }
  });

  it.each([2, 10, 100])("reaches a gradient of 1e-4 on Rosenbrock's function of %i variables from four starts", (n) => {
    for (const start of starts(n)) {
      const x = own().tensor(n, start);
      const opt = lbfgs([x], { maxIter: 1000, maxEval: 1000, toleranceGrad: 1e-4, toleranceChange: 0 });
      opt.step(() => valley([x]));
      expect(opt.report.reason).toBe("gradient");
      expect(steepest([x])).toBeLessThanOrEqual(1e-4);
      expect(opt.report.evaluations).toBeLessThan(n === 100 ? 660 : 110);
    }
  });

  it("stops with its reason where f32 has no better point, and stays there", () => {
    const x = own().tensor(100, starts(100)[0]);
    const opt = lbfgs([x], { maxIter: 5000, toleranceGrad: 1e-9, toleranceChange: 0 });
    opt.step(() => valley([x]));
    expect(opt.report.reason).toBe("precision");
    expect(steepest([x])).toBeLessThan(1e-4);
    const there = x.toArray();
    const before = opt.report.evaluations as number;
    opt.step(() => valley([x]));
    expect(opt.report.reason).toBe("precision");
    expect(x.data).toEqual(there);
    // One evaluation, a search along -H g or -g, and perhaps the other.
    expect((opt.report.evaluations as number) - before).toBeLessThanOrEqual(1 + 2 * 25);
  });

  it("says which tolerance or bound ended a step", () => {
    const reasonOf = (hyper: Hyper): unknown => {
      const x = own().tensor(10, starts(10)[0]);
      const opt = lbfgs([x], hyper);
      expect(opt.report).toEqual({ reason: "", iterations: 0, evaluations: 0 });
      opt.step(() => valley([x]));
      return opt.report.reason;
    };
    expect(reasonOf({ maxIter: 3, maxEval: 100 })).toBe("maxIter");
    expect(reasonOf({ maxEval: 3 })).toBe("maxEval");
    expect(reasonOf({ toleranceGrad: 1e3 })).toBe("gradient");
    expect(reasonOf({ toleranceChange: 10 })).toBe("step");
    expect(reasonOf({ toleranceChange: 1e9 })).toBe("slope");
    expect(reasonOf({ maxIter: 1000, maxEval: 1000, toleranceGrad: 0, toleranceChange: 1e-5 })).toMatch(/loss|slope/);
  });

  it.each(variants)("a loss that is NaN leaves the parameters as they were, $title", ({ hyper }) => {
    for (const when of [1, 2]) {
      const { tensors, closure } = scene(own());
      const opt = lbfgs(tensors, hyper);
      const start = flat(tensors);
      let calls = 0;
      const loss = opt.step(() => (++calls >= when ? Number.NaN : closure()));
      expect(opt.report.reason).toBe("notFinite");
      expect(flat(tensors)).toEqual(start);
      expect(Number.isNaN(loss)).toBe(when === 1);
      expect(calls).toBeLessThanOrEqual(when === 1 ? 1 : 26);
      opt.step(closure); // and goes on once there is a loss
      expect(opt.report.reason).toMatch(/^max/);
      expect(flat(tensors)).not.toEqual(start);
    }
  });

  it("turns back from where the loss is not finite, and finds the minimum in front", () => {
    // x - ln x has its minimum at 1, and none of 0 and below.
    const x = own().tensor(1, [0.02]);
    const opt = lbfgs([x], { lr: 10, toleranceGrad: 1e-5 });
    const seen: number[] = [];
    opt.step(() => {
      const [at] = x.data;
      seen.push(at);
      x.grad[0] = 1 - 1 / at;
      return at > 0 && at < 5 ? at - Math.log(at) : Number.NaN;
    });
    expect(seen.some((at) => at >= 5 || at <= 0)).toBe(true);
    expect(Math.abs(x.data[0] - 1)).toBeLessThan(1e-4);
    expect(opt.report.reason).toBe("gradient");
  });

  it.each(variants)("a closure that throws leaves the last iteration's parameters, $title", ({ hyper }) => {
    const [{ tensors, closure }, other] = [scene(own()), scene(own())];
    const [opt, twin] = [lbfgs(tensors, hyper), lbfgs(other.tensors, hyper)];
    opt.step(closure);
    twin.step(other.closure);
    const fail = () => {
      throw new Error("no loss today");
    };
    const start = flat(tensors);
    expect(() => opt.step(fail)).toThrow("no loss today");
    expect(flat(tensors)).toEqual(start);
    let calls = 0;
    expect(() => opt.step(() => (++calls === 2 ? fail() : closure()))).toThrow("no loss today");
    expect(flat(tensors)).toEqual(start);
    expect(opt.stepCount).toBe(1);
    opt.step(closure);
    twin.step(other.closure);
    expect(flat(tensors).every(Number.isFinite)).toBe(true);
    expect(closure()).toBeLessThanOrEqual(other.closure() * 1.5);
  });

  it("ascends with maximize, and takes scaled gradients", () => {
    const [up, plain, scaled] = [1, 1, 1].map(() => own().tensor(2, [-1.2, 1]));
    const hyper = { maxIter: 6 };
    const opts = [lbfgs([up], { ...hyper, maximize: true }), lbfgs([plain], hyper), lbfgs([scaled], hyper)];
    for (let t = 0; t < 3; t++) {
      opts[0].step(() => {
        const value = valley([up]);
        up.grad.set(up.grad.map((g) => -g));
        return -value;
      });
      opts[1].step(() => valley([plain]));
      opts[2].step(
        () => {
          const value = valley([scaled]);
          scaled.grad.set(scaled.grad.map((g) => 8 * g));
          return value;
        },
        { gradScale: 1 / 8 },
      );
    }
    expect(up.data).toEqual(plain.data);
    expect(scaled.data).toEqual(plain.data);
  });

  it("works inside lookahead; sam and accumulate refuse it", () => {
    const { tensors, closure } = scene(own());
    const opt = lookahead(lbfgs(tensors, { maxIter: 4 }), { k: 2 });
    const first = opt.step(closure)!;
    for (let t = 0; t < 9; t++) opt.step(closure);
    expect(closure()).toBeLessThan(0.1 * first);
    expect(opt.report.reason).toBe(opt.inner.report.reason);
    expect(() => sam(lbfgs(tensors))).toThrow("opt: expected an optimizer that steps on given gradients, got");
    expect(() => accumulate(lbfgs(tensors), 2)).toThrow(RangeError);
  });

  it("takes one group, a closure, no clipping, and options that make sense", () => {
    const [a, b] = [own().tensor(2), own().tensor(2)];
    const groups = "groups: expected one group with lbfgs, which steps along one direction for all, got 2";
    expect(() => lbfgs([{ params: [a] }, { params: [b] }])).toThrow(groups);
    const opt = lbfgs([a]);
    expect(() => opt.addParamGroup({ params: [b] })).toThrow(groups);
    expect(() => opt.step()).toThrow(TypeError);
    expect(() => opt.step(() => 0, { clipNorm: 1 })).toThrow(RangeError);
    expect(opt.stepCount).toBe(0);
    const refused: [object, ErrorConstructor, string][] = [
      [{ lr: 0 }, RangeError, "lr: expected a finite number > 0, got 0"],
      [{ lr: "1" }, TypeError, 'lr: expected a finite number > 0, got "1"'],
      [{ maxIter: 0 }, RangeError, "maxIter: expected a whole number ≥ 1, got 0"],
      [{ maxEval: 0 }, RangeError, "maxEval: expected a whole number ≥ 1, got 0"],
      [{ toleranceGrad: -1 }, RangeError, "toleranceGrad: expected a finite number ≥ 0, got -1"],
      [{ toleranceChange: Number.NaN }, RangeError, "toleranceChange: expected a finite number ≥ 0, got NaN"],
      [{ historySize: 1.5 }, RangeError, "historySize: expected a whole number ≥ 1, got 1.5"],
      [{ lineSearchFn: "strong_wolfe" }, RangeError, 'lineSearchFn: expected "strongWolfe", got "strong_wolfe"'],
      [{ lineSearchFn: 1 }, TypeError, 'lineSearchFn: expected "strongWolfe", got 1'],
      [{ onNonFinite: "skip" }, RangeError, "onNonFinite: expected"],
    ];
    for (const [hyper, error, message] of refused) {
      expect(() => lbfgs([a], hyper)).toThrow(error);
      expect(() => lbfgs([a], hyper)).toThrow(message);
      expect(() => Object.assign(opt.groups[0], hyper)).toThrow(message);
    }
    const scheduled = lbfgs([b], { historySize: () => 5 });
    expect(() => scheduled.step(() => 0)).toThrow("historySize: expected a whole number ≥ 1, not a schedule, got NaN");
  });

  it("trains a softmax regression on digits in full batches to a gradient of 1e-5", async () => {
    const engine = own();
    const rows = readFileSync(digits("train.csv"), "utf8").trimEnd().split("\n");
    const numbers = rows.map((row) => row.split(",").map(Number));
    const pixels = Float32Array.from(
      numbers.flatMap((row) => row.slice(0, 64)),
      (count) => count / 16,
    );
    const x = engine.tensor([rows.length, 64], pixels);
    const y = Int32Array.from(numbers, (row) => row[64]);
    using model = sequential(engine, [dense(64, 10)], { seed: 1 });
    for (const p of model.parameters()) p.data.fill(0);
    using opt = lbfgs(model.parameters(), { maxIter: 300, maxEval: 300, toleranceGrad: 1e-5, toleranceChange: 0 });
    const decay = 1e-3;
    const closure = () => {
      for (const { grad } of model.parameters()) grad.fill(0);
      const loss = softmaxCrossEntropy(model.forward(x), y);
      model.backward(loss.grad);
      let squares = 0;
      for (const { data, grad } of model.parameters()) {
        for (let i = 0; i < data.length; i++) {
          grad[i] += decay * data[i];
          squares += data[i] ** 2;
        }
      }
      return loss.value + (decay / 2) * squares;
    };
    opt.step(closure);
    expect(opt.report.reason).toBe("gradient");
    // SciPy 1.17.1 takes 71 evaluations in f64 (L-BFGS-B, maxcor 10, gtol 1e-5, ftol 0), to a loss of 0.269309.
    expect(opt.report.evaluations as number).toBeLessThanOrEqual(1.2 * 71);
    expect(closure()).toBeCloseTo(0.269309, 5);
    const history = await train(
      model,
      { x, y },
      { optimizer: opt, loss: softmaxCrossEntropy, epochs: 1, batchSize: 3823 },
    );
    expect(history.epochs[0].loss).toBeLessThan(0.3);
  }, 60_000);
});
