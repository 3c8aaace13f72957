/**
 * `npm run bench:browser`: the library's own benches in a page. Runs them in a headless Chromium, prints the table and
 * writes the figures to bench/results/browser.json; with --serve it serves the page instead, for any browser on this
 * machine, until interrupted. The other options are those of `npm run bench`: --quick, --only, --kernels.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { launchChromium } from "../../test/support/chromium.js";
import { serve } from "./serve.js";

const { values: options } = parseArgs({
  options: {
    ...{ quick: { type: "boolean" }, only: { type: "string" }, kernels: { type: "string" } },
    serve: { type: "boolean" },
  },
});
const query = new URLSearchParams();
if (options.quick) query.set("quick", "");
for (const name of ["only", "kernels"] as const) if (options[name] !== undefined) query.set(name, options[name]);

const site = await serve();
const address = `${site.origin}/?${query}`;
if (options.serve) console.log(`${address}\nEnd with Ctrl-C.`);
else {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(address);
    const outcome = page.locator("#json, #error");
    await outcome.waitFor({ state: "attached", timeout: 0 });
    const failure = page.locator("#error");
    if ((await failure.count()) > 0) throw new Error(`the page failed: ${await failure.textContent()}`);
    console.log(await page.locator("#table").textContent());
    const folder = new URL("../results/", import.meta.url);
    mkdirSync(folder, { recursive: true });
    const results = JSON.parse((await outcome.textContent())!);
    writeFileSync(new URL("browser.json", folder), `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    await browser.close();
    await site.close();
  }
}
