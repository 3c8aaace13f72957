/** ASGD's two points: the iterate while training, its average in eval(), exchanged without a bit of either changing. */
import { describe, expect, it } from "vitest";
import { asgd } from "../../src/optim/asgd.js";
import { backends } from "../support/backends.js";
import { uniform } from "../support/numbers.js";

describe.each(backends)("$name", (backend) => {
  it("moves the parameters to the average and back", async () => {
    using engine = await backend.create();
    const n = 7;
    const moving = [engine.tensor(n, uniform(n, 1)), engine.attach(uniform(n, 2))];
    const still = engine.tensor(n, uniform(n, 3)); // never gets a gradient
    const opt = asgd([...moving, still], { lr: 0.1, t0: 2 });
    for (let t = 0; t < 9; t++) {
      for (const x of moving) x.grad.set(uniform(n, 10 * t));
      opt.step();
    }
    const theta = moving.map((x) => x.toArray());
    const average = moving.map((x) => opt.state(x).ax.toArray());
    expect(average).not.toEqual(theta);
    for (let round = 0; round < 2; round++) {
      opt.eval();
      expect(moving.map((x) => x.toArray())).toEqual(average);
      expect(() => opt.step()).toThrow("expected train() before step()");
      opt.train();
      expect(moving.map((x) => x.toArray())).toEqual(theta);
      expect(still.toArray()).toEqual(uniform(n, 3));
    }
  });

  it("is its own average until averaging starts", async () => {
    using engine = await backend.create();
    const x = engine.tensor(3, [1, 2, 3]);
    x.grad.fill(1);
    const opt = asgd([x], { t0: 2 });
    for (let t = 1; t <= 5; t++) {
      opt.step();
      const same = x.toArray().every((value, i) => value === opt.state(x).ax.data[i]);
      expect(same).toBe(t <= 4);
    }
  });
});
