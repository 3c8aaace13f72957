/**
 * One model, the same numbers everywhere: in Node, in Chromium through loadModel from raw rows, and in what
 * `thalweg export` writes, opened from disk. All to the last bit.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportModel } from "../../src/cli/export.js";
import { loadModel, type Prediction, parseTable, trainTable } from "../../src/tabular/index.js";
import { built } from "../support/built.js";
import { launchChromium } from "../support/chromium.js";

const folder = mkdtempSync(join(tmpdir(), "thalweg-export-"));
const at = (name: string): string => join(folder, name);

/** Names that would end a script, a tag or an attribute if they were not text. */
const CLASSES = ["</script><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "rosé & <b>"];
const COLUMNS = ["width", "<!--<script>height", `"a" & 'b'`];

/** Three classes, by thirds of a + b − c. */
const flowers = Array.from({ length: 90 }, (_, i) => {
  const [a, b, c] = [(i * 7) % 11, (i * 5) % 13, (i * 3) % 7];
  return [a, b, c, CLASSES[a + b - c > 12 ? 2 : a + b - c > 6 ? 1 : 0]];
});
const quoted = (cell: string | number): string => `"${String(cell).replaceAll('"', '""')}"`;
const csv = [[...COLUMNS, "kind"], ...flowers].map((row) => row.map(quoted).join(",")).join("\n");
const prices = Array.from({ length: 60 }, (_, i) => `${i},${(i * 7) % 10},${100 + 20 * i - 3 * ((i * 7) % 10)}`);

const ROWS = [
  { [COLUMNS[0]]: 1.5, [COLUMNS[1]]: 2, [COLUMNS[2]]: 5 },
  { [COLUMNS[0]]: 10, [COLUMNS[1]]: 12, [COLUMNS[2]]: 0.1 },
];
const HOUSES = [
  [30.25, 4],
  [3, 7],
];

let browser: Browser;
let expected: Prediction[];
let values: Prediction[];

beforeAll(async () => {
  const common = { epochs: 60, lr: 0.01, hidden: [16, 8], simd: "strict" as const };
  const kinds = await trainTable(parseTable(csv, "kinds.csv"), {
    ...common,
    target: "kind",
    activation: "gelu",
    save: (bytes) => writeFileSync(at("kinds.safetensors"), bytes),
  });
  expected = kinds.model.predict(ROWS);
  const table = parseTable(["size,age,price", ...prices].join("\n"), "prices.csv");
  const houses = await trainTable(table, { ...common, target: "price" });
  values = houses.model.predict(HOUSES);
  writeFileSync(at("prices.safetensors"), houses.model.save());
  for (const name of ["kinds", "prices"]) {
    await exportModel([at(`${name}.safetensors`), "--html", at(`${name}.html`), "--js", at(`${name}.mjs`), "--json"]);
  }
  browser = await launchChromium();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page from disk; every error of it and everything that it asks for ends the test. */
async function opened(name: string, size = { width: 1000, height: 800 }): Promise<Page> {
  const page = await browser.newPage({ viewport: size });
  page.on("pageerror", (error) => expect.fail(String(error)));
  page.on("console", (message) => message.type() === "error" && expect.fail(message.text()));
  page.on("dialog", () => expect.fail("a name was run as a script"));
  const address = pathToFileURL(at(name)).href;
  page.on("request", (request) => request.url() !== address && expect.fail(request.url()));
  await page.goto(address);
  await page.locator(".answer").waitFor();
  return page;
}

describe("the same bits", () => {
  it("in Node from the file, and from the exported module", async () => {
    using model = await loadModel(readFileSync(at("kinds.safetensors")));
    expect(model.predict(ROWS)).toEqual(expected);
    // Node prints the line of an uncaught error.
    const code = readFileSync(at("kinds.mjs"), "utf8").split("\n").slice(2);
    expect(code.filter((line) => line.length > 2000 && !/[\w+/]{2000}/.test(line))).toEqual([]);
    const module = await import(pathToFileURL(at("kinds.mjs")).href);
    expect(module.predict(ROWS)).toEqual(expected);
    expect([module.task, module.classes]).toEqual(["classification", [...CLASSES].sort()]);
    expect(module.fields.map(({ name }: { name: string }) => name)).toEqual(COLUMNS);
    const priced = await import(pathToFileURL(at("prices.mjs")).href);
    expect(priced.predict(HOUSES)).toEqual(values);
  });

  it("in Chromium, through loadModel of the built package", async () => {
    const entry = JSON.stringify(fileURLToPath(built("tabular/index.js")));
    const { outputFiles } = await build({
      stdin: { contents: `import { loadModel } from ${entry}; window.loadModel = loadModel;`, resolveDir: folder },
      bundle: true,
      format: "iife",
      write: false,
      logLevel: "error",
    });
    const page = await browser.newPage();
    await page.goto("about:blank");
    await page.addScriptTag({ content: outputFiles[0].text });
    for (const [name, rows, wanted] of [
      ["kinds", ROWS, expected],
      ["prices", HOUSES, values],
    ] as const) {
      const found = await page.evaluate(
        async ([bytes, rows]) => {
          // biome-ignore lint/suspicious/noExplicitAny: of the page
          const model = await (window as any).loadModel(Uint8Array.from(bytes as number[]));
          return [model.engine.backend, model.predict(rows)];
        },
        [[...readFileSync(at(`${name}.safetensors`))], rows] as const,
      );
      expect(found).toEqual(["wasm", wanted]);
    }
    await page.close();
  });

  it("in the exported page, opened from disk, from what is typed into its form", async () => {
    const page = await opened("kinds.html");
    for (const [r, row] of ROWS.entries()) {
      for (const [name, value] of Object.entries(row)) await page.getByLabel(name, { exact: true }).fill(String(value));
      const { label, probabilities } = expected[r] as { label: string; probabilities: Record<string, number> };
      expect(await page.locator(".answer").textContent()).toBe(label);
      const names = await page.locator("li span").allTextContents();
      const shares = await page.locator("li data").evaluateAll((all) => all.map((one) => one.getAttribute("value")));
      expect(Object.fromEntries(names.map((name, i) => [name, Number(shares[i])]))).toEqual(probabilities);
    }
    expect(await page.locator("script, img, b").count()).toBe(1); // its own script alone
    await page.getByLabel(COLUMNS[0], { exact: true }).fill("-1e39");
    expect(await page.locator("output").textContent()).toBe(
      `column ${JSON.stringify(COLUMNS[0])}: expected a number up to 3.4e38, got "-1e39"`,
    );
    await page.close();
  });

  it("of a regression, too", async () => {
    const page = await opened("prices.html");
    await page.getByLabel("size").fill("30.25");
    await page.getByLabel("age").fill("4");
    const shown = page.locator(".answer data");
    expect({ value: Number(await shown.getAttribute("value")) }).toEqual(values[0]);
    await page.close();
  });
});

describe("the page", () => {
  it("fits 360 pixels, in light and in dark", async () => {
    const page = await opened("kinds.html", { width: 360, height: 640 });
    const colours: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const [inner, outer, colour] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
        getComputedStyle(document.body).backgroundColor,
      ]);
      expect(inner).toBe(outer);
      colours.push(colour as string);
    }
    expect(colours[0]).not.toBe(colours[1]);
    await page.close();
  });

  it("may reach no network, and run no other script", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(at("kinds.html")).href);
    await page.locator(".answer").waitFor();
    const refused = await page.evaluate(async () => {
      const fetched = await fetch("http://127.0.0.1:9/").then(
        () => "fetched",
        () => "refused",
      );
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      return [fetched, "ran" in window];
    });
    expect(refused).toEqual(["refused", false]);
    await page.close();
  });
});
