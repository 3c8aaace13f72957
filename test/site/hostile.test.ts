/** What a hostile or a careless hand gives the arena: a word in its place, and a page that lives. */
import { execFileSync } from "node:child_process";
import { signal } from "@preact/signals-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.js";
import { landscapes } from "../../src/landscape/index.js";
import { short } from "../../src/site/arena/draw/scale.js";
import { latest } from "../../src/site/arena/lab/latest.js";
import { startOn } from "../../src/site/arena/lab/surfaces.js";
import { gradientsOf, trace } from "../../src/site/arena/lab/trace.js";
import { shellWord } from "../../src/site/arena/parts/copy.js";
import { readAddress, readView } from "../../src/site/arena/state/address.js";
import { numbers, shown, whole } from "../../src/site/arena/state/fields.js";
import { Values } from "../../src/site/arena/state/values.js";
import { lookAhead } from "../../src/site/arena/stations/nesterov/lookAhead.js";
import { confusionOf } from "../../src/site/arena/stations/train/taken.js";
import { Trainer } from "../../src/site/arena/stations/train/trainer.js";
import { type Arena, noStrayWords, openArena } from "../support/arena.js";

const problemsOf = (hash: string): Readonly<Record<string, string>> => {
  const values = new Values({
    steps: whole({ initial: 3, min: 1, max: 9 }),
    list: numbers([1], { least: 1, most: 9, size: 9 }),
  });
  values.read(readAddress(hash));
  return values.problems.value;
};

describe("an address", () => {
  it("with a field twice is read, and says so where the field is", () => {
    expect(problemsOf("#a?v=1&steps=2&steps=4")).toEqual({ steps: "is there more than once; the last is read" });
    expect(problemsOf("#a?steps=2&steps=x").steps).toMatch(/^expected a whole number .* got “x”; kept 3$/);
    expect(problemsOf("#a?v=1&v=1&seed=1&seed=2")).toEqual({ seed: "is no field of this station; left out" });
  });

  it("has one question mark: what follows another is part of a field", () => {
    expect(problemsOf("#a?v=1&steps=2?steps=4").steps).toContain("got “2?steps=4”");
  });

  it("with thousands of unknown fields, or an endless one, is read at once and said in few words", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `z${i}=1`).join("&");
    const began = performance.now();
    const said = problemsOf(`#a?${many}`);
    expect(Object.keys(said)).toEqual(["z0", "z1", "z2", "z3", "19996 more"]);
    const long = problemsOf(`#a?${"b".repeat(1e5)}=1&list=${"1,".repeat(1e5)}&steps=${"9".repeat(1e5)}`);
    expect(long.list).toBe("expected at most 4000 characters, got 200000; kept 1");
    for (const [name, text] of Object.entries(long)) expect(`${name}${text}`.length).toBeLessThan(120);
    // A shared machine; naming each field by itself took minutes.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("is shown without characters that turn or break a line, and never cut within one", () => {
    const turned = "\u202Eevil\u0000\n\u2028\ud800x";
    expect(shown(turned)).toBe("\ufffdevil\ufffd\ufffd\ufffd\ufffdx");
    expect(shown("🏔".repeat(30), 4)).toBe("🏔🏔🏔🏔…");
    expect(shown("abcd", 4)).toBe("abcd");
    const hash = `#a?v=%E2%80%AE&steps=%E2%80%AE&%E2%80%AE=1`;
    for (const [name, text] of Object.entries(problemsOf(hash))) expect(name + text).not.toMatch(/\p{Cf}/u);
    expect(readAddress(hash).problem).not.toMatch(/\p{Cf}/u);
    expect(readView("?hide=%E2%80%AE").problem).not.toMatch(/\p{Cf}/u);
  });
});

