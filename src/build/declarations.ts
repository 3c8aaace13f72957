/** The declarations that users' compilers read: those that an entry reaches. */
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

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
    if (path.endsWith(".d.ts") && !keep.has(path) && !path.startsWith("cjs/")) await rm(dist + path);
  }
}
