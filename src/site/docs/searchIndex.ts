/** What the search looks through: each section of the documentation, and each name of the API. */
import type { Page } from "./html.js";

export interface Entry {
  title: string;
  /** The page it stands on, or the entry that exports it. */
  page: string;
  words: string;
  /** From the folder of the documentation. */
  href: string;
}

export function searchIndex(pages: readonly Page[], api: ReadonlyMap<string, string>): Entry[] {
  const sections = pages
    .filter(({ name }) => name !== "")
    .flatMap(({ name, address, headings }) =>
      headings.map(({ id, depth, text, words }) => ({
        title: text,
        page: depth === 1 ? "" : name,
        words,
        href: depth === 1 ? address : `${address}#${id}`,
      })),
    );
  const names = [...api].map(([name, to]) => ({ title: name, page: "API", words: "", href: `../api/${to}` }));
  return [...sections, ...names];
}
