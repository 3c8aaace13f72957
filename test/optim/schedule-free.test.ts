/** Schedule-Free: in eval() the parameters are x, the average, as the references have it, and train() takes them back to y. */
import { describe, expect, it } from "vitest";
import { backends } from "../support/backends.js";
import { bound, expectClose, flat, follow, trajectories } from "../support/golden.js";

const files = trajectories.filter(({ title }) => title.startsWith("schedule_free_"));

it("has the three files", () => {
  expect(files.map(({ title }) => title)).toEqual(["schedule_free_adamw", "schedule_free_radam", "schedule_free_sgd"]);
});

describe.each(backends)("$name", (backend) => {
  describe.each(files)("$title", ({ factory, file, rename }) => {
    it.each(file.cases.map((row) => [JSON.stringify(row.hyper), row] as const))("%s", async (_, row) => {
      using engine = await backend.create();
      follow(engine, factory, file, row, rename(row.hyper), (opt, tensors, t) => {
        const y = flat(tensors);
        const want = row.x_f64![t];
        opt.eval();
        // x is y carried on away from z: z + (y − z) / β. Where β is 0.9 that adds a ninth of z's and y's rounding.
        expectClose(flat(tensors), want, 1.25 * bound(row, want), `x at step ${t + 1}`);
        expect(() => opt.step()).toThrow("expected train() before step()");
        opt.train();
        expectClose(flat(tensors), y, 2 ** -22 * Math.max(...y.map(Math.abs)), `y again at step ${t + 1}`);
      });
    });
  });
});
