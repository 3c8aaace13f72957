/** The station of the bias correction: Adam's steps with it and without are the library's, and those of the formula. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, answered, enter, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("has the means and steps of the formula: under a constant gradient 1 − βᵗ, and its ratio", async () => {
  const { page, done } = await arena.open("bias?v=1&steps=3000");
  const { rows } = await rowsOf(page);
  expect(rows).toHaveLength(3000);
  for (const [step, , m, mHat, v, vHat, on, off] of rows.map((row) => row.map(Number))) {
    const [first, second] = [1 - 0.9 ** step, 1 - 0.999 ** step];
    for (const [got, want] of [
      [m, first],
      [mHat, 1],
      [v, second],
      [vHat, 1],
      [on, 1],
      [off, first / Math.sqrt(second)],
    ])
      expect(Math.abs(got / want - 1), `${step}: ${got}, ${want}`).toBeLessThan(1e-4);
  }
  await done();
});

it.each(["noisy", "jump"])("changes with β₂ as the code says in Node, bit for bit: %s", async (stream) => {
  const { page, done } = await arena.open(`bias?v=1&stream=${stream}&steps=400&seed=3`);
  const before = (await rowsOf(page)).rows;
  await enter(page, "beta2", "0.98");
  await expect.poll(async () => (await rowsOf(page)).rows).not.toEqual(before);
  const { rows } = await rowsOf(page);
  const printed = await printedBy(page);
  for (const [name, column] of [
    ["true", 6],
    ["false", 7],
  ] as const)
    expect(printed.filter(([which]) => which === name).map(([, x]) => Number(x))).toEqual(
      rows.map((row) => Number(row[column])),
    );
  await done();
});

it("asks for the first step without it, 0.1/√0.001, and when it has gone", async () => {
  const { page, done } = await arena.open("bias?v=1&steps=100");
  expect(await answered(page, 0, "3.16")).toMatch(/^Yes\. 3\.16 times/);
  expect(await answered(page, 0, "0.1")).toMatch(/^Not quite/);
  // √(1 − 0.999ᵗ) > 1/1.1 from t = 1751 on.
  expect(await answered(page, 1, "1751")).toMatch(/^Yes\. After 175[012]\. The longest is step 12, of 6\.57/);
  await done();
});
