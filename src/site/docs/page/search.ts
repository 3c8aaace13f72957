/** The search over sections of the documentation and names of the API, in the page itself: the host has files alone. */
import MiniSearch from "minisearch";
import type { Entry } from "../searchIndex.js";

const SHOWN = 12;

/** Starts with the first look into the field, which loads what is searched. */
export function startSearch(input: HTMLInputElement, found: HTMLElement): void {
  let search: MiniSearch<Entry> | undefined;
  let loading: Promise<void> | undefined;
  const base = new URL(input.dataset.index!, location.href);
  const load = async (): Promise<void> => {
    const entries = (await (await fetch(base)).json()) as Entry[];
    search = new MiniSearch<Entry>({
      idField: "href",
      fields: ["title", "page", "words"],
      storeFields: ["title", "page", "href"],
      searchOptions: {
        prefix: true,
        fuzzy: (term) => (term.length > 4 ? 0.2 : false),
        boost: { title: 4, page: 2 },
        combineWith: "AND",
        // Kernels have the names of optimizers, and variants of them: they come last.
        boostDocument: (href) => (String(href).startsWith("abi.html#") ? 0.3 : 1),
      },
    });
    search.addAll(entries);
  };
  const start = (): Promise<void> => {
    loading ??= load().catch((error) => {
      loading = undefined;
      say(`The search could not be loaded: ${error instanceof Error ? error.message : error}`);
    });
    return loading;
  };
  const say = (text: string): void => {
    const line = document.createElement("p");
    line.role = "status";
    line.textContent = text;
    found.replaceChildren(line);
    found.hidden = false;
  };
  const show = async (): Promise<void> => {
    const text = input.value.trim();
    found.hidden = text === "";
    await start();
    if (search === undefined || text === "" || text !== input.value.trim()) return;
    const results = search.search(text).slice(0, SHOWN);
    if (results.length === 0) say(`Nothing has all of “${text}”.`);
    else found.replaceChildren(list(results as unknown as Entry[]));
    found.hidden = false;
  };
  const list = (results: readonly Entry[]): HTMLElement => {
    const items = results.map(({ title, page, href }) => {
      const link = document.createElement("a");
      link.href = new URL(`../${href}`, base).href; // the index stands in assets/
      const where = document.createElement("span");
      where.textContent = page;
      link.append(title, " ", where);
      const item = document.createElement("li");
      item.append(link);
      return item;
    });
    const all = document.createElement("ul");
    all.append(...items);
    return all;
  };

  input.addEventListener("focus", () => void start());
  input.addEventListener("input", () => void show());
  const parts = [input, found];
  for (const part of parts) {
    part.addEventListener("keydown", (event) => {
      const links = [...found.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement as HTMLAnchorElement);
      if (event.key === "Escape") {
        found.hidden = true;
        input.focus();
      } else if (event.key === "Enter" && at < 0) links[0]?.click();
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const next = at + (event.key === "ArrowDown" ? 1 : -1);
        event.preventDefault();
        if (next < 0) input.focus();
        else links[Math.min(next, links.length - 1)]?.focus();
      }
    });
  }
  addEventListener("click", (event) => {
    const target = event.target as Node;
    if (!found.contains(target) && target !== input) found.hidden = true;
    // A section of this page is reached without leaving it.
    else if (found.contains(target) && target !== found) found.hidden = true;
  });
}
