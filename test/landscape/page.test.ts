import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { landscapeTable } from "../../bench/landscapePage.js";

it("docs/landscapes.md has the table of surfaces, as `npm run docs:tables` writes it", () => {
  const page = readFileSync(new URL("../../docs/landscapes.md", import.meta.url), "utf8");
  expect(page).toContain(`<!-- landscapes -->\n${landscapeTable()}\n<!-- end -->`);
});
