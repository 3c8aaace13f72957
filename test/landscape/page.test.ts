import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { landscapeTable } from "../../bench/landscapePage.js";
import { lossPictures } from "../../bench/lossPictures.js";

it("docs/landscapes.md has the table of surfaces, as `npm run docs:tables` writes it", () => {
  const page = readFileSync(new URL("../../docs/landscapes.md", import.meta.url), "utf8");
  expect(page).toContain(`<!-- landscapes -->\n${landscapeTable()}\n<!-- end -->`);
});

it("docs/ has the pictures of a loss, as `npm run docs:tables` draws them", async () => {
  const pictures = Object.entries(await lossPictures());
  expect(pictures).toHaveLength(3);
  for (const [name, svg] of pictures)
    expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8") === svg, name).toBe(true);
}, 120_000);
