/** The way to a recipe: every recipe of the library is reached once, its code runs, and its curve is that of its optimizer. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEngine, dense, sequential } from "../../src/index.js";
import { codeOf, FORKS, leavesOf } from "../../src/site/arena/stations/choose/situations.js";
import { recipe, recipes } from "../../src/train/recipes.js";
import { type Arena, openArena } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("reaches every recipe once, by code that runs", async () => {
  expect(leavesOf(FORKS).sort()).toEqual(Object.keys(recipes).sort());
  const modules: Record<string, object> = {
    thalweg: await import("../../src/index.js"),
    "thalweg/recipes": await import("../../src/train/recipes.js"),
  };
  for (const name of Object.keys(recipes)) {
    const losses: number[] = [];
    const body = codeOf(name, 8).replace(/import (\{[^}]*\}) from "([^"]*)";/g, 'const $1 = modules["$2"];');
    const run = new Function("modules", "console", `return (async () => { ${body} })();`);
    await run(modules, { log: (_step: number, loss: number) => losses.push(loss) });
    expect(losses.length, name).toBe(4);
    expect(losses.every(Number.isFinite), name).toBe(true);
  }
});

it("shows the rate that the recipe's optimizer takes at each step", async () => {
  const { page, done } = await arena.open("choose?v=1&recipe=vision-transformer&steps=40");
  expect(await page.locator(".recipe").textContent()).toContain("warm-up over 5 % of the run, then cosine");
  await page.getByRole("button", { name: /against a discriminator/ }).click();
  expect(await page.locator(".recipe .title").textContent()).toBe("adam");
  expect(await page.locator(".recipe").textContent()).toContain("betas 0.5, 0.999");
  const ask = page.locator(".question").first();
  const engine = await createEngine({ simd: "strict" });
  const model = sequential(engine, [dense(1, 1)], { seed: 1 });
  const optimizer = recipe("language-model").build(model.parameters(), { steps: 10_000 });
  for (let step = 0; step < 5000; step++) {
    for (const tensor of model.parameters()) tensor.grad.fill(0.1);
    optimizer.step();
  }
  const half = optimizer.groups[0].lr; // of the step that comes next
  await ask.locator("input").fill(String(half));
  await ask.locator("button[type=submit]").click();
  await expect.poll(() => ask.locator(".verdict").textContent()).toContain("Yes.");
  await page.getByRole("button", { name: "learning rate", exact: true }).click();
  await expect.poll(() => page.locator(".verdict").last().textContent()).toContain("Yes.");
  engine.dispose();
  await done();
});
