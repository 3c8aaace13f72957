/** What a hostile or a careless hand gives the arena in a browser: a word in its place, and a page that lives. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arena, noStrayWords, openArena } from "../support/arena.js";

describe("in a browser", () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena();
  });
  afterAll(() => arena?.close());

  const to = (page: Page, hash: string): Promise<void> =>
    page.evaluate((next) => {
      location.hash = next;
    }, hash);
  const address = (page: Page): Promise<string> => page.evaluate(() => location.hash);

  it("back and forward lead to what was seen, also where the page itself wrote the address", async () => {
    const { page, done } = await arena.open("race?v=1&seed=1");
    await page.locator("#f-rate").fill("0.07");
    await page.locator("#f-rate").press("Enter");
    await expect.poll(() => address(page)).toBe("#race?v=1&rate=0.07&seed=1");
    await to(page, "momentum?v=1&seed=1");
    await expect.poll(() => page.locator("h1").textContent()).toContain("momentum");
    await page.goBack();
    await expect.poll(() => page.locator("h1").textContent()).toBe("The race");
    expect(await page.locator("#f-rate").inputValue()).toBe("0.07");
    await page.goForward();
    await expect.poll(() => page.locator("h1").textContent()).toContain("momentum");
    await done();
  });

  it("a station that cannot be fetched is named, and the next one that opens takes the word back", async () => {
    const { page, errors, done } = await arena.open("race?v=1&seed=1");
    await page.context().setOffline(true);
    await to(page, "decay");
    await expect.poll(() => page.locator(".problem.wide").allTextContents()).toHaveLength(1);
    expect(await page.locator(".problem.wide").textContent()).toContain("could not be opened");
    await to(page, "race");
    await expect.poll(() => page.locator(".problem.wide").count()).toBe(0);
    await page.context().setOffline(false);
    await to(page, "decay");
    await expect.poll(() => page.locator("h1").textContent()).toContain("decay");
    errors.splice(0, errors.length, ...errors.filter((each) => !each.includes("ERR_INTERNET_DISCONNECTED")));
    await done();
  });

  it("a link is copied as the page is now, and where there is no clipboard the page says so", async () => {
    const { page, done } = await arena.open("race?v=1&seed=1");
    // As text: what builds the tests wraps functions in helpers that the page does not have.
    await page.evaluate(`Object.defineProperty(navigator, "clipboard", {
      value: { writeText: async (text) => { document.title = text; } }, configurable: true });`);
    await page.evaluate(`const field = document.querySelector("#f-rate");
      field.value = "0.011";
      field.dispatchEvent(new Event("change"));
      [...document.querySelectorAll("button")].find((each) => each.textContent === "Copy link").click();`);
    expect(await page.title()).toMatch(/#race\?v=1&rate=0\.011&seed=1$/);
    await page.evaluate(`Object.defineProperty(navigator, "clipboard", { value: undefined });`);
    await page.getByRole("button", { name: "Copy link" }).click();
    await expect.poll(() => page.locator(".toast").textContent()).toContain("did not allow copying");
    await noStrayWords(page);
    await done();
  });

  it("without workers what would run in one says so, and its button can be pressed again", async () => {
    const { page, done } = await arena.open("train?v=1&epochs=2");
    await page.evaluate("delete globalThis.Worker");
    const train = page.getByRole("button", { name: "Train", exact: true });
    await train.click();
    await expect.poll(() => page.locator(".training > .problem").textContent()).toContain("no workers");
    expect(await train.isEnabled()).toBe(true);
    await to(page, "throughput");
    const measure = page.getByRole("button", { name: /Measure/ });
    await measure.click();
    await expect.poll(() => page.locator(".stage .problem").textContent()).toContain("no workers");
    expect(await measure.isEnabled()).toBe(true);
    await done();
  });

  it("a file let fall on the page is read where it can be, and takes the place of the page nowhere", async () => {
    const { page, done } = await arena.open("train?v=1&epochs=2");
    // As a browser gives it, a folder too is a file: one that cannot be read.
    await page.evaluate(`globalThis.fall = (where, name, text) => {
      const dataTransfer = new DataTransfer();
      const file = new File([text ?? ""], name);
      if (text === undefined) File.prototype.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotFoundError"));
      dataTransfer.items.add(file);
      const events = ["dragover", "drop"].map((kind) =>
        new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      for (const each of events) document.querySelector(where).dispatchEvent(each);
      return events.every((each) => each.defaultPrevented);
    }`);
    expect(await page.evaluate(`fall("h1", "x.csv", "a,b")`)).toBe(true);
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2}`).join("\\n");
    expect(await page.evaluate(`fall(".stage .row", "fell.csv", "n,odd\\n${rows}")`)).toBe(true);
    await expect.poll(() => page.locator("#f-target").inputValue()).toBe("odd");
    expect(await page.evaluate(`fall(".stage .row", "a folder")`)).toBe(true);
    await expect.poll(() => page.locator("#problem-data").textContent()).toContain("a folder is none");
    await done();
  });

  it("with letters twice as large, or on the narrowest screen, nothing goes beyond the edge", async () => {
    const { page, done } = await arena.open("race", { width: 320 });
    const beyond = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await beyond()).toBe(0);
    await page.setViewportSize({ width: 640, height: 900 });
    for (const id of ["race", "family", "train"]) {
      await to(page, id);
      await page.locator(`[data-station="${id}"] .stage > :not(.loading)`).first().waitFor();
      await page.evaluate(() => {
        document.documentElement.style.fontSize = "200%"; // as the reader's own setting makes it
      });
      await expect.poll(beyond, { message: id }).toBe(0);
    }
    await done();
  });

  it("in colours of the reader's own, what is chosen and what is pressed are still seen", async () => {
    const { page, done } = await arena.open("race");
    await page.emulateMedia({ forcedColors: "active" });
    const ground = (place: string): Promise<string> =>
      page
        .locator(place)
        .first()
        .evaluate((each) => getComputedStyle(each).backgroundColor);
    expect(await ground(".segments input:checked + span")).not.toBe(
      await ground(".segments input:not(:checked) + span"),
    );
    expect(await ground(".play .icon")).not.toBe(await ground(".play"));
    expect(await ground(".rail a[aria-current]")).not.toBe(await ground(".rail a:not([aria-current])"));
    await done();
  });

  it("what is pointed at may go: a race of fewer runners, or a shorter one, is shown all the same", async () => {
    const { page, done } = await arena.open("race?v=1&steps=50");
    await page.locator("arena-chart").focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.locator('tr[data-label="adam"]').getAttribute("data-on")).toBe("yes");
    await expect.poll(() => page.locator(".readout dt").count()).toBeGreaterThan(2);
    await to(page, "race?v=1&steps=5&who=lion,sgd");
    await expect.poll(() => page.locator('tr[data-label="lion"]').count()).toBe(1);
    expect(await page.locator(".problem").count()).toBe(0);
    await expect.poll(() => page.locator("arena-plane").count()).toBe(1);
    await done();
  });

  it("what is being typed stays while a run plays, or a word comes and goes", async () => {
    const { page, done } = await arena.open("race?v=1&steps=5000", { still: false });
    const rate = page.locator("#f-rate");
    await rate.focus();
    await rate.press("ControlOrMeta+a");
    await page.keyboard.type("0.0123", { delay: 60 });
    expect(await rate.inputValue()).toBe("0.0123");
    await rate.press("Enter");
    await expect.poll(() => address(page)).toContain("rate=0.0123");
    // Left as it was, it is what it was.
    await rate.press("ControlOrMeta+a");
    await page.keyboard.type("nothing");
    await rate.press("Enter");
    await expect.poll(() => rate.inputValue()).toBe("0.0123");
    expect(await page.locator("#problem-rate").textContent()).toContain("nothing");
    await done();
  });
});
