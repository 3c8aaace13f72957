/**
 * The `Rule` type has room for rules to come: three that are far from one pass over the elements, written as twins alone
 * (test/support/awkward/), follow the trajectories of their references on the js backend.
 */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import type { Engine } from "../../src/engine/engine.js";
import { adafactor } from "../support/awkward/adafactor.js";
import { lamb } from "../support/awkward/lamb.js";
import { lbfgs } from "../support/awkward/lbfgs.js";
import {
  type Case,
  expectClose,
  flat,
  follow,
  golden,
  hyperOf,
  readGolden,
  setGrads,
  start,
} from "../support/golden.js";
import { factoryOf, type Hyper } from "../support/options.js";

const js = (): Promise<Engine> => createEngine({ backend: "js" });
const titled = (cases: Case[]) => cases.map((row) => [JSON.stringify(row.hyper), row] as const);

describe("lamb: norms of each tensor", () => {
  const file = golden("lamb");
  it.each(titled(file.cases))("%s", async (_, row) => {
    follow(await js(), factoryOf(lamb.rule), file, row);
  });
});

// eps[0] null is the machine epsilon of the parameters' type: 2^-52 in the reference's f64 run, 2^-23 in its f32 run and in
// ours. It is only a floor (under the mean of the row moments, and squared under each moment) that these inputs never
// reach: the reference's own f32 run, with 2^-23, differs from its f64 run by at most 2.2e-7, no more than in the case
// with an eps[0] of 1e-30. So the usual bound holds here too.
describe("adafactor: rows and columns", () => {
  const file = golden("adafactor");
  it.each(titled(file.cases))("%s", async (_, row) => {
    follow(await js(), factoryOf(adafactor.rule), file, row);
  });
});

const resumable = {
  lamb: factoryOf(lamb.rule),
  adafactor: factoryOf(adafactor.rule),
};
it.each(Object.entries(resumable))("%s resumes from its state with the same bits", async (_, factory) => {
  const engine = await js();
  const file = golden("adafactor");
  const run = (tensors: ReturnType<typeof start>, opt: ReturnType<typeof factory>, from: number, to: number) => {
    for (const grads of file.grads.slice(from, to)) {
      setGrads(tensors, grads);
      opt.step();
    }
  };
  const whole = start(engine, file);
  run(whole, factory(whole), 0, 20);
  const first = start(engine, file);
  const stopped = factory(first);
  run(first, stopped, 0, 7);
  const resumed = factory(first);
  resumed.loadStateDict(structuredClone(stopped.stateDict()));
  run(first, resumed, 7, 20);
  expect(flat(first)).toEqual(flat(whole));
});

describe("lbfgs: a rule that calls the closure itself", () => {
  interface Quadratic {
    A: number[][];
    b: number[];
    x0: number[];
    cases: { name: string; hyper: Hyper; x_after_step: number[][]; loss_returned: number[]; func_evals: number }[];
  }
  const { A, b, x0, cases } = readGolden("quadratic") as Quadratic;
  const runs = cases.filter(({ name }) => name === "lbfgs").map((row) => [JSON.stringify(row.hyper), row] as const);

  it("has cases with and without a line search", () => {
    expect(runs.map(([, { hyper }]) => hyper.line_search_fn)).toEqual([undefined, "strong_wolfe"]);
  });

  // Our points are f32, the reference's f64; loss and dot products are f64 in both. The first step visits five points,
  // each rounded by half a unit in the last place of its largest coordinate, 6.8 (2.4e-7), and each gradient repeats that
  // rounding: 2^-21 of the largest coordinate allows 13 such roundings, all in one direction. The loss is flat at the
  // minimum; in front of it, where its slope is about 1, the loss has the same error as the points.
  const off = (want: number[]): number => 2 ** -21 * Math.max(...want.map(Math.abs));

  // As one parameter and as two: directions and dot products span parameters.
  it.each(runs.flatMap(([title, row]) => [[6], [2, 4]].map((sizes) => ({ title, row, sizes }))))(
    "$title, parameters of $sizes",
    async ({ row, sizes }) => {
      const engine = await js();
      const factory = factoryOf(lbfgs.rule);
      let from = 0;
      const tensors = sizes.map((size) => engine.tensor(size, x0.slice(from, (from += size))));
      const opt = factory(tensors, hyperOf(factory.rule, row.hyper));
      // The loss ½ xᵀAx − bᵀx in f64 at the f32 point; its gradient is rounded to f32.
      const closure = (): number => {
        const x = flat(tensors);
        const ax = A.map((line) => line.reduce((total, a, j) => total + a * x[j], 0));
        let at = 0;
        for (const { grad, size } of tensors) grad.set(ax.slice(at, at + size).map((value) => value - b[at++]));
        return ax.reduce((total, value, i) => total + (value / 2 - b[i]) * x[i], 0);
      };
      for (const [i, want] of row.x_after_step.entries()) {
        const loss = opt.step(closure)!;
        expectClose([loss], [row.loss_returned[i]], off(want), `the loss of step ${i + 1}`);
        expectClose(flat(tensors), want, off(want), `step ${i + 1}`);
      }
      expect(opt.stateDict().groups[0].scalars.evaluations).toBe(row.func_evals);
    },
  );

  it("refuses to step without a closure, or with clipping", async () => {
    const x = (await js()).tensor(1);
    const opt = lbfgs([x]);
    expect(() => opt.step()).toThrow(TypeError);
    expect(() => opt.step(() => 0, { clipNorm: 1 })).toThrow(RangeError);
    expect(opt.stepCount).toBe(0);
  });
});
