/**
 * What the package weighs for a page: minified by esbuild and gzipped, in the chunks that it is split into. The bounds were
 * 25 and 90 kB until the working memory of products that accumulate was bounded, which takes 0.2 kB; the second was 92 until
 * schedules got further options, errors fields, RAdam a kernel of its own for the first steps, and saved state its checks.
 * The first was 26 until calls that would change or free what a step works on were refused, and requests that cannot be had
 * were refused before memory grows: 0.4 kB; and 26.3 until each parameter counted its own steps: 0.2 kB. The second was 94 until
 * these, the measures of models, and what bounds the cost of a save: 96.5.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

const file = (name: string): string => JSON.stringify(fileURLToPath(built(name)));

/** The chunks of a page with this code: bytes gzipped, and the files of the package that each is made of. */
async function chunks(code: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    outdir: "out",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  return Object.values(metafile.outputs).map(({ inputs, imports, entryPoint }, i) => ({
    bytes: gzipSync(outputFiles[i].contents, { level: 9 }).length,
    files: Object.keys(inputs),
    entryPoint,
    imports,
  }));
}

/** What a page takes, and what it leaves. */
const VARIANTS = [
  ["strict", "relaxed"],
  ["relaxed", "strict"],
] as const;
const has = (files: string[], end: string): boolean => files.some((path) => path.endsWith(end));
const kilobytes = (found: { bytes: number }[]): number => found.reduce((total, { bytes }) => total + bytes, 0) / 1000;

test("an engine, Adam and one build of the kernels stay within 26.9 kB", async () => {
  const found = await chunks(`import { adam, createEngine } from ${file("index.js")}; export { adam, createEngine };`);
  // Not the other build, nor what js and threads alone load.
  const loaded = (variant: string) =>
    found.filter(
      ({ files }) =>
        !files.some((path) =>
          new RegExp(`/(${variant}|js/backend|fetchBinary|threads/threadedKernels)\\.js$`).test(path),
        ),
    );
  for (const [taken, left] of VARIANTS) {
    const files = loaded(left).flatMap((chunk) => chunk.files);
    for (const needed of ["binaries/core.js", `binaries/${taken}.js`, "optim/adam.js", "engine/wasm/backend.js"]) {
      expect(has(files, needed), needed).toBe(true);
    }
    expect(kilobytes(loaded(left))).toBeLessThanOrEqual(26.9);
  }
});

// The recipes are an entry of their own, and js and what fetches a binary are loaded in the place of what is here.
test("all of the main entry, with threads and one build of the kernels, stays within 98 kB", async () => {
  const entries = ["index.js", "optim/table.js", "schedule/index.js"];
  const found = await chunks(entries.map((name, i) => `export * as part${i} from ${file(name)};`).join("\n"));
  for (const [taken, left] of VARIANTS) {
    const others = new RegExp(`/(${left}|engine/js/backend|fetchBinary)\\.js$`);
    const loaded = found.filter((chunk) => !chunk.files.some((path) => others.test(path)));
    const files = loaded.flatMap((chunk) => chunk.files);
    for (const needed of [`binaries/${taken}.js`, "binaries/worker.js", "train/train.js", "optim/yogi.js"]) {
      expect(has(files, needed), needed).toBe(true);
    }
    expect(kilobytes(loaded)).toBeLessThanOrEqual(98);
  }
});
