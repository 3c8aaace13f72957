/** Inside Adam: its numbers are those of the worked example, and those that its code prints in Node. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, answered, enter, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("has the moments and steps of the gradients 4, −1 and 3 that one computes by hand", async () => {
  const { page, done } = await arena.open("adam");
  const rows = page.locator(".stage tbody tr");
  await expect.poll(() => rows.count()).toBe(3);
  const table = (await rows.allInnerTexts()).map((row) => row.replaceAll("−", "-").split(/\s+/).map(Number));
  const hand = [
    [1, 4, 0.4, 0.016, 4, 16, 0.001],
    [2, -1, 0.26, 0.016984, 1.368421, 8.496248, 0.000469468],
    [3, 3, 0.534, 0.02596702, 1.97048, 8.664333, 0.000669429],
  ];
  for (const [i, row] of hand.entries())
    for (const [k, each] of row.entries()) expect(table[i][k] / each, `${i + 1}, ${k}`).toBeCloseTo(1, 5);
  await done();
});

it("prints the same moments and steps in Node, bit for bit, also of other gradients", async () => {
  const { page, done } = await arena.open("adam?v=1&beta1=0.8&beta2=0.99&rate=0.02");
  await enter(page, "gradients", "0, 0, 3e5, -2, 0.001");
  const here = async () => (await rowsOf(page)).rows.map((row) => [row[2], row[3], row[6]].map(Number));
  await expect.poll(async () => (await here()).length).toBe(5);
  expect((await printedBy(page)).map((line) => line.map((word) => Number(word) + 0))).toEqual(
    (await here()).map((row) => row.map((each) => each + 0)),
  );
  await done();
});

it("asks for the first step, and for steps whose gradients cancel", async () => {
  const { page, done } = await arena.open("adam");
  expect(await answered(page, 0, "0.001")).toMatch(/^Yes\. 0\.001, and 0\.001 for a gradient of 4/);
  expect(await answered(page, 0, "4")).toMatch(/^Not quite\./);
  expect(await answered(page, 1, "About a twentieth")).toMatch(/^Yes\. 0\.052/);
  expect(await answered(page, 1, "0")).toMatch(/^Not quite\./);
  await done();
});
