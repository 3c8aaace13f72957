/** What a page carries of curvature: nothing, unless it asks for it; and then how much. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

const entry = JSON.stringify(fileURLToPath(built("index.js")));

async function bundled(names: string, from = entry) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${names} } from ${from};`, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    ...{ bundle: true, minify: true, splitting: true, format: "esm", outdir: "out", metafile: true, write: false },
    logLevel: "error",
  });
  const carried = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const bytes = outputFiles.reduce((total, { contents }) => total + gzipSync(contents, { level: 9 }).length, 0);
  return { carried, bytes };
}

const PROGRAM =
  "createEngine, sequential, dense, relu, gelu, layerNorm, concat, dropout, mse, huber, train, evaluate, adam";

test("a program that trains carries nothing of it, nor of the losses that it leaves out", async () => {
  const { carried } = await bundled(PROGRAM);
  expect(carried.filter((file) => /curvature|sophia|hessianOptimizer|crossEntropy/.test(file))).toEqual([]);
});

test("products and estimates take less than 5.2 kB, each Sophia less than 1.2 kB", async () => {
  const plain = await bundled(PROGRAM);
  const curved = await bundled(
    `${PROGRAM}, hessianVectorProduct, gaussNewtonVectorProduct, hutchinson, gaussNewtonBartlett`,
  );
  expect((curved.bytes - plain.bytes) / 1000).toBeLessThan(5.2);
  const one = await bundled(`${PROGRAM}, sophiaG`);
  const both = await bundled(`${PROGRAM}, sophiaG, sophiaH`);
  expect((one.bytes - plain.bytes) / 1000).toBeLessThan(1.2);
  expect((both.bytes - one.bytes) / 1000).toBeLessThan(1.2);
});

test("a page of surfaces and races carries nothing of models, and one of eigenvalues little more than products", async () => {
  const landscapes = JSON.stringify(fileURLToPath(built("landscape/index.js")));
  const surfaces = await bundled("landscapes, classify, terrain, race, raceSvg", landscapes);
  expect(surfaces.carried.filter((file) => /\/nn\/|\/model\//.test(file))).toEqual([]);
  const own = (await bundled("hessianEigenvalues", landscapes)).carried.filter((file) => /\/landscape\//.test(file));
  expect(own.map((file) => file.split("/").pop()).sort()).toEqual([
    "eigenvalues.js",
    "extremes.js",
    "krylov.js",
    "products.js",
  ]);
});
