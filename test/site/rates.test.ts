/** The station of effective rates: they are the library's, and those of the formulas. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, answered, enter, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it.each([
  "rates?v=1&steps=60&stream=jump&schedule=cosine&who=sgd,adam,momentum",
  "rates?v=1&steps=60&stream=rare&who=adagrad,lion",
])("%s has the rates that its code prints in Node, bit for bit", async (hash) => {
  const { page, done } = await arena.open(hash);
  const before = (await rowsOf(page)).rows;
  await enter(page, "rate", "0.02");
  await expect.poll(async () => (await rowsOf(page)).rows).not.toEqual(before);
  const { rows } = await rowsOf(page);
  const printed = await printedBy(page);
  expect(rows).toHaveLength(printed.length);
  // Where the gradient is 0 there is no rate, and the page says so.
  expect(rows.map(([name, , , rate]) => [name, rate])).toEqual(
    printed.map(([name, rate]) => [name, Number.isFinite(Number(rate)) ? rate : ""]),
  );
  await done();
});

it("has those of the formulas under a constant gradient", async () => {
  const { page, done } = await arena.open("rates?v=1&rate=0.5&who=sgd,adagrad,adam,momentum");
  const { rows } = await rowsOf(page);
  for (const [name, step, , rate] of rows) {
    const want = {
      sgd: 0.5,
      adagrad: 0.5 / Math.sqrt(Number(step)),
      adam: 0.5,
      momentum: (0.5 * (1 - 0.9 ** Number(step))) / 0.1,
    }[name]!;
    expect(Math.abs(Number(rate) / want - 1), `${name} ${step}`).toBeLessThan(1e-4);
  }
  await done();
});

it("asks for AdaGrad's rate after a hundred steps, and who remembers a burst", async () => {
  const { page, done } = await arena.open("rates");
  expect(await answered(page, 0, "0.01")).toMatch(/^Yes\. 0\.01:.*0\.1\.$/);
  expect(await answered(page, 0, "0.1")).toMatch(/^Not quite/);
  // 0.1/√(299 + 100²)
  expect(await answered(page, 1, "adagrad")).toMatch(/^Yes\..*adagrad 0\.00099/);
  await done();
});
