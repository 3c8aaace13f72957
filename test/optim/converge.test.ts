/**
 * Converge: every row of THE TABLE reaches the minimum of a bowl, of a ravine ten times steeper one way than the other,
 * and of Rosenbrock's curved valley.
 */
import { describe, expect, it } from "vitest";
import { backends, shared } from "../support/backends.js";
import { feedCurvature } from "../support/curvature.js";
import { type Hyper, table, trialsOf } from "../support/options.js";

interface Landscape {
  from: number[];
  minimum: number[];
  /** For rules that search it. */
  value(x: number[]): number;
  gradient(x: number[]): number[];
  /** The diagonal of the Hessian, for the optimizers that are given one. */
  diagonal(x: number[]): number[];
}

const landscapes = {
  bowl: {
    from: [-1, 10, 1],
    minimum: [1, -1, 2],
    value: ([x, y, z]) => (x - 1) ** 2 + (y + 1) ** 2 + (z - 2) ** 2,
    gradient: (x) => [2 * (x[0] - 1), 2 * (x[1] + 1), 2 * (x[2] - 2)],
    diagonal: () => [2, 2, 2],
  },
  ravine: {
    from: [5, 5],
    minimum: [0, 0],
    value: ([x, y]) => x * x + 10 * y * y,
    gradient: ([x, y]) => [2 * x, 20 * y],
    diagonal: () => [2, 20],
  },
  // (1 − x)² + 100 (y − x²)², from its customary start.
  rosenbrock: {
    from: [-1.2, 1],
    minimum: [1, 1],
    value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
    diagonal: ([x, y]) => [2 + 1200 * x * x - 400 * y, 200],
  },
} satisfies Record<string, Landscape>;

type Name = keyof typeof landscapes;
const steps: Record<Name, number> = { bowl: 2000, ravine: 2000, rosenbrock: 10_000 };

const exact = backends.filter(({ exact }) => exact);

describe.each(exact)("$name", (backend) => {
  const own = shared(backend);
  describe.each(table)("%s", (_, factory) => {
    it.each(Object.entries(landscapes))("%s", async (landscape, of: Landscape) => {
      const { from, minimum, value, gradient, diagonal } = of;
      const { hyper } = factory.rule;
      const { descend } = trialsOf(factory.rule);
      const total = steps[landscape as Name];
      const settings: Hyper = { ...hyper, ...descend[landscape as Name] };
      const lr = settings.lr as number;
      const rate = descend.constant ? lr : (t: number) => lr * (1 - t / total);
      const engine = own();
      const x = engine.tensor(from.length, from);
      const opt = factory([x], { ...settings, lr: rate });
      const evaluate = () => {
        x.grad.set(gradient([...x.data]));
        return value([...x.data]);
      };
      for (let t = 0; t < total; t++) {
        feedCurvature(opt, t, [x], ({ data }) => diagonal([...data]));
        opt.step(evaluate);
      }
      opt.eval();
      for (const [i, value] of x.data.entries()) expect(value).toBeCloseTo(minimum[i], 3);
    });
  });
});
