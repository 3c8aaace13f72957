/** The family tree: everyone of THE TABLE is in it once, after its parent, with the state that the optimizer itself takes. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEngine, type Engine, type Optimizer, type Tensor } from "../../src/index.js";
import { optimizers } from "../../src/optim/table.js";
import { descent, LINEAGE, yearOf } from "../../src/site/arena/stations/family/lineage.js";
import { stateBytes } from "../../src/site/arena/stations/family/stateBytes.js";
import { type Arena, openArena } from "../support/arena.js";

type Factory = ((params: Tensor[]) => Optimizer) & { rule: { paper: string } };
const factories = optimizers as unknown as Record<string, Factory>;

it("has every optimizer of THE TABLE, each after the one that it changed", () => {
  expect(Object.keys(LINEAGE).sort()).toEqual(Object.keys(optimizers).sort());
  for (const [name, { from, changed }] of Object.entries(LINEAGE)) {
    const year = yearOf(factories[name].rule.paper);
    expect(year, name).toBeGreaterThan(1950);
    expect(changed.length, name).toBeGreaterThan(10);
    if (from !== undefined) expect(yearOf(factories[from].rule.paper), name).toBeLessThanOrEqual(year);
  }
  expect(descent("adamw")).toEqual(["sgd", "adagrad", "rmsprop", "adam", "adamw"]);
});

it("has the bytes of state that optimizers allocate", async () => {
  const engine: Engine = await createEngine({ simd: "strict" });
  const matrix = engine.tensor([48, 32]);
  for (const [name, make] of Object.entries(factories)) {
    const optimizer = make([matrix]);
    matrix.grad.fill(0.01);
    optimizer.step(() => 1); // state is made at the first step
    // Buffers are aligned: a slot takes up to 63 bytes more.
    const kept = stateBytes(make.rule, [48, 32]);
    expect(optimizer.stateBytes, name).toBeGreaterThanOrEqual(kept);
    expect(optimizer.stateBytes - kept, name).toBeLessThanOrEqual(64 * 30);
    optimizer.dispose();
  }
  engine.dispose();
});

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("shows the rule, the paper and the state of the one that is chosen", async () => {
  const { page, done } = await arena.open("family");
  expect(await page.locator(".person").count()).toBe(Object.keys(optimizers).length + 1); // adam ends one column and begins the next
  await page.getByRole("button", { name: /^lion \d/ }).click();
  expect(await page.locator(".title").textContent()).toMatch(/lion\s+2023/);
  expect(await page.locator(".law").textContent()).toContain("sign(β₁m + (1 - β₁) g)");
  expect(await page.locator("[data-bytes]").getAttribute("data-bytes")).toBe("4");
  expect(await page.locator(".kin").textContent()).toContain("Symbolic discovery of optimization algorithms");
  await expect.poll(() => page.evaluate(() => location.hash)).toContain("who=lion");
  const ask = page.locator(".question").first();
  await ask.locator("input").fill("200");
  await ask.locator("button[type=submit]").click();
  await expect.poll(() => ask.locator(".verdict").textContent()).toContain("Yes.");
  await done();
});
