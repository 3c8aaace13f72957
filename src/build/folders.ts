/**
 * Before and after `npm pack`: makes the folders by which resolvers without "exports" find the entries, and removes them
 * (`folders.ts remove`), so that a checkout has none.
 *
 * Usage: folders.ts [remove]
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { folders } from "./entries.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
for (const [name, manifest] of Object.entries(folders())) {
  const folder = root + name;
  if (process.argv[2] === "remove") await rm(folder, { recursive: true, force: true });
  else {
    await mkdir(folder);
    await writeFile(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
