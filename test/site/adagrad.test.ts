/** The station of AdaGrad and RMSProp: paths, effective rates and the table by hand are the library's. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { landscapes, race } from "../../src/landscape/index.js";
import { type Arena, answered, enter, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("walks the paths of race() in Node bit for bit, at the ρ that is entered, and so does its code", async () => {
  const { page, done } = await arena.open("adagrad");
  await enter(page, "rho", "0.5");
  const runners = [{ optimizer: "adagrad" }, { optimizer: "rmsprop", options: { alpha: 0.5 } }];
  const { runs } = await race(landscapes.ravine, runners, { start: [-4, 2], steps: 200, rates: 0.1 });
  const here = runs.flatMap(({ path }) => path.map((point) => [...point]));
  await expect.poll(async () => (await rowsOf(page)).rows.map((row) => row.slice(3, 5).map(Number))).toEqual(here);
  expect((await printedBy(page)).map(([, x, y]) => [Number(x), Number(y)])).toEqual(here);
  await done();
});

it("tells the effective rate of each axis: η over the root of the sum of squares so far", async () => {
  const { page, done } = await arena.open("adagrad");
  await page.waitForTimeout(300);
  const { rows } = await rowsOf(page);
  const points = rows.filter(([label]) => label === "AdaGrad").map((row) => row.slice(3).map(Number));
  const sums = [0, 0];
  for (const [x, y, , ...rates] of points.slice(0, 50)) {
    const gradient = landscapes.ravine.grad([x, y]);
    for (const axis of [0, 1]) {
      sums[axis] += gradient[axis] ** 2;
      // A step of 0.02 from 4 in f32 has five digits.
      expect(rates[axis] / (0.1 / Math.sqrt(sums[axis]))).toBeCloseTo(1, 4);
    }
  }
  await done();
});

// Of the worked examples: gradients 3.0 2.5 2.8 3.1 at lr 0.1, ρ 0.9.
it("has the sums, means and rates that are worked out by hand", async () => {
  const { page, done } = await arena.open("adagrad");
  const cells = await page
    .locator(".below tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  const want = [
    [3, 9, 0.0333, 0.9, 0.1054],
    [2.5, 15.25, 0.0256, 1.435, 0.0835],
    [2.8, 23.09, 0.0208, 2.0755, 0.0694],
    [3.1, 32.7, 0.0175, 2.829, 0.0595],
  ];
  for (const [i, row] of want.entries())
    for (const [k, each] of row.entries()) expect(Math.abs(cells[i][k] / each - 1), `${i} ${k}`).toBeLessThan(5e-3);
  await enter(page, "gradients", "0, 0, 0, 5");
  const last = page.locator(".below tbody tr").last();
  await expect.poll(() => last.locator("td").nth(2).textContent()).toBe("0.02");
  expect(await page.locator(".below tbody tr").first().textContent()).toContain("no step");
  await done();
});

it("asks for a rate, and which of two is larger", async () => {
  const { page, done } = await arena.open("adagrad");
  expect(await answered(page, 0, "0.0175")).toMatch(/^Yes\..*32\.7.*0\.0595/);
  expect(await answered(page, 0, "0.1")).toMatch(/^Not quite/);
  expect(await answered(page, 1, "The rare one")).toMatch(/^Yes\. 0\.02 .*0\.0175/);
  await done();
});
