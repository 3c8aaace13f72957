/** The bench of the page: every task is measured on each host, with the variant of the kernels and why. */
import { availableParallelism } from "node:os";
import { parse } from "csv-parse/sync";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CONTESTS, medians } from "../../src/experiments/throughput.js";
import { createEngine } from "../../src/index.js";
import { type Arena, noStrayWords, openArena, rowsOf } from "../support/arena.js";

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

const measured = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: /^Measure/ }).click();
  await page.locator('[data-task="training"] [data-host="js"]').waitFor({ timeout: 60_000 });
};
const reason = (page: Page): Promise<string | null> => page.locator("[data-reason]").textContent();

it("shows rates of wasm, of the library's JavaScript and of plain loops, and the reason", async () => {
  const { page, done } = await arena.open("throughput?v=1&simd=strict");
  await measured(page);
  expect(await reason(page)).toMatch(/^Runs on wasm, one thread: .*strict SIMD/);
  const rows = parse((await rowsOf(page)).rows.join("\n")) as string[][]; // names of tasks have commas
  for (const [, , milliseconds, rate] of rows)
    for (const each of [milliseconds, rate]) expect(Number(each)).toBeGreaterThan(0);
  // The command goes through the same tasks.
  expect(await page.locator(".copyable code").textContent()).toBe("npx thalweg throughput --simd strict");
  expect(rows.map(([task, host, , , unit]) => [task, host, unit])).toEqual(
    CONTESTS.flatMap(({ work, unit, plain }) =>
      ["wasm", "js", ...(plain ? ["plain"] : [])].map((host) => [work, host, unit]),
    ),
  );
  await noStrayWords(page);
  await done();
});

it("has threads where the server isolates the page, and says why it has none elsewhere", async () => {
  const said = async (isolated: boolean): Promise<string> => {
    const { page, done } = await arena.open("throughput?v=1&threads=auto", { server: { isolated } });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    expect(await page.locator(".copyable code").textContent()).toBe("npx thalweg throughput --threads auto");
    await page.getByRole("button", { name: /^Measure/ }).click();
    const text = (await reason(page))!;
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await done();
    return text;
  };
  const cores = Math.min(16, availableParallelism());
  expect(cores).toBeGreaterThan(1); // or there would be one thread for another reason
  expect(await said(true)).toMatch(new RegExp(`^Runs on wasm, ${cores} threads: wasm, \\w+ SIMD`));
  expect(await said(false)).toMatch(/^Runs on wasm, one thread: .*one thread: the page is not cross-origin isolated/);
});
