/** What stations compute, read from the page, against the library in this Node. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { raceSurface } from "../../src/cli/race.js";
import { drawSchedule } from "../../src/cli/schedule.js";
import { landscapes, type Race, race } from "../../src/landscape/index.js";
import { type Arena, answered, openArena, printedBy, rowsOf } from "../support/arena.js";
import { calledJson } from "../support/command.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

const pathsOf = (rows: readonly string[][], label: string): number[][] =>
  rows.filter(([name]) => name === label).map((row) => row.slice(3).map(Number));
const expected = (result: Race, label: string): number[][] => {
  const run = result.runs.find((each) => each.label === label)!;
  return run.path.map((point, step) => [...point, run.losses[step]]);
};
const words = async (page: Page): Promise<string> => (await page.locator(".copyable code").first().textContent())!;

it.each([
  ["race", "ravine", { start: [-4, 2], steps: 320, rates: 0.03 }],
  [
    "race?v=1&surface=rosenbrock&rate=0.001&steps=600&start=-1.25,1.5",
    "rosenbrock",
    { start: [-1.25, 1.5], steps: 600, rates: 0.001 },
  ],
  ["race?v=1&mode=defaults&surface=canal", "canal", { start: [-3.5, 0.8], steps: 320, rates: "defaults" }],
  ["race?v=1&surface=noisyBowl&seed=7", "noisyBowl", { start: [-4, 2], steps: 320, rates: 0.03, seed: 7 }],
] as const)(
  "%s walks the points of race() in Node, bit for bit, and prints the command that does",
  async (hash, surface, options) => {
    const { page, done } = await arena.open(hash);
    const { stamp, rows } = await rowsOf(page);
    const who = ["sgd", "momentum", "rmsprop", "adam"];
    const here = await race(landscapes[surface], who, options);
    for (const name of who) expect(pathsOf(rows, name), name).toEqual(expected(here, name));
    expect(stamp).toMatch(/^# Thalweg \d+\.\d+\.\d+ · http:.*#race\?v=1/);
    const command = (await words(page)).replace("npx thalweg race ", "");
    const printed = (await calledJson(raceSurface, command)) as unknown as Race;
    for (const name of who) expect(pathsOf(rows, name), name).toEqual(expected(printed, name));
    await done();
  },
);

it("the best of a sweep has the rates and the decades of the command", async () => {
  const { page, done } = await arena.open("race?v=1&mode=best");
  const there = (await calledJson(
    raceSurface,
    "ravine --sweep lr --optimizers sgd,momentum,rmsprop,adam --start=-4,2 --steps 320",
  )) as unknown as Race;
  for (const { label, lr, decades } of there.runs) {
    const cells = page.locator(`tr[data-label="${label}"] td`);
    expect(await cells.nth(0).textContent(), label).toBe(String(Number(lr!.toPrecision(3))));
    expect(await cells.nth(2).textContent(), label).toBe(String(Number(decades!.toPrecision(3))));
  }
  await done();
});

// ../shared/landscapes.md: what the documents claim of races, and what is true.
it("asks who is first on a ravine and in Rosenbrock's valley, where momentum is not stuck", async () => {
  const { page, done } = await arena.open("race");
  expect(await answered(page, 1, "momentum")).toMatch(/^Yes\. In steps: momentum after 71, sgd after 79, /);
  expect(await answered(page, 2, "adam")).toMatch(/^Not quite\. In steps: momentum after 571, .*adam not in 1000/);
  await page.getByRole("button", { name: "Show it in the figure" }).last().click();
  const row = page.locator('tr[data-label="momentum"] td').last();
  await expect.poll(() => row.textContent()).toBe("571 steps");
  await done();
});

it("the rate decides the numbers: at 0.12 plain descent diverges, with its step and its limit", async () => {
  const { page, done } = await arena.open("race");
  await page.locator("#f-rate").fill("0.12");
  await page.locator("#f-rate").press("Enter");
  const here = await race(landscapes.ravine, ["sgd"], { start: [-4, 2], steps: 320, rates: 0.12 });
  const row = page.locator('tr[data-label="sgd"] td').last();
  await expect.poll(() => row.textContent()).toContain(`diverged at step ${here.runs[0].ended}`);
  expect(await row.textContent()).toContain("2/λmax = 0.1");
  await expect.poll(() => page.evaluate(() => location.hash)).toContain("rate=0.12"); // it follows after a moment
  await done();
});

it("the start is moved by keys and by dragging, and the paths with it", async () => {
  const { page, done } = await arena.open("race");
  const handle = page.locator("arena-plane .handle");
  await handle.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.evaluate(() => location.hash)).toContain("start=-3.75,2");
  const box = (await page.locator("arena-plane").boundingBox())!;
  const to = [box.x + box.width * 0.75, box.y + box.height * 0.25] as const;
  await page.mouse.move(box.x + box.width * 0.125, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => handle.getAttribute("aria-label")).toMatch(/^Start \(2\.\d+, 2\.\d+\)/);
  await page.waitForTimeout(400);
  const { rows } = await rowsOf(page);
  const [x, y] = rows[0].slice(3).map(Number);
  const here = await race(landscapes.ravine, ["adam"], { start: [x, y], steps: 320, rates: 0.03 });
  expect(pathsOf(rows, "adam")).toEqual(expected(here, "adam"));
  await done();
});

it("momentum's station runs SGD with its β", async () => {
  const { page, done } = await arena.open("momentum?v=1&beta=0.5&rate=0.1");
  const { rows } = await rowsOf(page);
  const runners = [{ optimizer: "sgd", label: "momentum", options: { momentum: 0.5 } }];
  const here = await race(landscapes.ravine, runners, { start: [-4, 2], steps: 120, rates: 0.1 });
  expect(pathsOf(rows, "momentum")).toEqual(expected(here, "momentum"));
  await done();
});

// ../shared/worked-examples.md: gradients 4, −1, 3 at lr 0.001.
it("Adam's station has the numbers that are worked out by hand", async () => {
  const { page, done } = await arena.open("adam");
  const { rows } = await rowsOf(page);
  const want = [
    [0.4, 0.016, 4, 16, 0.001],
    [0.26, 0.016984, 1.368421, 8.496248, 0.000469468],
    [0.534, 0.02596702, 1.97048, 8.664333, 0.000669429],
  ];
  expect(rows).toHaveLength(3);
  for (const [i, row] of rows.entries())
    for (const [k, each] of want[i].entries()) expect(Math.abs(Number(row[k + 2]) / each - 1)).toBeLessThan(1e-6);
  await done();
});

it("the explorer tells the curvature below the ball", async () => {
  const { page, done } = await arena.open("explorer?v=1&surface=booth&start=1,3&steps=1");
  const facts = await page.locator(".facts").textContent();
  // At the start and after the step.
  expect(facts).toMatch(/Eigenvalues\s*2, 18\s*2, 18/);
  expect(facts).toMatch(/Condition number κ\s*9\s*9\s*Limit/);
  expect(facts).toMatch(/Limit 2\/λmax\s*0\.111\s*0\.111/);
  await done();
});

// ../shared/worked-examples.md: warm-up 100 and cosine to 0 over 1000 steps, peak 0.001.
it("a warm-up from 0 and a cosine have the values that are worked out by hand", async () => {
  const { page, done } = await arena.open("schedules?v=1&zero=1");
  const cells = await page
    .locator(".beside tbody tr")
    .evaluateAll((rows) => rows.map((row) => row.children[0].textContent));
  expect(cells).toEqual(["0", "50", "100", "325", "550", "775", "1000"]);
  const values = await page.locator(".beside tbody td").allTextContents();
  for (const [i, want] of [0, 0.0005, 0.001, 0.000854, 0.0005, 0.000146, 0].entries())
    expect(Math.abs(Number(values[i]) - want)).toBeLessThan(5e-7);
  const printed = await printedBy(page);
  expect(printed.map(([step]) => step)).toEqual(cells);
  for (const [i, [, value]] of printed.entries())
    expect(Number(Number(value).toPrecision(6))).toBe(Number(values[i].replace("−", "-")));
  await done();
});

it("a schedule has the values of the command", async () => {
  const { page, done } = await arena.open("schedules?v=1&kind=linear&steps=500&warmup=50&to=0.0001&next=cosine");
  const { rows } = await rowsOf(page);
  const text = (await words(page)).match(/"(.*)"/)![1];
  const { points } = (await calledJson(drawSchedule, text)) as { points?: [number, number][] };
  const values = new Map(rows.map(([step, value]) => [Number(step), Number(value)]));
  const shared = points!.filter(([step]) => values.has(step));
  expect(shared.length).toBeGreaterThan(100);
  for (const [step, value] of shared) expect(values.get(step)).toBe(value);
  await done();
});

it("texts of a run that plays follow it more seldom than its figures, and agree with them where it stops", async () => {
  const { page, done } = await arena.open("race?v=1&steps=2000&speed=2", { still: false });
  // As text: what builds the tests wraps functions in helpers that the page does not have.
  const [told, frames] = await page.evaluate<[number, number]>(`new Promise((resolve) => {
    const [texts, places] = [new Set(), new Set()];
    const end = performance.now() + 1500;
    requestAnimationFrame(function tick(now) {
      texts.add(document.querySelector(".player output").textContent);
      places.add(document.querySelector(".player input").value);
      if (now < end) requestAnimationFrame(tick);
      else resolve([texts.size, places.size]);
    });
  })`);
  expect(told).toBeGreaterThan(1);
  expect(told).toBeLessThanOrEqual(17); // ten a second, and those of either end
  expect(told).toBeLessThanOrEqual(frames);
  await page.getByRole("button", { name: "Pause" }).click();
  const step = await page.locator(".player input").inputValue();
  expect(await page.locator(".player output").textContent()).toBe(`step ${step} of 2000`);
  expect(await page.locator("table.ranking caption").textContent()).toBe(`Runners at step ${step}`);
  await page.locator(".player input").fill("2000");
  expect(await page.locator(".player output").textContent()).toBe("step 2000 of 2000");
  expect(await page.locator("table.ranking caption").textContent()).toBe("Runners from first to last");
  await done();
});

it("questions are checked by the library", async () => {
  const { page, done } = await arena.open("race");
  const ask = async (answer: string): Promise<string> => {
    const form = page.locator(".question").first();
    await form.locator("input").fill(answer);
    await form.locator("button[type=submit]").click();
    await page.waitForTimeout(150);
    return (await form.locator(".verdict").textContent())!.trim();
  };
  expect(await ask("0.1")).toMatch(/^Yes\./);
  expect(await ask("0.05")).toMatch(/^Not quite\..*reached at step/);
  expect(await ask("ten")).toContain("Expected a number");
  expect(await ask("1e9")).toMatch(/^Not quite\..*diverged/);
  await page.locator(".question").nth(1).getByRole("button", { name: "adam", exact: true }).click();
  await expect
    .poll(() => page.locator(".verdict").nth(1).textContent())
    .toMatch(/Not quite\..*momentum after 71, sgd after 79/);
  await done();
});
