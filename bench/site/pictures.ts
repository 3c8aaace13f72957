/** `npm run docs:arena`: the pictures of the built arena in docs/, as a headless Chromium shows its pages. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { serveFolder } from "../../src/cli/arenaServer.js";
import { launchChromium } from "../../test/support/chromium.js";
import { withPalette } from "./palettePng.js";

interface Picture {
  readonly hash: string;
  readonly scheme: "light" | "dark";
  /** The part of the page with which the picture ends. */
  readonly end: string;
  /** Brings the page to where it is worth a picture. */
  show?(page: Page): Promise<void>;
}

const PICTURES: Readonly<Record<string, Picture>> = {
  race: {
    hash: "race",
    scheme: "light",
    end: ".map",
    async show(page) {
      const step = page.getByLabel("Step", { exact: true });
      await step.fill("64");
      await step.blur();
    },
  },
  explorer: { hash: "explorer", scheme: "dark", end: ".stage" },
  schedules: { hash: "schedules", scheme: "light", end: ".stage" },
};
/** Of the page, and pixels of the picture for each of its own: sharp at the width that pages of documentation have. */
const [SIZE, SHARP] = [{ width: 1280, height: 860 }, 1.25];

const root = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const serving = await serveFolder({ folder: fileURLToPath(root("dist/arena")), port: 0 });
const browser = await launchChromium();
for (const [name, { hash, scheme, end, show }] of Object.entries(PICTURES)) {
  const page = await browser.newPage({
    viewport: SIZE,
    deviceScaleFactor: SHARP,
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  await page.goto(`${serving.url}#${hash}`);
  await page.locator(".stage > :not(.loading)").first().waitFor();
  await show?.(page);
  await page.mouse.move(SIZE.width - 1, SIZE.height - 1); // points at nothing
  await page.waitForTimeout(500); // figures draw at the next frame
  const { y, height } = (await page.locator(end).boundingBox())!;
  const clip = { x: 0, y: 0, width: SIZE.width, height: Math.round(y + height + 16) };
  const small = withPalette(await page.screenshot({ fullPage: true, clip }));
  writeFileSync(root(`docs/arena-${name}.png`), small);
  console.log(`docs/arena-${name}.png, ${Math.round(small.length / 1000)} kB`);
  await page.close();
}
await browser.close();
await serving.close();
