/** The station of weight decay: weights under Adam with L2 and under AdamW are the library's, and their decay that of the paper. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, answered, enter, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("has the weights that its code prints in Node, bit for bit, at the λ that is entered", async () => {
  const { page, done } = await arena.open("decay?v=1&steps=500");
  await enter(page, "lambda", "0.5");
  const printed = (await printedBy(page)).map(([name, size, weight]) => [name, Number(size), 500, Number(weight)]);
  expect(printed).toHaveLength(6);
  await expect
    .poll(async () =>
      (await rowsOf(page)).rows
        .filter(([, , step]) => step === "500")
        .map(([name, ...numbers]) => [name, ...numbers.map(Number)]),
    )
    .toEqual(printed);
  await done();
});

it("decays all weights by λ under AdamW, and by about λ/|g| under L2", async () => {
  const { page, done } = await arena.open("decay?v=1&lambda=0.05");
  const cells = await page
    .locator(".below tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  for (const [i, size] of [0.1, 1, 10].entries()) {
    expect(cells[i][3], `AdamW, ±${size}`).toBeCloseTo(0.05, 4);
    expect(Math.abs(cells[i][1] / (0.05 / size) - 1), `L2, ±${size}`).toBeLessThan(size === 10 ? 0.1 : 0.05);
  }
  await done();
});

// Of the worked examples: θ = 5, g = 2, λ = 0.1, lr = 0.001, v settled at 4.
it("asks for the share of the decay, 0.0005 against 0.00025", async () => {
  const { page, done } = await arena.open("decay");
  expect(await answered(page, 0, "0.0005")).toMatch(/^Yes\. 0\.0005:.* 0\.00025:/);
  expect(await answered(page, 0, "0.00025")).toMatch(/^Not quite/);
  expect(await answered(page, 1, "The one with ±10")).toMatch(/^Yes\./);
  await done();
});

it("tells the effective λ also of weights that have come to rest", async () => {
  const { page, done } = await arena.open("decay?v=1&lambda=1&rate=0.01&steps=20000");
  const cells = page.locator(".stage tbody tr").nth(1).locator("td");
  // Long before the end both weights move with the alternating gradients alone, which once read as a λ of 0.
  const lambdas = async () => [1, 3].map(async (k) => Number(await cells.nth(k).textContent()));
  await expect
    .poll(async () => (await Promise.all(await lambdas())).every((each) => Math.abs(each - 1) < 0.1))
    .toBe(true);
  await done();
});
