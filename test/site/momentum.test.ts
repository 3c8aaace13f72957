/** The station of momentum: the steps by hand are those of the worked examples, and its code prints the ranking. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, answered, enter, openArena, printedBy } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("takes the steps of momentum on (x − 3)² that one takes by hand", async () => {
  const { page, done } = await arena.open("momentum?v=1&rate=0.01");
  const cells = page.locator(".below tbody tr");
  const rows = async () =>
    (await cells.allInnerTexts()).map((row) => row.replaceAll("−", "-").split(/\s+/).map(Number));
  // v ← 0.9 v + g and x ← x − 0.01 v, with g = 2 (x − 3) where x is, beside x ← x − 0.01 g.
  await expect
    .poll(async () => (await rows()).slice(0, 5).map(([step, , ...rest]) => [step, ...rest]))
    .toEqual([
      [1, -6, 0.06, 0.06],
      [2, -11.28, 0.1728, 0.1188],
      [3, -15.81, 0.3309, 0.1764],
      [4, -19.56, 0.5265, 0.2329],
      [5, -22.55, 0.7521, 0.2882],
    ]);
  await enter(page, "rate", "0.5");
  await enter(page, "beta", "0");
  await expect.poll(async () => (await rows())[0]).toEqual([1, -6, -6, 3, 3]);
  await done();
});

it("prints in Node who is first, and after how many steps", async () => {
  const { page, done } = await arena.open("momentum");
  const ranked = async () =>
    (await page.locator("table.ranking tbody tr").allInnerTexts()).map((row) => row.split(/\s+/).filter(Boolean));
  await expect
    .poll(async () => (await ranked()).map((row) => [row[0], row[3]]))
    .toEqual([
      ["momentum", "71"],
      ["plain", "79"],
    ]);
  expect((await printedBy(page)).map((line) => line.join(" "))).toEqual([
    "momentum reached at step 71",
    "plain reached at step 79",
  ]);
  await done();
});

it("asks for the factor under a constant gradient, 1/(1 − β), and for the least β, and marks the choice that was picked", async () => {
  const { page, done } = await arena.open("momentum");
  expect(await answered(page, 0, "10")).toMatch(/^Yes\..* 10 times/);
  expect(await answered(page, 0, "1.9")).toMatch(/^Not quite\./);
  expect(await answered(page, 1, "0.3")).toMatch(/^Yes\..*2\(1 \+ β\)\/λmax/);
  expect(await answered(page, 1, "0.5")).toMatch(/^Not quite\./);
  await done();
  const adagrad = await arena.open("adagrad");
  await answered(adagrad.page, 1, "The busy one");
  const pressed = adagrad.page.locator('.choices [aria-pressed="true"]');
  expect(await pressed.allTextContents()).toEqual(["The busy one"]);
  await answered(adagrad.page, 1, "The rare one");
  expect(await pressed.allTextContents()).toEqual(["The rare one"]);
  await adagrad.done();
});
