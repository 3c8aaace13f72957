import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineOptions } from "../../src/index.js";
import { built } from "../support/built.js";
import { launchChromium } from "../support/chromium.js";
import { type Site, serve } from "../support/site.js";
import { type Trained, train } from "../support/training.js";

// The built package, bundled, in a real Chromium, against the same built package in this Node.

let browser: Browser;
let site: Site;
const here: Record<"strict" | "js", Trained> = {} as never;

beforeAll(async () => {
  site = await serve();
  browser = await launchChromium();
  const library = (await import(/* @vite-ignore */ built("index.js").href)) as typeof import("../../src/index.js");
  here.strict = await train(library, { backend: "wasm", simd: "strict" });
  here.js = await train(library, { backend: "js" });
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

type Outcome = Trained & { error?: string };

/** Opens a page of the site and returns what its training run came to. */
const open = async (path: string, options: EngineOptions, more = ""): Promise<Outcome> =>
  (await openAll(path, [options], more))[0];

/** The same for one run after another. */
async function openAll(path: string, options: EngineOptions[], more = ""): Promise<Outcome[]> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  site.asked();
  await page.goto(`${site.origin}${path}?options=${encodeURIComponent(JSON.stringify(options))}${more}`);
  const text = await page.locator("#outcome").textContent({ timeout: 120_000 });
  await page.close();
  expect(errors).toEqual([]);
  return JSON.parse(text!);
}

test("Node trains to the same bits on js and on strict wasm", () => {
  expect(here.strict).toMatchObject({ backend: "wasm", simd: "strict" });
  expect(here.js).toMatchObject({ backend: "js", simd: "none" });
  expect(here.js.hash).toBe(here.strict.hash);
  expect(here.strict.first).toBeGreaterThan(0.9); // ln 3 = 1.1, for three classes and no idea
  expect(here.strict.last).toBeLessThan(0.8 * here.strict.first);
});

test("a page takes relaxed SIMD, says so, and trains", async () => {
  const found = await open("/plain", {});
  expect(found).toMatchObject({
    backend: "wasm",
    simd: "relaxed",
    reason: "wasm, relaxed SIMD: the best that the host can run",
  });
  expect(found.first).toBeCloseTo(here.strict.first, 5);
  expect(found.last).toBeCloseTo(here.strict.last, 2);
  // Only what is used is loaded, and nothing is fetched beside the bundle's own chunks.
  const asked = site.asked();
  expect(asked).toContain(site.chunkOf("relaxed"));
  expect(asked).not.toContain(site.chunkOf("strict"));
  expect(asked.filter((path) => path.endsWith(".wasm"))).toEqual([]);
});

test("a page on strict SIMD and one on js train to the bits of Node", async () => {
  const strict = await open("/plain", { simd: "strict" });
  expect(strict).toEqual({ ...here.strict, reason: "wasm, strict SIMD: asked for" });
  expect(site.asked()).not.toContain(site.chunkOf("relaxed"));
  expect(await open("/plain", { backend: "js" })).toEqual(here.js);
  const asked = site.asked();
  for (const variant of ["strict", "relaxed"]) expect(asked).not.toContain(site.chunkOf(variant));
});

test("a worker trains to the same bits", async () => {
  expect(await open("/plain", { simd: "strict" }, "&worker")).toEqual(here.strict);
});

test("under a policy that forbids WebAssembly a page lands on js, says so, and trains to the same bits", async () => {
  for (const options of [{}, { simd: "strict" }] as EngineOptions[]) {
    const found = await open("/policy", options);
    expect(found).toMatchObject({ backend: "js", simd: "none", hash: here.js.hash });
    expect(found.reason).toMatch(/^js: .*the strict build failed: .*Content Security Policy/i);
  }
  const { error } = await open("/policy", { backend: "wasm" });
  expect(error).toMatch(/backend "wasm" is not available: .*Content Security Policy/i);
});

const THREADS: EngineOptions = { simd: "strict", threads: 2, pool: { least: 0, grain: 16, lazy: true } };

test("an isolated page trains on one, two, three and four threads to the same bits, and so does a worker of it", async () => {
  // Beyond two the caller may run what is left over: in a page it cannot sleep, and to wait for four on two cores takes long.
  const options = (threads: number) => ({ ...THREADS, threads, pool: { ...THREADS.pool, lazy: threads === 2 } });
  for (const [more, counts] of [
    ["", [1, 2, 3, 4]],
    ["&worker", [2]],
  ] as const) {
    const outcomes = await openAll("/isolated", counts.map(options), more);
    expect(outcomes.map(({ threads }) => threads)).toEqual(counts);
    for (const { helped, ...found } of outcomes) {
      const { threads } = found;
      const { helped: _, ...want } = here.strict;
      const reason = `wasm, strict SIMD: asked for${threads > 1 ? `; ${threads} threads` : ""}`;
      expect(found).toEqual({ ...want, threads, reason });
      if (threads === 2) expect(helped).toBeGreaterThan(100);
    }
    expect(site.asked()).not.toContain(site.chunkOf("relaxed"));
  }
}, 240_000); // seconds on two cores; 45 s on a core that ten other processes want too, where threads wait for their turns

test("a page that cannot have threads takes one, says why, and trains to the same bits", async () => {
  const plain = "wasm, strict SIMD: asked for; one thread: the page is not cross-origin isolated";
  expect(await open("/plain", THREADS)).toEqual({ ...here.strict, reason: plain });
  const found = await open("/isolated-policy", THREADS);
  expect(found).toMatchObject({
    ...here.strict,
    reason: expect.stringMatching(/; one thread: .*Content Security Policy/),
  });
});

test("a page that requires Trusted Types has threads by the policy thalweg, and without it one, and says why", async () => {
  const { helped, ...found } = await open("/trusted", THREADS);
  const { helped: _, ...want } = here.strict;
  expect(found).toEqual({ ...want, threads: 2, reason: "wasm, strict SIMD: asked for; 2 threads" });
  expect(helped).toBeGreaterThan(100);
  const others = await open("/trusted-others", THREADS);
  expect(others).toMatchObject({ ...here.strict, reason: expect.stringMatching(/; one thread: .*Trusted/) });
});

test("a page may say where the binary is", async () => {
  const found = await open("/plain", { module: "/wasm/strict.wasm" });
  expect(found).toEqual({ ...here.strict, reason: "wasm, strict SIMD: the module given" });
  const asked = site.asked();
  expect(asked).toContain("/wasm/strict.wasm");
  for (const variant of ["strict", "relaxed"]) expect(asked).not.toContain(site.chunkOf(variant));
  const missing = await open("/plain", { module: "/wasm/none.wasm" });
  expect(missing).toMatchObject({ backend: "js", hash: here.js.hash });
  expect(missing.reason).toMatch(/the module given failed: .*404/);
});
