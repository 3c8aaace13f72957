/** `minimize` by each optimizer: the way of its steps, what it counts, and the optimizers that it refuses. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { type MinimizeOptions, minimize } from "../../src/minimize/index.js";
import { kfac } from "../../src/optim/kfac.js";
import { optimizers } from "../../src/optim/table.js";
import { sam } from "../../src/optim/wrappers/sam.js";
import { warmup } from "../../src/schedule/index.js";

const { adam, lbfgs, momentum, nag, scheduleFreeSgd, sgd } = optimizers;
/** x² + 10y² */
const ravine = ([x, y]: Float64Array) => ({ value: x * x + 10 * y * y, gradient: [2 * x, 20 * y] });

describe("by an optimizer", () => {
  const NOT = ["muon", "sophiaG", "sophiaH"];
  it.each(Object.entries(optimizers).filter(([name]) => !NOT.includes(name)))(
    "%s: the way of its steps, and as many evaluations as there are calls",
    async (_name, method) => {
      const engine = await createEngine({ backend: "js" });
      const tensor = engine.tensor(2, [-3, 2]);
      const opt = (method as typeof adam)([tensor], {});
      let calls = 0;
      const f = (x: Float64Array) => {
        calls++;
        return ravine(x);
      };
      const evaluate = () => {
        const { value, gradient } = ravine(Float64Array.from(tensor.data));
        tensor.grad.set(gradient);
        return value;
      };
      const path = [[...tensor.data]];
      for (let step = 0; step < 5; step++) {
        if (opt.needsClosure) opt.step(evaluate);
        else {
          evaluate();
          opt.step();
        }
        opt.eval();
        path.push([...tensor.data]);
        opt.train();
      }
      engine.dispose();
      const result = minimize(f, [-3, 2], {
        method: method as typeof adam,
        maxSteps: 5,
        path: true,
        gradientTolerance: 0,
      });
      expect(result.evaluations).toBe(calls);
      const averages = opt.rule.mode !== undefined;
      expect(result.path).toHaveLength(result.steps + 1);
      for (const [i, point] of result.path!.entries()) {
        // eval() and train() round, there and back: minimize restores the point.
        if (averages)
          for (const k of [0, 1])
            expect(Math.abs(point[k] - path[i][k])).toBeLessThan(1e-6 * Math.max(1, Math.abs(path[i][k])));
        else expect([...point]).toEqual(path[i]);
      }
    },
  );

  it("reaches the minimum to the digits of f32, with schedules, wrappers and closures", () => {
    const methods: [string, MinimizeOptions<never>][] = [
      ["adam", { method: adam, hyper: { lr: 0.1 } as never }],
      ["momentum", { method: momentum, hyper: { lr: warmup(50, 0.03) } as never }],
      ["nag", { method: nag, hyper: { lr: 0.03 } as never }],
      ["lbfgs", { method: lbfgs }],
      ["average", { method: scheduleFreeSgd, hyper: { lr: 0.03 } as never }],
      ["sam", { method: (params) => sam(momentum([...params], { lr: 0.01 }), { rho: 1e-6 }) }],
    ];
    for (const [name, o] of methods) {
      const { x, reason } = minimize(ravine, [-4, 2], { ...o, gradientTolerance: 1e-4, maxSteps: 5000 });
      expect(Math.hypot(...x), name).toBeLessThan(1e-3);
      expect(["gradient", "precision"], name).toContain(reason);
    }
  });

  it("returns the lowest point where no tolerance is met, and says why it ended", () => {
    const diverging = minimize(ravine, [-4, 2], { method: sgd, hyper: { lr: 0.11 } }); // stable below 0.1
    expect(diverging.reason).toBe("notFinite");
    expect(diverging.value).toBeLessThanOrEqual(56);
    const most = { method: sgd, hyper: { lr: 0.01 } };
    expect(minimize(ravine, [-4, 2], { ...most, maxSteps: 3 })).toMatchObject({
      reason: "steps",
      steps: 3,
      evaluations: 4,
    });
    expect(minimize(ravine, [-4, 2], { ...most, maxEvaluations: 3 })).toMatchObject({
      reason: "evaluations",
      steps: 2,
    });
    const within = minimize(ravine, [-4, 2], { method: nag, maxEvaluations: 6 });
    expect(within.reason).toBe("evaluations");
    expect(within.evaluations).toBeLessThanOrEqual(6);
    expect(minimize(ravine, [-4, 2], { ...most, stepTolerance: 1e-3 }).reason).toBe("step");
    expect(minimize(ravine, [-4, 2], { ...most, valueTolerance: 1e-3 }).reason).toBe("value");
    expect(minimize(ravine, [-4, 2], { method: sgd, hyper: { lr: 0 } })).toMatchObject({
      reason: "precision",
      steps: 100,
    });
  });

  it.each([
    ["muon", optimizers.muon, "got muon, which takes matrices"],
    ["sophiaG", optimizers.sophiaG, "got sophiaG, which takes Hessians"],
    ["sophiaH", optimizers.sophiaH, "got sophiaH, which takes Hessians"],
    ["kfac", kfac, "got kfac, which takes a model"],
    ["a function of another kind", () => 1, "method: expected a function that returns an optimizer, got 1"],
  ])("refuses %s in a line", (_, method, message) => {
    expect(() => minimize(ravine, [1, 1], { method: method as never })).toThrow(message);
  });
});
