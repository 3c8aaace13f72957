/** The station of Nesterov's look-ahead: its paths and its look-ahead points are the library's. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { landscapes, race } from "../../src/landscape/index.js";
import { type Arena, answered, enter, openArena, printedBy, rowsOf } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

const raced = (rates: number, momentum: number) =>
  race(
    landscapes.ravine,
    ["nag", "momentum"].map((optimizer) => ({ optimizer, options: { momentum } })),
    { start: [-4, 2], steps: 120, rates },
  );

it("walks the paths of race() in Node bit for bit, at the β that is entered, and so does its code", async () => {
  const { page, done } = await arena.open("nesterov");
  await enter(page, "beta", "0.8");
  const here = (await raced(0.03, 0.8)).runs.flatMap(({ path }) => path.map((point) => [...point]));
  await expect.poll(async () => (await rowsOf(page)).rows.map((row) => row.slice(3, 5).map(Number))).toEqual(here);
  expect((await printedBy(page)).map(([, x, y]) => [Number(x), Number(y)])).toEqual(here);
  await done();
});

it("takes the gradient at θ − βv, one step of η g before the next point", async () => {
  const { page, done } = await arena.open("nesterov");
  await page.locator(".facts").waitFor();
  const { rows } = await rowsOf(page);
  const points = rows.filter(([label]) => label === "Nesterov").map((row) => row.slice(3).map(Number));
  const [{ grad: gradient }, beta, rate] = [landscapes.ravine, 0.9, 0.03];
  // θ − βv with v the last step, and θ itself before the first; f32 has seven digits.
  for (const [i, [x, y, , aheadX, aheadY]] of points.slice(0, 60).entries()) {
    const [lastX, lastY] = i === 0 ? [x, y] : points[i - 1];
    const ahead = [x + beta * (x - lastX), y + beta * (y - lastY)];
    expect(aheadX).toBeCloseTo(ahead[0], 5);
    expect(aheadY).toBeCloseTo(ahead[1], 5);
    const [gx, gy] = gradient([aheadX, aheadY]);
    expect(points[i + 1][0]).toBeCloseTo(aheadX - rate * gx, 5);
    expect(points[i + 1][1]).toBeCloseTo(aheadY - rate * gy, 5);
  }
  await done();
});

it("asks for the limit of the rate, 2(1 + β)/(λmax(1 + 2β)) = 0.0679, and who is first", async () => {
  const { page, done } = await arena.open("nesterov");
  expect(await answered(page, 0, "0.068")).toMatch(/^Yes\..*0\.0679/);
  expect(await answered(page, 0, "0.19")).toMatch(/^Not quite\..*diverged/);
  expect(await answered(page, 1, "Nesterov, at both")).toMatch(/^Yes\..*71 against 33 at 0.03, 89 against 38 at 0.065/);
  await done();
});
