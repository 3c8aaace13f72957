/**
 * Golden: every row of THE TABLE walks the trajectories that PyTorch and its like walked (test/golden/), every case,
 * every step, on every backend.
 */
import { describe, expect, it } from "vitest";
import { backends, shared } from "../support/backends.js";
import { follow, hyperOf, trajectories } from "../support/golden.js";
import { table } from "../support/options.js";

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(trajectories)("$title", ({ factory, file, rename }) => {
    it("has cases of 20 steps", () => {
      expect(file.cases.length).toBeGreaterThan(0);
      expect(file.grads).toHaveLength(20);
    });

    it.each(file.cases.map((row) => [JSON.stringify(row.hyper), row] as const))("%s", (_, row) => {
      const engine = own();
      follow(engine, factory, file, row, rename(row.hyper));
    });
  });
});

it("has a trajectory for every row of THE TABLE", () => {
  const covered = new Set(trajectories.map(({ factory }) => factory.rule.name));
  // Its gradients depend on where it takes them: test/nag.test.ts, on quadratic.json.
  const elsewhere = ["nag"];
  expect(table.map(([name]) => name).filter((name) => !covered.has(name))).toEqual(elsewhere);
});

it("refuses a reference's hyperparameter that the rule does not have", () => {
  const [, adam] = table.find(([name]) => name === "adam")!;
  expect(hyperOf(adam.rule, { weight_decay: 0.1, maximize: true })).toEqual({ weightDecay: 0.1, maximize: true });
  expect(() => hyperOf(adam.rule, { momentum_decay: 0.1 })).toThrow("adam has no momentumDecay");
});
