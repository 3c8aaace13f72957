/**
 * The site as one folder (npm run build:site): the arena, the documentation and the API reference lead to each other, no link
 * inside it is broken at any path, and its pages run under a strict policy.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSite } from "../../src/build/site.js";
import { type Serving, serveFolder } from "../../src/cli/arenaServer.js";
import { CONTENTS, relativeTo } from "../../src/site/docs/contents.js";
import { arenaFolder } from "../support/arena.js";
import { launchChromium } from "../support/chromium.js";

const folder = join(process.env.THALWEG_TEST_FOLDER!, "site");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const BASE = "/some/where/";
let browser: Browser;
let server: Serving;
beforeAll(async () => {
  await buildSite(folder);
  server = await serveFolder({ folder, port: 0, base: BASE });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens a page of the site, and fails at what it says on its console when it is closed. */
async function open(path: string, { width = 1440, dark = false } = {}): Promise<{ page: Page; done(): Promise<void> }> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  await page.goto(server.url + path, { waitUntil: "load" });
  return {
    page,
    async done() {
      await page.close();
      expect(errors, path).toEqual([]);
    },
  };
}

describe("links", () => {
  const text = (path: string): string => readFileSync(join(folder, path), "utf8");
  const unescaped = (html: string): string => html.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const ids = new Map<string, Set<string>>();
  const idsOf = (path: string): Set<string> => {
    const known = ids.get(path) ?? new Set([...text(path).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescaped(id)));
    ids.set(path, known);
    return known;
  };
  /** What is wrong with a link of a page, whose path is relative to the site; nothing for one that leads on, or out. */
  const wrong = (page: string, link: string): string | undefined => {
    if (/^(https?|mailto):/.test(link)) return undefined;
    const { pathname, hash } = new URL(link, `http://host${BASE}${page}`);
    if (link.startsWith("/") || !pathname.startsWith(BASE)) return "leaves the site";
    const path = decodeURIComponent(pathname.slice(BASE.length));
    if (!existsSync(join(folder, path)) || !statSync(join(folder, path)).isFile()) return "is not there";
    if (hash === "" || !path.endsWith(".html")) return undefined;
    return idsOf(path).has(decodeURIComponent(hash.slice(1))) ? undefined : "has no such anchor";
  };

  it("inside the site all lead somewhere, from any path", () => {
    const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
    for (const part of ["docs/", "docs/source/", "api/"])
      expect(pages.filter((name) => name.startsWith(part)).length, part).toBeGreaterThan(30);
    let count = 0;
    const broken = pages.flatMap((page) =>
      [...text(page).matchAll(/\s(?:href|src|data-index)="([^"]*)"/g)].flatMap(([, link]) => {
        count++;
        const what = wrong(page, unescaped(link));
        return what === undefined ? [] : [`${page}: ${link} ${what}`];
      }),
    );
    expect(count).toBeGreaterThan(10_000);
    expect(broken).toEqual([]);
  });

  it("are found broken", () => {
    expect(wrong("docs/index.html", "optimizers.html#adam")).toBeUndefined();
    expect(wrong("docs/index.html", "optimizers.html#adan-3")).toBe("has no such anchor");
    expect(wrong("docs/index.html", "../docs/optimizer.html")).toBe("is not there");
    expect(wrong("docs/index.html", "../../index.html")).toBe("leaves the site");
  });

  it("of the search lead somewhere", () => {
    const index = JSON.parse(text("docs/assets/search.json")) as { href: string }[];
    expect(index.length).toBeGreaterThan(500);
    expect(index.filter(({ href }) => wrong("docs/index.html", href) !== undefined)).toEqual([]);
  });

  it("are relative to the page", () => {
    expect(relativeTo("index.html", "tables.html")).toBe("tables.html");
    expect(relativeTo("examples/c/index.html", "examples/index.html")).toBe("../index.html");
    expect(relativeTo("source/src/a.ts.html", "../api/index.html")).toBe("../../../api/index.html");
  });
});

it("has every page of docs/ in its contents, once", () => {
  const listed = Object.values(CONTENTS).flat();
  const inDocs = readdirSync(new URL("../../docs", import.meta.url)).filter((name) => name.endsWith(".md"));
  expect(listed.filter((file) => /^docs\/[^/]+$/.test(file)).sort()).toEqual(
    inDocs.map((name) => `docs/${name}`).sort(),
  );
  expect(new Set(listed).size).toBe(listed.length);
});

it("is not in the package, whose arena stands alone", () => {
  const { files } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(files).toContain("!dist/site");
  expect(readFileSync(join(arenaFolder(), "index.html"), "utf8")).not.toContain('rel="help"');
});

