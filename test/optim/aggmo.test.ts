/** AggMo's velocities come and go with `betas`: each keeps its own, whatever the order in which they came. */
import { describe, expect, it } from "vitest";
import { aggmo } from "../../src/optim/aggmo.js";
import { backends } from "../support/backends.js";

const plans = [
  [
    [0.5, 0.9],
    [0.5, 0.9, 0.99],
    [0, 0.9],
  ],
  [
    [0, 0.9],
    [0.5, 0.9],
    [0.5, 0.9, 0.99, 0.8],
    [0.5, 0.9],
  ],
];

describe.each(backends)("$name", (backend) => {
  it.each(plans)("continues through %j, %j, %j", async (...plan) => {
    using engine = await backend.create();
    const x = engine.tensor([2, 3], [1, 2, 3, 4, 5, 6]);
    const opt = aggmo([x], { lr: 0.1, betas: plan[0] });
    const want = [...x.data];
    const velocities: number[][] = [0, 1, 2, 3].map(() => want.map(() => 0));
    for (const betas of plan) {
      opt.groups[0].betas = betas;
      for (let t = 0; t < 3; t++) {
        x.grad.set(want.map((_, i) => i - t));
        opt.step();
        for (const i of want.keys()) {
          // A first rate of 0 is the gradient itself, and its velocity is left alone.
          const now = betas.map((beta, k) => beta * velocities[k][i] + i - t);
          for (const [k, beta] of betas.entries()) if (beta > 0) velocities[k][i] = now[k];
          want[i] -= (0.1 / betas.length) * now.reduce((sum, velocity) => sum + velocity);
        }
      }
      for (const [i, value] of want.entries()) expect(x.data[i]).toBeCloseTo(value, 5);
    }
  });
});
