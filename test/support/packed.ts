/** The package as users install it: the tarball of what `npm run build` left in dist, and folders that have it installed. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { folders } from "../../src/build/entries.js";
import { built } from "./built.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const run = promisify(execFile);

let tarball: Promise<string> | undefined;

/** The path of the tarball. Made in a copy, as `npm pack` makes it, so that the checkout gets no folders. */
export function packed(): Promise<string> {
  tarball ??= pack();
  return tarball;
}

async function pack(): Promise<string> {
  built("THIRD-PARTY.txt"); // the last that the build writes but one
  const folder = await mkdtemp(join(process.env.THALWEG_TEST_FOLDER!, "packed-"));
  for (const name of ["dist", "src", "package.json", "README.md", "CHANGELOG.md", "LICENSE"])
    await cp(join(root, name), join(folder, name), { recursive: true });
  for (const [name, manifest] of Object.entries(folders())) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "package.json"), JSON.stringify(manifest));
  }
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json"], { cwd: folder, maxBuffer: 1e8 });
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** A new folder with this package.json in which the tarball and these packages are installed. */
export async function installed(packages: readonly string[] = [], manifest: object = {}): Promise<string> {
  const folder = await mkdtemp(join(process.env.THALWEG_TEST_FOLDER!, "installed-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, ...manifest }));
  await run("npm", ["install", "--no-audit", "--no-fund", await packed(), ...packages], { cwd: folder });
  return folder;
}