const PAGES = [
  "docs/index.html",
  "docs/digits.html",
  "docs/optimizers.html",
  "docs/source/src/optim/adam.ts.html",
  "api/index.html",
  "api/classes/thalweg_data.TableModel.html",
];
it.each(PAGES)("%s runs under the policy, within 1,440 and 360 pixels, in both themes", async (path) => {
  for (const [width, dark] of [
    [1440, false],
    [360, true],
  ] as const) {
    const { page, done } = await open(path, { width, dark });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width}`).toBeLessThanOrEqual(width);
    const [red] = await page.evaluate(() => getComputedStyle(document.body).color.match(/\d+/g)!.map(Number));
    expect(red > 128, dark ? "dark" : "light").toBe(dark); // of the letters
    // Not TypeDoc's own markup, and not the longest page, on which axe-core takes several seconds.
    if (!path.startsWith("api/") && path !== "docs/optimizers.html") expect(await findings(page)).toEqual([]);
    await done();
  }
});

it("leads from the arena to the documentation and the API, and back, with the theme that was chosen", async () => {
  const { page, done } = await open("#race");
  const { page: alone, done: aloneDone } = await open("?embed=1#race");
  expect(await alone.getByRole("link", { name: "Docs" }).count()).toBe(0);
  await aloneDone();
  await page.getByRole("button", { name: "Dark theme" }).click();
  await page.locator(".head").getByRole("link", { name: "Docs" }).click();
  await page.locator("h1", { hasText: "Thalweg" }).waitFor();
  const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset.theme);
  expect(await theme()).toBe("dark");
  await page.locator(".head").getByRole("link", { name: "API" }).click();
  await page.getByRole("link", { name: "thalweg/data" }).first().waitFor();
  expect(await theme()).toBe("dark");
  await page.locator("#tsd-theme").evaluate((select) => {
    (select as HTMLSelectElement).value = "light";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.locator("#tsd-toolbar-links").getByRole("link", { name: "Docs" }).click();
  await page.locator("h1", { hasText: "Thalweg" }).waitFor();
  expect(await theme()).toBe("light");
  await page.locator(".head").getByRole("link", { name: "Arena" }).click();
  await page.locator(".stage > :not(.loading)").first().waitFor();
  expect(await theme()).toBe("light");
  // On a narrow screen the links stand below.
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.locator(".head").getByRole("link", { name: "API" }).isVisible()).toBe(false);
  await page.locator(".foot").getByRole("link", { name: "API" }).click();
  await page.getByRole("link", { name: "thalweg/data" }).first().waitFor();
  await done();
});

it("leads from a name in a text to the API, and from the title of an optimizer", async () => {
  const { page, done } = await open("docs/optimizers.html");
  const link = page.locator("#nadam .api");
  expect(await link.getAttribute("href")).toBe("../api/variables/thalweg.nadam.html");
  await page.goto(`${server.url}docs/performance.html`);
  await page.getByRole("link", { name: "createEngine()", exact: true }).first().click();
  await page.locator("h1", { hasText: "Function createEngine" }).waitFor();
  await done();
});

it("hides inherited members in the API when asked to", async () => {
  const { page, done } = await open("api/interfaces/thalweg.Sam.html");
  const inherited = page.locator(".tsd-member.tsd-is-inherited").first();
  expect(await inherited.isVisible()).toBe(true);
  await page.locator("#tsd-filter-inherited").evaluate((box) => (box as HTMLInputElement).click());
  await expect.poll(() => inherited.isVisible()).toBe(false);
  await done();
});

it("can be read without JavaScript, in the theme of the system", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, colorScheme: "dark" });
  const page = await context.newPage();
  await page.goto(`${server.url}docs/tables.html`);
  expect(await page.locator("h1").textContent()).toBe("Tables");
  expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(233, 231, 226)"); // --ink of dark
  expect(await page.locator(".rail").isVisible()).toBe(true);
  for (const idle of [".search", ".theme"]) expect(await page.locator(idle).isVisible(), idle).toBe(false);
  await context.close();
});

it("finds sections and names, by the keyboard too", async () => {
  const { page, done } = await open("docs/source/src/optim/adam.ts.html");
  const search = page.getByLabel("Search the documentation and the API");
  const found = page.locator(".found a");
  await search.fill("thread");
  await expect.poll(() => found.allTextContents()).toContain("Threads Engines");
  await search.fill("createEngin");
  await expect.poll(async () => (await found.allTextContents())[0]).toBe("createEngine API");
  await search.fill("zzzz");
  await expect.poll(() => page.locator(".found").textContent()).toContain("Nothing has all of");
  await search.press("Escape");
  expect(await page.locator(".found").isVisible()).toBe(false);
  await search.fill("natural gradients");
  await expect.poll(() => found.count()).toBeGreaterThan(0);
  const first = await found.first().textContent();
  await search.press("ArrowDown");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(first);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/docs\/\w+\.html/);
  await done();
});

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/** What axe-core calls serious or critical. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe); // by the debugger, which no policy of the page forbids
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
  });
}
