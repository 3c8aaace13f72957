/** The pictures of docs/: as the code draws them, small, with a ground of their own in light and dark, and shown on a page. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { pictures } from "../../bench/pictures.js";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const names = readdirSync(new URL("docs", root)).filter((name) => name.endsWith(".svg"));

it("are those that `npm run docs:tables` writes, byte for byte", async () => {
  for (const [path, drawn] of Object.entries(await pictures())) expect(read(path) === drawn, path).toBe(true);
});

it.each(names)("%s is below 60 kB, has both themes and a ground, and stands on a page", (name) => {
  const svg = read(`docs/${name}`);
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).toContain("prefers-color-scheme");
  expect(svg).toMatch(/<rect (class="ground" )?width="\d+" height="\d+"/);
  const pages = readdirSync(new URL("docs", root)).filter((page) => page.endsWith(".md"));
  expect(pages.some((page) => read(`docs/${page}`).includes(`](${name})`))).toBe(true);
});
