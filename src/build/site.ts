/**
 * Writes the site as one folder of static files, for any host and any path: the arena at its root, the documentation in
 * docs/, the API reference in api/. It takes the arena, and the declarations, from dist: `npm run build` comes first.
 *
 * Usage: site.ts [FOLDER]          (dist/site)
 */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { searchIndex } from "../site/docs/searchIndex.js";
import { read, write } from "../site/docs/write.js";
import { licences, packagesOf } from "./licences.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export async function buildSite(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(path("../../dist/arena"), folder, { recursive: true });
  await linkArena(join(folder, "index.html"));
  await writeReference(join(folder, "api"));
  const api = await namesOf(join(folder, "api"));
  const { version } = JSON.parse(await readFile(path("../../package.json"), "utf8")) as { version: string };
  const documentation = await read(api);
  await write(documentation, join(folder, "docs"), version);
  await writeAssets(join(folder, "docs/assets"));
  const index = JSON.stringify(searchIndex(documentation.pages, api));
  await writeFile(join(folder, "docs/assets/search.json"), index);
}

/** The arena shows a link to each help that its page names; as it is shipped it names none. */
async function linkArena(file: string): Promise<void> {
  const html = await readFile(file, "utf8");
  const links =
    '<link rel="help" title="Docs" href="./docs/index.html" />\n    <link rel="help" title="API" href="./api/index.html" />';
  if (!html.includes("</head>")) throw new Error(`${file} has no head`);
  await writeFile(file, html.replace("</head>", `  ${links}\n  </head>`));
}

async function writeReference(folder: string): Promise<void> {
  const reference = path("../../docs/reference");
  const typedoc = join(reference, "node_modules/.bin/typedoc");
  try {
    await promisify(execFile)(process.execPath, [typedoc, "--options", "site.config.js", "--out", folder], {
      cwd: reference,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`TypeDoc: ${stdout}${stderr}`); // its warnings are errors
  }
}

/** Kinds of the reference, a folder each; a name that is a value and a type leads to the value. */
const KINDS = ["functions", "variables", "classes", "interfaces", "types"];

/** The page of each name that an entry exports; of a name that several do, the page of the main one. */
async function namesOf(reference: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const kind of KINDS) {
    const files = (await readdir(join(reference, kind))).sort();
    for (const file of files) {
      const name = /^thalweg(?:_\w+)?\.(\w+)\.html$/.exec(file)?.[1];
      if (name !== undefined && !names.has(name)) names.set(name, `${kind}/${file}`);
    }
  }
  return names;
}

async function writeAssets(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const styles = await readFile(path("../site/arena/styles/base.css"), "utf8");
  const own = await Promise.all(
    ["frame.css", "docs.css"].map((name) => readFile(path(`../site/docs/${name}`), "utf8")),
  );
  // Without a script the page follows the system.
  const dark = /:root\[data-theme="dark"\] (\{[^}]*\})/.exec(styles);
  if (dark === null) throw new Error("base.css has no dark palette");
  const system = `@media (prefers-color-scheme: dark) {\n:root:not([data-theme]) ${dark[1]}\n}\n`;
  await writeFile(join(folder, "docs.css"), styles + system + own.join(""));
  await cp(path("../site/arena/mark.svg"), join(folder, "mark.svg"));
  const { metafile } = await build({
    entryPoints: { theme: path("../site/docs/page/theme.ts"), page: path("../site/docs/page/main.ts") },
    outdir: folder,
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    target: "es2022",
    logLevel: "error",
  });
  await writeFile(join(folder, "licences.txt"), await licences(packagesOf(metafile.inputs)));
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href)
  await buildSite(argv[2] ?? path("../../dist/site"));
