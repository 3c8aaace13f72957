/** Rules whose kernels have `plus`: weight decay that is off leaves a parameter alone that is not finite. */
import { expect, it } from "vitest";
import * as t from "../../src/index.js";
import { backends } from "../support/backends.js";

const rules = { adamax: t.adamax, nadam: t.nadam, qhm: t.qhm, radam: t.radam, yogi: t.yogi };

it.each(backends)("$name: L2 of 0 is no L2, with decoupled decay or without", async (backend) => {
  using engine = await backend.create();
  for (const [name, rule] of Object.entries(rules)) {
    for (const weightDecay of [0, 0.1]) {
      using p = engine.tensor(3, [Number.POSITIVE_INFINITY, -0, 1]);
      p.grad.set([0, 0, 0.5]);
      const opt = rule([p], { lr: 0.1, weightDecay, decoupled: true });
      opt.step();
      expect(p.data[0], name).toBe(Number.POSITIVE_INFINITY);
      expect(p.data[1], name).toBe(-0);
      opt.dispose();
    }
  }
});
