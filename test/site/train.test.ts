/** Training in the page: its numbers are those of Node, the page stays free meanwhile, and a bad table is refused in place. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { patches, rowsOfUnits } from "../../src/site/arena/stations/train/patches.js";
import { treesTable } from "../../src/site/arena/stations/train/sets.js";
import { loadModel, parseTable, trainTable } from "../../src/tabular/index.js";
import { type Arena, noStrayWords, openArena } from "../support/arena.js";
import { digits } from "../support/digits.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

const trained = async (page: Page): Promise<string> => {
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.locator('.scores[data-done="yes"]').waitFor();
  return (await page.locator(".scores").textContent())!;
};
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

it("the digits: losses, confusion and the model are those of Node, on wasm and on js", async () => {
  const { page, done } = await arena.open("train?v=1&epochs=4&hidden=24");
  const settings = { target: "64", hidden: [24], optimizer: "adamw", schedule: "cosine", batch: 32, seed: 1 } as const;
  const table = parseTable(readFileSync(digits("test.csv")), "digits.csv");
  const node = await trainTable(table, { ...settings, hidden: [24], epochs: 4, validation: 0.2, simd: "strict" });
  // As text: what builds the tests wraps functions in helpers that the page does not have.
  await page.evaluate(`globalThis.gaps = []; let last = performance.now();
    requestAnimationFrame(function tick(now) { gaps.push(now - last); last = now; requestAnimationFrame(tick); });`);
  const text = await trained(page);
  const gaps = await page.evaluate<number[]>("gaps");
  expect(Math.max(...gaps.slice(2))).toBeLessThan(1000); // a shared machine; no frame waits for the run
  expect(text).toContain(String(Number(node.validation!.loss.toPrecision(4))));
  expect(text).toContain(percent(node.validation!.accuracy!));
  const cells = await page.locator(".confusion tbody td").allTextContents();
  expect(cells.map((each) => (each === "·" ? 0 : Number(each)))).toEqual(node.validation!.confusion!.flat());
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Take the model home" }).click(),
  ]);
  const home = await loadModel(readFileSync((await file.path())!));
  const [ours, theirs] = [home, node.model].map((model) => model.network.parameters().map((each) => [...each.data]));
  expect(ours).toEqual(theirs);
  await page.locator(".more summary").first().click();
  await page.getByText("js", { exact: true }).click();
  await page.getByRole("button", { name: "Train", exact: true }).click();
  // The scores of the run before are shown until this one has its first.
  const scores = page.locator(".scores");
  await expect.poll(() => scores.textContent(), { timeout: 30_000 }).toMatch(/wasm beside js[\d.]+ times/);
  expect(await scores.textContent()).toContain(percent(node.validation!.accuracy!));
  await noStrayWords(page);
  home.dispose();
  node.model.dispose();
  await done();
});

it("weights of the first layer are shown as a picture of each unit, or as a row", () => {
  const weights = Float32Array.from({ length: 40 }, (_, i) => i); // 4 pixels by 10 units
  const { values, columns } = patches(weights, 2, 10);
  expect(columns).toBe(5 * 3 - 1);
  expect(Array.from(values).slice(0, 5)).toEqual([0, 10, 0, 1, 11]);
  expect(Array.from(values).slice(columns, columns + 5)).toEqual([20, 30, 0, 21, 31]);
  expect(Array.from(values).slice(3 * columns, 3 * columns + 2)).toEqual([5, 15]); // the sixth begins the second row
  expect(values.length).toBe(columns * 5);
  expect(Array.from(rowsOfUnits(weights, 4, 10).values).slice(0, 5)).toEqual([0, 10, 20, 30, 1]);
});

it("the family trees are a table of 112 answers, and train", async () => {
  expect(parseTable(treesTable().table, "families.csv").rows.length).toBe(112);
  const { page, done } = await arena.open("train?v=1&data=trees&epochs=30&held=0");
  expect(await trained(page)).toContain("Epoch30 of 30");
  expect(await page.locator(".outcome table").textContent()).toContain("rows trained on");
  await done();
});

it("a bad table or setting is refused where it stands, and a good one trains", async () => {
  const { page, done } = await arena.open("train?v=1&data=own&epochs=5&optimizer=sgd");
  const give = (name: string, text: string) =>
    page.locator("#own-file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await give("ragged.csv", "a,b\n1,2\n3\n");
  await expect.poll(() => page.locator("#problem-data").textContent()).toMatch(/ragged\.csv, row 3/);
  await give("empty.csv", "");
  await expect.poll(() => page.locator("#problem-data").textContent()).toContain("empty.csv");
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 === 0 ? "even" : "odd"}`);
  await give("good.csv", ["n,kind", ...rows].join("\n"));
  await expect.poll(() => page.locator("#problem-data").count()).toBe(0);
  expect(await page.locator("#f-target").inputValue()).toBe("kind");
  expect(await trained(page)).toContain("Epoch5 of 5");
  await page.locator(".more summary").first().click();
  await page.locator("#f-rate").fill("1e6");
  await page.locator("#f-rate").press("Enter");
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await expect.poll(() => page.locator(".problem.wide").textContent()).toMatch(/diverge|finite/i);
  await noStrayWords(page);
  await done();
});
