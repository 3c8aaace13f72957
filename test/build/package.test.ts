/**
 * The package as it is published: what installs with it, that each entry loads in every way, that linters of packages have
 * nothing to say, and that package.json's "exports" is what the one list of entries says (src/build/entries.ts).
 */
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { ENTRIES, exportsField } from "../../src/build/entries.js";
import { built } from "../support/built.js";
import { installed, packed, run } from "../support/packed.js";

const names = Object.keys(ENTRIES).map((name) => (name === "index" ? "thalweg" : `thalweg/${name}`));
const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

it('has the entries of the list in "exports"; npm run entries writes them', () => {
  expect(manifest.exports).toEqual(exportsField());
});

describe("installed from its tarball", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await installed();
  });
  const node = async (...words: string[]) => (await run(process.execPath, words, { cwd: folder })).stdout.trim();

  it("is three packages", async () => {
    const modules = join(folder, "node_modules");
    const found = (await readdir(modules)).filter((name) => !name.startsWith("."));
    expect(found).toEqual(["@assemblyscript", "pure-rand", "thalweg"]);
    expect(await readdir(join(modules, "@assemblyscript"))).toEqual(["loader"]);
  });

  it("is required as it is imported, with one state for all entries", async () => {
    const code = `
      const names = ${JSON.stringify([...names, "thalweg/standalone"])};
      const keys = (all) => Object.keys(all).filter((name) => name !== "module.exports").sort();
      Promise.all(names.map(async (name) => {
        const [cjs, esm] = [require(name), await import(name)];
        return [name, String(keys(cjs)) === String(keys(esm)), cjs !== esm];
      })).then(async (found) => {
        const { adam, createEngine } = require("thalweg");
        const same = require("thalweg/table").optimizers.adam === adam;
        const engine = await createEngine({ simd: "strict" });
        const p = engine.tensor([2], [1, 2]);
        p.grad.fill(1);
        adam([p], { lr: 0.5 }).step();
        console.log(JSON.stringify({ found, same, p: [...p.data], backend: engine.backend }));
      });`;
    expect(JSON.parse(await node("-e", code))).toEqual({
      found: [...names, "thalweg/standalone"].map((name) => [name, true, true]),
      same: true,
      p: [0.5, 1.5],
      backend: "wasm",
    });
  });

  it("has CommonJS that names no package", async () => {
    const text = await readFile(join(folder, "node_modules/thalweg/dist/cjs/thalweg.js"), "utf8");
    // One import, by which Node before 20.16 finds its own modules (src/engine/importByName.ts).
    expect([...text.matchAll(/\brequire\(|[^.\w]import\(/g)].map(([found]) => found.trim())).toEqual(["import("]);
    expect(text).not.toMatch(/^ +(?:static |async |get |set |\*)*#\w+\(/m); // private methods, which browserify cannot read
  });

  it("has a file for pages that imports nothing, and a script that makes it global", async () => {
    const dist = join(folder, "node_modules/thalweg/dist/");
    const found = await build({ entryPoints: [`${dist}standalone.js`], bundle: true, metafile: true, write: false });
    expect(Object.values(found.metafile.inputs).map(({ imports }) => imports)).toEqual([[]]);
    const text = await readFile(`${dist}standalone.js`, "utf8");
    expect(text).toMatch(/\/\/# sourceMappingURL=standalone\.js\.map\s*$/);
    const script = await node(
      "-e",
      `require("vm").runInThisContext(require("fs").readFileSync(${JSON.stringify(`${dist}standalone.global.js`)}, "utf8")); console.log(typeof thalweg.adam);`,
    );
    expect(script).toBe("function");
  });

  it("runs the command", async () => {
    expect(await node("node_modules/thalweg/dist/bundled/cli.js", "--version")).toContain(manifest.version);
    expect(await node("node_modules/thalweg/dist/bundled/cli.js", "optimizers", "adam")).toContain("Kingma");
  });

  it("has the licence of each package whose code it carries", async () => {
    const text = await readFile(join(folder, "node_modules/thalweg/dist/THIRD-PARTY.txt"), "utf8");
    for (const name of [
      "@assemblyscript/loader",
      "cli-progress",
      "commander",
      "csv-parse",
      "pure-rand",
      "simple-ascii-chart",
      "string-width",
    ])
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\([\\w.-]+\\)$`, "m"));
    expect(text.match(/Permission is hereby granted|Apache License/g)!.length).toBeGreaterThan(8);
  });

  it("has source maps whose sources it has", async () => {
    const root = join(folder, "node_modules/thalweg/");
    const all = await readdir(root, { recursive: true });
    const maps = all.filter((path) => path.endsWith(".js.map"));
    expect(maps.length).toBeGreaterThan(200);
    const missing = new Set<string>();
    for (const path of maps) {
      const { sources } = JSON.parse(await readFile(root + path, "utf8")) as { sources: string[] };
      for (const source of sources) {
        const from = relative(root, join(root, path, "..", source));
        // Not those of the command, whose sources are left out, nor of other packages.
        if (/^(src\/(cli|experiments)|node_modules)\//.test(from) || /:node:|<stdin>|\/binaries\//.test(from)) continue;
        if (!existsSync(join(root, from))) missing.add(from);
      }
    }
    expect([...missing]).toEqual([]);
  });

  // The library in its forms 2.6 MB, the arena with the digits 0.6, the binaries and their description 0.2, the command 0.3.
  it("stays within 3.92 MB packed", async () => {
    expect((await stat(await packed())).size).toBeLessThan(3.92e6);
  });
});

it("has nothing for publint and attw to say", async () => {
  const folder = await installed(["publint@0.3", "@arethetypeswrong/cli@0.18"]);
  const tarball = await packed();
  const lint = await run("npx", ["publint", tarball, "--strict"], { cwd: folder });
  expect(lint.stdout).toContain("All good!");
  const { stdout } = await run("npx", ["attw", tarball, "--format", "json"], { cwd: folder, maxBuffer: 1e8 });
  const { analysis } = JSON.parse(stdout);
  expect(analysis.problems).toEqual([]);
  for (const name of names) {
    const { resolutions } = analysis.entrypoints[name === "thalweg" ? "." : name.replace("thalweg", ".")];
    expect(Object.keys(resolutions).sort()).toEqual(["bundler", "node10", "node16-cjs", "node16-esm"]);
  }
}, 300_000); // npm installs 60 packages: 8 s on an idle machine, 70 s on one with eight other jobs

built("standalone.js");
