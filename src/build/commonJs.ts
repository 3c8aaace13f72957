/**
 * The CommonJS form of the package, in dist/cjs: one file that holds all entries, with the binaries inline and no imports, and
 * a thin file for each. One file, because esbuild splits no CommonJS, and because a name from another CommonJS file is a
 * look-up: the twins, all of whose words are imported, took 15 times as long. Entries that not every host can run
 * (`apart`) are files of their own, which take what they share from the one.
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { ENTRIES } from "./entries.js";
import { byName } from "./importByName.js";

/** Syntax after ES2020 that costs nothing to write otherwise, for parsers of older tools. */
const OLDER = { "logical-assignment": false, "class-static-blocks": false };
/**
 * Private methods under plain names: browserify's parser knows private fields, but no private methods, and esbuild's way of
 * writing them takes a small step two to three times as long. The names are each file's own, so that subclasses do not meet
 * them.
 */
const plainMethods: Plugin = {
  name: "plain methods",
  setup({ onLoad }) {
    let files = 0;
    onLoad({ filter: /\/dist\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const names = [...text.matchAll(/^ +(?:static |async |get |set |\*)*#(\w+)\(/gm)].map(([, name]) => name!);
      for (const name of names)
        if (new RegExp(`^ +(?:static )?#${name}(;| =)`, "m").test(text))
          throw new Error(`${path}: #${name} is a field of one class and a method of another`);
      if (names.length === 0) return { contents: text };
      const end = `_${files++}`;
      const used = new RegExp(`#(${[...new Set(names)].join("|")})\\b(?=\\(|\\.| |;|\\)|,|\\]|\\+|\\?)`, "g");
      return { contents: text.replace(used, `_$1${end}`) };
    });
  },
};
const OPTIONS: BuildOptions = {
  ...{ bundle: true, format: "cjs", platform: "neutral", target: "es2022", supported: OLDER },
  ...{ mainFields: ["module", "main"], external: ["node:*"], metafile: true, logLevel: "warning" },
};

/** Takes modules of the package that lie outside the entry's own folders from the one file. */
function shared(dist: string, own: readonly string[], taken: Set<string>): Plugin {
  return {
    name: "shared",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, namespace }) => {
        if (namespace === "shared") return { path, external: true };
        const file = relative(dist, resolve(resolveDir, path));
        return own.some((folder) => file.startsWith(`${folder}/`)) ? undefined : { path: file, namespace: "shared" };
      });
      onLoad({ filter: /./, namespace: "shared" }, ({ path }) => {
        taken.add(path);
        return { contents: `module.exports = require("./thalweg.js").shared[${JSON.stringify(path)}];` };
      });
    },
  };
}

/** What starts threads by the names of files beside its own: those of dist/bundled, as its form there does. */
const besideBundled = (name: string): BuildOptions => ({
  alias: { tinypool: fileURLToPath(import.meta.resolve("tinypool")) },
  define: { "import.meta.url": "here" },
  banner: {
    js: `const here = require("node:url").pathToFileURL(require("node:path").join(__dirname, "../bundled/${name}.js")).href;`,
  },
});

/**
 * Builds it, with the declarations at `declarations` (paths in dist), and imports of `peers`. Returns the inputs of the
 * bundles.
 */
export async function commonJs(
  dist: string,
  declarations: readonly string[],
  peers: readonly string[],
): Promise<object> {
  await rm(`${dist}cjs`, { recursive: true, force: true });
  await mkdir(`${dist}cjs`);
  const entries = Object.entries(ENTRIES);
  const taken = new Set<string>();
  const inputs = {};
  for (const [name, { file, apart, threads }] of entries) {
    if (!apart) continue;
    const own = [dirname(file), "node"]; // what knows files is in no form for all hosts
    const plugins = [shared(dist, own, taken), byName, plainMethods];
    const { metafile } = await build({
      ...OPTIONS,
      external: ["node:*", ...peers],
      entryPoints: [dist + file],
      outfile: `${dist}cjs/${name}.js`,
      plugins,
      ...(threads && besideBundled(name)),
    });
    Object.assign(inputs, metafile!.inputs);
  }
  const together = entries.filter(([, { apart }]) => !apart);
  const lines = [
    ...together.map(([name, { file }]) => `export * as ${name} from "./${file}";`),
    ...[...taken].map((file, i) => `import * as shared${i} from "./${file}";`),
    `export const shared = { ${[...taken].map((file, i) => `${JSON.stringify(file)}: shared${i}`).join(", ")} };`,
  ];
  const { metafile } = await build({
    ...OPTIONS,
    stdin: { contents: lines.join("\n"), resolveDir: dist, sourcefile: "entries.js" },
    outfile: `${dist}cjs/thalweg.js`,
    plugins: [byName, plainMethods],
  });
  Object.assign(inputs, metafile!.inputs);
  for (const [name, { file }] of together) {
    const names = Object.keys((await import(dist + file)) as object);
    // The line that never runs tells Node's lexer the names, for `import { adam }` of this file.
    const text = `"use strict";
module.exports = Object.defineProperty(require("./thalweg.js").${name}, "__esModule", { value: true });
0 && (module.exports = { ${names.join(", ")} });
`;
    await writeFile(`${dist}cjs/${name}.js`, text);
  }
  await writeFile(`${dist}cjs/package.json`, '{ "type": "commonjs", "sideEffects": false }\n');
  for (const path of declarations) await cp(dist + path, `${dist}cjs/${path}`);
  return inputs;
}
