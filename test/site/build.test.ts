/** The built site: what it weighs, and that it runs from any path, with and without WebAssembly, isolated or not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arena, arenaFolder, openArena } from "../support/arena.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

/** Kilobytes, gzipped, of files of the site. */
const kilobytes = (paths: Iterable<string>): number =>
  [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(join(arenaFolder(), path)), { level: 9 }).length, 0) /
  1000;

it("the first load stays within 200 kB, and each station adds at most 60", async () => {
  const { page, done } = await arena.open("race");
  let asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).pathname.slice(1) || "index.html"));
  await page.reload({ waitUntil: "networkidle" });
  const first = new Set(asked);
  expect([...first].some((path) => /strict-.*\.js$/.test(path))).toBe(true); // the kernels are in it
  expect([...first].filter((path) => /relaxed|threaded|fetchBinary/.test(path))).toEqual([]);
  expect(kilobytes(first)).toBeLessThanOrEqual(200);
  const links = await page.locator(".rail a").evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
  for (const link of links.slice(1)) {
    asked = new Set();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, link);
    await page.locator(`[data-station="${link.slice(1)}"]`).waitFor();
    await page.waitForLoadState("networkidle");
    expect(kilobytes([...asked].filter((path) => !first.has(path))), link).toBeLessThanOrEqual(60);
    for (const path of asked) first.add(path);
  }
  expect([...first].filter((path) => /worker-|\.csv$/.test(path))).toEqual([]); // loaded when something is run
  await done();
});

it("runs from a sub-path, without isolation, and without WebAssembly, to the same bits, and says what it runs on", async () => {
  const numbers = async (server: object): Promise<{ text: string; foot: string }> => {
    const { page, done, errors } = await arena.open("race?v=1&steps=150", { server });
    const text = (await page.locator(".ranking").textContent())!;
    const foot = (await page.locator(".foot").textContent())!;
    // A browser that refuses to compile says so on its console too.
    errors.splice(0, errors.length, ...errors.filter((each) => !/Content Security Policy/.test(each)));
    await done();
    return { text, foot };
  };
  const plain = await numbers({});
  expect(plain.foot).toContain("on wasm: strict SIMD, the same bits on every machine.");
  expect(await numbers({ base: "/some/where/", isolated: false })).toEqual(plain);
  const js = await numbers({ wasm: false });
  expect(js.text).toBe(plain.text);
  expect(js.foot).toMatch(/on js: .*Content Security Policy/);
  expect(js.foot).toContain("only the speed differs");
});

it("carries the licences of the packages that are in it", () => {
  const text = readFileSync(join(arenaFolder(), "licenses.md"), "utf8");
  for (const name of ["lit-html", "@preact/signals-core", "@assemblyscript/loader"]) expect(text).toContain(name);
  expect(text).toContain("Google LLC");
});

it("needs no Symbol.dispose, which Safari lacks", () => {
  for (const name of readdirSync(join(arenaFolder(), "assets")).filter((each) => each.endsWith(".js")))
    expect(readFileSync(join(arenaFolder(), "assets", name), "utf8"), name).not.toContain("is not disposable");
});

it("has no source outside itself, and no inline script or style", () => {
  const files = readdirSync(arenaFolder(), { recursive: true, encoding: "utf8" });
  const index = readFileSync(join(arenaFolder(), "index.html"), "utf8");
  expect(index).not.toMatch(/<script(?![^>]*src="\.\/)|<style| style=|href="(?!\.\/)/);
  for (const name of files.filter((each) => each.endsWith(".css")))
    expect(readFileSync(join(arenaFolder(), name), "utf8"), name).not.toMatch(/url\(|@import/);
});
