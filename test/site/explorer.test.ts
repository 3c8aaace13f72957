/** The landscape explorer: the ground at both ends of a run is the library's, and so are the answers. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { landscapes, type Race, race, terrain } from "../../src/landscape/index.js";
import { type Arena, answered, openArena } from "../support/arena.js";
import { thalwegJson } from "../support/command.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("sets the ground at the start beside that where the ball has come to", async () => {
  const { page, done } = await arena.open("explorer?v=1&start=-4,4&rate=0.005");
  const [{ path }] = (await race(landscapes.himmelblau, ["sgd"], { start: [-4, 4], steps: 100, rates: 0.005 })).runs;
  const cells = page.locator(".facts tbody tr").last().locator("td");
  const limits = [path[0], path[path.length - 1]].map((at) => 2 / terrain(landscapes.himmelblau, at).eigenvalues[1]);
  await expect
    .poll(async () => (await cells.allTextContents()).map(Number))
    .toEqual(limits.map((each) => Number(each.toPrecision(3))));
  // On the wall the limit is less than half of that at the minimum: curvature grows with height.
  expect(limits[0]).toBeLessThan(limits[1] / 2);
  await page.getByLabel("Step", { exact: true }).fill("3");
  await expect.poll(() => page.locator(".facts thead").textContent()).toContain("After step 3");
  await done();
});

it.each([
  ["surface=quartic&start=2,0&rate=0.1", "Not reached. The ground is level here: gradient descent stays."],
  ["surface=ackley&rate=0.5", "Not reached. It swings to and fro, and does not settle."],
  ["surface=canal&rate=0.02", "Not reached. It is still on its way down."],
  ["surface=saddle&rate=0.1&steps=400", "Escaped at step"],
])("says what became of %s", async (fields, words) => {
  const { page, done } = await arena.open(`explorer?v=1&${fields}`);
  await expect.poll(() => page.locator(".beside > .mode").last().textContent()).toContain(words);
  await done();
});

it.each(["surface=himmelblau", "surface=noisyBowl&seed=5&rate=0.05"])(
  "has a command that ends as the page does, with %s",
  async (fields) => {
    const { page, done } = await arena.open(`explorer?v=1&${fields}`);
    await expect.poll(() => page.locator(".beside > .mode").last().textContent()).toMatch(/^Reached at step \d+/);
    const words = (await page.locator(".copyable code").first().textContent())!.replace("npx thalweg ", "");
    const [{ summary }] = (thalwegJson(words) as Race).runs;
    const said = await page.locator(".beside > .mode").last().textContent();
    expect(said!.toLowerCase()).toContain(summary);
    await done();
  },
);

it("asks for a rate above the limit, who leaves a ridge, and where a step of 2 leads", async () => {
  const { page, done } = await arena.open("explorer");
  expect(await answered(page, 0, "0.115")).toMatch(/^Yes\..*diverged/);
  expect(await answered(page, 0, "0.2")).toMatch(/^Not quite\./);
  expect(await answered(page, 1, "None of them")).toMatch(/^Yes\./);
  expect(await answered(page, 2, "At the right minimum, √1.5")).toMatch(/^Not quite\..*x = 0 exactly/);
  expect(await answered(page, 2, "On the top between them, 0")).toMatch(/^Yes\./);
  await done();
});
