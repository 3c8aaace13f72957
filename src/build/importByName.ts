/** Which forms of the package import modules of Node by a computed name: those that Node itself loads. */
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** The module in the files that bundlers read. Threads and `file:` modules in a bundle take Node 20.16. */
export const WITHOUT = "export const importByName = async () => undefined;";

const source = fileURLToPath(new URL("../engine/importByName.ts", import.meta.url));
/** Takes the module as it is. */
export const byName: Plugin = {
  name: "import by name",
  setup({ onResolve }) {
    onResolve({ filter: /\/importByName\.js$/ }, () => ({ path: source }));
  },
};
