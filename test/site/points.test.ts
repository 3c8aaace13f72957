/** Critical points of a surface in the explorer: found beside the page, or on it, they are those of the library. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { criticalPoints, landscapes } from "../../src/landscape/index.js";
import { type Arena, openArena } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

/** The words on the map, of those that name a kind of point. */
async function named(page: Page): Promise<string[]> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "SVG", exact: true }).click(),
  ]);
  const svg = await readFile((await download.path())!, "utf8");
  return [...svg.matchAll(/>(saddle|local minimum|maximum)</g)].map(([, word]) => word).sort();
}

it.each(["with workers", "without"])("%s", async (how) => {
  const { page, done } = await arena.open("race");
  if (how === "without") await page.evaluate("delete globalThis.Worker");
  for (const name of ["himmelblau", "goldsteinPrice"] as const) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `explorer?v=1&surface=${name}`);
    await page.locator('[data-station="explorer"] arena-plane').waitFor();
    const wanted = criticalPoints(landscapes[name]).flatMap(({ global, kind }) =>
      global ? [] : [kind === "minimum" ? "local minimum" : kind],
    );
    await expect.poll(() => named(page), { timeout: 10_000 }).toEqual(wanted.sort());
  }
  await done();
});
