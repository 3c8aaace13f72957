/**
 * The worked examples, calculated by hand or in f64: what a reader of a textbook would check an optimizer against, and what
 * `thalweg explain` shows.
 */
import { describe, expect, it } from "vitest";
import { TABLES } from "../../src/experiments/worked/tables.js";
import { backends } from "../support/backends.js";

const examples = TABLES.flatMap(({ title, examples }) =>
  examples.map((example) => [`${title}: ${example.name}`, example] as const),
);

describe.each(backends)("$name", (backend) => {
  it.each(examples)("%s", async (_, { run, want, digits }) => {
    using engine = await backend.create();
    const got = run(engine);
    expect(got).toHaveLength(want.length);
    for (const [i, value] of got.entries()) {
      // Half a unit of the last digit that is printed, and f32 at the size of what it was subtracted from.
      const within = 0.5 * 10 ** -digits + 2e-6 * Math.abs(want[i]);
      expect(Math.abs(value - want[i]), `value ${i}, ${value} for ${want[i]}`).toBeLessThanOrEqual(within);
    }
  });
});
