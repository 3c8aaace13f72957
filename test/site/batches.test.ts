/** The station of mini-batches: gradients, their variance and the descents are the library's. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { regressionBowl } from "../../src/landscape/index.js";
import { type Arena, answered, enter, noStrayWords, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

const points = Array.from({ length: 64 }, (_, i): [number, number] => {
  const x = i / 16 - 1;
  return [x, 2 * x + 4 * ((i * 0.618034) % 1) - 1];
});
const bowl = regressionBowl(points);
const START = [-0.7, 0.6];
const whole = bowl.grad(START);
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

it("measures the variance that its code prints in Node, bit for bit", async () => {
  const { page, done } = await arena.open("batches?v=1&seed=4");
  await page.locator(".below table").waitFor();
  const rows = (await rowsOf(page)).rows.filter(([what]) => what === "variance");
  expect(rows.map((row) => [Number(row[1]), Number(row[5])])).toEqual(
    (await printedBy(page)).map((line) => line.map(Number)),
  );
  // Single rows: the mean over all of them, from the formula of the gradient of one.
  const single = points.map(([x, y]) => {
    const error = 2 * (START[0] + START[1] * x - y);
    return apart([error, error * x], whole);
  });
  const mean = single.reduce((a, b) => a + b) / 64;
  expect(Number(rows[0][5]) / mean).toBeCloseTo(1, 5);
  // E ‖ĝ − g‖² of ten passes of 16 batches; their own scatter is about a tenth.
  expect(Math.abs(Number(rows[2][5]) / ((mean / 4) * (60 / 63)) - 1)).toBeLessThan(0.25);
  await done();
});

it("shows the gradients of the batches, whose mean is that of all rows, and fewer that scatter less for a larger B", async () => {
  const { page, done } = await arena.open("batches?v=1&batch=4");
  const gradients = async () =>
    (await rowsOf(page)).rows.filter(([what]) => what === "gradient").map((row) => row.slice(3, 5).map(Number));
  const scatter = (all: number[][]): number => all.reduce((sum, each) => sum + apart(each, whole), 0) / all.length;
  const four = await gradients();
  expect(four).toHaveLength(16);
  for (const k of [0, 1]) expect(four.reduce((sum, each) => sum + each[k], 0) / 16 / whole[k]).toBeCloseTo(1, 5);
  await page.getByRole("button", { name: /^Resample/ }).click();
  await expect.poll(gradients).not.toEqual(four);
  await enter(page, "batch", "16");
  await expect.poll(async () => (await gradients()).length).toBe(4);
  expect(scatter(await gradients())).toBeLessThan(scatter(four));
  await enter(page, "batch", "64");
  await expect.poll(async () => (await gradients()).length).toBe(1);
  expect(scatter(await gradients())).toBeLessThan(1e-8);
  await done();
});

it("descends on all rows as the gradient of the bowl says", async () => {
  const { page, done } = await arena.open("batches?v=1&steps=30&rate=0.1");
  const path = (await rowsOf(page)).rows.filter(([what]) => what === "all rows").map((row) => row.slice(3).map(Number));
  expect(path).toHaveLength(31);
  let at = START;
  for (const [a, b, loss] of path) {
    expect(a).toBeCloseTo(at[0], 4);
    expect(b).toBeCloseTo(at[1], 4);
    expect(loss).toBe(bowl.f([a, b]));
    const gradient = bowl.grad(at);
    at = at.map((each, k) => each - 0.1 * gradient[k]);
  }
  await done();
});

it("shows the rows of the batch of each step, and the lines that descent has come to", async () => {
  const { page, done } = await arena.open("batches?v=1&batch=16&steps=10");
  const chart = page.locator("arena-chart").first();
  const label = () => chart.getAttribute("aria-label");
  await expect.poll(label).toBe("The 64 points, 16 of them in the batch of step 10, and the lines after step 10");
  await page.getByLabel("Step", { exact: true }).fill("3");
  await expect.poll(label).toBe("The 64 points, 16 of them in the batch of step 4, and the lines after step 3");
  await done();
});

it("asks for two steps by hand, the second from where the first has led", async () => {
  const { page, done } = await arena.open("batches");
  expect(await answered(page, 2, "1.256")).toMatch(/^Yes\..*−7, to θ = 1\.07, and there −18\.6, to θ = 1\.256.*−13\.5/);
  // What the gradient at θ = 1 again would give, −20.
  expect(await answered(page, 2, "1.27")).toMatch(/^Not quite\./);
  await done();
});

it("asks how much batches of four bring, 4 · 63/60, and how wide the cloud at the minimum is", async () => {
  const { page, done } = await arena.open("batches");
  expect(await answered(page, 0, "4.2")).toMatch(/^Yes\. 4\./);
  expect(await answered(page, 0, "2")).toMatch(/^Not quite/);
  const wide = await answered(page, 1, "A quarter as wide");
  expect(wide).toMatch(/^Yes\..* gives 0\.0278 and 0\.00174/);
  // 19,800 steps, each four fifths of the last: the variance is known to 1.5 %, three deviations are allowed.
  expect(Math.abs(Number(wide.match(/axis is ([\d.]+)/)![1]) / 0.0278 - 1)).toBeLessThan(0.045);
  await done();
});

it("shows a descent that diverges, at a rate of a million, up to where it leaves the numbers", async () => {
  const { page, done } = await arena.open("batches?v=1&rate=1e6&batch=1");
  const { rows } = await rowsOf(page);
  const path = rows.filter(([what]) => what === "batches").map((row) => row.slice(3).map(Number));
  expect(path.length).toBeGreaterThan(2);
  expect(path.length).toBeLessThan(20);
  for (const point of path) expect(point.every(Number.isFinite)).toBe(true);
  await noStrayWords(page);
  await done();
});
