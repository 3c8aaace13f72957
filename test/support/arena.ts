/** The built arena, served on this machine and opened in a headless Chromium. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { type ServerOptions, type Serving, serveFolder } from "../../src/cli/arenaServer.js";
import { built } from "./built.js";
import { launchChromium } from "./chromium.js";

export interface Arena {
  browser: Browser;
  /** Opens a station, waits until its figures stand, and fails at any error of the page when it is closed. */
  open(hash: string, o?: OpenOptions): Promise<Opened>;
  close(): Promise<void>;
}

export interface OpenOptions {
  width?: number;
  scheme?: "light" | "dark";
  /** Nothing moves by itself: runs are shown whole. Default true. */
  still?: boolean;
  search?: string;
  server?: Partial<ServerOptions>;
}

export interface Opened {
  page: Page;
  errors: string[];
  done(): Promise<void>;
}

export const arenaFolder = (): string => fileURLToPath(new URL(".", built("arena/index.html"))).replace(/[\\/]$/, "");

export async function openArena(): Promise<Arena> {
  const browser = await launchChromium();
  const servers = new Map<string, Serving>();
  const serving = async (options: Partial<ServerOptions>): Promise<Serving> => {
    const key = JSON.stringify(options);
    const known = servers.get(key) ?? (await serveFolder({ folder: arenaFolder(), port: 0, ...options }));
    servers.set(key, known);
    return known;
  };
  return {
    browser,
    async open(hash, { width = 1440, scheme = "light", still = true, search = "", server = {} } = {}) {
      const { url } = await serving(server);
      const page = await browser.newPage({
        viewport: { width, height: width < 600 ? 740 : 900 },
        colorScheme: scheme,
        reducedMotion: still ? "reduce" : "no-preference",
      });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
      });
      await page.goto(`${url}${search}#${hash}`);
      await page.locator(".stage > :not(.loading)").first().waitFor();
      return {
        page,
        errors,
        async done() {
          await page.close();
          expect(errors).toEqual([]);
        },
      };
    },
    async close() {
      await browser.close();
      for (const each of servers.values()) await each.close();
    },
  };
}

/** What a page shows as text has no NaN and no undefined. */
export async function noStrayWords(page: Page): Promise<void> {
  expect(await page.locator("#arena").textContent()).not.toMatch(/\bNaN\b|\bundefined\b|\[object/);
}

/** The rows of the CSV that a page offers, without its head, each cell as text. */
export async function rowsOf(page: Page): Promise<{ stamp: string; rows: string[][] }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV", exact: true }).click(),
  ]);
  const [stamp, , ...lines] = (await readFile(await download.path(), "utf8")).trim().split("\n");
  return { stamp, rows: lines.map((line) => line.split(",")) };
}

/** Runs the code that a page offers in this Node, with the built package; the words of each line that it prints. */
export async function printedBy(page: Page): Promise<string[][]> {
  const code = (await page.locator(".copyable code").last().textContent())!;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)), // where the package resolves to itself
    maxBuffer: 2 ** 26,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
}

/** Enters a text in the field of a station. */
export async function enter(page: Page, name: string, text: string): Promise<void> {
  await page.locator(`#f-${name}`).fill(text);
  await page.locator(`#f-${name}`).press("Enter");
}

/** Answers a question of a page with a number, or by the name of a choice, and returns what it says. */
export async function answered(page: Page, place: number, answer: string): Promise<string> {
  const form = page.locator(".question").nth(place);
  const choice = form.getByRole("button", { name: answer, exact: true });
  const before = await form.locator(".verdict").textContent();
  if ((await form.locator("input").count()) === 0) await choice.click();
  else {
    await form.locator("input").fill(answer);
    await form.locator("button[type=submit]").click();
  }
  await expect.poll(() => form.locator(".verdict").textContent()).not.toBe(before);
  return (await form.locator(".verdict p").textContent())!.trim();
}
