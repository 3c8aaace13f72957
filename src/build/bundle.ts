/**
 * Bundles the output of `tsc` for hosts that read files one by one: 170 files become some 50, and `import "thalweg"` takes
 * half of the time. Bundlers use the unbundled files (package.json, "exports"), and drop what a page does not use. All
 * entries are built together, so that they share chunks.
 */
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { OPTIMIZER_FILE } from "../cli/optimizerData.js";
import { entries } from "./optimizerEntries.js";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const ENTRIES = {
  index: "index.js",
  table: "optim/table.js",
  schedules: "schedule/index.js",
  minimize: "minimize/index.js",
  landscapes: "landscape/index.js",
  recipes: "train/recipes.js",
  data: "tabular/index.js",
  node: "node/index.js",
  tfjs: "adapters/tfjs/index.js",
  jax: "adapters/jax/index.js",
  testing: "testing/index.js",
  cli: "cli/main.js",
  tuneWorker: "cli/tuneWorker.js", // started as a thread, by its name beside the chunk that does
};

await rm(`${dist}bundled`, { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, `${dist}${path}`])),
  outdir: `${dist}bundled`,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  chunkNames: "[name]-[hash]", // beside the entries: `thalweg optimizers` looks for its data beside the file of its code
  logLevel: "warning",
});

// The code of the pages and modules that `thalweg export` writes, one file each. It predicts on strict SIMD or on the twins,
// in one thread: what it cannot reach is left out.
const LEFT_OUT = /(binaries\/relaxed|wasm\/fetchBinary|binaries\/worker)\.js$/;
for (const [name, format] of [
  ["page", "iife"],
  ["module", "esm"],
] as const) {
  await build({
    entryPoints: [`${dist}tabular/exported/${name}.js`],
    outfile: `${dist}exported/${name}.js`,
    bundle: true,
    minify: true,
    lineLimit: 160, // Node prints the line of an error that nothing catches: not all 150 kB
    format,
    target: "es2022",
    logLevel: "warning",
    plugins: [
      {
        name: "left out",
        setup: ({ onLoad }) => onLoad({ filter: LEFT_OUT }, () => ({ contents: "export default '';" })),
      },
    ],
  });
}
// The docstrings of all optimizers are some 60 kB, which only the command reads.
await writeFile(`${dist}bundled/${OPTIMIZER_FILE}`, JSON.stringify(await entries()));
