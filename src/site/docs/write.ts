/** Writes the pages of the documentation: those of CONTENTS, and every file of the repository that one of them links to. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { addressOf, CONTENTS, relativeTo } from "./contents.js";
import { escaped, highlighted } from "./highlight.js";
import { type Page, pageHtml } from "./html.js";
import { render } from "./markdown.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Documentation {
  pages: readonly Page[];
  /** Pictures, by the file of the repository. */
  pictures: readonly string[];
}

/** Reads CONTENTS and follows its links; `api` has addresses below api/, by exported name. Throws where a link leads nowhere. */
export async function read(api: ReadonlyMap<string, string>): Promise<Documentation> {
  const pages: Page[] = [];
  const pictures = new Set<string>();
  const queue = Object.values(CONTENTS).flat();
  const listed = queue.length;
  for (let at = 0; at < queue.length; at++) {
    const file = queue[at];
    const address = addressOf(file);
    const follow = (target: string): string => {
      if (/\.(png|svg)$/.test(target)) pictures.add(target);
      else if (!queue.includes(target)) queue.push(target);
      return relativeTo(address, addressOf(target));
    };
    const page = file.endsWith(".md")
      ? await markdownPage(file, address, follow, api)
      : await sourcePage(file, address, follow);
    pages.push({ ...page, name: at < listed ? nameOf(file, page.title) : "" });
  }
  return { pages, pictures: [...pictures] };
}

/** Writes the pages and pictures into a folder. */
export async function write({ pages, pictures }: Documentation, folder: string, version: string): Promise<void> {
  const names = new Map(pages.map(({ file, name }) => [file, name]));
  const made = async (address: string): Promise<string> => {
    await mkdir(dirname(join(folder, address)), { recursive: true });
    return join(folder, address);
  };
  for (const page of pages) await writeFile(await made(page.address), pageHtml(page, { version, names }));
  for (const file of pictures) await copyFile(join(root, file), await made(addressOf(file)));
}

type Follow = (file: string) => string;

async function markdownPage(file: string, address: string, follow: Follow, api: ReadonlyMap<string, string>) {
  const text = await readFile(join(root, file), "utf8");
  const { html, title, headings } = render(text, {
    resolve: (href) => {
      if (/^(\w+:|#)/.test(href)) return href;
      return follow(targetOf(file, href)) + (/#.*$/.exec(href)?.[0] ?? "");
    },
    // The kernels of docs/abi.md have the names of what the package exports, and are something else.
    api: (name) => {
      const to = file === "docs/abi.md" ? undefined : api.get(name);
      return to === undefined ? undefined : relativeTo(address, `../api/${to}`);
    },
  });
  return { file, address, title, html, headings };
}

/** The file of the repository that a link names: of a folder its README, or the folder itself. */
function targetOf(file: string, href: string): string {
  const target = posix.join(posix.dirname(file), href.replace(/#.*$/, "")).replace(/\/$/, "");
  if (target.startsWith("..") || !existsSync(join(root, target)))
    throw new Error(`${file} links to ${href}, which is not there`);
  return existsSync(join(root, target, "README.md")) ? `${target}/README.md` : target;
}

/** A file as it is, or the list of files of a folder. */
async function sourcePage(file: string, address: string, follow: Follow) {
  const head = `<h1>${escaped(file)}</h1>\n`;
  if (statSync(join(root, file)).isDirectory()) {
    const names = readdirSync(join(root, file), { withFileTypes: true }).filter((each) => each.isFile());
    const items = names.map(({ name }) => `<li><a href="${follow(`${file}/${name}`)}">${escaped(name)}</a></li>`);
    return { file, address, title: file, html: `${head}<ul>${items.join("\n")}</ul>\n`, headings: [] };
  }
  const text = await readFile(join(root, file), "utf8");
  const language = /[^./]+$/.exec(file)![0].replace(/^mjs$/, "javascript").replace(/^ts$/, "typescript");
  const code = `<pre class="source" tabindex="0"><code>${highlighted(text, language)}</code></pre>\n`;
  return { file, address, title: file, html: head + code, headings: [] };
}

/** The name in the navigation: the title, but for the first page, and those that a README has for its folder. */
function nameOf(file: string, title: string): string {
  return { "README.md": "Overview", "examples/c/README.md": "Kernels from C" }[file] ?? title;
}
