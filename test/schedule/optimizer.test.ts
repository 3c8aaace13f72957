/** Schedules in the place of an optimizer's numbers. */
import { describe, expect, it } from "vitest";
import { adamw, schedules, sgd } from "../../src/index.js";
import { backends } from "../support/backends.js";

const { linear, oneCycle, reduceOnPlateau, warmup } = schedules;

describe.each(backends)("an optimizer on $name", ({ create }) => {
  it("takes them for any number, the first step with f(0)", async () => {
    using engine = await create();
    const theta = engine.tensor(1, [0]);
    const cycle = oneCycle(0.5, { steps: 8, pctStart: 0.5, shape: "linear" });
    using opt = sgd([theta], { lr: cycle, momentum: cycle.momentum });
    let [velocity, want] = [0, 0];
    for (let t = 0; t < 12; t++) {
      theta.grad[0] = 1;
      opt.step();
      velocity = cycle.momentum(t) * velocity + 1;
      want -= cycle(t) * velocity;
      expect(theta.data[0]).toBeCloseTo(want, 4);
      expect([opt.groups[0].lr, opt.groups[0].momentum]).toEqual([cycle(t), cycle.momentum(t)]);
    }
    // Written out: at the peak, step 3, momentum is lowest.
    expect([cycle(3), cycle.momentum(3)]).toEqual([0.5, 0.85]);
    const betas = [cycle.momentum, 0.99] as const;
    using other = adamw([theta], { lr: warmup(3, 0.1), betas, weightDecay: linear(0.1, { steps: 5 }) });
    other.step();
    expect(other.groups[0]).toMatchObject({ lr: 0.1 / 3, betas: [0.95, 0.99], weightDecay: 0.1 });
  });

  it("follows a metric", async () => {
    using engine = await create();
    const theta = engine.tensor(1, [0]);
    const lr = reduceOnPlateau(0.5, { gamma: 0.5, patience: 0 });
    using opt = sgd([theta], { lr });
    const seen = [3, 2, 2, 1].map((metric) => {
      theta.grad[0] = 1;
      opt.step();
      lr.step(metric);
      return theta.data[0];
    });
    expect(seen).toEqual([-0.5, -1, -1.5, -1.75]);
  });
});
