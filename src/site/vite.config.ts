/** Builds and serves the arena. The library is bundled from its sources; formulas become MathML here, not in the page. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import temml from "temml";
import { defineConfig, type Plugin } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const { version } = JSON.parse(readFileSync(path("../../package.json"), "utf8")) as { version: string };

/** Replaces tex`…` by the MathML of the formula as a string: a page with a strict policy allows no inline style. */
function formulas(): Plugin {
  return {
    name: "formulas",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("/src/site/arena/") || !code.includes("tex`")) return undefined;
      const made = code.replace(/\btex`([^`]*)`/g, (_, source: string) => {
        const mathml = temml.renderToString(source, { displayMode: true, throwOnError: true });
        return JSON.stringify(mathml.replace(/ style="[^"]*"/g, ""));
      });
      return { code: made, map: null };
    },
  };
}

const TABLE = "virtual:optimizers";
/** THE TABLE with each optimizer's formula and paper, which the build of the package takes from the code and its docstrings. */
function table(): Plugin {
  return {
    name: "table",
    resolveId: (id) => (id === TABLE ? `\0${TABLE}` : undefined),
    load(id) {
      if (id !== `\0${TABLE}`) return undefined;
      const entries = JSON.parse(readFileSync(path("../../dist/bundled/optimizers.json"), "utf8")) as {
        text: string;
      }[];
      // What a page shows of the docstring: without the folded form that kernels compute.
      const shown = entries.map(({ text, ...rest }) => ({ ...rest, text: text.replace(/\n\nFolded:[^`]*/, "\n") }));
      return `export default ${JSON.stringify(shown)}`;
    },
  };
}

// A policy of default-src 'self' alone is what the built pages run under; Vite's own client needs more while developing.
export default defineConfig({
  root: path("./arena"),
  base: "./",
  publicDir: false,
  define: { __VERSION__: JSON.stringify(version) },
  resolve: { alias: { "csv-parse/sync": "csv-parse/browser/esm/sync" } }, // a page has no Buffer
  plugins: [formulas(), table()],
  server: { headers: { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" } },
  build: {
    outDir: path("../../dist/arena"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // a data: address is not 'self'
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" }, // of the packages whose code is in the files
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