it("a run whose line search looks where the surface overflows is taken apart all the same", async () => {
  const engine = await createEngine({ simd: "strict" });
  for (const name of ["monkeySaddle", "saddle", "goldsteinPrice"] as const) {
    const steps = trace(engine, "lbfgs", { lr: 1e9 }, startOn(name), 20, gradientsOf(landscapes[name]));
    expect(steps.length, name).toBeGreaterThan(0);
  }
  engine.dispose();
});

it("what is computed anew gives the page its turns, and a computation that is overtaken ends at the next of them", async () => {
  const asked = signal(1);
  setTimeout(() => {
    asked.value = 2;
  });
  const steps: string[] = [];
  const { found, problem, dispose } = latest(async (pause) => {
    const mine = asked.value;
    for (let part = 0; part < 3; part++) {
      steps.push(`${mine}.${part}`);
      for (const end = performance.now() + 60; performance.now() < end; );
      await pause();
    }
    return mine;
  });
  await expect.poll(() => found.value, { timeout: 5000 }).toBe(2);
  expect(steps).toEqual(["1.0", "2.0", "2.1", "2.2"]);
  expect(problem.value).toBe("");
  dispose();
});

it("the points from which Nesterov looks ahead have each a step of gradient descent of their own", async () => {
  const engine = await createEngine({ simd: "strict" });
  for (const [lr, steps] of [
    [0.001, 50],
    [1e30, 20], // beyond the numbers at once
  ] as const) {
    const found = lookAhead(engine, landscapes.rosenbrock, { lr, momentum: 0.9 }, [-1.5, 1.5], steps);
    expect(found.length).toBeGreaterThan(0);
    for (const { from, plain } of found) {
      const [alone] = trace(engine, "sgd", { lr }, from, 1, gradientsOf(landscapes.rosenbrock));
      if (alone.to.every(Number.isFinite)) expect(plain).toEqual(alone.to);
      else expect(plain.every(Number.isFinite)).toBe(false);
    }
  }
  engine.dispose();
});

it("a command to copy has a name from the address as one word, of which a shell expands nothing", () => {
  expect(shellWord("data-1.csv")).toBe("data-1.csv");
  for (const name of ["$(touch gone)", "`id`", "it's; ls", "a\nb", "", 'a"b', "\u001b[2Jx"]) {
    const printed = execFileSync("sh", ["-c", `printf %s ${shellWord(name)}`], { encoding: "utf8" });
    expect(printed).toBe(name.replace(/\p{Cc}/gu, " "));
  }
});

it("of thousands of classes the page is told the worst pairs alone, of few all", () => {
  const classes = Array.from({ length: 1500 }, (_, i) => `c${i}`);
  const counts = classes.map((_, c) => classes.map((__, p) => (c === p ? 9 : (c * 7 + p * 3) % 5)));
  counts[1400][3] = 77;
  counts[2][1499] = 60;
  const score = (confusion: number[][]) => ({ loss: 1, accuracy: 0.5, confusion });
  const { worst = [], ...rest } = confusionOf(score([]), score(counts), classes)!;
  expect(rest).toEqual({ held: true });
  expect(worst.length).toBe(10);
  expect(worst.slice(0, 2)).toEqual([
    { rows: 77, of: "c1400", as: "c3" },
    { rows: 60, of: "c2", as: "c1499" },
  ]);
  const few = [
    [3, 1],
    [0, 4],
  ];
  expect(confusionOf(score(few), undefined, ["a", "b"])).toEqual({ held: false, counts: few });
  expect(confusionOf({ loss: 1, accuracy: null }, undefined, null)).toBe(undefined);
});

it("a station that has been left begins no run, though its table arrives late", () => {
  const trainer = new Trainer();
  trainer.dispose();
  trainer.start({ file: "late.csv", table: "a,b\n1,2", settings: { target: "b" }, backend: "js" }); // Node has no Worker
  expect(trainer.running.value).toBe(false);
});

it("what is no number is a word of English", () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => short(x))).toEqual([
    "none",
    "∞",
    "−∞",
  ]);
});

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
});
