/** Every station, in both themes and at both widths: no errors, nothing cut off, nothing that axe-core finds serious. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arena, noStrayWords, type Opened, openArena } from "../support/arena.js";

const STATIONS = readdirSync(new URL("../../src/site/arena/stations/", import.meta.url))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let arena: Arena;
let open: Opened;
beforeAll(async () => {
  arena = await openArena();
  open = await arena.open("race");
  await open.page.evaluate(axe); // by the debugger, which no policy of the page forbids
});
afterAll(() => arena?.close());

it("are listed on the page, each that has a file", async () => {
  const links = open.page.locator(".rail a");
  const listed = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  expect(listed.sort()).toEqual(STATIONS.map((id) => `#${id}`).sort());
});

describe.each(STATIONS)("%s", (id) => {
  it("has its parts, no error, no serious finding of axe-core in either theme, and nothing beyond the edge at 1,440 and 360 pixels", async () => {
    // One page goes from station to station, as a visitor does.
    const { page, errors } = open;
    errors.length = 0;
    await page.evaluate((hash) => {
      location.hash = hash;
    }, id);
    await page.locator(`[data-station="${id}"] .stage > :not(.loading)`).first().waitFor();
    // Where all is to be seen: what is folded is opened.
    const folded = page.locator("details.more:not([open]) > summary");
    while ((await folded.count()) > 0) await folded.first().click();
    await page.locator("details.more table.numbers").waitFor();
    for (const [width, colorScheme] of [
      [1440, "light"],
      [360, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(150);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width}`).toBeLessThanOrEqual(width);
      await noStrayWords(page);
      expect(await findings(page), colorScheme).toEqual([]);
    }
    // Its parts: a figure, one line to notice, a question, a formula, a way to do it in Node.
    for (const part of [".stage", ".notice", ".question", ".formula math", ".copyable"])
      expect(await page.locator(part).count(), part).toBeGreaterThan(0);
    // On the first screen; the rest is under "More".
    expect(await page.locator("article > .controls > .control").count()).toBeLessThanOrEqual(4);
    expect(await page.locator("math [style]").count()).toBe(0);
    expect(errors).toEqual([]);
  });
});

/** What axe-core calls serious or critical. */
const findings = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}
