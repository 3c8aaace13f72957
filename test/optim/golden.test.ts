/**
 * Golden: every row of THE TABLE follows the trajectories recorded from PyTorch, Optax and others (test/golden/): every
 * case, every step, on every backend.
 */
import { describe, expect, it } from "vitest";
import { backends, shared } from "../support/backends.js";
import { awaited, follow, hyperOf, notYet, takersOf, trajectories } from "../support/golden.js";
import { table } from "../support/options.js";

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(trajectories)("$title", ({ factory, file, rename, stepOptions, curvature }) => {
    it("has cases of 20 steps", () => {
      expect(file.cases.length).toBeGreaterThan(0);
      expect(file.grads).toHaveLength(20);
    });

    it.each(file.cases.map((row) => [JSON.stringify(row.hyper), row] as const))("%s", (_, row) => {
      const engine = own();
      const options = { step: stepOptions(row.hyper), curvature: curvature?.(row.hyper) };
      follow(engine, factory, file, row, rename(row.hyper), undefined, options);
    });
  });
});

it("has a trajectory for every row of THE TABLE", () => {
  const covered = new Set(trajectories.map(({ factory }) => factory.rule.name));
  // The gradients of nag depend on the point where it takes them: test/optim/nag.test.ts runs it on quadratic.json.
  // So do those of lbfgs, and its loss: test/optim/lbfgs.test.ts.
  const elsewhere = ["lbfgs", "nag"];
  expect(table.map(([name]) => name).filter((name) => !covered.has(name))).toEqual(elsewhere);
});

it("leaves out the files of no optimizer but those that are not yet in THE TABLE", () => {
  expect(awaited).toEqual(notYet);
  expect(() => takersOf("adam.nobody")).toThrow(
    "opt.adam.nobody.json: expected an optimizer of THE TABLE that takes it",
  );
  expect(() => takersOf("nobody")).toThrow("opt.nobody.json");
});

it("refuses a reference's hyperparameter that the rule does not have", () => {
  const [, adam] = table.find(([name]) => name === "adam")!;
  expect(hyperOf(adam.rule, { weight_decay: 0.1, maximize: true })).toEqual({ weightDecay: 0.1, maximize: true });
  expect(() => hyperOf(adam.rule, { momentum_decay: 0.1 })).toThrow("adam has no momentumDecay");
});
