/** Sliders of every station: neither end leaves what the field takes, and means that are near 1 have room. */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, openArena } from "../support/arena.js";

const STATIONS = readdirSync(new URL("../../src/site/arena/stations/", import.meta.url))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3));

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("end within the values that their fields take", async () => {
  const { page, done } = await arena.open("race");
  let sliders = 0;
  for (const id of STATIONS) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, id);
    await page.locator(`[data-station="${id}"] .stage > :not(.loading)`).first().waitFor();
    const folded = page.locator(".stage + details.more:not([open]) > summary");
    if ((await folded.count()) > 0) await folded.click();
    const refused = await page.evaluate(async () => {
      const found: string[] = [];
      const names = Array.from(document.querySelectorAll(".control.slider .number:enabled"), ({ id }) => id);
      for (const id of names) {
        for (const end of ["0", "1000"]) {
          const number = document.getElementById(id) as HTMLInputElement;
          const range = number.parentElement!.querySelector<HTMLInputElement>("input[type=range]")!;
          range.value = end;
          range.dispatchEvent(new Event("input", { bubbles: true }));
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          // What the slider has set is read as if it had been typed.
          number.dispatchEvent(new Event("change", { bubbles: true }));
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          if (number.getAttribute("aria-invalid") === "true") found.push(`${id} at ${end}: ${number.value}`);
        }
      }
      return { names: names.length, found };
    });
    expect(refused.found, id).toEqual([]);
    sliders += refused.names;
  }
  expect(sliders).toBeGreaterThan(30); // some are off while a station starts
  await done();
}, 120_000);

it("leave a mean's memory room near 1: each part of the way is ten times nearer", async () => {
  const { page, done } = await arena.open("adam");
  const [slider, number] = [page.getByLabel("β₂, slider"), page.locator("#f-beta2")];
  const at = async (notch: number): Promise<number> => {
    await slider.fill(String(notch));
    return Number(await number.inputValue());
  };
  expect(await at(1000)).toBe(0.9999);
  // From 1 − 0.5 to 1 − 0.0001 there are 3.7 powers of ten.
  expect(await at(0)).toBe(0.5);
  const [half, more] = [1 - (await at(500)), 1 - (await at(770))];
  expect(half / more).toBeGreaterThan(9);
  expect(half / more).toBeLessThan(11);
  await number.fill("0.999");
  await number.press("Enter");
  expect(Number(await slider.inputValue())).toBeCloseTo(
    (1000 * Math.log10(0.5 / 0.001)) / Math.log10(0.5 / 0.0001),
    -1,
  );
  await done();
});
