/** The address restores what was seen; each field of it is checked, and a wrong one is named in its place. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAddress, readView, writeAddress } from "../../src/site/arena/state/address.js";
import { choice, flag, names, number, numbers, point, readNumber, whole } from "../../src/site/arena/state/fields.js";
import { Values } from "../../src/site/arena/state/values.js";
import { type Arena, noStrayWords, openArena } from "../support/arena.js";

describe("fields", () => {
  const rate = number({ initial: 0.1, min: 0, above: true, max: 10 });
  it.each([
    [rate, "0.25", 0.25],
    [rate, "−0.5", "a number > 0 and ≤ 10"],
    [rate, "1e-3", 0.001],
    [rate, "", "got nothing"],
    [rate, "0x10", "a number > 0"],
    [rate, "1,5", "a number > 0"],
    [rate, "Infinity", "a number > 0"],
    [whole({ initial: 1, min: 0, max: 9 }), "3.5", "a whole number from 0 to 9"],
    [choice(["sgd", "adam"], "sgd"), "ADAM", "adam"],
    [choice(["sgd", "adam"], "sgd"), "adamw", "one of sgd, adam"],
    [names(["a", "b", "c"], ["a"], 2), "b,a", ["b", "a"]],
    [names(["a", "b", "c"], ["a"], 2), "a,a", "each name once"],
    [names(["a", "b", "c"], ["a"], 2), "a,b,c", "at most 2 names"],
    [numbers([1], { least: 1, most: 3, size: 10 }), "1, -2 3", [1, -2, 3]],
    [numbers([1], { least: 1, most: 3, size: 10 }), "1,99", "numbers from −10 to 10"],
    [numbers([1], { least: 1, most: 3, size: 10 }), ",", "1 to 3 numbers"],
    [numbers([1], { least: 0, most: 3, size: 10, whole: true }), "", []],
    [numbers([1], { least: 0, most: 3, size: 10, whole: true }), "3,10", [3, 10]],
    [numbers([1], { least: 0, most: 3, size: 10, whole: true }), "3,0", "whole numbers from 1 to 10 between commas"],
    [numbers([1], { least: 0, most: 3, size: 10, whole: true }), "2.5", "whole numbers from 1 to 10 between commas"],
    [point, "-4,2", [-4, 2]],
    [point, "4", "two numbers within ±100"],
    [point, "1,2,3", "two numbers within ±100"],
    [point, "1e9,0", "two numbers within ±100"],
    [flag(false), "1", true],
    [flag(false), "yes", "1 or 0"],
  ])("%# reads %s", (field, text, wanted) => {
    if (typeof wanted === "string" && wanted.includes(" ")) expect(() => field.read(text)).toThrow(wanted);
    else expect(field.read(text)).toEqual(wanted);
  });

  it("are written as they are read", () => {
    const values = new Values({ rate, start: point });
    const pairs = new Map([
      ["rate", "0.30000000001"],
      ["start", "-1.5,2"],
      ["speed", "3"],
    ]);
    values.read({ pairs });
    expect(values.problems.value).toEqual({ speed: "is no field of this station; left out" });
    expect(new Map(values.write())).toEqual(
      new Map([
        ["rate", "0.30000000001"],
        ["start", "-1.5,2"],
      ]),
    );
    expect(readNumber(String(values.at.rate.value))).toBe(0.30000000001);
  });
});

it("an address is versioned, and one of another version is read with a word on it", () => {
  const text = writeAddress("race", [
    ["who", "sgd,adam"],
    ["note", "a b&c"],
  ]);
  expect(text).toBe("#race?v=1&who=sgd,adam&note=a%20b%26c");
  expect(readAddress(text)).toEqual({
    station: "race",
    pairs: new Map([
      ["who", "sgd,adam"],
      ["note", "a b&c"],
    ]),
  });
  expect(readAddress("#race?v=7&rate=1").problem).toBe("v: expected 1, got “7”; the fields are read all the same");
  expect(readAddress("")).toEqual({ station: "", pairs: new Map() });
  expect(readView("?hide=formula,colour&embed").problem).toMatch(/^hide: expected among nav, .*, got “colour”$/);
});

describe("in a browser", () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena();
  });
  afterAll(() => arena?.close());

  it("what is seen comes back from its address", async () => {
    const hash = "race?v=1&surface=himmelblau&rate=0.005&who=adam,lion&steps=80&start=1,-2&seed=4";
    const { page, done } = await arena.open(hash);
    expect(await page.locator("#f-surface").inputValue()).toBe("himmelblau");
    expect(await page.locator("#f-rate").inputValue()).toBe("0.005");
    expect(await page.locator("tr[data-label]").count()).toBe(2);
    expect(await page.locator("output").textContent()).toBe("step 80 of 80");
    expect(await page.locator(".handle").getAttribute("aria-label")).toContain("(1, −2)");
    // Another address, as a link of the page or the reader's own hand gives it.
    await page.evaluate(() => {
      location.hash = "#momentum?v=1&beta=0.5";
    });
    await expect.poll(() => page.locator("h1").textContent()).toBe("Gradient descent and momentum");
    await expect.poll(() => page.locator("#f-beta").inputValue()).toBe("0.5");
    await done();
  });

  it("another station is opened though the address of this one was about to be written", async () => {
    const { page, done } = await arena.open("race");
    // As text: what builds the tests wraps functions in helpers that the page does not have. The page is busy while the time
    // comes to write the address, so that the write is next in turn when the address changes.
    await page.evaluate(`(() => {
      const field = document.querySelector("#f-rate");
      field.value = "0.05";
      field.dispatchEvent(new Event("change"));
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { location.hash = "decay"; };
      port2.postMessage(0);
      for (const end = performance.now() + 400; performance.now() < end; );
    })()`);
    await expect.poll(() => page.locator("h1").textContent()).toBe("L2 and decoupled decay");
    await expect.poll(() => page.evaluate(() => location.hash)).toBe("#decay?v=1");
    await page.goBack();
    await expect.poll(() => page.locator("h1").textContent()).toBe("The race");
    await done();
  });

  it("a wrong field is named where it stands, and the rest is kept", async () => {
    const hash =
      "race?v=1&rate=fast&surface=Booth&steps=1e99&start=50,1&who=sgd,nobody&%3Cscript%3E=1&seed=%F0%9F%8F%94";
    const { page, done } = await arena.open(hash);
    expect(await page.locator("#problem-rate").textContent()).toBe(
      "rate: expected a number > 0 and ≤ 1000000000000, got “fast”; kept 0.03",
    );
    expect(await page.locator("#f-rate").getAttribute("aria-invalid")).toBe("true");
    const others = (await page.locator(".problem.wide").allTextContents()).join("\n");
    for (const said of [
      "steps: expected a whole number from 1 to 5000",
      "start: expected x from -10 to 10, got 50",
      "who: expected known names between commas, got “nobody”",
      "<script>: is no field of this station",
    ])
      expect(others).toContain(said);
    expect(await page.locator("#f-surface").inputValue()).toBe("booth");
    await noStrayWords(page);
    await page.locator("#f-rate").fill("0.05");
    await page.locator("#f-rate").press("Enter");
    await expect.poll(() => page.locator("#problem-rate").count()).toBe(0);
    await done();
  });

  it("what overflows or says nothing leaves a page that lives, without NaN", async () => {
    const { page, done } = await arena.open("race");
    for (const [hash, title] of [
      ["race?v=1&rate=1e9&surface=rosenbrock", "The race"],
      ["race?v=1&rate=1e12&surface=goldsteinPrice&who=adam,lbfgs,rprop,lion", "The race"],
      ["explorer?v=1&surface=ackley&start=0,0&rate=1e9", "Landscape explorer"],
      ["explorer?v=1&surface=monkeySaddle&rate=1", "Landscape explorer"],
      ["momentum?v=1&rate=1e9&beta=0.9999&surface=rosenbrock", "Gradient descent and momentum"],
      ["adam?v=1&gradients=1e6,0,-1e6,1e-300&beta1=0&beta2=0&rate=1e6", "Inside Adam"],
      ["schedules?v=1&kind=demon&peak=5", "Schedules"],
      ["schedules?v=1&kind=inverseSqrt&steps=2&warmup=50000", "Schedules"],
      ["nowhere?v=1", "The race"],
      ["%E0%A4%A", "The race"],
      ["race?v=%00&%=%E0%A4%A&seed=-1", "The race"],
    ]) {
      await page.evaluate((next) => {
        location.hash = next;
      }, hash);
      await expect.poll(() => page.locator("h1").textContent(), { message: hash }).toBe(title);
      await page.locator(".stage > :not(.loading)").first().waitFor();
      await page.waitForTimeout(100);
      await noStrayWords(page);
    }
    await done();
  });

  it("a lesson leaves parts out, and an embedded station has its figures alone", async () => {
    const lesson = await arena.open("race", { search: "?hide=formula,question,chart" });
    expect(await lesson.page.locator(".formula, .question").count()).toBe(0);
    expect(await lesson.page.locator("arena-chart").isVisible()).toBe(false);
    expect(await lesson.page.locator(".notice").count()).toBe(1);
    await lesson.done();
    const embedded = await arena.open("race?v=1&surface=canal", { search: "?embed=1", width: 360 });
    expect(await embedded.page.locator(".head, .rail, .reading").count()).toBe(0);
    expect(await embedded.page.locator("arena-plane").isVisible()).toBe(true);
    expect(await embedded.page.locator(".embedded a").getAttribute("href")).toContain("#race?v=1");
    await embedded.done();
  });
});
