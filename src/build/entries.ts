/**
 * The entries of the package, one a line: what package.json's "exports" offers (`npm run entries` writes it), what Node gets
 * in few files, what CommonJS gets, and the folders for resolvers that know no "exports".
 */

export interface Entry {
  /** The module in dist. */
  readonly file: string;
  /** It needs what not every host has, a file system or a peer: its CommonJS form is a file of its own. */
  readonly apart?: true;
  /** It starts threads by the names of files beside its form in dist/bundled, which bundlers get too. */
  readonly threads?: true;
}

/** By the name of its file in dist/bundled and dist/cjs; `index` is the package itself. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  index: { file: "index.js" },
  table: { file: "optim/table.js" },
  data: { file: "tabular/index.js" },
  node: { file: "node/index.js", apart: true },
  landscapes: { file: "landscape/index.js" },
  schedules: { file: "schedule/index.js" },
  minimize: { file: "minimize/index.js" },
  recipes: { file: "train/recipes.js" },
  testing: { file: "testing/index.js" },
  tfjs: { file: "adapters/tfjs/index.js", apart: true },
  sweep: { file: "sweep/index.js", apart: true, threads: true },
  jax: { file: "adapters/jax/index.js", apart: true },
};

const declaration = (file: string): string => file.replace(/\.js$/, ".d.ts");

/**
 * The conditions of one entry. "module" is what bundlers ask for first: they get the files one by one and drop what is not
 * used, for Node too. Node itself gets the same in few files.
 */
function conditions(name: string, { file, threads }: Entry) {
  const module = threads ? {} : { module: `./dist/${file}` };
  return {
    import: {
      types: `./dist/${declaration(file)}`,
      ...module,
      node: `./dist/bundled/${name}.js`,
      default: threads ? `./dist/bundled/${name}.js` : `./dist/${file}`,
    },
    require: {
      types: `./dist/cjs/${declaration(file)}`,
      default: `./dist/cjs/${name}.js`,
    },
  };
}

/** What package.json's "exports" has to be. */
export function exportsField(): Record<string, unknown> {
  const { index, ...entries } = Object.fromEntries(
    Object.entries(ENTRIES).map(([name, entry]) => [name, conditions(name, entry)]),
  );
  return {
    ".": index,
    ...Object.fromEntries(Object.entries(entries).map(([name, found]) => [`./${name}`, found])),
    "./standalone": {
      import: { types: "./dist/index.d.ts", default: "./dist/standalone.js" },
      require: index.require,
    },
    // Some bundlers look a file up with their query (`?module`, `?url`): the type is the same for all of them.
    "./wasm/*": { types: "./dist/wasm/module.d.ts", default: "./dist/wasm/*" },
    "./package.json": "./package.json",
  };
}

/** A file for each folder by which resolvers without "exports" find an entry, as in `require("thalweg/data")`. */
export function folders(): Record<string, object> {
  const folder = (name: string, module: string, file: string) => ({
    main: `../dist/cjs/${name}.js`,
    module: `../dist/${module}`,
    types: `../dist/cjs/${declaration(file)}`,
    sideEffects: false,
  });
  const { index, ...entries } = ENTRIES;
  return {
    ...Object.fromEntries(
      Object.entries(entries).map(([name, { file, threads }]) => [
        name,
        folder(name, threads ? `bundled/${name}.js` : file, file),
      ]),
    ),
    standalone: folder("index", "standalone.js", index.file),
  };
}
