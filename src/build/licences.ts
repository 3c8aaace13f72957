/** The licences of packages whose code is in files of ours, which travel with it. */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/** The packages among the inputs of a bundle. */
export const packagesOf = (inputs: object): string[] =>
  Object.keys(inputs).flatMap((path) => /.*node_modules\/((?:@[^/]*\/)?[^/]*)/.exec(path)?.[1] ?? []);

/** A text with the name, the version and the licence of each package. */
export async function licences(packages: Iterable<string>): Promise<string> {
  const parts = await Promise.all(
    [...new Set(packages)].sort().map(async (name) => {
      const { version, license } = JSON.parse(await readFile(`${modules}${name}/package.json`, "utf8"));
      // The loader is a folder of AssemblyScript's repository, and is published without its licence.
      const folder = name === "@assemblyscript/loader" ? "assemblyscript" : name;
      const file = (await readdir(modules + folder)).find((one) => /^licen[cs]e/i.test(one));
      if (file === undefined) throw new Error(`${name} has no file with its licence`);
      const text = (await readFile(`${modules}${folder}/${file}`, "utf8")).trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    }),
  );
  const head = "Files of this package contain code of the packages below, each under its own licence.\n";
  return [head, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}
