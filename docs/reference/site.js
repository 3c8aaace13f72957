// A plugin of TypeDoc: links to other parts of the site are relative, and the script in each page is a file, since a policy
// of default-src 'self' allows no other. The theme is that of the arena and the documentation.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const THEME = `{
  const own = "tsd-theme", shared = "thalweg-theme";
  try {
    const kept = localStorage.getItem(shared);
    localStorage.setItem(own, kept === "light" || kept === "dark" ? kept : "os");
  } catch {}
  addEventListener("change", ({ target }) => {
    if (target.id !== own) return;
    try {
      localStorage.setItem(shared, target.value === "os" ? "system" : target.value);
    } catch {}
  });
}
`;
const STYLE = 'document.head.appendChild(document.createElement("style"))';
const INLINE = /<script>([^<]*)<\/script>/g;

export function load(app) {
  let script;
  app.renderer.on("endPage", (page) => {
    const up = "../".repeat(page.url.split("/").length - 1);
    const found = [...page.contents.matchAll(INLINE)];
    script ??= found[0]?.[1];
    if (found.length !== 1 || found[0][1] !== script)
      throw new Error(`${page.url} has other scripts than TypeDoc's one`);
    page.contents = page.contents
      .replace(INLINE, `<script src="${up}assets/theme.js"></script>`)
      .replaceAll('href="site:', `href="${up}../`);
  });
  const written = ({ outputDirectory }) => {
    const assets = join(outputDirectory, "assets");
    writeFileSync(join(assets, "theme.js"), THEME + script);
    // The rules by which filters hide members are in site.css: the element that TypeDoc would write them into stays outside.
    const main = readFileSync(join(assets, "main.js"), "utf8");
    writeFileSync(join(assets, "main.js"), main.replace(STYLE, 'document.createElement("div")'));
  };
  app.renderer.on("endRender", written, -1000); // after TypeDoc has copied its own files
}
