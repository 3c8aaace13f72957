/** The station of sensitivity to the rate: its sweeps are those of the command. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { raceSurface } from "../../src/cli/race.js";
import type { Race } from "../../src/landscape/index.js";
import { type Arena, answered, openArena, rowsOf } from "../support/arena.js";
import { calledJson } from "../support/command.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("has the sweeps, best rates and decades that its command prints, and others on another surface", async () => {
  const { page, done } = await arena.open("sensitivity?v=1&steps=60&who=sgd,adam");
  for (const surface of ["ravine", "booth"]) {
    await page.locator("#f-surface").selectOption(surface);
    await expect.poll(() => page.locator(".copyable code").first().textContent()).toContain(surface);
    await expect.poll(async () => (await rowsOf(page)).rows.length, { timeout: 20_000 }).toBe(242);
    const command = (await page.locator(".copyable code").first().textContent())!.replace("npx thalweg race ", "");
    const { runs } = (await calledJson(raceSurface, command)) as unknown as Race;
    const { rows } = await rowsOf(page);
    for (const { label, lr, decades, sweep } of runs) {
      const mine = rows.filter(([name]) => name === label);
      expect(mine.map(([, rate, reached]) => [Number(rate), reached])).toEqual(
        sweep!.map((each) => [each.lr, each.reached === undefined ? "" : String(each.reached)]),
      );
      const cells = page.locator(`tr[data-label="${label}"] td`);
      expect(await cells.nth(1).textContent()).toBe(String(Number(lr!.toPrecision(3))));
      expect(await cells.nth(3).textContent()).toBe(String(Number(decades!.toPrecision(3))));
    }
  }
  await done();
});

it("shows the path of the rate that is chosen by keys", async () => {
  const { page, done } = await arena.open("sensitivity?v=1&who=sgd");
  await page.locator("arena-plane").waitFor();
  // In the middle of the rates is 0.1, at which descent on the ravine never arrives.
  await expect.poll(() => page.locator(".map figcaption").textContent()).toMatch(/sgd at 0\.1: not reached/);
  await page.locator("arena-ridges").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.locator(".map figcaption").textContent()).toMatch(/sgd at 0\.112: diverged at step \d+/);
  await done();
});

it("asks over how many decades gradient descent arrives, and who has most", async () => {
  const { page, done } = await arena.open("sensitivity?v=1&who=sgd&steps=20");
  expect(await answered(page, 0, "0.9")).toMatch(/^Yes\. 0\.9:/);
  expect(await answered(page, 1, "adam")).toMatch(/^Yes\..*sgd 0\.9, momentum 2\.3, .*adam 3\.4\.$/);
  await done();
});
