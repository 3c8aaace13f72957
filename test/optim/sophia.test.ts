/** How Sophia is given the diagonal of the Hessian: when it counts, what it does to a step, and what is refused. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import * as t from "../../src/index.js";
import { backends, shared } from "../support/backends.js";
import { uniform } from "../support/numbers.js";
import { everyRefusal, values } from "../support/outOfMemory.js";

type Sophia = t.HessianOptimizer;
type Make = (params: readonly t.Tensor[] | readonly t.ParamGroup<object>[], hyper?: object) => Sophia;
const factories = { sophiaG: t.sophiaG as unknown as Make, sophiaH: t.sophiaH as unknown as Make };
const make = (name: keyof typeof factories, ...given: Parameters<Make>) => factories[name](...given);

const SHAPES = [[3, 4], [5]];
const parameters = (engine: Engine) => {
  const tensors = SHAPES.map((shape, i) => engine.tensor(shape, uniform(i ? 5 : 12, i)));
  for (const [i, { grad }] of tensors.entries()) grad.set(uniform(grad.length, 10 + i));
  return tensors;
};
const diagonals = (engine: Engine, seed = 20) =>
  SHAPES.map((shape, i) =>
    engine.tensor(
      shape,
      uniform(i ? 5 : 12, seed + i).map((x) => x + 1.1),
    ),
  );
const numbers = (tensors: readonly t.Tensor[]) => tensors.map(({ data }) => [...data]);

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(["sophiaG", "sophiaH"] as const)("%s", (name) => {
    it("averages what it is given, in a slot of the state", () => {
      const engine = own();
      const params = parameters(engine);
      const opt = make(name, params, { betas: [0.9, 0.75] });
      const [first, second] = [diagonals(engine), diagonals(engine, 30)];
      expect(opt.updateHessian(params, first)).toBe(true);
      opt.step();
      opt.updateHessian(params, second);
      for (const [i, p] of params.entries()) {
        for (const [j, h] of opt.state(p).hessian.data.entries())
          expect(h).toBeCloseTo(0.75 * 0.25 * first[i].data[j] + 0.25 * second[i].data[j], 6);
      }
    });

    it("steps by Newton's ratio where that is small, and by lr where it is not", () => {
      const engine = own();
      const p = engine.tensor(4, [0, 0, 0, 0]);
      // h = 1, scale = 2: the denominator is 2; m = g / 2.
      const opt = make(name, [p], {
        lr: 0.5,
        betas: [0.5, 0],
        weightDecay: 0,
        [name === "sophiaG" ? "rho" : "gamma"]: 2,
      });
      opt.updateHessian([p], [engine.tensor(4, [1, 1, 1, -1])]);
      p.grad.set([2, -1, 100, 0.001]);
      opt.step();
      // A negative curvature counts as none: a full step against the gradient.
      const want = [-0.25, 0.125, -0.5, -0.5];
      for (const [i, value] of p.data.entries()) expect(value).toBeCloseTo(want[i], 6);
    });

    it("moves every element by lr while it has been given nothing", () => {
      const engine = own();
      const params = parameters(engine);
      const before = numbers(params);
      const opt = make(name, params, { lr: 0.125, weightDecay: 0 });
      opt.step();
      for (const [i, p] of params.entries()) {
        for (const [j, value] of p.data.entries())
          expect(value).toBeCloseTo(before[i][j] - 0.125 * Math.sign(p.grad[j]), 6);
      }
    });

    it("resumes with the average, also one that was given before the first step", () => {
      const engine = own();
      const run = (stop: number | undefined) => {
        let params = parameters(engine);
        let opt = make(name, params, { lr: 0.1 });
        for (let step = 0; step < 6; step++) {
          if (step % 2 === 0) opt.updateHessian(params, diagonals(engine, 40 + step));
          if (step === stop) {
            const saved = structuredClone(opt.stateDict());
            const at = params.map(({ data }) => [...data]);
            params = parameters(engine);
            for (const [i, p] of params.entries()) p.copyFrom(at[i]);
            opt = make(name, params, { lr: 0.1 });
            opt.loadStateDict(saved);
          }
          opt.step();
        }
        return [numbers(params), opt.stateDict()];
      };
      const whole = run(undefined);
      expect(run(0)).toEqual(whole);
      expect(run(3)).toEqual(whole);
    });

    it("takes the diagonals by parameter: groups, some alone, arrays of the caller's, none of a frozen one", () => {
      const engine = own();
      const [a, b] = parameters(engine);
      const array = engine.attach(uniform(7, 3), { grad: uniform(7, 4) });
      const opt = make(name, [{ params: [a] }, { params: [b, array] }], { betas: [0.9, 0.5] });
      const [da, db] = diagonals(engine);
      const dc = engine.tensor(7, uniform(7, 5));
      b.requiresGrad = false;
      opt.updateHessian([array, b, a], [dc, db, da]);
      opt.step();
      expect(opt.state(b)).toEqual({});
      b.requiresGrad = true;
      opt.step();
      opt.updateHessian([b], [db]);
      for (const [p, d] of [
        [a, da],
        [b, db],
        [array, dc],
      ] as const)
        expect([...opt.state(p).hessian.data]).toEqual([...d.data.map((x) => Math.fround(0.5 * x))]);
    });

    it("changes nothing where a number is not finite", () => {
      const engine = own();
      const params = parameters(engine);
      for (const onNonFinite of ["propagate", "skip", "throw"] as const) {
        const opt = make(name, params, { onNonFinite });
        opt.updateHessian(params, diagonals(engine));
        const before = opt.stateDict();
        const bad = diagonals(engine, 30);
        bad[1].data[3] = Number.NaN;
        const give = () => opt.updateHessian(params, bad);
        if (onNonFinite === "skip") expect(give()).toBe(false);
        else expect(give).toThrow(new RangeError("diagonals[1]: expected finite numbers, got NaN at element 3"));
        expect(opt.stateDict()).toEqual(before);
      }
    });

    it("refuses other tensors, and changes nothing", () => {
      const engine = own();
      const params = parameters(engine);
      const opt = make(name, params);
      const d = diagonals(engine);
      opt.updateHessian(params, d);
      const before = opt.stateDict();
      const wrong: [unknown, unknown, ErrorConstructor, string][] = [
        [params[0], d, TypeError, "params: expected an array of parameters"],
        [[], [], RangeError, "params: expected at least one parameter"],
        [params, d[0], TypeError, "diagonals: expected an array of tensors"],
        [params, d.slice(1), RangeError, "diagonals: expected 2 tensors, one for each of params"],
        [[params[0], 1], d, TypeError, "params[1]: expected a tensor, got 1"],
        [[params[0], d[1]], d, RangeError, "params[1]: expected a parameter of this optimizer, given once"],
        [
          [params[0], params[0]],
          [d[0], d[0]],
          RangeError,
          "params[1]: expected a parameter of this optimizer, given once",
        ],
        [params, [d[0], d[0]], RangeError, "diagonals[1]: expected shape [5], as the parameter, got [3, 4]"],
        [params, [d[0], d[1].data], TypeError, "diagonals[1]: expected a tensor"],
        [
          params,
          [d[0], engine.attach(new Float32Array(5))],
          TypeError,
          "diagonals[1]: expected a tensor of the engine's",
        ],
      ];
      for (const [given, estimates, Kind, message] of wrong) {
        const give = () => opt.updateHessian(given as t.Tensor[], estimates as t.Tensor[]);
        expect(give, message).toThrow(Kind);
        expect(give).toThrow(message);
        expect(opt.stateDict()).toEqual(before);
      }
      expect(() => opt.step(() => (opt.updateHessian(params, d) ? 0 : 1))).toThrow("expected this call after the step");
      opt.dispose();
      expect(() => opt.updateHessian(params, d)).toThrow(`${name}: expected a live optimizer`);
    });
  });

  it("sophiaH ascends a function like it descends the function's negative", () => {
    const engine = own();
    const run = (sign: number) => {
      const params = parameters(engine);
      const opt = make("sophiaH", params, { maximize: sign < 0, gamma: 1 });
      for (let step = 0; step < 5; step++) {
        for (const [i, { grad }] of params.entries()) grad.set(uniform(grad.length, step + i).map((x) => sign * x));
        const d = diagonals(engine, step);
        for (const { data } of d) data.set(data.map((x) => sign * x));
        opt.updateHessian(params, d);
        opt.step();
      }
      return numbers(params);
    };
    expect(run(-1)).toEqual(run(1));
  });
});

it.each(backends)("$name: without memory for the average, nothing changes", async (backend) => {
  const requests = await everyRefusal(backend, (engine) => {
    const params = parameters(engine);
    const d = diagonals(engine);
    const opt = make("sophiaH", params);
    return {
      act() {
        opt.updateHessian(params, d);
        opt.step();
      },
      state: () => [values(params), opt.stateDict()],
    };
  });
  expect(requests).toBeGreaterThan(1);
});
