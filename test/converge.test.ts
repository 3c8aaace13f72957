/**
 * Converge: every row of THE TABLE reaches the minimum of a bowl, of a ravine ten times steeper one way than the other,
 * and of Rosenbrock's curved valley.
 */
import { describe, expect, it } from "vitest";
import { backends } from "./support/backends.js";
import { type Hyper, table } from "./support/options.js";

interface Landscape {
  from: number[];
  minimum: number[];
  gradient(x: number[]): number[];
}

const landscapes = {
  bowl: {
    from: [-1, 10, 1],
    minimum: [1, -1, 2],
    gradient: (x) => [2 * (x[0]! - 1), 2 * (x[1]! + 1), 2 * (x[2]! - 2)],
  },
  ravine: { from: [5, 5], minimum: [0, 0], gradient: ([x, y]) => [2 * x!, 20 * y!] },
  // (1 − x)² + 100 (y − x²)², from its customary start.
  rosenbrock: {
    from: [-1.2, 1],
    minimum: [1, 1],
    gradient: ([x, y]) => [-2 * (1 - x!) - 400 * x! * (y! - x! * x!), 200 * (y! - x! * x!)],
  },
} satisfies Record<string, Landscape>;

type Name = keyof typeof landscapes;
type Settings = { steps: number; hyper: Hyper };

const falling =
  (lr: number, steps: number) =>
  (t: number): number =>
    lr * (1 - t / steps);

/** Rates as a user would choose them: gradient descent below 2 / curvature, Adam's falling to 0, as it steps by its rate. */
const settings: Record<string, Record<Name, Settings>> = {
  sgd: {
    bowl: { steps: 200, hyper: { lr: 0.1 } },
    ravine: { steps: 300, hyper: { lr: 0.05, momentum: 0.5, nesterov: true } },
    rosenbrock: { steps: 5000, hyper: { lr: 1e-3, momentum: 0.9 } },
  },
  adam: {
    bowl: { steps: 1000, hyper: { lr: falling(0.1, 1000) } },
    ravine: { steps: 1000, hyper: { lr: falling(0.1, 1000), amsgrad: true } },
    rosenbrock: { steps: 5000, hyper: { lr: falling(0.05, 5000) } },
  },
  adamw: {
    // Decay pulls away from a minimum that is not at 0.
    bowl: { steps: 1000, hyper: { lr: falling(0.1, 1000), weightDecay: 0 } },
    ravine: { steps: 1000, hyper: { lr: falling(0.1, 1000), weightDecay: 0.01 } },
    // amsgrad never forgets how steep the start was, and needs the larger rate.
    rosenbrock: { steps: 5000, hyper: { lr: falling(0.2, 5000), weightDecay: 0, amsgrad: true } },
  },
};

const exact = backends.filter(({ exact }) => exact);

describe.each(exact)("$name", (backend) => {
  describe.each(table)("%s", (name, factory) => {
    it.each(Object.entries(landscapes))("%s", async (landscape, { from, minimum, gradient }: Landscape) => {
      const row = settings[name];
      if (!row) throw new Error(`test/converge.test.ts has no settings for ${name}`);
      const { steps, hyper } = row[landscape as Name];
      using engine = await backend.create();
      const x = engine.tensor(from.length, from);
      const opt = factory([x], hyper);
      for (let t = 0; t < steps; t++) {
        x.grad.set(gradient([...x.data]));
        opt.step();
      }
      for (const [i, value] of x.data.entries()) expect(value).toBeCloseTo(minimum[i]!, 3);
    });
  });
});
