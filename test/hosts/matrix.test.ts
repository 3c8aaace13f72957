import { afterAll, expect, test } from "vitest";
import { ROWS } from "./rows.js";
import { end, runRow } from "./support/matrix.js";

// The rows of the matrix that every run of the tests tries; `npm run test:hosts` has the others too. Each installs its host
// outside the repository, once, and packs the built library.

afterAll(end);

test("the rows have names of their own", () => {
  const names = ROWS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(ROWS.filter(({ always }) => always).map((row) => [row.name, row] as const))(
  "%s",
  async (_, row) => {
    const { ok, reason } = await runRow(row);
    expect(ok, reason).toBe(true);
  },
  400_000,
); // a few seconds each; the first to need a host installs it
