/** Figures on the page: pictures to take along, keys, motion, and the table for readers of screens. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { telling } from "../../src/site/arena/figures/telling.js";
import { type Arena, openArena } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

async function taken(page: Page, kind: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: kind, exact: true }).click(),
  ]);
  return readFile(await download.path());
}

it("are taken along as SVG and PNG, with the address and the version in them", async () => {
  const { page, done } = await arena.open("race?v=1&surface=himmelblau&steps=60&rate=0.005");
  const svg = (await taken(page, "SVG")).toString();
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).toMatch(/<desc>Thalweg \d+\.\d+\.\d+ · http:.*#race\?v=1&amp;surface=himmelblau/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(svg.match(/<polyline/g)!.length).toBeGreaterThan(8); // four trails, four curves
  // A browser that reads it finds no fault.
  const fault = await page.evaluate(
    (text) => new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")?.textContent ?? "",
    svg,
  );
  expect(fault).toBe("");
  const png = await taken(page, "PNG");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBeGreaterThan(1500); // two pixels for each of the file of SVG
  await done();
});

it("move by themselves, pause, step and are scrubbed; with reduced motion they stand finished", async () => {
  const moving = await arena.open("race", { still: false });
  const output = moving.page.locator("output");
  await expect.poll(() => output.textContent()).toMatch(/^step [1-9]\d* of 320$/);
  await moving.page.getByRole("button", { name: "Pause" }).click();
  const paused = await output.textContent();
  await moving.page.waitForTimeout(150);
  expect(await output.textContent()).toBe(paused);
  const at = Number(paused!.match(/\d+/)![0]);
  await moving.page.getByRole("button", { name: "+1 step" }).click();
  expect(await output.textContent()).toBe(`step ${at + 1} of 320`);
  await moving.page.getByLabel("Step", { exact: true }).fill("7");
  expect(await output.textContent()).toBe("step 7 of 320");
  await moving.done();
  const { page, done } = await arena.open("race");
  expect(await page.locator("output").textContent()).toBe("step 320 of 320");
  await done();
});

it("are read with keys: a curve says its value, and the numbers have a table", async () => {
  const { page, done } = await arena.open("race");
  await page.locator("arena-chart").focus();
  await page.keyboard.press("ArrowLeft");
  const spoken = page.locator("p.sr[aria-live]");
  await expect.poll(() => spoken.textContent()).toMatch(/^sgd, step 319: f − f\* \d/);
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => spoken.textContent()).toMatch(/^momentum, step 319/);
  expect(await page.locator('tr[data-label="momentum"]').getAttribute("data-on")).toBe("yes");
  await expect.poll(() => page.locator(".readout dt").allTextContents()).toContain("m, velocity");
  await page.getByText("The numbers as a table").click();
  await expect.poll(() => page.locator(".numbers tbody tr").count()).toBeGreaterThan(40);
  await done();
});

it("a curve of many steps keeps the one that stands out, and its last", () => {
  const burst = Array.from({ length: 2000 }, (_, i) => (i === 20 ? 100 : 1));
  expect(telling(burst, 2000, 3)).toContain(20);
  expect(telling(burst, 2000, 3).length).toBeLessThan(700);
  expect(telling([1, 2, 3, 2], 4, 1)).toEqual([0, 1, 2, 3]);
  expect(telling([Number.NaN, 5, 4, 6, Number.POSITIVE_INFINITY, 1], 6, 3)).toEqual([1, 2, 3, 5]);
  expect(telling([Number.NaN, Number.NaN], 2, 2)).toEqual([]);
  expect(telling([3, 1, 2], 3, 3)).toEqual([0, 1, 2]);
});

it("bars are pulled and changed by keys", async () => {
  const { page, done } = await arena.open("adam");
  await page.locator("arena-bars").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => page.locator("#f-gradients").inputValue()).toMatch(/^4,-0\.\d+,3$/);
  const box = (await page.locator("arena-bars").boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.7);
  await page.mouse.up();
  await expect.poll(() => page.locator("#f-gradients").inputValue()).toMatch(/^-\d/);
  await done();
});

it("a tap drops the start, and a finger on the handle drags it", async () => {
  const { page, done } = await arena.open("race", { width: 360 });
  const touch = await page.context().newCDPSession(page);
  const box = (await page.locator("arena-plane").boundingBox())!;
  const point = (x: number, y: number) => [{ x: box.x + box.width * x, y: box.y + box.height * y }];
  const send = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  await send("touchStart", point(0.1, 0.3));
  for (const x of [0.2, 0.35, 0.5]) await send("touchMove", point(x, 0.3));
  await send("touchEnd", []);
  await expect.poll(() => page.locator(".handle").getAttribute("aria-label")).toMatch(/^Start \((−?0\.\d+|0), 2/);
  await done();
});
