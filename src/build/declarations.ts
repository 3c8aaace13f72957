/** The declarations that users' compilers read: those that an entry reaches. */
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

const DISPOSABLE = "host/disposable.d.ts";

/** Puts the declarations of src that `tsc` takes but does not write into dist, and makes references to them name the copy. */
export async function copyAmbient(dist: string): Promise<void> {
  await copyFile(new URL(`../${DISPOSABLE}`, import.meta.url), dist + DISPOSABLE);
  await copyFile(new URL("wasmModule.d.ts", import.meta.url), `${dist}wasm/module.d.ts`);
  for (const path of await readdir(dist, { recursive: true })) {
    if (!path.endsWith(".d.ts")) continue;
    const text = await readFile(dist + path, "utf8");
    const named = text.replace(
      /<reference path="[./]*src\/(host\/disposable\.d\.ts)" preserve="true"/g,
      (_, name: string) => {
        const up = "../".repeat(path.split("/").length - 1) || "./";
        return `<reference path="${up}${name}"`;
      },
    );
    if (named !== text) await writeFile(dist + path, named);
  }
}

/** Paths in dist of the declarations that these modules reach, themselves included. */
export async function reachable(dist: string, modules: readonly string[]): Promise<string[]> {
  const found = new Set(modules.map((file) => file.replace(/\.js$/, ".d.ts")));
  for (const path of found) {
    const text = await readFile(dist + path, "utf8");
    for (const [, module, reference] of text.matchAll(
      /(?:\bfrom |\bimport\(|^import )"(\.[^"]*)\.js"|<reference path="([^"]*)\.d\.ts"/gm,
    )) {
      found.add(normalize(join(dirname(path), `${module ?? reference}.d.ts`)));
    }
  }
  return [...found];
}

/** Removes the other ones, of the command and of what only the library itself sees. */
export async function prune(dist: string, kept: readonly string[]): Promise<void> {
  const keep = new Set(kept);
  for (const path of await readdir(dist, { recursive: true })) {
    if (path.endsWith(".d.ts") && !keep.has(path) && !/^(cjs|wasm)\//.test(path)) await rm(dist + path);
  }
}
