/** The bench of the page: every task is measured on each host, with the variant of the kernels and why. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createEngine } from "../../src/index.js";
import { CONTESTS, medians } from "../../src/site/arena/stations/throughput/bench.js";
import { type Arena, noStrayWords, openArena, printedBy } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it("tasks run on both backends, and medians are of the work itself", async () => {
  for (const backend of ["wasm", "js"] as const) {
    const engine = await createEngine({ backend, simd: "strict" });
    for (const { on } of CONTESTS) on(engine)();
    engine.dispose();
  }
  // Time is that of the tasks alone: on a busy machine the real one would be that of others too.
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const wait = (milliseconds: number) => () => {
    now += milliseconds;
  };
  expect(medians([wait(5), wait(10)], 1, 3)).toEqual([5, 10]);
  let calls = 0;
  expect(medians([() => wait(++calls === 3 ? 500 : 4)()], 1, 5)).toEqual([4]); // one that was held up is not the median
  clock.mockRestore();
});

it("shows rates of wasm, of the library's JavaScript and of a plain loop, and the reason", async () => {
  const { page, done } = await arena.open("throughput?v=1&simd=strict");
  await page.getByRole("button", { name: /^Measure/ }).click();
  await page.locator('[data-task="training"] [data-host="js"]').waitFor({ timeout: 40_000 });
  expect(await page.locator("[data-reason]").textContent()).toMatch(/Runs on wasm, strict SIMD/);
  const hosts = (task: string) =>
    page
      .locator(`[data-task="${task}"] [data-host]`)
      .evaluateAll((all) => all.map((each) => [each.getAttribute("data-host"), Number(each.textContent)]));
  for (const [task, names] of Object.entries({
    adam: ["wasm", "js"],
    product: ["wasm", "js", "loop"],
    training: ["wasm", "js"],
  })) {
    const rows = await hosts(task);
    expect(rows.map(([name]) => name)).toEqual(names);
    for (const [, rate] of rows) expect(rate).toBeGreaterThan(0);
  }
  await noStrayWords(page);
  // The code that is offered has the same tasks, and finds the kernels ahead too.
  const printed = await printedBy(page);
  expect(printed.map(([host, task]) => `${host} ${task}`)).toEqual(
    ["wasm", "js"].flatMap((host) => CONTESTS.map(({ id }) => `${host} ${id}`)),
  );
  for (const [, , rate] of printed) expect(Number(rate)).toBeGreaterThan(0);
  await done();
});
