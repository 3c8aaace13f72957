// What `npm run docs` documents: the declarations that users get, one module for each entry of package.json's "exports".
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** The public entries, by the name to import them by: { thalweg: "dist/index.d.ts", "thalweg/table": … }. */
export const entries = Object.fromEntries(
  Object.entries(manifest.exports).flatMap(([path, conditions]) => {
    const types = conditions.import?.types;
    return types && path !== "./standalone" ? [[`${manifest.name}${path.slice(1)}`, types.slice(2)]] : []; // the main one
  }),
);

export default {
  name: manifest.name,
  entryPoints: Object.values(entries).map((path) => `../../${path}`),
  tsconfig: "tsconfig.json",
  // Types that a signature names and no entry exports are shown in the module that names them.
  plugin: ["typedoc-plugin-missing-exports", "./names.js"],
  placeInternalsInOwningModule: true,
  excludeExternals: true, // not those of JavaScript itself
  readme: "none",
  disableSources: true, // they would be the declarations, which are generated
  includeHierarchySummary: false, // its links to interfaces that extend a type of a function lead nowhere
  treatWarningsAsErrors: true,
};
