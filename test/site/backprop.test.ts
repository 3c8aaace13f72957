/** Backpropagation: slopes are those of finite differences, and the sigmoid example and the network of 1986 those of Node. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { familyTreesExperiment } from "../../src/experiments/familyTrees/experiment.js";
import { symmetryExperiment } from "../../src/experiments/symmetry.js";
import { createEngine } from "../../src/index.js";
import { FIRST, NAMES, pass, stepped, unit } from "../../src/site/arena/stations/backprop/network.js";
import { type Arena, openArena } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

/** The error of the network in f64, written out. */
function errorOf(w: readonly number[], [x1, x2]: readonly number[], target: number): number {
  const squash = (z: number): number => 1 / (1 + Math.exp(-z));
  const h1 = squash(w[0] * x1 + w[2] * x2 + w[4]);
  const h2 = squash(w[1] * x1 + w[3] * x2 + w[5]);
  return (squash(w[6] * h1 + w[7] * h2 + w[8]) - target) ** 2 / 2;
}

it("slopes and activities are those of the network written out", async () => {
  const engine = await createEngine({ simd: "strict" });
  const inputs = [1, 0.6];
  const { slopes, error, hidden, blame } = pass(engine, FIRST, inputs, 0);
  expect(error).toBeCloseTo(errorOf(FIRST, inputs, 0), 6);
  expect(hidden[0]).toBeCloseTo(1 / (1 + Math.exp(-(0.5 + 0.3 * 0.6))), 6);
  for (const [k, name] of NAMES.entries()) {
    const moved = (by: number) => FIRST.map((each, i) => (i === k ? each + by : each));
    const slope = (errorOf(moved(1e-5), inputs, 0) - errorOf(moved(-1e-5), inputs, 0)) / 2e-5;
    expect(slopes[k], name).toBeCloseTo(slope, 6);
  }
  expect(slopes[0]).toBeCloseTo(inputs[0] * blame[0], 6);
  for (const [k, weight] of stepped(engine, FIRST, inputs, 0, 2).entries())
    expect(weight).toBeCloseTo(FIRST[k] - 2 * slopes[k], 6);
  // y = 0.9, target 0, input 0.6
  const one = unit(engine, Math.log(9), 0.6, 0);
  expect(one.slope).toBeCloseTo(0.9, 6);
  expect(one.blame).toBeCloseTo(0.081, 6);
  expect(one.weight).toBeCloseTo(0.0486, 6);
  engine.dispose();
});

it("weights can be changed, questions are checked, and the networks of 1986 learn", async () => {
  const { page, done } = await arena.open("backprop?v=1&seed=3");
  const engine = await createEngine({ simd: "strict" });
  const node = symmetryExperiment(engine, { seed: 3, lr: 0.05, momentum: 0.9, sweeps: 2000 });
  expect(node.solved).toBe(true);
  await expect.poll(() => page.locator(".of1986").textContent()).toContain(`Solved after ${node.sweeps} sweeps`);
  await page.getByRole("button", { name: "w₁₁ more" }).click();
  const moved = pass(engine, [0.6, ...FIRST.slice(1)], [1, 0.6], 0);
  await expect
    .poll(() => page.locator('[data-slope="w₁₁"]').textContent())
    .toBe(String(Number(moved.slopes[0].toPrecision(4))).replace("-", "−"));
  for (const [i, answer] of ["0.081", "0.0685"].entries()) {
    const form = page.locator(".question").nth(i);
    await form.locator("input").fill(answer);
    await form.locator("button[type=submit]").click();
    await expect.poll(() => form.locator(".verdict").textContent()).toContain("Yes.");
  }
  await page.getByRole("button", { name: "Show it in the figure" }).click();
  await expect.poll(() => page.locator('[data-slope="v₁"]').textContent()).toBe("0.0486");
  expect(await page.locator('[data-slope="c"]').textContent()).toBe("0.081");
  const before = Number(await page.locator("[data-error]").textContent());
  await page.getByRole("button", { name: /^Step down/ }).click();
  await expect.poll(async () => Number(await page.locator("[data-error]").textContent())).toBeLessThan(before);
  await page.getByRole("button", { name: "Learn 1,500 sweeps" }).click();
  await expect.poll(() => page.locator("arena-hinton").count(), { timeout: 30_000 }).toBe(2);
  const trees = familyTreesExperiment(engine, { settings: "paper", seed: 3, sweeps: 1500 });
  const { right, heldOutRight } = trees.curve.at(-1)!;
  expect(await page.locator(".of1986").textContent()).toContain(
    `sweep 1500: ${right} of 100 right, ${heldOutRight} of 4 held out`,
  );
  engine.dispose();
  await done();
});
