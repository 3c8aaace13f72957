import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

/** Which files of the package a bundle of this code carries, and its text. */
async function bundle(code: string): Promise<{ files: string[]; text: string }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    format: "esm",
    platform: "node",
    metafile: true,
    write: false,
    treeShaking: true,
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  const files = Object.entries(output.inputs).filter(
    ([path, { bytesInOutput }]) => bytesInOutput > 0 && path !== "<stdin>",
  );
  return { files: files.map(([path]) => path.replace(/^.*\/?dist\//, "")), text: outputFiles[0].text };
}

const entry = (name: string): string => JSON.stringify(fileURLToPath(built(name)));

test("a bundle carries the optimizers that it names, and neither schedules nor recipes unasked", async () => {
  const { files } = await bundle(`import { adam } from ${entry("index.js")}; console.log(adam);`);
  expect(files).toContain("optim/adam.js");
  expect(files.filter((path) => /^(schedule\/(?!scheduleState)|train\/recipe|optim\/lion)/.test(path))).toEqual([]);
});

// Rollup drops the others out of `schedules.cosine` too; esbuild keeps a namespace that was exported whole.
test("a bundle carries the schedules that it names", async () => {
  const { files, text } = await bundle(`import { cosine } from ${entry("schedule/index.js")}; console.log(cosine);`);
  expect(files.sort()).toEqual([
    "check.js",
    "math/f64.js",
    "schedule/anneal.js",
    "schedule/cosine.js",
    "schedule/schedule.js",
  ]);
  expect(text).toContain("function cosine(");
  expect(text).not.toContain("function cosineRestarts(");
});

test("a bundle that classifies a point of a surface carries neither the search nor optimizers", async () => {
  const code = `import { classify, landscapes } from ${entry("landscape/index.js")}; classify(landscapes.bowl, [0, 0]);`;
  const { files } = await bundle(code);
  expect(files).toContain("landscape/surfaces.js");
  expect(
    files.filter((path) => /^(landscape\/(contract|criticalPoints|race|enclose)|optim\/|engine\/)/.test(path)),
  ).toEqual([]);
});

// Metro refuses a whole bundle for one of these.
test("a bundle carries no import by a computed name", async () => {
  for (const file of ["index.js", "tabular/index.js", "train/recipes.js"]) {
    const { text } = await bundle(`export * from ${entry(file)};`);
    expect(text.match(/(?<![\w.])import\((?!\s*["'])[^)]*\)/g), file).toBe(null);
  }
});

// Node has the entries in a few files (src/build/bundle.ts).
test("Node gets of every entry what bundlers get, and the same classes from all of them", async () => {
  const entries = { index: "index.js", table: "optim/table.js", schedules: "schedule/index.js" };
  const more = {
    landscapes: "landscape/index.js",
    recipes: "train/recipes.js",
    data: "tabular/index.js",
    node: "node/index.js",
  };
  for (const [name, path] of Object.entries({ ...entries, ...more })) {
    const [own, plain] = await Promise.all([import(built(`bundled/${name}.js`).href), import(built(path).href)]);
    expect(Object.keys(own).sort(), name).toEqual(Object.keys(plain).sort());
  }
  const library = await import(built("bundled/index.js").href);
  const { optimizers } = await import(built("bundled/table.js").href);
  for (const [name, factory] of Object.entries(optimizers)) expect(factory, name).toBe(library[name]);
});
