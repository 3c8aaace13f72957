/**
 * Bundles the output of `tsc`: for hosts that read files one by one, 170 files become some 50, and `import "thalweg"` takes
 * half of the time; for CommonJS; for pages without a bundler. Bundlers use the unbundled files (package.json, "exports"),
 * and drop what a page does not use. What the command alone needs, and the parser of quoted tables, is put into dist, with
 * its licences: the package depends on the loader and on pure-rand.
 */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { EXPLANATION_FILE } from "../cli/explanations.js";
import { OPTIMIZER_FILE } from "../cli/optimizerData.js";
import { makeAbi } from "./abi/abi.js";
import { commonJs } from "./commonJs.js";
import { copyAmbient, prune, reachable } from "./declarations.js";
import { ENTRIES } from "./entries.js";
import { explanations } from "./explanationEntries.js";
import { byName, WITHOUT } from "./importByName.js";
import { licences, packagesOf } from "./licences.js";
import { entries } from "./optimizerEntries.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dist = `${root}dist/`;
const files = Object.entries(ENTRIES).map(([name, { file }]) => [name, file] as const);
const inputs = {};
const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
/** What is installed beside the package, not carried in it. */
const beside = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap((one) => [
  one,
  `${one}/*`,
]);

/** The pool of threads. It starts its workers by a file of its own, "entry/worker.js" beside the code that does. */
const POOL = fileURLToPath(new URL("./", import.meta.resolve("tinypool")));

/** Builds, and notes the inputs for their licences. */
async function bundle(options: BuildOptions): Promise<void> {
  const { metafile } = await build({ bundle: true, metafile: true, logLevel: "warning", ...options });
  Object.assign(inputs, metafile!.inputs);
}

/** The parser's Buffer is of an age that set prototypes by `__proto__`, which hardened hosts have not. */
const withoutProto: Plugin = {
  name: "without __proto__",
  setup({ onLoad }) {
    onLoad({ filter: /\/csv-parse\/dist\/esm\/sync\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        /([\w.]+)\.__proto__ = ([\w.]+);/g,
        "Object.setPrototypeOf($1, $2);",
      ),
    }));
  },
};

// Packages in the place of the modules that import them; the parser is its build for browsers, which carries a Buffer, for
// hosts of all kinds. And what bundlers get in the place of an import by name.
for (const [file, contents] of [
  ["data/csvParse", 'export { parse } from "csv-parse/browser/esm/sync";'],
  ["math/pureRand", await readFile(new URL("../math/pureRand.ts", import.meta.url), "utf8")],
  ["engine/importByName", WITHOUT],
]) {
  await bundle({
    stdin: { contents, resolveDir: dist },
    outfile: `${dist}${file}.js`,
    format: "esm",
    target: "es2022",
    plugins: [withoutProto],
  });
  await rm(`${dist}${file}.js.map`, { force: true });
}

/** In Node the parser is the one that takes Node's Buffer, and the generator is the installed one. */
const ofNode: Plugin = {
  name: "of Node",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /\/csvParse\.js$/ }, () =>
      resolve("csv-parse/sync", { kind: "import-statement", resolveDir: dist }),
    );
    const source = fileURLToPath(new URL("../math/pureRand.ts", import.meta.url));
    onResolve({ filter: /\/pureRand\.js$/ }, () => ({ path: source }));
  },
};
/** Modules of Node that CommonJS packages require: imports, since an ES module has no `require`. */
const required: Plugin = {
  name: "required",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind, namespace }) => {
      if (namespace === "required") return { path, namespace: "imported" };
      if (kind !== "require-call" || !isBuiltin(path)) return undefined;
      return { path: path.replace(/^(node:)?/, "node:"), namespace: "required" };
    });
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)}).all;`,
    }));
    onLoad({ filter: /./, namespace: "imported" }, ({ path }) => ({
      contents: `import all from ${JSON.stringify(path)}; export { all };`,
    }));
  },
};

// All entries together, so that they share chunks.
await rm(`${dist}bundled`, { recursive: true, force: true });
await bundle({
  entryPoints: Object.fromEntries([
    ...files.map(([name, file]) => [name, dist + file]),
    ["cli", `${dist}cli/main.js`],
    ["tuneWorker", `${dist}cli/tuneWorker.js`], // started as a thread, by its name beside the chunk that does
    ["sweepWorker", `${dist}sweep/sweepWorker.js`],
    ["entry/worker", `${POOL}entry/worker.js`],
  ]),
  outdir: `${dist}bundled`,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: beside,
  alias: { tinypool: `${POOL}index.js` }, // by its path: the pool's own files share chunks with its worker
  plugins: [ofNode, byName, required],
  chunkNames: "[name]-[hash]", // beside the entries: `thalweg optimizers` looks for its data beside the file of its code
  sourcemap: true,
  sourcesContent: false,
});

// For pages without a bundler: the main entry whole, as a module and as a script that makes `thalweg` global.
for (const [file, format] of [
  ["standalone.js", "esm"],
  ["standalone.global.js", "iife"],
] as const) {
  await bundle({
    entryPoints: [`${dist}index.js`],
    outfile: dist + file,
    minify: true,
    format,
    globalName: "thalweg",
    target: "es2022",
    sourcemap: true,
    sourcesContent: false,
  });
}

// The code of the pages and modules that `thalweg export` writes, one file each. It predicts on strict SIMD or on the twins,
// in one thread: what it cannot reach is left out.
const LEFT_OUT = /(binaries\/relaxed|wasm\/fetchBinary|binaries\/worker)\.js$/;
for (const [name, format] of [
  ["page", "iife"],
  ["module", "esm"],
] as const) {
  await bundle({
    entryPoints: [`${dist}tabular/exported/${name}.js`],
    outfile: `${dist}exported/${name}.js`,
    minify: true,
    lineLimit: 160, // Node prints the line of an error that nothing catches: not all 150 kB
    format,
    target: "es2022",
    plugins: [
      {
        name: "left out",
        setup: ({ onLoad }) => onLoad({ filter: LEFT_OUT }, () => ({ contents: "export default '';" })),
      },
    ],
  });
}

await copyAmbient(dist);
const declarations = await reachable(
  dist,
  files.map(([, file]) => file),
);
await prune(dist, declarations);
Object.assign(inputs, await commonJs(dist, declarations, Object.keys(manifest.peerDependencies ?? {})));

// Maps of the binaries would say nothing.
const binaries = `${dist}engine/wasm/binaries/`;
for (const name of await readdir(binaries, { recursive: true })) {
  if (name.endsWith(".map")) await rm(binaries + name);
  else if (name.endsWith(".js")) {
    const text = await readFile(binaries + name, "utf8");
    await writeFile(binaries + name, text.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n"));
  }
}

await writeFile(`${dist}THIRD-PARTY.txt`, await licences(packagesOf(inputs)));
// The docstrings of all optimizers are some 60 kB, which only the command reads.
await writeFile(`${dist}bundled/${OPTIMIZER_FILE}`, JSON.stringify(await entries()));
// The binaries described for callers without the package (docs/abi.md).
await writeFile(`${dist}wasm/abi.json`, JSON.stringify(await makeAbi(root)));
await writeFile(`${dist}bundled/${EXPLANATION_FILE}`, JSON.stringify(explanations()));
