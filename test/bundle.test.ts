import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { built } from "./support/built.js";

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
  const files = Object.entries(output!.inputs).filter(
    ([path, { bytesInOutput }]) => bytesInOutput > 0 && path !== "<stdin>",
  );
  return { files: files.map(([path]) => path.replace(/^.*\/?dist\//, "")), text: outputFiles[0]!.text };
}

const entry = (name: string): string => JSON.stringify(fileURLToPath(built(name)));

test("a bundle carries the optimizers that it names, and neither schedules nor recipes unasked", async () => {
  const { files } = await bundle(`import { adam } from ${entry("index.js")}; console.log(adam);`);
  expect(files).toContain("optim/adam.js");
  expect(files.filter((path) => /^(schedule|train\/recipe|optim\/lion)/.test(path))).toEqual([]);
});

// Rollup drops the others out of `schedules.cosine` too; esbuild keeps a namespace that was exported whole.
test("a bundle carries the schedules that it names", async () => {
  const { files, text } = await bundle(`import { cosine } from ${entry("schedule/index.js")}; console.log(cosine);`);
  expect(files.sort()).toEqual([
    "check.js",
    "f64.js",
    "schedule/anneal.js",
    "schedule/cosine.js",
    "schedule/schedule.js",
  ]);
  expect(text).toContain("function cosine(");
  expect(text).not.toContain("function cosineRestarts(");
});
